"""What the readers of all auction files share."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any

from amd.files.context import Context
from amd.files.expressions import Expression
from amd.files.records import Fields
from amd.files.shapes import Item


def bidders_of(fields: Fields) -> dict[str, Fields]:
    entries: dict[str, Item[Fields] | None] = fields.value("bidders", {})
    return {name: item.value for name, item in entries.items() if item is not None}


def digest_of(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


def seed_of(fields: Fields, context: Context) -> int:
    return context.whole(fields.get("ties"), 0, 2**32 - 1, "a seed") or 0


def at_least_zero(item: Item[Expression] | None, what: str, context: Context) -> Fraction | None:
    value = context.number(item)
    if value is not None and value < 0 and item is not None:
        item.blame(context.faults, f"is {value}; {what} is at least 0")
        return None
    return value
