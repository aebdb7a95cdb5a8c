"""What readers of this module's files share: numbers, files below the problem's folder, names, the design."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from amd.files.document import read
from amd.files.faults import Faults, listing
from amd.files.nodes import Mapping, Node, Scalar, kind
from amd.files.records import Fields
from amd.files.samples import SampleError, find
from amd.files.shapes import Item
from amd.files.trees import ExpressionError
from amd.matching.audit import Stability
from amd.matching.tables import read_text


@dataclass(frozen=True)
class Design:
    """What a matching file asks for; see docs/matching-format.md."""

    rule: str
    proposers: str = "applicants"
    choose: str = "applicants_best"
    stability: Stability = Stability.WEAK
    ties: Literal["refuse", "single", "multiple", "listed"] = "refuse"
    seed: int = 0
    order: tuple[int, ...] | None = None
    trace: bool = False
    listed: int = 0
    misreports: bool = False


class Reader:
    """Numbers and files of a document, with faults at their places."""

    def __init__(self, origin: str, folder: Path | None, faults: Faults) -> None:
        self.origin, self.folder, self.faults = origin, folder, faults

    def number(self, fields: Fields, key: str, default: Fraction) -> Fraction:
        found = fields.get(key)
        if found is None:
            return default
        try:
            value = found.value.evaluate()
        except ExpressionError as error:
            fields.blame(key, self.faults, str(error))
            return default
        return Fraction(value)

    def whole(self, fields: Fields, key: str, default: int, least: int = 0) -> int:
        value = self.number(fields, key, Fraction(default))
        if value.denominator != 1 or not least <= value < 10**9:
            fields.blame(key, self.faults, f"is {value}; a whole number of at least {least} is wanted")
            return default
        return int(value)

    def path(self, node: Node, path: str) -> Path | None:
        """A file below the problem's folder."""
        if not isinstance(node, Scalar):
            self.faults.add(node.line, path, f"is {kind(node)}; the name of a file is wanted here")
            return None
        try:
            return find(node.text, self.folder)
        except SampleError as error:
            self.faults.add(node.line, path, str(error))
            return None

    def text(self, node: Node, path: str) -> tuple[str, str] | None:
        """Text and shown name of such a file."""
        found = self.path(node, path)
        if found is None or not isinstance(node, Scalar):
            return None
        shown = node.text if self.folder is None else str(self.folder / node.text)
        return read_text(found, shown), shown


def kind_of(text: str, origin: str) -> str:
    """The `kind` of a document, `mechanism` where it says none. Raises InputError when it is not YAML."""
    node = read(text, origin, Faults(origin))
    found = node.get("kind") if isinstance(node, Mapping) else None
    return found.text if isinstance(found, Scalar) else "mechanism"


def indices(items: Iterable[Item[str] | None], known: dict[str, int], what: str, faults: Faults) -> list[int]:
    """Indices of names; an unknown one is a fault and becomes 0."""
    for item in items:
        if item is not None and item.value not in known:
            item.blame(faults, f"'{item.value}' is not {'an' if what == 'applicant' else 'a'} {what}")
    return [known.get(item.value, 0) if item is not None else 0 for item in items]


def read_design(fields: Fields, reader: Reader, applicants: list[str], default: str) -> Design:
    """The design, with `default` as the rule where none is named."""
    item = fields.get("design")
    if item is None:
        return Design(default)
    design: Fields = item.value
    order = design.get("order")
    positions = None
    if order is not None:
        known = {name: i for i, name in enumerate(applicants)}
        positions = tuple(indices(order.value, known, "applicant", reader.faults))
        if sorted(positions) != list(range(len(applicants))):
            design.blame("order", reader.faults, f"should name each applicant once: {listing(applicants)}")
    rule = design.value("rule", default)
    if rule == "serial_dictatorship" and positions is None:
        design.blame("order", reader.faults, "is missing; a serial dictatorship needs the order of the applicants")
    if default == "stable" and rule != "stable":
        design.blame("rule", reader.faults, f"'{rule}' does not fit couples or roommates; only 'stable' does")
    return Design(
        rule,
        design.value("proposers", "applicants"),
        design.value("choose", "applicants_best"),
        Stability[design.value("stability", "weak").upper()],
        design.value("ties", "refuse"),
        reader.whole(design, "seed", 0),
        positions,
        design.value("trace", False),
        reader.whole(design, "list", 0),
        design.value("misreports", False),
    )
