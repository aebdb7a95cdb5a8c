"""Loading a problem: from a path, standard input, a bundled name, a text, or Python data."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from amd.files import bundled, document
from amd.files.faults import Faults, InputError, clip, listing, suggest
from amd.files.format import KINDS
from amd.files.nodes import Mapping as MappingNode
from amd.files.nodes import Node, Scalar
from amd.files.nodes import kind as describe
from amd.files.problem import read_problem
from amd.files.python import scalar_text, tree
from amd.model.task import Task

STDIN = "-"
_NO_OVERRIDES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Source:
    """A text with the name it goes by in messages and the folder that its sample files lie below."""

    text: str
    origin: str
    folder: Path | None


def open_source(source: str | Path) -> Source:
    """The text of a file, of standard input (``-``), or of a bundled problem; an existing file goes first.

    Raises InputError where there is none, or it cannot be read.
    """
    if str(source) == STDIN:
        return Source(document.decode(sys.stdin.buffer.read(document.MAX_BYTES + 1), "<stdin>"), "<stdin>", None)
    origin = str(source)
    path, shown = _locate(source, origin)
    try:
        with path.open("rb") as file:
            data = file.read(document.MAX_BYTES + 1)
    except OSError as error:
        raise _missing(origin, f"cannot be read: {error.strerror}") from None
    return Source(document.decode(data, shown), shown, path.parent)


def _locate(source: str | Path, origin: str) -> tuple[Path, str]:
    """The path, and the name it goes by in messages."""
    try:
        if Path(source).exists():
            return Path(source), origin
        found = None if isinstance(source, Path) else bundled.resolve(source)
    except (ValueError, OSError) as error:  # a path that the system refuses
        raise _missing(origin, f"cannot be read: {error}") from None
    except LookupError as error:
        raise _missing(origin, str(error)) from None
    if found is None:
        known = [name for name, _ in bundled.names()]
        close = get_close_matches(origin[:200], [*(name.rpartition("/")[2] for name in known), *known], n=1)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        raise _missing(origin, f"there is no such file, and no bundled problem of that name{hint}")
    return found, f"{found.parent.name}/{found.name}"


def _missing(origin: str, message: str) -> InputError:
    faults = Faults(clip(origin, 200))
    faults.add(None, "", message)
    return faults.error()


def load(source: str | Path, *, overrides: Mapping[str, Any] = _NO_OVERRIDES) -> Task:
    """The task of a problem file.

    `source` is a path, ``-`` for standard input, or the name of a bundled problem. `overrides` replaces named
    constants, as ``--set`` does; its values are texts (read as expressions) or numbers. Raises InputError with every
    fault there is.
    """
    opened = open_source(source)
    return _read(opened, overrides)


def loads(
    text: str,
    *,
    origin: str = "<string>",
    folder: str | Path | None = None,
    overrides: Mapping[str, Any] = _NO_OVERRIDES,
) -> Task:
    """The task of a problem file's text. Sample files lie below `folder`, by default the current one."""
    return _read(Source(text, origin, None if folder is None else Path(folder)), overrides)


def from_mapping(
    problem: Mapping[str, Any],
    *,
    origin: str = "<python>",
    folder: str | Path | None = None,
    overrides: Mapping[str, Any] = _NO_OVERRIDES,
) -> Task:
    """The task of a problem built in Python: what a file would say, as dicts, lists, numbers and texts.

    Integers and Fractions are exact; a float counts as the decimal that Python shows for it. Raises InputError,
    whose faults have no lines.
    """
    faults = Faults(origin)
    root = tree(problem, faults)
    return _read_root(root, faults, None if folder is None else Path(folder), overrides)


def _read(source: Source, overrides: Mapping[str, Any]) -> Task:
    faults = Faults(source.origin)
    root = document.read(source.text, source.origin, faults)
    return _read_root(root, faults, source.folder, overrides)


def _read_root(root: Node, faults: Faults, folder: Path | None, overrides: Mapping[str, Any]) -> Task:
    kind = _kind(root, faults)
    if kind != "mechanism":
        node = root.get("kind") if isinstance(root, MappingNode) else None
        line = root.line if node is None else node.line
        faults.add(line, "kind", f"is '{kind}', which its own module reads; 'mechanism' is wanted here")
        faults.check()
    return read_problem(root, faults, folder, _texts(overrides, faults))


def _texts(overrides: Mapping[str, Any], faults: Faults) -> dict[str, str]:
    texts = {name: scalar_text(value) for name, value in overrides.items()}
    for name, text in texts.items():
        if text is None:
            faults.add(None, f"--set {name}", "is neither a text nor a number")
    return {name: text for name, text in texts.items() if text is not None}


def kind_of(source: str | Path) -> str:
    """The kind of a problem file (mechanism, matching, …: one of `KINDS`) without reading all of it.

    Raises InputError where the file cannot be read or names no known kind.
    """
    opened = open_source(source)
    return kind_of_text(opened.text, opened.origin)


def kind_of_text(text: str, origin: str = "<string>") -> str:
    """As `kind_of`, of a text."""
    faults = Faults(origin)
    return _kind(document.read(text, origin, faults), faults)


def _kind(root: Node, faults: Faults) -> str:
    """The kind that a document names; mechanism where it names none. Raises InputError for one that is unknown."""
    node = root.get("kind") if isinstance(root, MappingNode) else None
    if node is None:
        return "mechanism"
    if isinstance(node, Scalar) and node.text in KINDS:
        return node.text
    if isinstance(node, Scalar) and not node.is_null:
        faults.add(node.line, "kind", f"'{clip(node.text)}' is no kind of problem{suggest(node.text, KINDS)}")
    else:
        faults.add(node.line, "kind", f"is {describe(node)}; one of {listing(KINDS)} is wanted here")
    raise faults.error()
