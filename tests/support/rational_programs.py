"""Small rational programs for tests, and their answers by another way: Fourier–Motzkin elimination in fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from solvers.exact import RationalProgram

Inequality = tuple[tuple[Fraction, ...], Fraction]  # (a, b): a·x <= b

SMALL = st.fractions(-5, 5, max_denominator=7)
TINY = st.builds(lambda digits, part: part * Fraction(1, 10**digits), st.integers(0, 20), SMALL)


def dense_program(cost: Any, matrix: Any, rows: Any, columns: Any, **rest: Any) -> RationalProgram:
    """From plain lists; `rows` and `columns` are lists of (lower, upper) with None for absent bounds."""
    dense = np.array(matrix, dtype=object).reshape(len(rows), len(cost))
    row, column = np.indices(dense.shape).reshape(2, -1)
    bounds = [[pair[side] for pair in one] for one in (rows, columns) for side in (0, 1)]
    return RationalProgram.of(cost, row, column, dense.ravel(), tuple(bounds), **rest)


@st.composite
def bounds(draw: Any, numbers: Any) -> tuple[Fraction | None, Fraction | None]:
    """None, one or both; equal and crossed ones too."""
    kind = draw(st.sampled_from(("free", "lower", "upper", "both", "equal", "any")))
    low, high = draw(numbers), draw(numbers)
    if kind == "both":
        low, high = min(low, high), max(low, high)
    return {
        "free": (None, None),
        "lower": (low, None),
        "upper": (None, high),
        "equal": (low, low),
    }.get(kind, (low, high))


@st.composite
def small_programs(draw: Any, numbers: Any = SMALL, most: int = 3) -> RationalProgram:
    """Up to three columns and rows with bounds of every kind, many zeros, either sense."""
    n, m = draw(st.integers(1, most)), draw(st.integers(0, most))
    entry = st.one_of(st.just(Fraction(0)), numbers)
    matrix = [[draw(entry) for _ in range(n)] for _ in range(m)]
    cost = [draw(entry) for _ in range(n)]
    rows = [draw(bounds(numbers)) for _ in range(m)]
    columns = [draw(bounds(numbers)) for _ in range(n)]
    return dense_program(cost, matrix, rows, columns, maximize=draw(st.booleans()), offset=draw(numbers))


def answer_by_elimination(program: RationalProgram) -> str | Fraction:
    """ "infeasible", "unbounded", or the optimal value.

    With t for the value to be made small, every column is eliminated (Fourier, 1826; Motzkin, 1936); what is left says
    which t there are.
    """
    n = program.column_count
    sign = -1 if program.maximize else 1
    zero = Fraction(0)
    dense = [[zero] * n for _ in range(program.row_count)]
    for row, column, value in zip(program.row, program.column, program.value, strict=True):
        dense[row][column] = value
    lines = [(tuple(line), *pair) for line, *pair in zip(dense, program.row_lower, program.row_upper, strict=True)]
    for column, pair in enumerate(zip(program.column_lower, program.column_upper, strict=True)):
        lines.append((tuple(Fraction(column == other) for other in range(n)), *pair))
    system: list[Inequality] = []
    for line, low, high in lines:
        system += [] if high is None else [((*line, zero), high)]
        system += [] if low is None else [((*(-part for part in line), zero), -low)]
    system.append(((*(sign * one for one in program.cost), Fraction(-1)), zero))  # sign · cost · x <= t
    for column in range(n):
        system = _eliminated(system, column)
    if any(not line[n] and right < 0 for line, right in system):
        return "infeasible"
    above = [right / line[n] for line, right in system if line[n] > 0]
    below = [right / line[n] for line, right in system if line[n] < 0]
    if above and below and max(below) > min(above):
        return "infeasible"
    return sign * max(below) + program.offset if below else "unbounded"


def _eliminated(system: list[Inequality], column: int) -> list[Inequality]:
    ups = [one for one in system if one[0][column] > 0]
    downs = [one for one in system if one[0][column] < 0]
    kept = [one for one in system if not one[0][column]]
    for (up, b), (down, c) in product(ups, downs):
        over, under = 1 / up[column], -1 / down[column]
        kept.append((tuple(over * p + under * q for p, q in zip(up, down, strict=True)), over * b + under * c))
    return _without_repeats(kept)


def _without_repeats(system: list[Inequality]) -> list[Inequality]:
    """Of inequalities with the same left side, up to a factor, the tightest."""
    tightest: dict[tuple[Fraction, ...], Fraction] = {}
    for line, right in system:
        size = max(map(abs, line)) or Fraction(1)
        key, side = tuple(part / size for part in line), right / size
        tightest[key] = min(side, tightest.get(key, side))
    return list(tightest.items())
