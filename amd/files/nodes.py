"""The immutable tree of a document: mappings, sequences and scalars, each with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as it stands in the file. Nothing is resolved: ``1/3``, ``true`` and ``null`` are texts.

    `line` and `column` count from 1 and are None in a tree built from Python objects. `quoted`: in quotes or a block.
    """

    line: int | None
    column: int | None
    text: str
    quoted: bool = False

    @property
    def is_null(self) -> bool:
        """Whether nothing is written here: empty, ``~`` or ``null`` without quotes."""
        return not self.quoted and self.text in NULLS


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int | None
    column: int | None
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values, in the order of the file, no key twice."""

    line: int | None
    column: int | None
    entries: tuple[Entry, ...]

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)


Node: TypeAlias = Scalar | Sequence | Mapping


def child(path: str, key: str) -> str:
    """The path of a key below a path."""
    return f"{path}.{key}" if path else key


def item(path: str, position: int) -> str:
    """The path of a list's item, counted from 1."""
    return f"{path}[{position}]"


def kind(node: Node) -> str:
    """What a node is, in words for messages."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return "empty" if node.is_null else f"'{_short(node.text)}'"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else flat[:39] + "…"


def lines(node: Node) -> dict[str, int]:
    """The line of every value that has a key path of mappings only, such as ``agents.buyer.types``: that of its key."""
    found: dict[str, int] = {}
    stack: list[tuple[str, Node]] = [("", node)]
    while stack:
        path, current = stack.pop()
        if isinstance(current, Mapping):
            for entry in current.entries:
                below = child(path, entry.key.text)
                if entry.key.line is not None:
                    found[below] = entry.key.line
                stack.append((below, entry.value))
    return found
