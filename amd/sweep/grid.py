"""The points of a sweep: every combination of the values of its parameters, the last parameter running fastest.

An axis is written ``n=2..10`` (whole numbers, both ends included), ``x=0..1..1/4`` (with a step), or
``N=10,20,40``; pieces
may be joined by commas, and every number is read exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

MOST_POINTS = 1_000_000


class SweepError(ValueError):
    """A sweep that cannot be read or run; the message says what would be right."""


@dataclass(frozen=True)
class Axis:
    """A parameter and the texts of its values, in order."""

    name: str
    values: tuple[str, ...]


def parse_axis(text: str) -> Axis:
    """From ``NAME=VALUES``. SweepError where it is not of that form, empty, or names a value twice."""
    name, equals, values = text.partition("=")
    if not equals or not name.strip() or not values.strip():
        raise SweepError(f"'{text}' should be a parameter and its values, such as n=2..10 or N=10,20")
    found = tuple(value for piece in values.split(",") for value in _piece(name.strip(), piece.strip()))
    twice = next((value for value in found if found.count(value) > 1), None) if len(found) < 10_000 else None
    if twice is not None:
        raise SweepError(f"{name.strip()} takes the value {twice} twice")
    return Axis(name.strip(), found)


def _piece(name: str, piece: str) -> tuple[str, ...]:
    parts = [part.strip() for part in piece.split("..")]
    if not all(parts) or len(parts) > 3:
        raise SweepError(f"{name}: '{piece}' should be a value, a range such as 2..10, or one with a step, 0..1..1/4")
    if len(parts) == 1:
        return (parts[0],)
    first, last = _number(name, parts[0]), _number(name, parts[1])
    step = _number(name, parts[2]) if len(parts) == 3 else Fraction(1)
    if step <= 0 or last < first:
        raise SweepError(f"{name}: '{piece}' should run upwards")
    count = (last - first) // step + 1
    if count > MOST_POINTS:
        raise SweepError(f"{name}: '{piece}' has {count:,} values, more than {MOST_POINTS:,}")
    return tuple(str(first + step * k) for k in range(count))


def _number(name: str, text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise SweepError(f"{name}: '{text}' is not a number") from None


def points(axes: list[Axis]) -> list[dict[str, str]]:
    """Every combination. SweepError without an axis, with one named twice, or beyond MOST_POINTS."""
    names = [axis.name for axis in axes]
    if not axes:
        raise SweepError("nothing varies: give at least one parameter its values by --set")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SweepError(f"{twice} is set twice; join its values by commas")
    total = 1
    for axis in axes:
        total *= len(axis.values)
    if total > MOST_POINTS:
        raise SweepError(f"the sweep has {total:,} points, more than {MOST_POINTS:,}")
    return [dict(zip(names, values, strict=True)) for values in product(*(axis.values for axis in axes))]
