"""Exact optima and exact proofs of infeasibility, from the basis of a float solve.

1. Solve in floats and take the basis, which says which rows and columns stand at a bound.
2. Solve for the rest in rationals (`refinement`, or `blocks` where that fails).
3. Check the whole claim in whole numbers (`program`): every bound, every sign, equal values.
4. Where the basis is not optimal after all, solve a correction in floats, centred at the exact basic solution with
   bounds and costs magnified, and go back to 2 (Gleixner, Steffy and Wolter, 2016).

A program without a solution is handed on as the linear program of its Farkas multipliers. What does not pass step 3
is NOT_PROVEN: no float is ever passed off as exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

import numpy as np
from scipy.sparse import csr_array

from amd.proof.exact.basic import basic_solution
from amd.proof.exact.correction import corrected_basis
from amd.proof.exact.program import Exact, RationalProgram, farkas_fault, objects, optimality_fault
from amd.proof.exact.refinement import powers
from solvers.backend import Settings
from solvers.highs_engine import Engine
from solvers.program import IntArray
from solvers.solution import Basis, Status

REPAIRS = 6


class Exactness(Enum):
    """Whether the answer was established in rational arithmetic."""

    PROVEN = "proven in rational arithmetic"
    NOT_PROVEN = "not proven"


@dataclass(frozen=True, eq=False)
class ExactSolution:
    """The answer of `solve_exact`.

    Proven and OPTIMAL: `x` (n,), `row_dual` (m,) with cost = Aᵀ row_dual + column dual, and `objective`. Proven and
    INFEASIBLE: `row_dual` are Farkas multipliers. Not proven: `reason`, and what the float solver thought as `status`.
    `repairs` counts the corrections of step 4.
    """

    exactness: Exactness
    status: Status
    x: Exact | None = None
    row_dual: Exact | None = None
    objective: Fraction | None = None
    reason: str = ""
    repairs: int = 0

    @property
    def proven(self) -> bool:
        return self.exactness is Exactness.PROVEN


def solve_exact(program: RationalProgram, settings: Settings = Settings()) -> ExactSolution:
    """The exact optimum with its dual multipliers, or exact Farkas multipliers, or NOT_PROVEN with the reason.

    Raises ValueError for a program with integer columns: prove those by branching on its relaxations.
    """
    if program.integer is not None and program.integer.any():
        raise ValueError("this program has integer columns: only its relaxation has a basis")
    crossed = _crossed(program)
    if crossed is not None:
        return crossed
    status, basis = float_basis(program, settings)
    if status == "kInfeasible" or (status == "kUnboundedOrInfeasible" and not _feasible(program, settings)):
        return _infeasible(program, settings)
    if status in ("kUnbounded", "kUnboundedOrInfeasible"):
        return _not_proven(Status.UNBOUNDED, "the objective seems to have no limit")
    if status != "kOptimal" or basis is None:
        limit = status in ("kTimeLimit", "kIterationLimit")
        return _not_proven(Status.LIMIT if limit else Status.ERROR, f"HiGHS ended with {status}")
    return from_basis(program, basis, settings)


def from_basis(program: RationalProgram, basis: Basis, settings: Settings = Settings()) -> ExactSolution:
    """The exact optimum from a basis that is optimal, or nearly so."""
    reason = ""
    for repairs in range(REPAIRS + 1):
        found = basic_solution(program, basis)
        if found is None:
            return _not_proven(Status.OPTIMAL, "the basis is singular or its digits do not settle", repairs)
        reason = optimality_fault(program, found.x, found.row_dual)
        if not reason:
            value = program.objective(found.x)
            return ExactSolution(Exactness.PROVEN, Status.OPTIMAL, found.x, found.row_dual, value, repairs=repairs)
        better = corrected_basis(program, basis, found, settings)
        if better is None:
            break
        basis = better
    return _not_proven(Status.OPTIMAL, f"the basis is not exactly optimal: {reason}", repairs)


def float_basis(program: RationalProgram, settings: Settings) -> tuple[str, Basis | None]:
    """HiGHS's status and basis, rows scaled by powers of two so that rows of rare types count like the others."""
    plain = program.to_float()
    factor = powers(np.abs(plain.matrix.data), program.row, program.row_count)
    matrix = csr_array((plain.matrix.data * factor[program.row], program.column, program.starts), plain.matrix.shape)
    lower, upper = plain.row_lower * factor, plain.row_upper * factor
    engine = Engine(replace(plain, matrix=matrix, row_lower=lower, row_upper=upper), settings)
    status = engine.run()
    if status not in ("kOptimal", "kInfeasible", "kUnbounded", "kUnboundedOrInfeasible", "kTimeLimit"):
        status = engine.run_afresh()
    return status, engine.basis() if status == "kOptimal" else None


def _feasible(program: RationalProgram, settings: Settings) -> bool:
    """Whether the float solver finds a solution when there is nothing to optimize."""
    flat = replace(program, cost=objects([Fraction(0)] * program.column_count))
    return float_basis(flat, settings)[0] == "kOptimal"


def _not_proven(status: Status, reason: str, repairs: int = 0) -> ExactSolution:
    return ExactSolution(Exactness.NOT_PROVEN, status, reason=reason, repairs=repairs)


def _crossed(program: RationalProgram) -> ExactSolution | None:
    """A row with its lower bound above its upper bound needs no solver; a column like that has no multiplier."""
    for what, lower, upper in (
        ("column", program.column_lower, program.column_upper),
        ("row", program.row_lower, program.row_upper),
    ):
        pairs = zip(lower.tolist(), upper.tolist(), strict=True)
        at = next((i for i, (a, b) in enumerate(pairs) if a is not None and b is not None and a > b), None)
        if at is not None:
            return _not_proven(Status.INFEASIBLE, f"{what} {at} has its lower bound above its upper bound")
    return None


def _infeasible(program: RationalProgram, settings: Settings) -> ExactSolution:
    """Farkas multipliers of least absolute sum."""
    form, rows, signs = farkas_form(program)
    found = solve_exact(form, settings)
    if not found.proven or found.status is not Status.OPTIMAL or found.x is None:
        return _not_proven(Status.INFEASIBLE, f"no exact multipliers of infeasibility were found: {found.reason}")
    dual = objects([Fraction(0)] * program.row_count)
    for row, sign, value in zip(rows.tolist(), signs.tolist(), found.x.tolist(), strict=False):
        dual[row] += sign * value
    fault = farkas_fault(program, dual)
    if fault:
        return _not_proven(Status.INFEASIBLE, fault)
    return ExactSolution(Exactness.PROVEN, Status.INFEASIBLE, row_dual=dual, repairs=found.repairs)


def farkas_form(program: RationalProgram) -> tuple[RationalProgram, IntArray, IntArray]:
    """The program of the Farkas multipliers, and of its first columns the row and sign they belong to.

    Minimise Σ |row multiplier| so that they and the column multipliers cancel every column and their bounds sum to 1.
    Multipliers of column bounds cost nothing: a proof need not name them.
    """
    rows = [_given(side) for side in (program.row_lower, program.row_upper)]
    columns = [_given(side) for side in (program.column_lower, program.column_upper)]
    picked, signs = np.concatenate(rows), np.repeat([1, -1], [len(rows[0]), len(rows[1])])
    bound = np.concatenate([program.row_lower[rows[0]], -program.row_upper[rows[1]]])
    entry, owner = _positions(program, picked)
    col, sign = np.concatenate(columns), np.repeat([1, -1], [len(columns[0]), len(columns[1])])
    col_bound = np.concatenate([program.column_lower[columns[0]], -program.column_upper[columns[1]]])
    total = len(picked) + len(col)
    n, size = program.column_count, len(picked)
    row = np.concatenate([program.column[entry], col, np.full(total, n)])
    column = np.concatenate([owner, size + np.arange(len(col)), np.arange(total)])
    one = objects([Fraction(int(value)) for value in sign.tolist()])
    signed = program.value[entry] * objects(signs.tolist())[owner]
    value = np.concatenate([signed, one, bound, col_bound])
    right = [0] * n + [1]
    cost = [1] * size + [0] * len(col)
    form = RationalProgram.of(cost, row, column, value.tolist(), (right, right, [0] * total, [None] * total))
    return form, picked, signs


def _given(bounds: Exact) -> IntArray:
    """Where there is a bound."""
    return np.array([at for at, bound in enumerate(bounds.tolist()) if bound is not None], dtype=np.int64)


def _positions(program: RationalProgram, rows: IntArray) -> tuple[IntArray, IntArray]:
    """The entries of the given rows, laid end to end, and for each which of the given rows it belongs to."""
    starts = program.starts
    count = starts[rows + 1] - starts[rows]
    owner = np.repeat(np.arange(len(rows)), count)
    first = np.repeat(starts[rows] - np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64), count)
    return first + np.arange(int(count.sum())), owner
