"""The default back-end: HiGHS through highspy. Linear, mixed-integer and warm-started programs.

Every optimum is measured again in the original program (`solvers.kkt`); one that fails is solved once more from
scratch without presolve, and reported as an error if it still fails. Verdicts of infeasible and unbounded come with
a certificate that has been checked; where HiGHS gives none that is usable, one is computed by a program of its own.

`Settings.options` are HiGHS's own, for example ``{"solver": "ipm"}`` (simplex, ipm or pdlp), ``{"threads": 2}``.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array, sparray

from solvers import kkt, witness
from solvers.backend import Backend, Feature, Session, Settings, require
from solvers.highs_engine import Engine, version
from solvers.program import FloatArray, LinearProgram
from solvers.solution import Solution, Status

_LIMITS = (
    *("kTimeLimit", "kIterationLimit", "kSolutionLimit", "kObjectiveBound", "kObjectiveTarget", "kMemoryLimit"),
    *("kInterrupt", "kHighsInterrupt"),
)
_AMBIGUOUS = ("kUnbounded", "kUnboundedOrInfeasible")


class Highs(Backend):
    """HiGHS. Stateless; `start` gives a session that adds rows and solves again from the last basis."""

    name = "highs"
    features = frozenset(
        {Feature.INTEGER, Feature.TIME_LIMIT, Feature.DUALS, Feature.FARKAS, Feature.RAYS, Feature.BASIS}
    )

    def version(self) -> str:
        return version()

    def solve(self, program: LinearProgram, settings: Settings = Settings()) -> Solution:
        return self.start(program, settings).solve()

    def start(self, program: LinearProgram, settings: Settings = Settings()) -> HighsSession:
        require(self, program, settings)
        return HighsSession(program, settings)


class HighsSession(Session):
    """A program inside HiGHS. Rows may be added between solves."""

    def __init__(self, program: LinearProgram, settings: Settings, certify: bool = True) -> None:
        """`certify` False leaves out the certificate of an infeasible program."""
        self.program, self.settings, self.certify = program, settings, certify
        self.version = version()
        self.deadline: float | None = None
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """HiGHS with the program in it, from the first time that it is needed."""
        if self._engine is None:
            self._engine = Engine(self.program, self.settings)
        return self._engine

    def add_rows(self, matrix: sparray, lower: FloatArray, upper: FloatArray) -> None:
        rows = csr_array(matrix)
        self.program = self.program.with_rows(rows, lower, upper)
        if self._engine is not None:
            self._engine.add_rows(rows, np.asarray(lower, float), np.asarray(upper, float))

    def solve(self) -> Solution:
        started = time.perf_counter()
        limit = self.settings.time_limit
        self.deadline = None if limit is None else started + limit
        answer = self._decided() or self._conclude(self.engine.run(self.deadline))
        return replace(answer, seconds=time.perf_counter() - started)

    def _answer(self, status: Status, **fields: Any) -> Solution:
        return Solution(status=status, solver="highs", version=self.version, seconds=0.0, **fields)

    def _decided(self) -> Solution | None:
        """The answer where no solver is needed: crossed bounds, or no columns."""
        crossed = witness.crossed_bounds(self.program)
        if crossed:
            return self._answer(Status.INFEASIBLE, message=crossed)
        if self.program.column_count:
            return None
        none = np.zeros(0)
        multipliers = witness.empty_row_multipliers(self.program, self.settings.tolerance)
        if multipliers is not None:
            return self._answer(Status.INFEASIBLE, row_dual=multipliers, column_dual=none)
        zero = np.zeros(self.program.row_count)
        return self._answer(Status.OPTIMAL, objective=self.program.offset, x=none, row_dual=zero, column_dual=none)

    def _conclude(self, status: str, last: bool = False) -> Solution:
        """From HiGHS's model status to an answer; `last` when this was already the run without presolve."""
        if status == "kOptimal":
            return self._optimal(last)
        if status == "kInfeasible":
            return self._infeasible(last)
        if status in _AMBIGUOUS:
            return self._unbounded(last)
        if status in _LIMITS:
            return self._limit(status)
        if last:
            return self._answer(Status.ERROR, message=f"HiGHS ended with status {status}")
        return self._again()

    def _again(self) -> Solution:
        return self._conclude(self.engine.run_afresh(self.deadline), last=True)

    def _optimal(self, last: bool) -> Solution:
        x = self.engine.x()
        if x is None:
            return self._answer(Status.ERROR, message="HiGHS gave no solution") if last else self._again()
        answer = self._integer_optimum(x) if self.program.is_integer else self._continuous_optimum(x)
        return self._again() if answer.status is Status.ERROR and not last else answer

    def _continuous_optimum(self, x: FloatArray) -> Solution:
        row_dual = self.engine.row_dual()
        if row_dual is None:
            return self._answer(Status.ERROR, message="HiGHS gave no dual solution")
        tolerance = self.settings.tolerance
        faults = kkt.residuals(self.program, x, row_dual, tolerance).faults(tolerance)
        return self._answer(
            Status.ERROR if faults else Status.OPTIMAL,
            objective=self.program.objective(x),
            x=x,
            row_dual=row_dual,
            column_dual=kkt.reduced_costs(self.program, x, row_dual),
            basis=self.engine.basis(),
            iterations=self.engine.iterations(),
            message=f"the solver's optimum does not hold in the original program: {faults}" if faults else "",
        )

    def _integer_optimum(self, x: FloatArray) -> Solution:
        x, residual = self._snapped(x)
        good = residual <= kkt.SLACK * self.settings.tolerance
        return self._answer(
            Status.OPTIMAL if good else Status.ERROR,
            objective=self.program.objective(x),
            x=x,
            bound=self.engine.bound(),
            iterations=self.engine.iterations(),
            message="" if good else f"the solver's optimum breaks the original program by {residual:.1e}",
        )

    def _snapped(self, x: FloatArray) -> tuple[FloatArray, float]:
        """`x` with whole numbers in integer columns, and its residual. Where rounding alone breaks a row, the other
        columns are solved for again."""
        program, integer = self.program, np.asarray(self.program.integer)
        whole = np.where(integer, np.round(x), x)
        residual = kkt.primal_residual(program, whole)
        if residual <= kkt.SLACK * self.settings.tolerance:
            return whole, residual
        lower = np.where(integer, whole, program.column_lower)
        upper = np.where(integer, whole, program.column_upper)
        fixed = replace(program, integer=None, column_lower=lower, column_upper=upper)
        polished = self._side(fixed)
        return (whole, residual) if polished.x is None else (polished.x, kkt.primal_residual(self.program, polished.x))

    def _limit(self, status: str) -> Solution:
        x = self.engine.x()
        if x is not None and kkt.primal_residual(self.program, x) > kkt.SLACK * self.settings.tolerance:
            x = None
        bound = self.engine.bound() if self.program.is_integer else np.inf
        return self._answer(
            Status.LIMIT,
            objective=None if x is None else self.program.objective(x),
            x=x,
            bound=bound if np.isfinite(bound) else None,
            iterations=self.engine.iterations(),
            message=f"HiGHS stopped with status {status}",
        )

    def _infeasible(self, last: bool) -> Solution:
        if self.program.is_integer or not self.certify:
            return self._answer(Status.INFEASIBLE, iterations=self.engine.iterations())
        row_dual = self._farkas()
        if row_dual is None and not last:  # presolve found out, and keeps no record
            answer = self._again()
            if answer.status is not Status.LIMIT:
                return answer
        if row_dual is None:
            return self._answer(Status.INFEASIBLE, message="found by HiGHS, which left no usable certificate")
        return self._answer(
            Status.INFEASIBLE,
            row_dual=row_dual,
            column_dual=kkt.farkas_column_dual(self.program, row_dual),
            iterations=self.engine.iterations(),
        )

    def _farkas(self) -> FloatArray | None:
        """Checked row multipliers that prove infeasibility: HiGHS's, or else those of the Farkas program."""
        ray = self.engine.dual_ray()
        if ray is None:
            return None
        tolerance = kkt.SLACK * self.settings.tolerance
        for row_dual in (ray, -ray):
            if kkt.is_farkas(self.program, row_dual, kkt.farkas_column_dual(self.program, row_dual), tolerance):
                return np.asarray(row_dual / np.abs(row_dual).max())
        form = witness.farkas_program(self.program)
        solved = self._side(form.program)
        if solved.x is None or solved.status is not Status.OPTIMAL:
            return None
        row_dual = form.row_dual(solved.x, self.program.row_count)
        good = kkt.is_farkas(self.program, row_dual, kkt.farkas_column_dual(self.program, row_dual), tolerance)
        return row_dual if good else None

    def _unbounded(self, last: bool) -> Solution:
        """HiGHS says unbounded, or cannot tell it from infeasible: a ray and a feasible point decide."""
        if not (last or self.program.is_integer or self.engine.ray() is not None):
            return self._again()
        point = self._point()
        if point.status is not Status.OPTIMAL or point.x is None:
            return replace(point, seconds=0.0)
        ray = self._ray()
        if ray is None:
            return self._answer(Status.ERROR, message="HiGHS says unbounded, but there is no ray that shows it")
        return self._answer(Status.UNBOUNDED, x=point.x, ray=ray, iterations=self.engine.iterations())

    def _point(self) -> Solution:
        """A feasible point, or the answer that there is none."""
        x = None if self.program.is_integer else self.engine.x()
        if x is not None and kkt.primal_residual(self.program, x) <= kkt.SLACK * self.settings.tolerance:
            return self._answer(Status.OPTIMAL, x=x)
        return self._side(witness.without_objective(self.program), certify=self.certify)

    def _ray(self) -> FloatArray | None:
        tolerance = kkt.SLACK * self.settings.tolerance
        ray = self.engine.ray()
        if ray is not None and kkt.is_ray(self.program, ray, tolerance):
            return np.asarray(ray / np.abs(ray).max())
        ray = self._side(witness.ray_program(self.program)).x
        return ray if ray is not None and kkt.is_ray(self.program, ray, tolerance) else None

    def _side(self, program: LinearProgram, certify: bool = False) -> Solution:
        """Solve another program on the way to this one's answer, within the same time limit."""
        left = None if self.deadline is None else max(self.deadline - time.perf_counter(), 0.0)
        options = {name: value for name, value in self.settings.options.items() if name != "solver"}
        return HighsSession(program, replace(self.settings, time_limit=left, options=options), certify).solve()
