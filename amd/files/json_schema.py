"""The JSON Schema of the problem file, for editors: made from the same table of shapes that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from amd.files.format import KINDS, PROBLEM
from amd.files.records import Record

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TABLE = {"anyOf": [{"type": ["number", "string"]}, {"type": "array", "items": {"$ref": "#/$defs/table"}}]}


def schema() -> dict[str, Any]:
    """The schema. A file of another kind than `mechanism` is accepted as it is: its module describes it."""
    definitions = {record.name: record.definition() for record in _records(PROBLEM)}
    other = [kind for kind in KINDS if kind != "mechanism"]
    return {
        "$schema": _DIALECT,
        "title": "Problem file, version 1",
        "if": {"type": "object", "properties": {"kind": {"enum": other}}, "required": ["kind"]},
        "then": True,
        "else": {"$ref": "#/$defs/problem"},
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
