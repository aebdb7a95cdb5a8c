"""What every reader of a part of the file needs: faults found so far, constants, memory, and where files may lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from amd.files.expressions import Expression, ExpressionError
from amd.files.faults import Faults, suggest
from amd.files.functions import MAX_VALUE
from amd.files.shapes import Item
from amd.files.trees import Number

MAX_TYPES = 1_000_000  # of one agent
MAX_ENTRIES = 20_000_000  # exact numbers in all; one takes about a hundred bytes
MAX_AGENTS = 10_000


@dataclass
class Context:
    """`constants` are the parameters; `broken` those at fault, about which nothing more is said.

    `used` counts the exact numbers that have been made for types, values and priors.
    """

    faults: Faults
    folder: Path | None = None
    constants: dict[str, Number] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    used: int = 0

    def resolved(self, item: Item[Expression], known: Iterable[str] = ()) -> Expression | None:
        """The expression with the parameters put in; None, with a fault, where it has names that are not `known`."""
        return self.resolve(item.value, item.line, item.path, known)

    def resolve(
        self, expression: Expression, line: int | None, path: str, known: Iterable[str] = ()
    ) -> Expression | None:
        """As `resolved`, at a line and path."""
        names, own = expression.names, set(known)
        if (names - own) & self.broken:
            return None
        unknown = sorted(names - own - self.constants.keys())
        for name in unknown:
            hint = suggest(name, [*own, *self.constants]) or "; write a number, or define it under 'parameters'"
            self.faults.add(line, path, f"unknown name '{name}'{hint}")
        if unknown:
            return None
        return expression.with_constants({name: self.constants[name] for name in names - own})

    def number(self, item: Item[Expression] | None) -> Fraction | None:
        """The value of an expression in parameters; None, with a fault, where it has none."""
        if item is None:
            return None
        tree = item.value.tree
        if isinstance(tree, Number) and abs(tree.value) <= MAX_VALUE:
            return tree.value  # the common case, and there may be many
        expression = self.constant(item)
        if expression is None:
            return None
        try:
            value = expression.evaluate()
        except ExpressionError as error:
            item.blame(self.faults, str(error))
            return None
        return value if isinstance(value, Fraction) else None

    def constant(self, item: Item[Expression]) -> Expression | None:
        """An expression in parameters only, with the parameters put in."""
        expression = self.resolved(item)
        if expression is not None and expression.members:
            owner, name = min(expression.members)
            item.blame(self.faults, f"'{owner}.{name}' is a type; only parameters of the file may stand here")
            return None
        return expression

    def numbers(self, items: Iterable[Item[Expression] | None]) -> list[Fraction] | None:
        """The values of a list; None where one has none."""
        values = [self.number(item) for item in items]
        found = [value for value in values if value is not None]
        return found if len(found) == len(values) else None

    def fits(self, item: Item[Any], entries: int, what: str) -> bool:
        """Whether so many exact numbers more still fit in memory; a fault with the estimate where not.

        To be asked before they are made.
        """
        total = self.used + entries
        if total <= MAX_ENTRIES:
            self.used = total
            return True
        so_far = f", {memory(total)} with what stands before" if self.used > MAX_ENTRIES / 20 else ""
        item.blame(self.faults, f"{what}, about {memory(entries)}{so_far}; at most {memory(MAX_ENTRIES)} are handled")
        return False

    def whole(self, item: Item[Expression] | None, fewest: int, most: int, what: str) -> int | None:
        """A whole number between bounds."""
        value = self.number(item)
        if value is None or item is None:
            return None
        if value.denominator != 1:
            item.blame(self.faults, f"is {value}; {what} is a whole number")
            return None
        if value < fewest:
            item.blame(self.faults, f"is {value}; {what} is at least {fewest}")
            return None
        if value > most:
            item.blame(self.faults, f"is {large(value)}, too large: {what} is at most {most:,}")
            return None
        return value.numerator


def large(value: Fraction | int) -> str:
    """A whole number for people, however large."""
    if value < 10**15:
        return f"{value.numerator:,}"
    return f"{float(value):.3g}" if value < 10**300 else "more than 10^300"


def memory(entries: int) -> str:
    """An estimate for people of what an exact array takes."""
    size = float(min(entries, 10**200)) * 100
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} PB"


def constants_as_text(constants: Mapping[str, Number]) -> dict[str, str]:
    """Every parameter's value as a rational text."""
    return {name: str(number.value) for name, number in constants.items()}
