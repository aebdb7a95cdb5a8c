"""Probabilities as a file gives them: listed, by weights, or equal."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from amd.files.context import Context
from amd.files.expressions import Expression
from amd.files.records import Fields
from amd.files.shapes import Item
from amd.model.numbers import ONE, exact_sum


def equal(count: int) -> tuple[Fraction, ...]:
    """The same probability for each."""
    return (Fraction(1, count),) * count


def read_shares(fields: Fields, count: int, what: str, context: Context) -> tuple[Fraction, ...] | None:
    """The probabilities beside `count` things: `prob`, `weights`, or equal ones. None, with a fault, where wrong."""
    if fields.clash("prob", "weights", context.faults, "probabilities are given by 'prob' or by 'weights', not both"):
        return None
    key = "weights" if fields.has("weights") else "prob"
    if not fields.has(key):
        return equal(count)
    item = fields.get(key)
    if item is None:
        return None
    if len(item.value) != count:
        item.blame(context.faults, f"has {len(item.value)} numbers for {count} {what}")
        return None
    return check_shares(item, item.value, context, scaled=key == "weights")


def check_shares(
    whole: Item[Any], items: Sequence[Item[Expression] | None], context: Context, scaled: bool
) -> tuple[Fraction, ...] | None:
    """The probabilities in a list: at least 0, and summing to exactly 1 unless they are to be scaled."""
    values = context.numbers(items)
    if values is None:
        return None
    low = False
    for item, value in zip(items, values, strict=True):
        if value < 0 and item is not None:
            item.blame(context.faults, f"is {value}; a {'weight' if scaled else 'probability'} is at least 0")
            low = True
    if low:
        return None
    total = exact_sum(values)
    if scaled and total:
        return tuple(value / total for value in values)
    if scaled:
        whole.blame(context.faults, "the weights are all 0; at least one must be above 0")
    elif total != ONE:
        whole.blame(context.faults, f"the probabilities sum to {sum_text(total)}, not to 1; 'weights' would be scaled")
    return None if scaled or total != ONE else tuple(values)


def sum_text(total: Fraction) -> str:
    """A sum for people: exact, and decimal where that helps."""
    text = str(total)
    if len(text) <= 12 and total.denominator in (1, 2, 3, 4, 5, 10, 20, 100, 1000):
        return text if total.denominator in (1, 2, 3) else f"{text} ({float(total):g})"
    return f"{float(total):.17g}" if len(text) > 40 else f"{text} ({float(total):.15g})"
