"""Exact solutions of linear programs, proven: rational optima with their multipliers, Farkas multipliers, and rays.

1. Solve in floats and take the basis, which says which rows and columns stand at a bound.
2. Solve for the rest in rationals (`solvers.exact.refinement`, or `solvers.exact.blocks` where that fails).
3. Where the basis is not optimal after all, solve a magnified correction in floats (`solvers.exact.correction`), at
   most twice, and then pivot in exact arithmetic (`solvers.exact.pivoting`).
4. Check the whole claim in whole numbers, by code that knows nothing of how it was found (`solvers.exact.check`).

A program without a solution is solved as that of its Farkas multipliers (`solvers.exact.contradiction`), a large one by
exact pivots from the basis in which floats gave up. What does not pass step 4 is "not proven": no float is ever passed
off as exact.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from solvers.backend import Settings
from solvers.exact.basic import BasicSolution, BasisSystem, Solve, multipliers, refinement
from solvers.exact.blocks import solve_blocks
from solvers.exact.check import check_infeasible, check_optimal, check_unbounded, whole_multipliers
from solvers.exact.contradiction import contradiction
from solvers.exact.correction import corrected_basis
from solvers.exact.float_form import Scales, float_form, last_basis, solved_in_floats
from solvers.exact.integral import IntegerProgram
from solvers.exact.numbers import Exact, Integers, Rationals
from solvers.exact.pivoting import End, ExactSimplex
from solvers.exact.program import RationalProgram
from solvers.exact.sparse import Sparse
from solvers.solution import Basis, Solution, SolverError, Status

METHODS = ("refinement", "block-triangular")
CORRECTIONS = 2
FEW = 20_000  # nonzeros up to which a contradiction is made of few multipliers, which takes longer
NO_SOLUTION = ("kInfeasible", "kUnboundedOrInfeasible")
_STATUSES = {"kOptimal": Status.OPTIMAL, "kInfeasible": Status.INFEASIBLE, "kUnbounded": Status.UNBOUNDED}


@dataclass(frozen=True, eq=False)
class ExactSolution:
    """The answer of `solve_exact`, in the signs of `solvers.solution`.

    Where `proven`: an optimum has `x` (n,), `row_dual` (m,), `column_dual` (n,), `objective` and `basis`; an infeasible
    program the Farkas multipliers `row_dual` and `column_dual`, or, where the lower bound of one row or column is above
    its upper bound, just that as `crossed`, such as ``("row", 3)``: its bounds with the multipliers 1 and −1; an
    unbounded one a feasible `x` and a `ray` (n,). All numbers are Fractions. Otherwise `reason` says why not, and
    `status` is what the floats say. `method` names what was done; `float_seconds` of the `seconds` went into float
    solves.
    """

    program: RationalProgram
    status: Status
    proven: bool = False
    method: str = ""
    reason: str = ""
    point: Rationals | None = None
    multipliers: Rationals | None = None
    direction: Rationals | None = None
    basis: Basis | None = None
    crossed: tuple[str, int] | None = None
    seconds: float = 0.0
    float_seconds: float = 0.0

    @cached_property
    def x(self) -> Exact | None:
        return None if self.point is None else self.point.fractions()

    @cached_property
    def ray(self) -> Exact | None:
        return None if self.direction is None else self.direction.fractions()

    @cached_property
    def row_dual(self) -> Exact | None:
        return None if self.multipliers is None else self.multipliers.fractions()

    @cached_property
    def column_dual(self) -> Exact | None:
        """``cost - matrix.T @ row_dual`` of an optimum, ``-matrix.T @ row_dual`` of an infeasible program."""
        if self.multipliers is None:
            return None
        program = self.program.whole
        rows = whole_multipliers(program, self.multipliers)
        columns = Rationals(-program.transposed_times(rows.numerators), rows.denominator).fractions()
        return columns + self.program.cost if self.status is Status.OPTIMAL else columns

    @cached_property
    def objective(self) -> Fraction | None:
        if self.point is None or self.status is not Status.OPTIMAL:
            return None
        program = self.program.whole
        above = sum((program.cost * self.point.numerators).tolist())
        return Fraction(above, self.point.denominator * program.cost_scale) + self.program.offset


def solve_exact(
    program: RationalProgram,
    settings: Settings = Settings(),
    *,
    start: Solution | None = None,
    method: str = "refinement",
    few_multipliers: bool = True,
) -> ExactSolution:
    """The exact answer with its proof, or "not proven" with the reason.

    `start` is a float solution with a basis, of `program.to_float()`; without one, or where it leads nowhere, HiGHS is
    asked. `method` solves the square systems: "refinement", which falls back to blocks, or "block-triangular" alone.
    With `few_multipliers` the contradiction of a program without a solution (of up to `FEW` nonzeros) is made of few,
    which costs a second linear program, larger than the first; without, it is the first one found.
    `settings` are for HiGHS; the time limit is for everything together. Raises ValueError for integer columns (prove
    those by branching on relaxed programs) and for a start of another size, and SolverError for an unknown method or
    option.
    """
    if program.integer is not None and program.integer.any():
        raise ValueError("this program has integer columns: only its relaxation can be solved exactly here")
    if method not in METHODS:
        raise SolverError(f"there is no exact method '{method}'; choose one of {', '.join(METHODS)}")
    return _Attempt(program, settings, method, few_multipliers).answer(start)


class _Attempt:
    """One call of `solve_exact`."""

    def __init__(self, program: RationalProgram, settings: Settings, method: str, few_multipliers: bool) -> None:
        self.program, self.whole, self.method = program, program.whole, method
        self.few = few_multipliers and self.whole.value.size <= FEW
        self.started = time.perf_counter()
        self.deadline = None if settings.time_limit is None else self.started + settings.time_limit
        self.settings = replace(settings, time_limit=None)  # the deadline is passed on instead
        self.float_seconds = 0.0
        self.notes: list[str] = []

    def answer(self, start: Solution | None) -> ExactSolution:
        crossed = _crossed(self.whole)
        if crossed is not None:
            return replace(self.not_proven(Status.INFEASIBLE, ""), proven=True, crossed=crossed)
        if start is not None and start.basis is not None and start.status is Status.OPTIMAL:
            found = self.from_basis(_fitting(start.basis, self.whole))
            if found.proven:
                return found
        return self.from_floats()

    def from_floats(self) -> ExactSolution:
        """The answer that HiGHS points at, on the scaled program."""
        status, basis = self.solved(self.whole, Scales.of(self.whole))
        if status == "kOptimal" and basis is not None:
            return self.from_basis(basis)
        if status == "kTimeLimit":
            return self.not_proven(Status.LIMIT, "the time limit was reached in the float solve")
        believed = _STATUSES.get(status, Status.ERROR)
        ways = [self.contradiction, self.from_last_basis] if status in NO_SOLUTION else [self.from_last_basis]
        if not self.few:
            ways.reverse()
        found = ways[0](believed)
        return found if found.proven or len(ways) == 1 else ways[1](believed)

    def solved(self, whole: IntegerProgram, scales: Scales, **options: Any) -> tuple[str, Basis | None]:
        begun = time.perf_counter()
        settings = replace(self.settings, options=options | self.settings.options)
        try:
            return solved_in_floats(float_form(whole, scales), settings, self.deadline)
        finally:
            self.float_seconds += time.perf_counter() - begun

    def from_basis(self, basis: Basis) -> ExactSolution:
        """The proven optimum of a basis, or of one found from it."""
        for corrections in range(CORRECTIONS + 1):
            found = self.basic(basis)
            if found is None:
                break
            proof = self.optimal(basis, found)
            if proof.proven:
                return proof
            better = self.corrected(basis, found) if corrections < CORRECTIONS else None
            if better is None:
                break
            basis = better
        return self.pivoted(basis, Status.OPTIMAL)

    def corrected(self, basis: Basis, found: BasicSolution) -> Basis | None:
        begun = time.perf_counter()
        self.notes.append("correction")
        _, better = corrected_basis(self.whole, basis, found, self.settings, self.deadline)
        self.float_seconds += time.perf_counter() - begun
        return better

    def basic(self, basis: Basis) -> BasicSolution | None:
        """The exact solution of a basis; None where its digits do not settle, or it is singular or not square."""
        if not _is_square(basis):
            return None
        system = BasisSystem(self.whole, basis)
        solve = self.solver(system.square)
        x = None if solve is None else system.primal(solve)
        if solve is None or x is None:
            return None
        dual = system.dual(solve, self.whole.cost)
        return None if dual is None else BasicSolution(x, dual)

    def solver(self, square: Sparse) -> Solve | None:
        """How square systems with this matrix are solved."""
        if self.method == "block-triangular":
            return _by_blocks
        refined = refinement(square, self.deadline)
        return _by_blocks if refined is None else _first_of(refined, _by_blocks)

    def pivoted(self, basis: Basis, belief: Status) -> ExactSolution:
        """By exact pivots, from a basis where it is one."""
        basis = basis if _is_square(basis) else _slack_basis(self.whole)
        outcome = ExactSimplex(self.whole, basis, self.solver, self.deadline).run()
        self.notes.append(f"{outcome.pivots} exact pivots")
        if outcome.end is End.INFEASIBLE and outcome.whole_dual is not None:
            return self.contradicted(outcome.whole_dual)
        if outcome.end is End.UNBOUNDED and outcome.x is not None and outcome.ray is not None:
            fault = check_unbounded(self.whole, outcome.x, outcome.ray)
            return self.proven(Status.UNBOUNDED, fault, point=outcome.x, direction=outcome.ray)
        if outcome.end is End.OPTIMAL and outcome.basis is not None:
            found = self.basic(outcome.basis)
            if found is not None:
                return self.optimal(outcome.basis, found)
        return self.not_proven(belief, "exact pivots ended without an answer")

    def optimal(self, basis: Basis, found: BasicSolution) -> ExactSolution:
        dual = multipliers(self.whole, found.whole_dual)
        fault = check_optimal(self.whole, found.x, dual)
        return self.proven(Status.OPTIMAL, fault, point=found.x, multipliers=dual, basis=basis)

    def contradiction(self, believed: Status) -> ExactSolution:
        """Farkas multipliers of least absolute sum, or nearly."""
        form = contradiction(self.whole)
        _, basis = self.solved(form.form, Scales.of(form.form, columns_too=True), presolve="on")
        if basis is None:
            return self.not_proven(believed, "no multipliers of a contradiction were found")
        system = BasisSystem(form.form, basis)
        solve = self.solver(system.square)
        x = None if solve is None else system.primal(solve)
        if x is None or any(value < 0 for value in x.numerators.tolist()):
            return self.not_proven(believed, "no exact multipliers of a contradiction were found")
        return self.contradicted(form.whole_dual(x))

    def from_last_basis(self, believed: Status) -> ExactSolution:
        """By exact pivots from where the primal simplex method ended in floats."""
        begun = time.perf_counter()
        status, basis = last_basis(float_form(self.whole, Scales.of(self.whole)), self.settings, self.deadline)
        self.float_seconds += time.perf_counter() - begun
        return self.pivoted(basis or _slack_basis(self.whole), _STATUSES.get(status, believed))

    def contradicted(self, whole_dual: Rationals) -> ExactSolution:
        dual = Rationals(whole_dual.numerators * self.whole.row_scale, whole_dual.denominator)
        return self.proven(Status.INFEASIBLE, check_infeasible(self.whole, dual), multipliers=dual)

    def proven(
        self,
        status: Status,
        fault: str,
        point: Rationals | None = None,
        multipliers: Rationals | None = None,
        direction: Rationals | None = None,
        basis: Basis | None = None,
    ) -> ExactSolution:
        if fault:
            return self.not_proven(status, f"the exact check failed: {fault}")
        return replace(
            self.not_proven(status, ""),
            proven=True,
            point=point,
            multipliers=multipliers,
            direction=direction,
            basis=basis,
        )

    def not_proven(self, status: Status, reason: str) -> ExactSolution:
        late = self.deadline is not None and time.perf_counter() > self.deadline
        return ExactSolution(
            self.program,
            status,
            method=", ".join([self.method, *self.notes]),
            reason=f"{reason} (the time limit was reached)" if late and reason else reason,
            seconds=time.perf_counter() - self.started,
            float_seconds=self.float_seconds,
        )


def _by_blocks(square: Sparse, right: Integers, transposed: bool) -> Rationals | None:
    return solve_blocks(square.transposed if transposed else square, right)


def _first_of(one: Solve, other: Solve) -> Solve:
    def solve(square: Sparse, right: Integers, transposed: bool) -> Rationals | None:
        found = one(square, right, transposed)
        return other(square, right, transposed) if found is None else found

    return solve


def _slack_basis(program: IntegerProgram) -> Basis:
    """All rows basic, columns at a bound."""
    columns = np.where(program.column_lower.there, -1, np.where(program.column_upper.there, 1, 2))
    return Basis(columns.astype(np.int8), np.zeros(program.row_count, dtype=np.int8))


def _fitting(basis: Basis, program: IntegerProgram) -> Basis:
    """The basis. Raises ValueError where it is of another program."""
    if basis.columns.shape != (program.column_count,) or basis.rows.shape != (program.row_count,):
        raise ValueError(
            f"the start's basis is of {basis.rows.size} rows and {basis.columns.size} columns, "
            f"the program has {program.row_count} and {program.column_count}"
        )
    return basis


def _is_square(basis: Basis) -> bool:
    return bool(np.count_nonzero(basis.rows) == np.count_nonzero(basis.columns == 0))


def _crossed(program: IntegerProgram) -> tuple[str, int] | None:
    """The first row or column with its lower bound above its upper bound."""
    sides = (("row", program.row_lower, program.row_upper), ("column", program.column_lower, program.column_upper))
    for what, lower, upper in sides:
        crossed = np.flatnonzero(lower.there & upper.there & np.asarray(lower.value > upper.value, dtype=bool))
        if crossed.size:
            return what, int(crossed[0])
    return None
