"""Linear and mixed-integer programs, and the back-ends that solve them. Knows nothing of mechanisms."""

from solvers.backend import Backend, Feature, Session, Settings, Start
from solvers.program import Cone, ConeKind, LinearProgram
from solvers.registry import available, get
from solvers.solution import Basis, Solution, SolverError, Status

__all__ = [
    "Backend",
    "Basis",
    "Cone",
    "ConeKind",
    "Feature",
    "LinearProgram",
    "Session",
    "Settings",
    "Solution",
    "SolverError",
    "Start",
    "Status",
    "available",
    "get",
]
