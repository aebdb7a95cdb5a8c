"""Proofs for deterministic designs: cases, each closed by multipliers.

Claim. Let every mechanism give whole units. If for a column x and a number n nothing better than v has x <= n, and
nothing better than v has x >= n + 1, then nothing is better than v. A case is closed by the multipliers of its linear
relaxation, with the bounds of the case: it has no solution, or no better one than v (branch and bound, Land and Doig,
1960). Floats choose where to split; every closed case is solved exactly.
"""

from __future__ import annotations

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


def prove_by_cases(program: RationalProgram, branching: Branching, settings: Settings, wished: bool) -> Cases | str:
    """The proof, or why there is none. Without a wish a single solution is enough."""
    best = _incumbent(program, settings)
    if isinstance(best, str):
        return best
    if best is not None and not wished:
        return Cases(best.x, best.objective, {})
    root: Document = {}
    stack = [(root, program.column_lower, program.column_upper)]
    count = 0
    while stack:
        node, lower, upper = stack.pop()
        count += 1
        if count > CASES:
            return f"more than {CASES:,} cases would be needed"
        case = replace(program.relaxed(), column_lower=lower, column_upper=upper)
        column, units = _where(case, program, best, settings)
        if column < 0:
            found = solve_exact(case, settings)
            if found.proven and _closed(found, best, program.maximize):
                node.update(branching.leaf(found))
                continue
            if found.x is None or found.status is not Status.OPTIMAL:
                return f"a case could not be closed: {found.reason or found.status.value}"
            column, units = _fraction(found.x, program)
            if column < 0:
                return "an exact solution is better than the best one found in floats"
        below, above = upper.copy(), lower.copy()
        below[column], above[column] = Fraction(units), Fraction(units + 1)
        node.update(branch=branching.split(column, units), low={}, high={})
        stack += [(node["low"], lower, below), (node["high"], above, upper)]
    return Cases(None if best is None else best.x, None if best is None else best.objective, root)


def _incumbent(program: RationalProgram, settings: Settings) -> ExactSolution | str | None:
    """The float optimum with its whole columns fixed and the rest solved exactly; None where there seems to be none."""
    solved = get("highs").solve(_floats(program, program.integer), settings)
    if solved.status is Status.INFEASIBLE:
        return None
    if solved.status is not Status.OPTIMAL or solved.x is None or program.integer is None:
        return f"the integer program was not solved: {solved.message or solved.status.value}"
    lower, upper = program.column_lower.copy(), program.column_upper.copy()
    for column in np.flatnonzero(program.integer).tolist():
        lower[column] = upper[column] = Fraction(round(float(solved.x[column])))
    found = solve_exact(replace(program.relaxed(), column_lower=lower, column_upper=upper), settings)
    if not found.proven or found.status is not Status.OPTIMAL:
        return f"the whole solution found in floats is not an exact one: {found.reason or found.status.value}"
    return found


def _floats(program: RationalProgram, integer: Any) -> LinearProgram:
    return replace(program, integer=integer).to_float()


def _where(
    case: RationalProgram, program: RationalProgram, best: ExactSolution | None, settings: Settings
) -> tuple[int, int]:
    """The column to split and its units; (−1, 0) where the case looks closed."""
    solved: Solution = get("highs").solve(_floats(case, None), settings)
    if solved.status is not Status.OPTIMAL or solved.x is None or solved.objective is None or program.integer is None:
        return -1, 0
    if best is not None and best.objective is not None:
        gain = solved.objective - float(best.objective)
        if (gain if program.maximize else -gain) < CLOSE * max(1.0, abs(float(best.objective))):
            return -1, 0
    away = np.where(program.integer, np.abs(solved.x - np.rint(solved.x)), 0.0)
    column = int(np.argmax(away))
    return (column, int(np.floor(solved.x[column]))) if away[column] > CLOSE else (-1, 0)


def _closed(found: ExactSolution, best: ExactSolution | None, maximize: bool) -> bool:
    if found.status is Status.INFEASIBLE:
        return found.row_dual is not None
    if best is None or best.objective is None or found.objective is None:
        return False
    return found.objective <= best.objective if maximize else found.objective >= best.objective


def _fraction(x: Exact, program: RationalProgram) -> tuple[int, int]:
    """The first integer column with a fraction, and its whole part; (−1, 0) without one."""
    if program.integer is not None:
        for column in np.flatnonzero(program.integer).tolist():
            if x[column].denominator != 1:
                return column, x[column].numerator // x[column].denominator
    return -1, 0
