"""What a solver says of one run, before anything is checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from solvers.program import FloatArray


class Claim(Enum):
    """What a solver says of its run."""

    OPTIMAL = auto()
    INFEASIBLE = auto()
    UNBOUNDED = auto()
    AMBIGUOUS = auto()  # unbounded or infeasible
    LIMIT = auto()
    FAILED = auto()


@dataclass(frozen=True, eq=False)
class Raw:
    """The unchecked outcome of one run; arrays as in `Solution`, whatever the solver has. `dual_ray` (m,) may have
    either sign."""

    claim: Claim
    x: FloatArray | None = None
    row_dual: FloatArray | None = None
    dual_ray: FloatArray | None = None
    ray: FloatArray | None = None
    bound: float | None = None
    iterations: int | None = None
    message: str = ""
