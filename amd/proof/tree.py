"""Proofs for deterministic designs: cases, each closed by multipliers.

Claim. Let every mechanism give whole units. If for a column x and a number n nothing better than v has x <= n, and
nothing better than v has x >= n + 1, then nothing is better than v. A case is closed by the multipliers of its linear
relaxation, with the bounds of the case: it has no solution, or no better one than v (branch and bound, Land and Doig,
1960). Floats choose where to split; every closed case is solved exactly.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from solvers import LinearProgram, Settings, Solution, Status, get
from solvers.exact import Exact, ExactSolution, RationalProgram, solve_exact

CASES = 20_000
CLOSE = 1e-6  # floats nearer than this to a whole number, or to the best value, are left to exact arithmetic

Document = dict[str, Any]


@dataclass(frozen=True)
class Branching:
    """How cases are written down: a closed one, and where a split stands."""

    leaf: Callable[[ExactSolution], Document]
    split: Callable[[int, int], list[Any]]


@dataclass(frozen=True, eq=False)
class Cases:
    """The best solution (None: there is none), its value, and the tree that proves it."""

    x: Exact | None
    objective: Fraction | None
    tree: Document


@dataclass(frozen=True, eq=False)
class Undecided:
    """No proof, and why. `best` is the best exact solution met with, `bound` what nothing is better than; None where
    that is not known either. `unbounded`: no solution is best, since for each there is a better one."""

    reason: str
    best: ExactSolution | None = None
    bound: Fraction | None = None
    unbounded: bool = False


UNBOUNDED = "the objective can be improved without limit, so there is no best mechanism"

Case = tuple[Document, Exact, Exact]  # where its proof goes, the least and the greatest of each column


def prove_by_cases(
    program: RationalProgram,
    branching: Branching,
    settings: Settings,
    wished: bool,
    most: int = CASES,
    grain: int = 0,
) -> Cases | Undecided:
    """The proof, or why there is none. Without a wish a single solution is enough. `most` cases are looked at, and
    none begun after the settings' time limit. With grain 1 the wish has whole values only, so that a case is closed
    where nothing is better by 1 (the tree alone does not say so)."""
    start = time.perf_counter()
    root: Document = {}
    stack: list[Case] = [(root, program.column_lower, program.column_upper)]
    best = _incumbent(program, settings)
    if isinstance(best, Undecided):
        return replace(best, bound=_bound(program, stack, None, settings) if wished else None)
    count = 0
    while stack:
        if best is not None and not wished:
            return Cases(best.x, best.objective, {})
        count += 1
        late = settings.time_limit is not None and time.perf_counter() - start > settings.time_limit
        if count > most or late:
            reason = "the time limit was reached" if late else f"more than {most:,} cases would be needed"
            return Undecided(reason, best, _bound(program, stack, best, settings) if wished else None)
        node, lower, upper = stack.pop()
        case = replace(program.relaxed(), column_lower=lower, column_upper=upper)
        column, units = _where(case, program, best, settings, grain)
        if column < 0:
            solved = solve_exact(case, settings)
            if solved.proven and _closed(solved, best, program.maximize, grain):
                node.update(branching.leaf(solved))
                continue
            if solved.x is None or solved.status is not Status.OPTIMAL:
                return Undecided(f"a case could not be closed: {solved.reason or solved.status.value}", best)
            column, units = _fraction(solved.x, program)
            if column < 0 and not solved.proven:
                return Undecided(f"a case could not be closed: {solved.reason}", best)
            if column < 0:  # a whole solution, better than the best so far
                best = solved
                node.update(branching.leaf(solved))
                continue
        below, above = upper.copy(), lower.copy()
        below[column], above[column] = Fraction(units), Fraction(units + 1)
        node.update(branch=branching.split(column, units), low={}, high={})
        stack += [(node["low"], lower, below), (node["high"], above, upper)]
    return Cases(None if best is None else best.x, None if best is None else best.objective, root)


def _bound(
    program: RationalProgram, waiting: list[Case], best: ExactSolution | None, settings: Settings
) -> Fraction | None:
    """What nothing is better than: neither the best solution found, nor the relaxation of any case that waits."""
    values = [] if best is None or best.objective is None else [best.objective]
    for _, lower, upper in waiting:
        found = solve_exact(replace(program.relaxed(), column_lower=lower, column_upper=upper), settings)
        if found.proven and found.status is Status.INFEASIBLE:
            continue
        if not found.proven or found.objective is None:
            return None
        values.append(found.objective)
    return (max if program.maximize else min)(values, default=None)


def _incumbent(program: RationalProgram, settings: Settings) -> ExactSolution | Undecided | None:
    """The float optimum (or the best in the time there is), its whole columns fixed and the rest solved exactly; None
    where none was met with."""
    solved = get("highs").solve(_floats(program, program.integer), settings)
    if solved.status is Status.INFEASIBLE or (solved.status is Status.LIMIT and solved.x is None):
        return None
    if solved.status is Status.UNBOUNDED:
        return Undecided(UNBOUNDED, unbounded=True)
    if solved.status not in (Status.OPTIMAL, Status.LIMIT) or solved.x is None or program.integer is None:
        return Undecided(f"the integer program was not solved: {solved.message or solved.status.value}")
    lower, upper = program.column_lower.copy(), program.column_upper.copy()
    for column in np.flatnonzero(program.integer).tolist():
        lower[column] = upper[column] = Fraction(round(float(solved.x[column])))
    found = solve_exact(replace(program.relaxed(), column_lower=lower, column_upper=upper), settings)
    if not found.proven or found.status is not Status.OPTIMAL:
        fault = found.reason or found.status.value
        return Undecided(f"the whole solution found in floats is not an exact one: {fault}")
    return found


def _floats(program: RationalProgram, integer: Any) -> LinearProgram:
    return replace(program, integer=integer).to_float()


def _where(
    case: RationalProgram, program: RationalProgram, best: ExactSolution | None, settings: Settings, grain: int
) -> tuple[int, int]:
    """The column to split and its units; (−1, 0) where the case looks closed."""
    solved: Solution = get("highs").solve(_floats(case, None), settings)
    if solved.status is not Status.OPTIMAL or solved.x is None or solved.objective is None or program.integer is None:
        return -1, 0
    if best is not None and best.objective is not None:
        gain, size = solved.objective - float(best.objective), CLOSE * max(1.0, abs(float(best.objective)))
        if (gain if program.maximize else -gain) < (grain or 2 * size) - size:
            return -1, 0
    away = np.where(program.integer, np.abs(solved.x - np.rint(solved.x)), 0.0)
    column = int(np.argmax(away))
    return (column, int(np.floor(solved.x[column]))) if away[column] > CLOSE else (-1, 0)


def _closed(found: ExactSolution, best: ExactSolution | None, maximize: bool, grain: int) -> bool:
    if found.status is Status.INFEASIBLE:
        return found.row_dual is not None
    if best is None or best.objective is None or found.objective is None:
        return False
    gain = found.objective - best.objective if maximize else best.objective - found.objective
    return gain < grain or gain <= 0


def _fraction(x: Exact, program: RationalProgram) -> tuple[int, int]:
    """The first integer column with a fraction, and its whole part; (−1, 0) without one."""
    if program.integer is not None:
        for column in np.flatnonzero(program.integer).tolist():
            if x[column].denominator != 1:
                return column, x[column].numerator // x[column].denominator
    return -1, 0
