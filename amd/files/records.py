"""Shapes of mappings with known keys: which there are, which are required, and what each means."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Any

from amd.files.faults import Faults, clip, listing, suggest
from amd.files.nodes import Entry, Mapping, Node, Scalar, child, kind
from amd.files.shapes import Item, Shape


@dataclass(frozen=True)
class Key:
    """One known key. `blank`: it may stand without a value, as if left out."""

    shape: Shape
    about: str
    required: bool = False
    blank: bool = False


@dataclass(frozen=True)
class Fields:
    """The known keys of one mapping, as read; a key whose value is at fault is there with None."""

    entries: Dict[str, Item[Any] | None]
    keys: Dict[str, Scalar]
    node: Node
    path: str

    def get(self, key: str) -> Item[Any] | None:
        """The value of a key; None where it is left out or at fault."""
        return self.entries.get(key)

    def has(self, key: str) -> bool:
        """Whether the key stands there, at fault or not."""
        return key in self.entries

    def value(self, key: str, default: Any = None) -> Any:
        """The bare value of a key."""
        found = self.entries.get(key)
        return default if found is None else found.value

    def blame(self, key: str, faults: Faults, message: str) -> None:
        """Record a fault at a key (its line is the key's own; the mapping's where the key is missing)."""
        at = self.keys.get(key)
        faults.add(self.node.line if at is None else at.line, child(self.path, key), message)

    def clash(self, first: str, second: str, faults: Faults, message: str) -> bool:
        """Record a fault at the later of two keys when both stand there."""
        if not (self.has(first) and self.has(second)):
            return False
        order = list(self.keys)
        self.blame(max(first, second, key=order.index), faults, message)
        return True


@dataclass(frozen=True)
class Record:
    """A mapping with known keys. `name` identifies it in the JSON Schema. `blank`: nothing at all will do too.

    `hints` answer keys that people try and that do not exist.
    """

    name: str
    keys: Dict[str, Key]
    words: str
    blank: bool = False
    hints: Dict[str, str] = field(default_factory=dict)

    def read(self, node: Node, path: str, faults: Faults) -> Item[Fields] | None:
        if self.blank and isinstance(node, Scalar) and node.is_null:
            node = Mapping(node.line, node.column, ())
        if not isinstance(node, Mapping):
            faults.add(node.line, path, f"is {kind(node)}; {self.words} is wanted here")
            return None
        read: dict[str, Item[Any] | None] = {}
        keys: dict[str, Scalar] = {}
        for entry in node.entries:
            self._read_entry(entry, path, faults, read, keys)
        fields = Fields(read, keys, node, path)
        for key, known in self.keys.items():
            if known.required and not fields.has(key):
                fields.blame(key, faults, f"is missing; {known.shape.words} is wanted: {known.about}")
        return Item(fields, node, path)

    def _read_entry(
        self, entry: Entry, path: str, faults: Faults, read: dict[str, Item[Any] | None], keys: dict[str, Scalar]
    ) -> None:
        name = entry.key.text
        known = self.keys.get(name)
        if known is None:
            hint = self.hints.get(name)
            advice = f"; {hint}" if hint else suggest(name, self.keys)
            faults.add(entry.key.line, child(path, name), f"unknown key '{clip(name)}'{advice}")
            return
        if known.blank and isinstance(entry.value, Scalar) and entry.value.is_null:
            return
        keys[name] = entry.key
        read[name] = known.shape.read(entry.value, child(path, name), faults)

    def schema(self) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self.name}"}

    def definition(self) -> dict[str, Any]:
        """The schema that `schema` refers to."""
        properties: dict[str, Any] = {}
        for key, known in self.keys.items():
            schema = known.shape.schema()
            if known.blank:
                schema = {"anyOf": [schema, {"type": "null"}]}
            properties[key] = {"description": known.about, **schema}
        required = [key for key, known in self.keys.items() if known.required]
        kinds = ["object", "null"] if self.blank else "object"
        definition: dict[str, Any] = {"type": kinds, "properties": properties, "additionalProperties": False}
        return {**definition, "required": required} if required else definition


@dataclass(frozen=True)
class Tagged:
    """One of several records, told apart by a key that only it has."""

    cases: Dict[str, Record]
    words: str
    hint: str = ""

    def read(self, node: Node, path: str, faults: Faults) -> Item[tuple[str, Fields]] | None:
        if not isinstance(node, Mapping):
            faults.add(node.line, path, f"is {kind(node)}; {self.words} is wanted here{self.hint}")
            return None
        tags = [entry.key for entry in node.entries if entry.key.text in self.cases]
        if not tags:
            names = [entry.key.text for entry in node.entries]
            guesses = [suggest(name, self.cases) for name in names]
            guess = next((guess for guess in guesses if "did you mean" in guess), "")
            faults.add(
                node.line, path, f"is not {self.words}, which has one of the keys {listing(self.cases, 20)}{guess}"
            )
            return None
        for extra in tags[1:]:
            clash = f"stands beside '{tags[0].text}'; {self.words} has only one of them"
            faults.add(extra.line, child(path, extra.text), clash)
        if len(tags) > 1:
            return None
        fields = self.cases[tags[0].text].read(node, path, faults)
        return None if fields is None else Item((tags[0].text, fields.value), node, path)

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [record.schema() for record in self.cases.values()]}
