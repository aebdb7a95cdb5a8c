"""What a back-end answers: a status that was checked, and the numbers that support it.

Sign conventions, the same for every back-end and checked by the conformance suite:

* Duals of an optimum satisfy ``cost + quadratic @ x = matrix.T @ row_dual + column_dual``. When minimising, a
  multiplier is >= 0 where only the lower bound is active, <= 0 where only the upper bound is; when
  maximising the other way round. A multiplier is the change of the optimal value per unit of its bound.
* A Farkas certificate of infeasibility, ``row_dual`` y and ``column_dual`` z, satisfies
  ``matrix.T @ y + z = 0`` and ``sum(y+ row_lower - y- row_upper) + sum(z+ column_lower - z- column_upper) > 0``.
* A ray of an unbounded program satisfies ``matrix @ d`` within the recession cone of the rows, ``d`` within that
  of the columns, and improves the objective: ``cost @ d < 0`` when minimising, ``> 0`` when maximising.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from solvers.program import FloatArray


class Status(Enum):
    """How a solve ended; the value is the sentence for people."""

    OPTIMAL = "an optimal solution was found"
    INFEASIBLE = "no solution meets all constraints"
    UNBOUNDED = "the objective can be improved without limit"
    LIMIT = "a limit was reached before the answer was known"
    ERROR = "the solver failed"


class SolverError(RuntimeError):
    """A back-end is missing, was asked for what it does not declare, or returned something unusable."""


@dataclass(frozen=True, eq=False)
class Basis:
    """Which columns and rows are basic, and at which bound the others stand.

    `columns` (n,) and `rows` (m,) hold -1 (at lower), 0 (basic), 1 (at upper), 2 (nonbasic free, at zero).
    """

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Solution:
    """The answer of one solve. Arrays that the status or the back-end does not give are None.

    `x` (n,) also holds the best point found when a limit was reached; `bound` is then the best proven bound on the
    objective (integer programs). `row_dual` (m,) and `column_dual` (n,) are the duals of an optimum, or the
    Farkas certificate of an infeasible program; `ray` (n,) shows that a program is unbounded.
    """

    status: Status
    solver: str
    version: str
    seconds: float
    objective: float | None = None
    x: FloatArray | None = None
    row_dual: FloatArray | None = None
    column_dual: FloatArray | None = None
    ray: FloatArray | None = None
    bound: float | None = None
    basis: Basis | None = None
    iterations: int | None = None
    message: str = ""
