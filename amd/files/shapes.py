"""Shapes of documents: one table of shapes both reads a file (every fault with its line) and becomes its JSON Schema.

A shape turns a node into an `Item`, the typed value with its place; None means that a fault was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Generic, Protocol, TypeVar

from amd.files import parser
from amd.files.expressions import Expression
from amd.files.faults import Faults, clip, listing, suggest
from amd.files.nodes import Mapping, Node, Scalar, Sequence, child, item, kind
from amd.files.trees import FUNCTIONS, OTHERS, ExpressionError, number

T_co = TypeVar("T_co", covariant=True)

_PLAIN_NUMBER = re.compile(r"(-?)([0-9]{1,40}(?:\.[0-9]{1,40})?)(?:/([0-9]{1,40}))?")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Item(Generic[T_co]):
    """A value read from a node, with the place it came from."""

    value: T_co
    node: Node
    path: str

    @property
    def line(self) -> int | None:
        return self.node.line

    def blame(self, faults: Faults, message: str) -> None:
        """Record a fault at this place."""
        faults.add(self.line, self.path, message)


class Shape(Protocol):
    """What a node must look like."""

    @property
    def words(self) -> str:
        """What is wanted, for messages: ``a list of names``."""
        ...

    def read(self, node: Node, path: str, faults: Faults) -> Item[Any] | None: ...

    def schema(self) -> dict[str, Any]: ...


def _unfit(shape: Shape, node: Node, path: str, faults: Faults, hint: str = "") -> None:
    found = kind(node)
    faults.add(node.line, path, f"is {found}; {shape.words} is wanted here{hint}")


@dataclass(frozen=True)
class Text:
    """Any text, for people or as a name."""

    words: str = "a text"

    def read(self, node: Node, path: str, faults: Faults) -> Item[str] | None:
        if isinstance(node, Scalar) and not node.is_null:
            return Item(node.text, node, path)
        _unfit(self, node, path, faults)
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True)
class Expr:
    """A number or an expression. `quantities`: names of functions whose arguments are names, as in wishes."""

    words: str = "a number or an expression"
    quantities: frozenset[str] = frozenset()

    def read(self, node: Node, path: str, faults: Faults) -> Item[Expression] | None:
        if not isinstance(node, Scalar) or node.is_null:
            _unfit(self, node, path, faults)
            return None
        try:
            return Item(expression(node.text, self.quantities), node, path)
        except ExpressionError as error:
            faults.add(node.line, path, str(error))
            return None

    def schema(self) -> dict[str, Any]:
        return {"type": ["number", "string"]}


def expression(text: str, quantities: frozenset[str] = frozenset()) -> Expression:
    """An expression from its text; plain numbers and fractions take a short way. Raises ExpressionError."""
    if (found := _PLAIN_NUMBER.fullmatch(text)) and (found[3] is None or found[3].strip("0")):
        value = Fraction(found[2]) / int(found[3] or 1)
        return Expression(text, number(-value if found[1] else value))
    return Expression(text.strip(), parser.parse(text, quantities))


@dataclass(frozen=True)
class Choice:
    """One of a few words. `options` maps what may be written to what it means; `hidden` words are accepted too.

    `advice` says what to write in place of words that people try.
    """

    options: Dict[str, Any]
    hidden: Dict[str, Any] = field(default_factory=dict)
    advice: Dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return "one of " + listing(self.options) if len(self.options) > 1 else f"'{next(iter(self.options))}'"

    def read(self, node: Node, path: str, faults: Faults) -> Item[Any] | None:
        known = {**self.options, **self.hidden}
        if not isinstance(node, Scalar) or node.is_null:
            _unfit(self, node, path, faults)
            return None
        if node.text not in known:
            wanted = f"is not {self.words}{self._hint(node.text)}"
            faults.add(node.line, path, f"'{clip(node.text)}' {wanted}")
            return None
        return Item(known[node.text], node, path)

    def _hint(self, text: str) -> str:
        if text in self.advice:
            return f"; write {self.advice[text]}"
        hint = suggest(text, self.options)
        return hint if "did you mean" in hint else ""

    def schema(self) -> dict[str, Any]:
        words = [*self.options, *self.hidden]
        booleans = [word == "true" for word in words if word in ("true", "false")]
        numbers = [int(word) for word in words if word.isdecimal()]
        return {"enum": booleans or [*numbers, *words]}


@dataclass(frozen=True)
class ListOf:
    """A list whose items all have one shape."""

    shape: Shape
    words: str = "a list"
    fewest: int = 0
    most: int | None = None

    def read(self, node: Node, path: str, faults: Faults) -> Item[list[Item[Any] | None]] | None:
        if not isinstance(node, Sequence):
            _unfit(self, node, path, faults)
            return None
        count = len(node.items)
        if count < self.fewest or (self.most is not None and count > self.most):
            faults.add(node.line, path, f"has {count} items; {self.words} is wanted here")
            return None
        items = [self.shape.read(below, item(path, k), faults) for k, below in enumerate(node.items, start=1)]
        return Item(items, node, path)

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "array", "items": self.shape.schema()}
        if self.fewest:
            schema["minItems"] = self.fewest
        if self.most is not None:
            schema["maxItems"] = self.most
        return schema


@dataclass(frozen=True)
class Table:
    """Lists in lists of numbers, of any depth."""

    words: str = "a nested list of numbers"
    entry: Expr = field(default_factory=Expr)

    def read(self, node: Node, path: str, faults: Faults) -> Item[Any] | None:
        if not isinstance(node, Sequence):
            return self.entry.read(node, path, faults)
        items = [self.read(below, item(path, k), faults) for k, below in enumerate(node.items, start=1)]
        return Item(items, node, path)

    def schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/table"}


@dataclass(frozen=True)
class MapOf:
    """Names of the user's own, each with a value of one shape. `identifiers`: the names stand in expressions.

    With `blank`, a name without a value counts as one with an empty mapping.
    """

    shape: Shape
    words: str
    identifiers: bool = False
    fewest: int = 0

    def read(self, node: Node, path: str, faults: Faults) -> Item[dict[str, Item[Any] | None]] | None:
        if not isinstance(node, Mapping):
            _unfit(self, node, path, faults)
            return None
        if len(node.entries) < self.fewest:
            faults.add(node.line, path, f"is empty; {self.words} is wanted here")
            return None
        read: dict[str, Item[Any] | None] = {}
        for entry in node.entries:
            below = child(path, entry.key.text)
            self._check_name(entry.key, below, faults)
            read[entry.key.text] = self.shape.read(entry.value, below, faults)
        return Item(read, node, path)

    def _check_name(self, key: Scalar, path: str, faults: Faults) -> None:
        name = key.text
        if not name.strip() or not name.isprintable():
            faults.add(key.line, path, "a name is empty or has characters that cannot be shown")
        elif self.identifiers and not _IDENTIFIER.fullmatch(name):
            faults.add(key.line, path, f"'{clip(name)}' is not a name: letters, digits and '_', a letter first")
        elif self.identifiers and (name in FUNCTIONS or name == OTHERS):
            faults.add(key.line, path, f"'{name}' is a reserved name; choose another")

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "additionalProperties": self.shape.schema()}
        if self.fewest:
            schema["minProperties"] = self.fewest
        return schema


@dataclass(frozen=True)
class ByForm:
    """What is read depends on whether a text, a list or a mapping stands there."""

    words: str
    scalar: Shape | None = None
    sequence: Shape | None = None
    mapping: Shape | None = None
    hint: str = ""

    def read(self, node: Node, path: str, faults: Faults) -> Item[Any] | None:
        shape = {Scalar: self.scalar, Sequence: self.sequence, Mapping: self.mapping}[type(node)]
        if shape is None:
            _unfit(self, node, path, faults, self.hint)
            return None
        return shape.read(node, path, faults)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [shape.schema() for shape in (self.scalar, self.sequence, self.mapping) if shape is not None]}
