"""A program as the lines of a file in the CPLEX LP format, in the dialect that HiGHS and CBC read too.

There is no two-sided row that all readers take: such a row is written as two, the second named with `_upper`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solvers.mps import triangle
from solvers.names import column_names, row_names, safe_names
from solvers.program import FloatArray, LinearProgram


def lines(program: LinearProgram) -> Iterator[str]:
    """The lines of the LP file, without line ends."""
    rows, columns = row_names(program), column_names(program)
    yield "Maximize" if program.maximize else "Minimize"
    yield from _wrapped(" obj:", _objective(program, columns))
    yield "Subject To"
    yield from _rows(program, rows, columns)
    yield "Bounds"
    yield from _bounds(program, columns)
    if program.integer is not None and program.integer.any():
        yield "Generals"
        yield from (f" {columns[column]}" for column in np.flatnonzero(program.integer).tolist())
    yield "End"


def _objective(program: LinearProgram, columns: list[str]) -> list[str]:
    """The objective's terms. A column that no row mentions is named here, if with cost 0, so that it exists."""
    unused = ~np.isin(np.arange(program.column_count), program.matrix.indices)
    here = np.flatnonzero((program.cost != 0) | unused)
    terms = _terms(here.tolist(), program.cost[here], columns)
    if program.offset or not terms:
        terms.append(_signed(float(program.offset)))
    if program.quadratic is None:
        return terms
    inside = [
        f"{_signed(value)} {columns[row]} ^2"
        if row == column
        else f"{_signed(2 * value)} {columns[column]} * {columns[row]}"
        for row, column, value in triangle(program.quadratic)
    ]
    return [*terms, "+ [", *inside, "] / 2"] if inside else terms


def _rows(program: LinearProgram, rows: list[str], columns: list[str]) -> Iterator[str]:
    matrix = program.matrix
    starts, indices = matrix.indptr.tolist(), matrix.indices.tolist()
    uppers = safe_names((f"{name}_upper" for name in rows), "r", [*rows, "obj"])
    sides = zip(rows, uppers, program.row_lower.tolist(), program.row_upper.tolist(), strict=True)
    for row, (name, upper_name, lower, upper) in enumerate(sides):
        here = slice(starts[row], starts[row + 1])
        terms = _terms(indices[here], matrix.data[here], columns) or [f"0 {columns[0]}"]
        for label, relation in zip((name, upper_name), _relations(lower, upper), strict=False):
            yield from _wrapped(f" {label}:", [*terms, relation])


def _relations(lower: float, upper: float) -> list[str]:
    """One relation, or two for a two-sided row. The formats call 1e30 infinite."""
    if lower == upper:
        return [f"= {lower!r}"]
    if lower == -np.inf:
        return [">= -1e+30" if upper == np.inf else f"<= {upper!r}"]
    return [f">= {lower!r}", *([f"<= {upper!r}"] if upper < np.inf else [])]


def _bounds(program: LinearProgram, columns: list[str]) -> Iterator[str]:
    bounds = zip(columns, program.column_lower.tolist(), program.column_upper.tolist(), strict=True)
    for name, lower, upper in bounds:
        if lower == upper:
            yield f" {name} = {lower!r}"
        elif (lower, upper) == (-np.inf, np.inf):
            yield f" {name} free"
        elif (lower, upper) != (0, np.inf):
            yield f" {lower!r} <= {name}" + (f" <= {upper!r}" if upper < np.inf else "")


def _terms(indices: list[int], values: FloatArray, columns: list[str]) -> list[str]:
    return [f"{_signed(value)} {columns[index]}" for index, value in zip(indices, values.tolist(), strict=True)]


def _signed(value: float) -> str:
    return f"- {-value!r}" if value < 0 else f"+ {value!r}"


def _wrapped(head: str, words: list[str]) -> Iterator[str]:
    """`words` after `head`, as many on a line as stay under the format's 510 characters even with long names."""
    line = head
    for word in words:
        if len(line) + len(word) > 480:
            yield line
            line = "  "
        line += f" {word}"
    yield line
