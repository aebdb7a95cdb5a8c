"""The JSON Schema of the problem file, for editors: made from the same table of shapes that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any

from amd.files.format import KINDS, PROBLEM
from amd.files.records import Record

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TABLE = {"anyOf": [{"type": ["number", "string"]}, {"type": "array", "items": {"$ref": "#/$defs/table"}}]}


def schema(others: Mapping[str, Record] = MappingProxyType({})) -> dict[str, Any]:
    """The schema. `others`: the shapes of other kinds than `mechanism`; a file of a kind without one is accepted as it
    is."""
    records = [record for shape in (PROBLEM, *others.values()) for record in _records(shape)]
    definitions = {record.name: record.definition() for record in records}
    rest = [kind for kind in KINDS if kind != "mechanism" and kind not in others]
    chosen: dict[str, Any] = {"$ref": "#/$defs/problem"}
    for kinds, then in [*(([kind], record.schema()) for kind, record in others.items()), (rest, True)]:
        if kinds:
            named = {"type": "object", "properties": {"kind": {"enum": kinds}}, "required": ["kind"]}
            chosen = {"if": named, "then": then, "else": chosen}
    return {
        "$schema": _DIALECT,
        "title": "Problem file, version 1",
        **chosen,
        "$defs": {**dict(sorted(definitions.items())), "table": _TABLE},
    }


def _records(shape: Any) -> Iterator[Record]:
    """Every record reachable from a shape."""
    if isinstance(shape, Record):
        yield shape
    if isinstance(shape, dict):
        for below in shape.values():
            yield from _records(below)
    elif is_dataclass(shape):
        for part in fields(shape):
            yield from _records(getattr(shape, part.name))
