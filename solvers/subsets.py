"""Prices of one linear program over changing sets of its columns, for searches that solve thousands of them.

    maximise score @ x  subject to  matrix @ x <= upper, x >= 0, and x = 0 for the columns that are left out

Each solve starts from the last basis, which stays dual feasible when columns come and go, by the dual simplex method,
and may stop once the value is known to fall below a floor. Nothing that the solver says is checked here, and nothing
need be: for *any* prices y >= 0, y @ upper + Σ max(score − y @ matrix, 0) over the columns that are in bounds every x
with x <= 1 (weak duality). `SubsetPrices.solve` gives prices >= 0; callers take the bound from them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from solvers.backend import Settings
from solvers.highs_engine import Engine
from solvers.program import FloatArray, IntArray, LinearProgram
from solvers.solution import SolverError

_FIRST, _THEN = 4, 1  # HiGHS's primal simplex, for which the slack basis is feasible, and its dual simplex


class SubsetPrices:
    """The program inside HiGHS; `matrix` (m, n) >= 0, `score` (n,), `upper` (m,) >= 0. Every column needs an entry."""

    def __init__(self, score: FloatArray, matrix: csr_array, upper: FloatArray) -> None:
        rows, columns = matrix.shape
        program = LinearProgram(
            cost=-score,  # minimised: HiGHS's objective bound is for minimisation
            matrix=matrix,
            row_lower=np.full(rows, -np.inf),
            row_upper=upper,
            column_lower=np.zeros(columns),
            column_upper=np.full(columns, np.inf),
        )
        self._engine = Engine(
            program, Settings(tolerance=1e-7, options={"presolve": "off", "simplex_strategy": _FIRST})
        )
        self._allowed = np.ones(columns, dtype=bool)
        self._fresh = True

    def add_rows(self, matrix: csr_array, upper: FloatArray) -> None:
        """Further rows below."""
        self._engine.add_rows(matrix, np.full(len(upper), -np.inf), upper)

    def drop_rows(self, rows: IntArray) -> None:
        """Take rows out; those below move up."""
        self._engine.drop_rows(rows)

    def set_score(self, score: FloatArray) -> None:
        """Other scores (n,). The last basis stays primal feasible: the next solve is by the primal simplex method."""
        self._engine.set_cost(-score)
        self._engine.set_option("simplex_strategy", _FIRST)
        self._fresh = True

    def solve(self, allowed: NDArray[np.bool_], floor: float = -np.inf) -> tuple[FloatArray, FloatArray]:
        """(x (n,), prices (m,) >= 0) over the `allowed` (n,) columns; they need not be optimal where the value is below
        `floor`. Raises SolverError when HiGHS fails.
        """
        changed = np.flatnonzero(allowed != self._allowed)
        if len(changed):
            self._engine.set_upper(changed, np.where(allowed[changed], np.inf, 0.0))
            self._allowed = allowed.copy()
        self._engine.set_option("objective_bound", -floor)
        status = self._engine.run()
        if self._fresh:
            self._engine.set_option("simplex_strategy", _THEN)
            self._fresh = False
        x, prices = self._engine.x(), self._engine.row_dual()
        if x is None or prices is None:
            raise SolverError(f"prices of a subset of columns: HiGHS ended with {status}")
        return x, np.maximum(-prices, 0.0)
