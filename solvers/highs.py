"""The default back-end: HiGHS through highspy. Linear, mixed-integer and warm-started programs.

Verdicts are checked by `solvers.examine`. `Settings.options` are HiGHS's own, for example ``{"solver": "ipm"}``
(simplex, ipm or pdlp) or ``{"threads": 2}``.

HiGHS also has a method for convex quadratic programs. It is not offered here: of 160 small random ones, HiGHS 1.15
called a few points optimal that were not, several bounded programs unbounded, and regularised the rest (dual residuals
of 1e-7). The cvxpy back-end solves them.
"""

from __future__ import annotations

import time
from dataclasses import replace

from scipy.sparse import sparray

from solvers.backend import Feature, Session, Settings, require
from solvers.claim import Claim, Raw
from solvers.examine import CheckedBackend, examine
from solvers.first_order import FirstOrder
from solvers.highs_engine import Engine, version
from solvers.highs_method import worth_approaching
from solvers.program import FloatArray, IntArray, LinearProgram
from solvers.solution import Basis, Solution, Status

_LIMITS = (
    *("kTimeLimit", "kIterationLimit", "kSolutionLimit", "kObjectiveBound", "kObjectiveTarget", "kMemoryLimit"),
    *("kInterrupt", "kHighsInterrupt"),
)
_CLAIMS = {
    "kOptimal": Claim.OPTIMAL,
    "kInfeasible": Claim.INFEASIBLE,
    "kUnbounded": Claim.UNBOUNDED,
    "kUnboundedOrInfeasible": Claim.AMBIGUOUS,
} | dict.fromkeys(_LIMITS, Claim.LIMIT)  # every other status is a failure


class Highs(CheckedBackend):
    """HiGHS. `start` gives a session that adds rows and solves again from the last basis."""

    name = "highs"
    features = frozenset(
        {Feature.INTEGER, Feature.TIME_LIMIT, Feature.DUALS, Feature.FARKAS, Feature.RAYS, Feature.BASIS}
    )

    def version(self) -> str:
        return version()

    def run(self, program: LinearProgram, settings: Settings, careful: bool, deadline: float | None) -> Raw:
        return _run(Engine(program, settings), program, careful, deadline)

    def solve(self, program: LinearProgram, settings: Settings = Settings()) -> Solution:
        session = self.start(program, settings)
        return replace(session.solve(), basis=session.basis())

    def start(self, program: LinearProgram, settings: Settings = Settings()) -> Session:
        require(self, program, settings)
        return _HighsSession(self, program, settings)


class _HighsSession(Session):
    """A program inside HiGHS, from the first time that it is solved."""

    def __init__(self, backend: Highs, program: LinearProgram, settings: Settings) -> None:
        self.backend, self.program, self.settings = backend, program, settings
        self.engine: Engine | None = None
        self.optimal = False
        self.first_order: FirstOrder | None = None  # once the session was asked to approach, and as long as it helps

    def approach(self, tolerance: float) -> FloatArray | None:
        if self.first_order is None:
            if self.engine is not None or not worth_approaching(self.program, self.settings):
                return None
            self.first_order = FirstOrder(self.settings)
        limit = self.settings.time_limit
        x = self.first_order.approach(self.program, tolerance, None if limit is None else time.perf_counter() + limit)
        if x is None:
            self.first_order = None
        return x

    def add_rows(self, matrix: sparray, lower: FloatArray, upper: FloatArray) -> None:
        old = self.program.row_count
        self.program = self.program.with_rows(matrix, lower, upper)
        if self.first_order is not None:
            self.first_order.add_rows(self.program.row_count - old)
        if self.engine is not None:
            added = slice(old, None)
            self.engine.add_rows(
                self.program.matrix[added], self.program.row_lower[added], self.program.row_upper[added]
            )

    def drop_rows(self, rows: IntArray) -> None:
        self.program = self.program.without_rows(rows)
        if self.engine is not None:
            self.engine.drop_rows(rows)
        if self.first_order is not None:
            self.first_order.drop_rows(rows)

    def solve(self) -> Solution:
        solution = examine(self.backend, self.program, self.settings, self.run)
        self.optimal = solution.status is Status.OPTIMAL and not self.program.is_integer
        return solution

    def basis(self) -> Basis | None:
        """None also where the optimum is a point of the optimal face without one."""
        return self.engine.basis() if self.optimal and self.engine is not None and self.first_order is None else None

    def run(self, careful: bool, deadline: float | None) -> Raw:
        if self.first_order is not None and not careful:
            found = self.first_order.optimum(self.program, deadline)
            if found is not None:
                return found
        self.first_order = None
        if self.engine is None:
            self.engine = Engine(self.program, self.settings)
        return _run(self.engine, self.program, careful, deadline)


def _run(engine: Engine, program: LinearProgram, careful: bool, deadline: float | None) -> Raw:
    status = engine.run_afresh(deadline) if careful else engine.run(deadline)
    claim = _CLAIMS.get(status, Claim.FAILED)
    optimal, infeasible = claim is Claim.OPTIMAL, claim is Claim.INFEASIBLE
    unbounded = claim in (Claim.UNBOUNDED, Claim.AMBIGUOUS)
    return Raw(
        claim=claim,
        x=None if infeasible else engine.x(),
        row_dual=engine.row_dual() if optimal and not program.is_integer else None,
        dual_ray=engine.dual_ray() if infeasible and not program.is_integer else None,
        ray=engine.ray() if unbounded and not program.is_integer else None,
        bound=engine.bound() if program.is_integer else None,
        iterations=engine.iterations(),
        message="" if claim in (Claim.OPTIMAL, Claim.INFEASIBLE, Claim.UNBOUNDED) else f"HiGHS ended with {status}",
    )
