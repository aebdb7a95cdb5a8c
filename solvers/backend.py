"""What a back-end is, and what it may be asked.

A back-end declares its features; `require` turns a program that needs more into a clear error. Nothing falls
back to another solver in silence.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, ClassVar

from scipy.sparse import sparray

from solvers.program import FloatArray, IntArray, LinearProgram
from solvers.solution import Basis, Solution, SolverError


class Feature(Enum):
    """Abilities beyond a continuous linear program, in words for the error message."""

    INTEGER = "integer columns"
    QUADRATIC = "a quadratic objective"
    CONES = "conic constraints"
    TIME_LIMIT = "a time limit"
    DUALS = "dual values"
    FARKAS = "a certificate of infeasibility"
    RAYS = "a ray of an unbounded program"
    BASIS = "a basis"


@dataclass(frozen=True, eq=False)
class Start:
    """What is known before a solve: a hint, which may save time and never changes which answers are right. A back-end
    that cannot use a part of it leaves it aside.

    `point` (n,) is a solution of an integer program, in hope a feasible one; where it is not, it is passed over.
    `basis` is where the simplex method begins with a linear program of this shape.
    """

    point: FloatArray | None = None
    basis: Basis | None = None


@dataclass(frozen=True)
class Settings:
    """How to solve. `time_limit` in seconds; `tolerance` on primal and dual feasibility; `gap` the relative
    gap at which an integer program counts as solved; `options` are the back-end's own, and an unknown one is
    an error; `start` is what is known beforehand. Raises ValueError in `solve` where `start` has other sizes than the
    program."""

    time_limit: float | None = None
    tolerance: float = 1e-9
    gap: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)
    start: Start | None = None


class Session(ABC):
    """A program that gains and loses rows and is solved again, warm where the back-end can."""

    program: LinearProgram

    @abstractmethod
    def solve(self) -> Solution:
        """The answer so far, without its basis, which few rounds need."""

    @abstractmethod
    def basis(self) -> Basis | None:
        """The basis of the optimum last found, where there is one and the back-end has it."""

    def approach(self, tolerance: float) -> FloatArray | None:
        """A point (n,) near the optimum, to a relative `tolerance`, quickly: good enough to look for violated rows
        with, and nothing else. None where the back-end would rather solve, as with small programs. `solve` begins
        there."""
        return None

    @abstractmethod
    def add_rows(self, matrix: sparray, lower: FloatArray, upper: FloatArray) -> None: ...

    @abstractmethod
    def drop_rows(self, rows: IntArray) -> None:
        """Take the rows of these numbers out; those below move up."""


class Backend(ABC):
    """One solver. Stateless: `solve` may be called from several threads."""

    name: ClassVar[str]
    features: ClassVar[frozenset[Feature]]

    @abstractmethod
    def version(self) -> str: ...

    @abstractmethod
    def solve(self, program: LinearProgram, settings: Settings = Settings()) -> Solution: ...

    def start(self, program: LinearProgram, settings: Settings = Settings()) -> Session:
        """A session; the default solves from scratch each time."""
        return _ColdSession(self, program, settings)


class _ColdSession(Session):
    def __init__(self, backend: Backend, program: LinearProgram, settings: Settings) -> None:
        self.backend, self.program, self.settings = backend, program, settings
        self.last: Basis | None = None

    def solve(self) -> Solution:
        solution = self.backend.solve(self.program, self.settings)
        self.last = solution.basis
        return replace(solution, basis=None)

    def basis(self) -> Basis | None:
        return self.last

    def add_rows(self, matrix: sparray, lower: FloatArray, upper: FloatArray) -> None:
        self.program = self.program.with_rows(matrix, lower, upper)

    def drop_rows(self, rows: IntArray) -> None:
        self.program = self.program.without_rows(rows)


def needed_features(program: LinearProgram, settings: Settings) -> frozenset[Feature]:
    """The features that solving `program` under `settings` takes."""
    needs = {
        Feature.INTEGER: program.is_integer,
        Feature.QUADRATIC: program.quadratic is not None,
        Feature.CONES: bool(program.cones),
        Feature.TIME_LIMIT: settings.time_limit is not None,
    }
    return frozenset(feature for feature, needed in needs.items() if needed)


def require(backend: Backend, program: LinearProgram, settings: Settings) -> None:
    """Raise SolverError naming every feature that the program needs and the back-end does not declare, ValueError where
    the start is not one of this program."""
    missing = needed_features(program, settings) - backend.features
    if missing:
        wants = ", ".join(sorted(feature.value for feature in missing))
        raise SolverError(f"solver '{backend.name}' does not offer {wants}; choose another with --solver")
    if settings.start is not None:
        _require_sizes(settings.start, program)


def _require_sizes(start: Start, program: LinearProgram) -> None:
    expected = (program.column_count, program.row_count)
    if start.point is not None and start.point.shape != expected[:1]:
        raise ValueError(f"the starting point has shape {start.point.shape}, expected ({expected[0]},)")
    if start.basis is not None and (start.basis.columns.size, start.basis.rows.size) != expected:
        raise ValueError(f"the starting basis is not of a program of {expected[0]} columns and {expected[1]} rows")
