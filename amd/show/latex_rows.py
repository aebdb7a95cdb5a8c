"""The rows of a solved program, one by one: what a row says, how much room it leaves, and what it costs.

The multiplier of an inequality is what one unit of room would be worth: how much better the best value gets when the
row is relaxed by one (at least 0). That of an equality is the change of the best value with its right-hand side. Where
there is no solution the multipliers are Farkas': the rows added up with them contradict themselves.

Small programs are written and solved once more in rational arithmetic, from the basis of the solution at hand; what is
proven there is told in fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np

from amd.compile.builder import Family
from amd.compile.program import Compiled
from amd.compile.reduced.approach import Reduced
from amd.result import Result
from amd.show.latex import linear, pieces, relation
from amd.show.latex_signs import Signs
from amd.show.numbers import NOISE
from solvers import LinearProgram, Status
from solvers.program import BoolArray

EXACT = 1_500  # nonzeros up to which a program is solved once more in rationals


@dataclass(frozen=True)
class Row:
    """One constraint: its kind, LaTeX name and LaTeX formula, whole and in `pieces` between which a line may break.

    `slack` and `multiplier` are None where unknown.
    `binding` says that it leaves no room, `priced` that its multiplier is not 0. An equality always binds.
    """

    kind: str
    name: str
    formula: str
    pieces: tuple[str, ...]
    slack: Any
    multiplier: Any
    equality: bool
    binding: bool
    priced: bool


@dataclass(frozen=True, eq=False)
class Numbers:
    """The program and its solution, in floats or, where `exact`, in Fractions; arrays over rows and columns.

    `entries[r]` lists the (coefficient, column) of row r; bounds are None where there is none.
    """

    entries: list[list[tuple[Any, int]]]
    lower: list[Any]
    upper: list[Any]
    x: Any
    row_dual: Any
    exact: bool


def numbers_of(result: Result) -> Numbers:
    """The numbers of a result. ValueError where it has no program."""
    if result.program is None or result.solution is None:
        raise ValueError("this result does not hold the program it came from")
    proven = _exact(result)
    return _float(result.program, result) if proven is None else proven


def _float(program: LinearProgram, result: Result) -> Numbers:
    matrix, solution = program.matrix, result.solution
    if solution is None:
        raise ValueError("this result holds no solution")
    split = np.split(np.stack([matrix.data, matrix.indices]), matrix.indptr[1:-1], axis=1)
    entries = [[(value, int(column)) for value, column in part.T.tolist()] for part in split]
    finite = [[bound if np.isfinite(bound) else None for bound in side.tolist()] for side in _sides(program)]
    return Numbers(entries, finite[0], finite[1], solution.x, solution.row_dual, exact=False)


def _sides(program: LinearProgram) -> tuple[Any, Any]:
    return program.row_lower, program.row_upper


def _exact(result: Result) -> Numbers | None:
    """The same in Fractions, where the program is small, whole and proven from the basis of the solution."""
    from amd.proof.certificate import rational_program
    from solvers.exact import solve_exact

    compiled, solution, design = result.compiled, result.solution, result.task.design
    if compiled is None or isinstance(compiled, Reduced) or solution is None or design is None or compiled.generates:
        return None
    program = compiled.program
    if program.nonzero_count > EXACT or program.is_integer or result.status not in (Status.OPTIMAL, Status.INFEASIBLE):
        return None
    _, rational = rational_program(result.task.environment, design, compiled.plan)
    found = solve_exact(rational, start=solution)
    if not found.proven or found.status is not result.status or found.row_dual is None:
        return None
    dual = found.row_dual if found.status is Status.OPTIMAL else whole(found.row_dual, telling(compiled))
    entries: list[list[tuple[Any, int]]] = [[] for _ in range(rational.row_count)]
    for row, column, value in zip(rational.row.tolist(), rational.column.tolist(), rational.value, strict=True):
        entries[row].append((value, column))
    return Numbers(entries, list(rational.row_lower), list(rational.row_upper), found.x, dual, exact=True)


def telling(compiled: Compiled) -> BoolArray:
    """(m,): the rows that say what is asked of a mechanism, not what an allocation is or what q stands for."""
    families = compiled.context.builder.families
    kinds = [family.kind not in ("allocation", "interim") for family in families]
    return np.repeat(np.array(kinds, dtype=bool), [family.count for family in families])


def whole(multipliers: Any, chosen: BoolArray) -> Any:
    """Multipliers of a contradiction, which may be scaled, so that the chosen ones are whole numbers without a common
    divisor."""
    used = [one for one in multipliers[chosen].tolist() if one]
    if not used:
        return multipliers
    return multipliers * Fraction(lcm(*(one.denominator for one in used)), gcd(*(one.numerator for one in used)))


def rows(result: Result, signs: Signs, numbers: Numbers, most_terms: int = 12) -> Iterator[Row]:
    """Every row, in the order of the program."""
    for family in signs.builder.families:
        for at in range(family.count):
            yield _row(result, signs, numbers, family, at, most_terms)


def _row(result: Result, signs: Signs, numbers: Numbers, family: Family, at: int, most_terms: int) -> Row:
    r = family.start + at
    entries, lower, upper = numbers.entries[r], numbers.lower[r], numbers.upper[r]
    columns = np.array([column for _, column in entries], dtype=np.int64)
    index = tuple(int(part) for part in family.index[at])
    slack, multiplier = _slack(numbers, r), _multiplier(result, numbers, r)
    shown = [(value, signs.column(column)) for value, column in entries[: most_terms + 1]]
    return Row(
        kind=family.kind,
        name=signs.row(family, index, columns),
        formula=relation(linear(shown, most_terms), lower, upper),
        pieces=tuple(pieces(shown, lower, upper)),
        slack=slack,
        multiplier=multiplier,
        equality=lower is not None and lower == upper,
        binding=slack is not None and abs(slack) <= _noise(numbers, slack_scale(numbers, r)),
        priced=multiplier is not None and abs(multiplier) > _noise(numbers, 1.0),
    )


def _noise(numbers: Numbers, scale: float) -> float:
    return 0.0 if numbers.exact else 1e3 * NOISE * scale


def slack_scale(numbers: Numbers, r: int) -> float:
    """The size of the numbers that a row adds up, at least 1."""
    parts = [abs(float(value) * float(numbers.x[column])) for value, column in numbers.entries[r]]
    return max([1.0, *parts])


def _slack(numbers: Numbers, r: int) -> Any:
    """The room that a row leaves: its distance to the nearer bound; None without a solution."""
    if numbers.x is None:
        return None
    activity = sum(value * numbers.x[column] for value, column in numbers.entries[r])
    lower, upper = numbers.lower[r], numbers.upper[r]
    return min(room for room in (_above(activity, lower), _above(upper, activity)) if room is not None)


def _above(high: Any, low: Any) -> Any:
    return None if high is None or low is None else high - low


def _multiplier(result: Result, numbers: Numbers, r: int) -> Any:
    """The worth of one unit of room; of an equality the change with its right-hand side."""
    if numbers.row_dual is None:
        return None
    dual, lower, upper = numbers.row_dual[r], numbers.lower[r], numbers.upper[r]
    if lower is not None and lower == upper:
        return dual
    maximized = result.program is not None and result.program.maximize and result.status is Status.OPTIMAL
    outward = -dual if maximized else dual  # at least 0 on a lower bound
    return outward if upper is None else -outward
