"""A rational program as the lines of an MPS file whose numbers are fractions.

Exact solvers such as QSopt_ex read ``1/3`` where others expect a decimal. Costs are those of minimising, and columns
and rows are called x0, x1, … and r0, r1, …; rows without bounds and integrality are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from solvers.exact.program import RationalProgram


def lines(program: RationalProgram) -> Iterator[str]:
    """The lines of the file, without line ends. The offset is minus the right side of the objective."""
    sides = list(zip(program.row_lower, program.row_upper, strict=True))
    kinds = [_kind(*pair) for pair in sides]
    yield "NAME program"
    yield "ROWS"
    yield " N obj"
    yield from (f" {kind} r{row}" for row, kind in enumerate(kinds) if kind)
    yield "COLUMNS"
    yield from _columns(program, kinds)
    yield "RHS"
    if program.offset:
        yield f" RHS obj {program.offset if program.maximize else -program.offset}"
    yield from (f" RHS r{row} {sides[row][kind == 'L']}" for row, kind in enumerate(kinds) if kind)
    yield "RANGES"
    for row, (kind, (lower, upper)) in enumerate(zip(kinds, sides, strict=True)):
        if kind == "G" and upper is not None:
            yield f" RNG r{row} {upper - lower}"
    yield "BOUNDS"
    for column, pair in enumerate(zip(program.column_lower, program.column_upper, strict=True)):
        yield from (f" {kind} BND x{column}{value}" for kind, value in _bounds(*pair))
    yield "ENDATA"


def _kind(lower: Fraction | None, upper: Fraction | None) -> str:
    """E equal, G at least (perhaps with a range), L at most; empty for a row without bounds."""
    if lower is None:
        return "" if upper is None else "L"
    return "E" if lower == upper else "G"


def _columns(program: RationalProgram, kinds: list[str]) -> Iterator[str]:
    sign = -1 if program.maximize else 1
    by_column: list[list[tuple[int, Fraction]]] = [[] for _ in range(program.column_count)]
    for row, column, value in zip(program.row.tolist(), program.column.tolist(), program.value.tolist(), strict=True):
        if kinds[row]:
            by_column[column].append((row, value))
    for column, (cost, entries) in enumerate(zip(program.cost.tolist(), by_column, strict=True)):
        if cost or not entries:  # a column without entries has to be named
            yield f" x{column} obj {sign * cost}"
        yield from (f" x{column} r{row} {value}" for row, value in entries)


def _bounds(lower: Fraction | None, upper: Fraction | None) -> list[tuple[str, str]]:
    if lower is None:
        return [("FR", "")] if upper is None else [("MI", ""), ("UP", f" {upper}")]
    if lower == upper:
        return [("FX", f" {lower}")]
    return [("LO", f" {lower}")] + ([] if upper is None else [("UP", f" {upper}")])
