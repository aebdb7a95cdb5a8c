"""A program as the lines of a free-format MPS file.

Conventions of CPLEX and HiGHS: `OBJSENSE`, integer markers, `RANGES`, the right-hand side of the objective row is minus
the offset, a quadratic objective in `QUADOBJ` (lower triangle). Numbers are written with `repr`, so that a reader gets
back the same doubles; only the far end of a two-sided row may differ in its last digit, where no width is exact.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array, tril

from solvers.names import column_names, row_names
from solvers.program import FloatArray, LinearProgram


def lines(program: LinearProgram) -> Iterator[str]:
    """The lines of the MPS file, without line ends."""
    rows, columns = row_names(program), column_names(program)
    yield "NAME program FREE"
    if program.maximize:
        yield from ("OBJSENSE", "    MAX")
    kinds, widths = _row_kinds(program)
    yield "ROWS"
    yield " N obj"
    yield from map(" {} {}".format, kinds, rows)
    yield "COLUMNS"
    yield from _columns(program, rows, columns)
    yield "RHS"
    yield from _sides(program, kinds, rows)
    yield "RANGES"
    yield from _ranges(kinds, widths, rows)
    yield "BOUNDS"
    yield from _bounds(program, columns)
    yield from _quadratic(program, columns)
    yield "ENDATA"


def _row_kinds(program: LinearProgram) -> tuple[list[str], FloatArray]:
    """N free, E equal, G at least, L at most, and the widths (m,) of two-sided rows.

    A reader adds a width to a G row's side or subtracts it from an L row's. Of the three nearest widths and the two
    kinds, the first that gives back both ends exactly is taken, or else a G row with the plain difference.
    """
    lower, upper = program.row_lower, program.row_upper
    kinds = np.where(np.isfinite(lower), "G", np.where(np.isfinite(upper), "L", "N"))
    two_sided = np.isfinite(lower) & np.isfinite(upper)
    low, high = lower[two_sided], upper[two_sided]
    plain = high - low
    kind, width, exact = np.full(plain.shape, "G"), plain, np.zeros(plain.shape, dtype=bool)
    for candidate in (plain, np.nextafter(plain, 0), np.nextafter(plain, np.inf)):
        for letter, hit in (("G", low + candidate == high), ("L", high - candidate == low)):
            take = hit & ~exact
            kind, width, exact = np.where(take, letter, kind), np.where(take, candidate, width), exact | hit
    kinds[two_sided] = np.where(low == high, "E", kind)
    widths = np.full(lower.shape, np.nan)
    widths[two_sided] = width
    return [str(letter) for letter in kinds], widths


def _columns(program: LinearProgram, rows: list[str], columns: list[str]) -> Iterator[str]:
    by_column = program.matrix.tocsc()
    starts, indices, values = by_column.indptr.tolist(), by_column.indices.tolist(), by_column.data.tolist()
    integer = [False] * program.column_count if program.integer is None else program.integer.tolist()
    costs, inside = program.cost.tolist(), False
    for column, name in enumerate(columns):
        if integer[column] != inside:
            inside = not inside
            yield f" MARKER 'MARKER' 'INT{'ORG' if inside else 'END'}'"
        yield f" {name} obj {costs[column]!r}"  # also where zero, so that an empty column exists
        for position in range(starts[column], starts[column + 1]):
            yield f" {name} {rows[indices[position]]} {values[position]!r}"
    if inside:
        yield " MARKER 'MARKER' 'INTEND'"


def _sides(program: LinearProgram, kinds: list[str], rows: list[str]) -> Iterator[str]:
    if program.offset:
        yield f" RHS obj {-float(program.offset)!r}"
    sides = zip(kinds, rows, program.row_lower.tolist(), program.row_upper.tolist(), strict=True)
    for kind, name, lower, upper in sides:
        side = upper if kind == "L" else lower
        if kind != "N" and side:
            yield f" RHS {name} {side!r}"


def _ranges(kinds: list[str], widths: FloatArray, rows: list[str]) -> Iterator[str]:
    for kind, name, width in zip(kinds, rows, widths.tolist(), strict=True):
        if kind != "E" and not np.isnan(width):
            yield f" RNG {name} {width!r}"


def _bounds(program: LinearProgram, columns: list[str]) -> Iterator[str]:
    integer = [False] * program.column_count if program.integer is None else program.integer.tolist()
    bounds = zip(columns, program.column_lower.tolist(), program.column_upper.tolist(), integer, strict=True)
    for name, lower, upper, whole in bounds:
        yield from (f" {kind} BND {name}{value}" for kind, value in _bound(lower, upper, whole))


def _bound(lower: float, upper: float, whole: bool) -> list[tuple[str, str]]:
    """Bound records with their values. An integer column always gets an upper one: readers differ on its default."""
    if lower == upper:
        return [("FX", f" {lower!r}")]
    if lower == -np.inf:
        return [("FR", "")] if upper == np.inf else [("MI", ""), ("UP", f" {upper!r}")]
    first = [("LO", f" {lower!r}")] if lower else []
    if upper == np.inf:
        return [*first, ("PL", "")] if whole else first
    return [("BV", "")] if whole and (lower, upper) == (0, 1) else [*first, ("UP", f" {upper!r}")]


def _quadratic(program: LinearProgram, columns: list[str]) -> Iterator[str]:
    if program.quadratic is not None:
        yield "QUADOBJ"
        for row, column, value in triangle(program.quadratic):
            yield f" {columns[column]} {columns[row]} {value!r}"


def triangle(quadratic: csr_array) -> list[tuple[int, int, float]]:
    """The entries (row, column, value) of the lower triangle."""
    lower = csr_array(tril(quadratic, format="csr")).tocoo()
    return list(zip(lower.row.tolist(), lower.col.tolist(), lower.data.tolist(), strict=True))
