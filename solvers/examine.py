"""From what a solver says to what this project answers: every verdict is checked before it is passed on.

1. Programs that need no solver (crossed bounds, rows without entries) are answered here.
2. An optimum is measured in the original program (`solvers.kkt`). If it fails, the solver is run once more in its
   careful way (from scratch, without presolve); if it fails again the answer is an error, never "optimal". That an
   integer program has an optimum at all is shown by its relaxation (see 4).
3. "Infeasible" comes with Farkas multipliers: the solver's where they hold, or those of the Farkas program. Integer
   programs have none; there the careful way must confirm the verdict. For conic programs it stands alone.
4. "Unbounded", and "unbounded or infeasible", are settled by a feasible point and a ray, both checked. For an
   integer program a ray of its relaxation will do: data are rational, so a multiple of the ray is integral (Meyer,
   Mathematical Programming 7, 1974).
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from solvers import kkt, separable, witness
from solvers.backend import Backend, Settings, require
from solvers.claim import Claim, Raw
from solvers.program import FloatArray, LinearProgram
from solvers.solution import Solution, Status

Run = Callable[[bool, float | None], Raw]  # from (careful, deadline on the clock of time.perf_counter)


class CheckedBackend(Backend):
    """A back-end that only says how to run its solver once; the rest of `solve` is `examine`."""

    @abstractmethod
    def run(self, program: LinearProgram, settings: Settings, careful: bool, deadline: float | None) -> Raw:
        """Run the solver; `careful` asks for the slow and safe way."""

    def solve(self, program: LinearProgram, settings: Settings = Settings()) -> Solution:
        require(self, program, settings)
        return examine(
            self, program, settings, lambda careful, deadline: self.run(program, settings, careful, deadline)
        )


def examine(
    backend: CheckedBackend, program: LinearProgram, settings: Settings, run: Run, certify: bool = True
) -> Solution:
    """Run, check, and run again or elsewhere where that is needed. `certify` False is for programs on the way to a
    certificate: they get none themselves."""
    started = time.perf_counter()
    deadline = None if settings.time_limit is None else started + settings.time_limit
    examination = _Examination(backend, program, settings, run, started, deadline, certify)
    answer = examination.trivial() or examination.conclude(run(False, deadline), careful=False)
    return replace(answer, seconds=time.perf_counter() - started)


@dataclass(frozen=True, eq=False)
class _Examination:
    backend: CheckedBackend
    program: LinearProgram
    settings: Settings
    run: Run
    started: float
    deadline: float | None
    certify: bool

    @property
    def tolerance(self) -> float:
        """What residuals of points, multipliers and rays may be."""
        return kkt.SLACK * self.settings.tolerance

    def answer(self, status: Status, raw: Raw | None = None, **fields: Any) -> Solution:
        if raw is not None:
            fields = {"iterations": raw.iterations, "message": raw.message} | fields
        return Solution(status, self.backend.name, self.backend.version(), 0.0, **fields)

    def trivial(self) -> Solution | None:
        """The answer where no solver is needed."""
        crossed = witness.crossed_bounds(self.program)
        if crossed:
            return self.answer(Status.INFEASIBLE, message=crossed)
        gap = witness.column_without_integer(self.program)
        if gap:
            return self.answer(Status.INFEASIBLE, message=gap)
        return self.separable() if separable.is_separable(self.program) else None

    def separable(self) -> Solution:
        program = self.program
        multipliers = separable.violated_row(program, self.settings.tolerance)
        if multipliers is not None:
            certificate = (None, None) if program.is_integer else (multipliers, np.zeros(program.column_count))
            return self.answer(Status.INFEASIBLE, row_dual=certificate[0], column_dual=certificate[1])
        x = separable.best_point(program)
        finite = np.isfinite(x)
        if not finite.all():
            ray = np.where(finite, 0.0, np.sign(x))
            return self.answer(Status.UNBOUNDED, x=np.where(finite, x, separable.near_zero(program)), ray=ray)
        raw = Raw(Claim.OPTIMAL, x=x, row_dual=np.zeros(program.row_count), bound=program.objective(x))
        return self.optimal(raw)

    def conclude(self, raw: Raw, careful: bool) -> Solution:
        """From the outcome of a run to an answer; `careful` when the run was already a careful one."""
        if raw.claim is Claim.INFEASIBLE:
            return self.infeasible(raw, careful)
        if raw.claim in (Claim.UNBOUNDED, Claim.AMBIGUOUS):
            return self.unbounded(raw, careful)
        if raw.claim is Claim.LIMIT:
            return self.limit(raw)
        answer = self.optimal(raw) if raw.claim is Claim.OPTIMAL else self.answer(Status.ERROR, raw)
        if answer.status is not Status.ERROR:
            return answer
        return self.without_optimum(answer, raw) if careful else self.again()

    def again(self) -> Solution:
        return self.conclude(self.run(True, self.deadline), careful=True)

    def without_optimum(self, failure: Solution, raw: Raw) -> Solution:
        """A solver failed twice to show an optimum. Perhaps there is none; a certificate of that would settle it."""
        if self.program.is_integer or self.program.cones or not self.certify:
            return failure
        # HiGHS's simplex can give up where a program is infeasible and its dual is, too
        row_dual = self.farkas(None)
        if row_dual is not None:
            return self.certified(row_dual)
        ray = self.improving_ray(None)
        point = failure if ray is None else self.point(raw.x)
        return self.answer(Status.UNBOUNDED, x=point.x, ray=ray) if point.status is Status.OPTIMAL else failure

    def optimal(self, raw: Raw) -> Solution:
        if raw.x is None or not np.isfinite(raw.x).all():
            return self.answer(Status.ERROR, raw, message="the solver claims an optimum and gives no solution")
        return self.integer_optimum(raw, raw.x) if self.program.is_integer else self.continuous_optimum(raw, raw.x)

    def continuous_optimum(self, raw: Raw, x: FloatArray) -> Solution:
        row_dual = raw.row_dual
        if row_dual is None or not np.isfinite(row_dual).all():
            return self.answer(Status.ERROR, raw, message="the solver claims an optimum and gives no dual solution")
        faults = kkt.residuals(self.program, x, row_dual, self.settings.tolerance).faults(self.settings.tolerance)
        return self.answer(
            Status.ERROR if faults else Status.OPTIMAL,
            raw,
            objective=self.program.objective(x),
            x=x,
            row_dual=row_dual,
            column_dual=kkt.reduced_costs(self.program, x, row_dual),
            message=f"the solver's optimum does not hold in the original program: {faults}" if faults else raw.message,
        )

    def integer_optimum(self, raw: Raw, x: FloatArray) -> Solution:
        x = self.snapped(x)
        fault = self.integer_fault(x, raw.bound)
        if fault:
            return self.answer(Status.ERROR, raw, message=fault)
        ray, message = self.endless()
        if ray is not None:
            return self.answer(Status.UNBOUNDED, raw, x=x, ray=ray)
        status = Status.LIMIT if message else Status.OPTIMAL
        objective = self.program.objective(x)
        return self.answer(status, raw, objective=objective, x=x, bound=raw.bound, message=message or raw.message)

    def integer_fault(self, x: FloatArray, bound: float | None) -> str:
        """What is wrong with an optimum by its own measure: it must meet the program, and its bound."""
        residual = kkt.primal_residual(self.program, x)
        if residual > self.tolerance:
            return f"the solver's optimum breaks the original program by {residual:.1e}"
        if bound is None or not np.isfinite(bound):
            return ""
        objective = self.program.objective(x)
        room = (self.settings.gap + kkt.GAP_SLACK * self.settings.tolerance) * (1.0 + abs(objective))
        short = (bound - objective) if self.program.maximize else (objective - bound)
        return f"the solver's optimum {objective:.9g} is not met by its bound {bound:.9g}" if short > room else ""

    def endless(self) -> tuple[FloatArray | None, str]:
        """A ray along which an integer program has no best point, and why it is not known whether there is one.

        Branch and bound has called unbounded programs optimal (HiGHS 1.15). An objective that the bounds of its
        columns hold needs no second look; others are bounded where the relaxation's recession cone does not improve.
        """
        if witness.bounded_by_columns(self.program):
            return None, ""
        solved = self.side(witness.ray_program(self.program))
        if solved.status is not Status.OPTIMAL or solved.x is None:
            return None, "it was not settled in time whether the objective has a bound"
        return (solved.x, "") if kkt.is_ray(self.program, solved.x, self.tolerance) else (None, "")

    def snapped(self, x: FloatArray) -> FloatArray:
        """`x` with whole numbers in integer columns. Where rounding alone breaks a row, the others are solved again."""
        program, integer = self.program, np.asarray(self.program.integer)
        whole = np.where(integer, np.round(x), x)
        if kkt.primal_residual(program, whole) <= self.tolerance:
            return whole
        lower = np.where(integer, whole, program.column_lower)
        upper = np.where(integer, whole, program.column_upper)
        polished = self.side(replace(program, integer=None, column_lower=lower, column_upper=upper))
        return whole if polished.x is None else polished.x

    def limit(self, raw: Raw) -> Solution:
        """A point is passed on only if it is feasible, a bound only if it is finite."""
        x = raw.x
        if x is not None and self.program.is_integer:
            x = np.where(np.asarray(self.program.integer), np.round(x), x)
        if x is not None and not kkt.primal_residual(self.program, x) <= self.tolerance:
            x = None
        objective = None if x is None else self.program.objective(x)
        bound = raw.bound if raw.bound is not None and np.isfinite(raw.bound) else None
        return self.answer(Status.LIMIT, raw, x=x, objective=objective, bound=bound)

    def infeasible(self, raw: Raw, careful: bool) -> Solution:
        if self.program.cones or not self.certify:
            return self.answer(Status.INFEASIBLE, raw)
        if self.program.is_integer:
            return self.answer(Status.INFEASIBLE, raw) if careful else self.integer_infeasible(raw)
        if raw.dual_ray is None and not careful:  # presolve found out, and keeps no record
            again = self.again()
            if again.status is not Status.LIMIT:
                return again
        row_dual = self.farkas(raw.dual_ray)
        if row_dual is not None:
            return replace(self.certified(row_dual), iterations=raw.iterations)
        other = self.unbounded(raw, careful=True)  # CBC has called unbounded programs infeasible
        return other if other.status is Status.UNBOUNDED else self.uncertified(raw)

    def uncertified(self, raw: Raw) -> Solution:
        return self.answer(Status.INFEASIBLE, raw, message="the solver's verdict, without a usable certificate")

    def integer_infeasible(self, raw: Raw) -> Solution:
        """There is no certificate to check, so the careful way must agree, if it can tell within a few times the time
        that the first took."""
        now = time.perf_counter()
        patience = now + max(1.0, 4 * (now - self.started))
        second = self.run(True, patience if self.deadline is None else min(patience, self.deadline))
        if second.claim is Claim.LIMIT:
            return self.answer(
                Status.INFEASIBLE, raw, message="the solver's verdict; no second run confirmed it in time"
            )
        return self.conclude(second, careful=True)

    def certified(self, row_dual: FloatArray) -> Solution:
        column_dual = kkt.farkas_column_dual(self.program, row_dual)
        return self.answer(Status.INFEASIBLE, row_dual=row_dual, column_dual=column_dual)

    def farkas(self, dual_ray: FloatArray | None) -> FloatArray | None:
        """Checked row multipliers (m,): the solver's dual ray in the right sign, or those of the Farkas program."""
        for row_dual in () if dual_ray is None else (dual_ray, -dual_ray):
            if self.proves_infeasible(row_dual):
                return np.asarray(row_dual / np.abs(row_dual).max())
        form = witness.farkas_program(self.program)
        solved = self.side(form.program)
        if solved.x is None or solved.status is not Status.OPTIMAL:
            return None
        row_dual = form.row_dual(solved.x, self.program.row_count)
        return row_dual if self.proves_infeasible(row_dual) else None

    def proves_infeasible(self, row_dual: FloatArray) -> bool:
        column_dual = kkt.farkas_column_dual(self.program, row_dual)
        return kkt.is_farkas(self.program, row_dual, column_dual, self.tolerance)

    def unbounded(self, raw: Raw, careful: bool) -> Solution:
        if not (careful or self.program.is_integer or raw.ray is not None):
            return self.again()
        point = self.point(raw.x)
        if point.status is not Status.OPTIMAL:
            return point
        ray = self.improving_ray(raw.ray)
        if ray is None:
            return self.answer(Status.ERROR, raw, message="the solver says unbounded, and no ray shows it")
        return self.answer(Status.UNBOUNDED, raw, x=point.x, ray=ray)

    def point(self, x: FloatArray | None) -> Solution:
        """A feasible point (status optimal), or the answer that there is none."""
        if x is not None and kkt.primal_residual(self.program, x) <= self.tolerance:
            return self.answer(Status.OPTIMAL, x=x)
        return self.side(witness.without_objective(self.program), certify=self.certify)

    def improving_ray(self, ray: FloatArray | None) -> FloatArray | None:
        if ray is not None and kkt.is_ray(self.program, ray, self.tolerance):
            return np.asarray(ray / np.abs(ray).max())
        if self.program.cones:
            return None
        ray = self.side(witness.ray_program(self.program)).x
        return ray if ray is not None and kkt.is_ray(self.program, ray, self.tolerance) else None

    def side(self, program: LinearProgram, certify: bool = False) -> Solution:
        """Solve another program on the way to this one's answer, within the same time limit."""
        left = None if self.deadline is None else max(self.deadline - time.perf_counter(), 0.0)
        settings = replace(self.settings, time_limit=left)
        backend = self.backend
        return examine(
            backend, program, settings, lambda careful, until: backend.run(program, settings, careful, until), certify
        )
