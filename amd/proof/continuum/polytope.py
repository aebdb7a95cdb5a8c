"""Exact volumes of polytopes, and the integrals of piecewise linear functions over boxes that they give.

*Volume* (Lasserre 1983, "An analytical expression and an algorithm for the volume of a convex polyhedron"). For P =
{x : a_i·x <= b_i}, bounded, Euler's formula for homogeneous functions of b gives d · vol(P) = Σ_i b_i / |a_ij| ·
vol(P_i), where P_i is the face a_i·x = b_i with x_j eliminated, for any j with a_ij != 0. In one dimension the
volume is a length. Condition: no half-space is listed twice (a face would count twice), so rows are normalized and
merged at every level. All arithmetic is rational.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

Row = tuple[Fraction, ...]
HalfSpace = tuple[Row, Fraction]  # a·x <= b
ZERO, ONE = Fraction(0), Fraction(1)


def volume(half_spaces: Sequence[HalfSpace]) -> Fraction:
    """The exact volume of a bounded polytope in d >= 1 dimensions, 0 when it is empty or flat."""
    merged: dict[Row, Fraction] = {}
    for a, b in half_spaces:
        lead = next((abs(x) for x in a if x), ZERO)
        if not lead:
            if b < 0:
                return ZERO
            continue
        key, bound = tuple(x / lead for x in a), b / lead
        merged[key] = min(bound, merged.get(key, bound))
    rows = list(merged.items())
    if len(rows[0][0]) == 1:
        length = merged[(ONE,)] + merged[(-ONE,)]
        return max(ZERO, length)
    total = sum((b * _facet(a, b, rows) for a, b in rows if b), ZERO)
    return total / len(rows[0][0])


def _facet(a: Row, b: Fraction, rows: Sequence[HalfSpace]) -> Fraction:
    """vol(P_i) / |a_ij|: the other rows with x_j = (b − Σ a_l x_l) / a_j put in."""
    j = max(range(len(a)), key=lambda axis: abs(a[axis]))
    others = []
    for c, d in rows:
        if c is not a:
            rate = c[j] / a[j]
            others.append((tuple(c[axis] - rate * a[axis] for axis in range(len(a)) if axis != j), d - rate * b))
    return volume(others) / abs(a[j])


def box(sides: Sequence[tuple[Fraction, Fraction]]) -> list[HalfSpace]:
    """The half-spaces of a box."""
    rows: list[HalfSpace] = []
    for j, (low, high) in enumerate(sides):
        unit = tuple(ONE if axis == j else ZERO for axis in range(len(sides)))
        rows += [(unit, high), (tuple(-x for x in unit), -low)]
    return rows


Affine = tuple[Fraction, Row]  # constant, slopes


def best_region(index: int, functions: Sequence[Affine]) -> list[HalfSpace]:
    """Where function `index` is at least every other one."""
    constant, slopes = functions[index]
    return [
        (tuple(y - x for x, y in zip(slopes, other, strict=True)), constant - level)
        for k, (level, other) in enumerate(functions)
        if k != index
    ]


@lru_cache(maxsize=100_000)
def best_shares(sides: tuple[tuple[Fraction, Fraction], ...], functions: tuple[Affine, ...]) -> tuple[Row, ...]:
    """For each function, the volume of the part of the box where it is the largest, and the integrals of x_j over
    that part.

    Shape (A, 1 + d): distinct functions tie on a set of volume 0 only; equal ones are an error (ValueError).
    """
    if len(set(functions)) < len(functions):
        raise ValueError("two alternatives have the same value everywhere: which one is best is not determined")
    rows = []
    for index in range(len(functions)):
        region = [*box(sides), *best_region(index, functions)]
        size = volume(region)
        moments = (low * size + _first_moment(region, axis, low) for axis, (low, _) in enumerate(sides))
        rows.append((size, *(moments if size else (ZERO for _ in sides))))
    return tuple(rows)


def _first_moment(region: Sequence[HalfSpace], axis: int, low: Fraction) -> Fraction:
    """∫ (x_axis − low) over the region: the volume under that function, one dimension up."""
    lifted = [((*a, ZERO), b) for a, b in region]
    d = len(region[0][0])
    roof = tuple(-ONE if j == axis else ONE if j == d else ZERO for j in range(d + 1))
    floor = tuple(-ONE if j == d else ZERO for j in range(d + 1))
    return volume([*lifted, (roof, -low), (floor, ZERO)])


def integral_of_max(sides: Sequence[tuple[Fraction, Fraction]], functions: Sequence[Affine]) -> Fraction:
    """∫ max of the affine functions over the box."""
    distinct = tuple(dict.fromkeys(functions))
    shares = best_shares(tuple(sides), distinct)
    total = ZERO
    for (constant, slopes), (size, *moments) in zip(distinct, shares, strict=True):
        total += constant * size + sum((s * m for s, m in zip(slopes, moments, strict=True)), ZERO)
    return total
