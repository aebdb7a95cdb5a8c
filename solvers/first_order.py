"""Large linear programs without the simplex method: PDLP goes near an optimum, `solvers.face` from there to one.

A session that is asked to `approach` hands back points that are good enough to look for violated rows with, and its
last answer begins where they ended. Each answer is exact to rounding, or there is none, and the simplex method takes
over.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from solvers.backend import Settings
from solvers.claim import Claim, Raw
from solvers.face import polish, unit_of_cost
from solvers.highs_engine import Engine
from solvers.program import FloatArray, IntArray, LinearProgram

NEARER = (1e-5, 1e-6)  # those from which the optimal face is looked for, one after the other
STEPS = 30_000  # of PDLP, in all, for one answer
ENDS = ("kOptimal", "kUnknown")  # PDLP's own verdict on a point does not matter, as it is only the beginning


@dataclass(eq=False)
class FirstOrder:
    """Where PDLP stands with a program that gains and loses rows: `x` (n,) and `row_dual` (m,)."""

    settings: Settings
    x: FloatArray | None = None
    row_dual: FloatArray | None = None
    iterations: int = 0

    def add_rows(self, count: int) -> None:
        """Rows that no multiplier is known of."""
        if self.row_dual is not None:
            self.row_dual = np.concatenate([self.row_dual, np.zeros(count)])

    def drop_rows(self, rows: IntArray) -> None:
        if self.row_dual is not None:
            self.row_dual = np.delete(self.row_dual, rows)

    def approach(self, program: LinearProgram, tolerance: float, deadline: float | None) -> FloatArray | None:
        """A point (n,) near the optimum; None where PDLP found none."""
        if deadline is not None and time.perf_counter() >= deadline:
            return None
        size = abs(unit_of_cost(program))
        engine = Engine(replace(program, cost=program.cost / size), self._settings(tolerance))
        if self.x is not None and self.row_dual is not None:
            engine.set_near(self.x, self.row_dual / size)
        status = engine.run(deadline)
        self.iterations += engine.iterations()
        x, row_dual = engine.x(), engine.row_dual()
        if status not in ENDS or x is None or row_dual is None:
            return None
        self.x, self.row_dual = x, row_dual * size
        return x

    def optimum(self, program: LinearProgram, deadline: float | None) -> Raw | None:
        """An optimum, or None where the face of none was found."""
        self.iterations = 0
        for tolerance in NEARER:
            x = self.approach(program, tolerance, deadline)
            if x is None or self.row_dual is None:
                return None
            found = polish(program, x, self.row_dual)
            if found is not None:
                self.x, self.row_dual = found
                return Raw(Claim.OPTIMAL, x=found[0], row_dual=found[1], iterations=self.iterations)
        return None

    def _settings(self, tolerance: float) -> Settings:
        options: dict[str, Any] = {
            "solver": "pdlp",
            "presolve": "off",
            "pdlp_optimality_tolerance": tolerance,
            "pdlp_iteration_limit": STEPS,
        }
        return replace(self.settings, tolerance=tolerance, start=None, options=self.settings.options | options)
