"""The neutral form in which every optimisation problem of this project reaches a solver.

A `LinearProgram` is data only: sparse arrays, bounds and a few labels. Models are written in it and
back-ends read it; a back-end never changes it. Integer columns, a convex quadratic objective and conic
columns are optional parts that a back-end must declare (`solvers.backend.Feature`) before it is handed them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, sparray, vstack

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
IntArray: TypeAlias = NDArray[np.int64]
Names: TypeAlias = Sequence[str] | Callable[[int], str]


class ConeKind(Enum):
    """The convex cones a program may ask columns to lie in."""

    SECOND_ORDER = "second order"  # (t, x): t >= |x|_2
    EXPONENTIAL = "exponential"  # (x, y, z): y exp(x / y) <= z, y > 0


@dataclass(frozen=True)
class Cone:
    """The columns `columns`, in this order, lie in the cone `kind`."""

    kind: ConeKind
    columns: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class LinearProgram:
    """Minimise (or maximise) ``cost @ x + x @ quadratic @ x / 2 + offset`` subject to
    ``row_lower <= matrix @ x <= row_upper`` and ``column_lower <= x <= column_upper``.

    Shapes: `cost`, `column_*`, `integer` (n,); `matrix` (m, n); `row_*` (m,). Infinite bounds are ``±inf``;
    an equality has equal bounds. `integer` is None when no column is; `quadratic` (n, n, symmetric) must be
    positive semidefinite when minimising, negative semidefinite when maximising. Names are either
    sequences or functions from the index to the name, so that large programs cost nothing to name; an index beyond
    a sequence has the default name.

    `matrix` is kept in canonical form (duplicate entries summed, zeros dropped, columns sorted), as a copy
    where the one given is not.

    Raises ValueError when shapes disagree, a coefficient is not finite, or a bound is NaN or on the wrong
    infinity.
    """

    cost: FloatArray
    matrix: csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    column_lower: FloatArray
    column_upper: FloatArray
    integer: BoolArray | None = None
    maximize: bool = False
    offset: float = 0.0
    quadratic: csr_array | None = None
    cones: tuple[Cone, ...] = ()
    row_names: Names | None = None
    column_names: Names | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "matrix", _canonical(self.matrix))
        rows, columns = self.matrix.shape
        _require_shape("cost", self.cost, columns)
        _require_shape("column_lower", self.column_lower, columns)
        _require_shape("column_upper", self.column_upper, columns)
        _require_shape("row_lower", self.row_lower, rows)
        _require_shape("row_upper", self.row_upper, rows)
        if self.integer is not None:
            _require_shape("integer", self.integer, columns)
        if not (np.isfinite(self.cost).all() and np.isfinite(self.matrix.data).all()):
            raise ValueError("a cost or a coefficient is not finite")
        _require_bounds("row", self.row_lower, self.row_upper)
        _require_bounds("column", self.column_lower, self.column_upper)

    @property
    def row_count(self) -> int:
        return int(self.matrix.shape[0])

    @property
    def column_count(self) -> int:
        return int(self.matrix.shape[1])

    @property
    def nonzero_count(self) -> int:
        return int(self.matrix.nnz)

    @property
    def is_integer(self) -> bool:
        return self.integer is not None and bool(self.integer.any())

    def row_name(self, row: int) -> str:
        return _name(self.row_names, row, "r")

    def column_name(self, column: int) -> str:
        return _name(self.column_names, column, "x")

    def objective(self, x: FloatArray) -> float:
        """The objective at `x` in the program's own sense."""
        value = float((self.cost * x).sum()) + self.offset  # BLAS would start threads for this
        if self.quadratic is not None:
            value += float(x @ (self.quadratic @ x)) / 2
        return value

    def violation(self, x: FloatArray) -> float:
        """The largest amount by which `x` breaks a row or a column bound (0 where it breaks none).

        Integrality and cones are not looked at.
        """
        activity = self.matrix @ x
        parts = (self.row_lower - activity, activity - self.row_upper, self.column_lower - x, x - self.column_upper)
        return float(max(part.max(initial=0.0) for part in parts))

    def with_rows(self, matrix: sparray, lower: FloatArray, upper: FloatArray) -> LinearProgram:
        """This program with rows added below. Old rows keep their names, new ones get names by position."""
        return replace(
            self,
            matrix=csr_array(vstack([self.matrix, csr_array(matrix)], format="csr")),
            row_lower=np.concatenate([self.row_lower, lower]),
            row_upper=np.concatenate([self.row_upper, upper]),
        )

    def without_rows(self, rows: IntArray) -> LinearProgram:
        """This program without the rows of these numbers. Names from a sequence move up with their rows; a function
        is expected to know of the change."""
        left = np.setdiff1d(np.arange(self.row_count), rows)
        names = self.row_names
        return replace(
            self,
            matrix=self.matrix[left],
            row_lower=self.row_lower[left],
            row_upper=self.row_upper[left],
            row_names=names if names is None or callable(names) else [self.row_name(row) for row in left.tolist()],
        )


def _canonical(matrix: csr_array) -> csr_array:
    """The same matrix with duplicates summed, zeros dropped and columns sorted; itself where it is so already."""
    if matrix.has_canonical_format and matrix.data.all():
        return matrix
    copy = matrix.copy()
    copy.sum_duplicates()
    copy.eliminate_zeros()
    return copy


def whole_bounds(program: LinearProgram) -> tuple[FloatArray, FloatArray]:
    """The column bounds, those of integer columns rounded inward."""
    if program.integer is None:
        return program.column_lower, program.column_upper
    lower = np.where(program.integer, np.ceil(program.column_lower), program.column_lower)
    return lower, np.where(program.integer, np.floor(program.column_upper), program.column_upper)


def _require_shape(name: str, array: NDArray[np.generic], length: int) -> None:
    if array.shape != (length,):
        raise ValueError(f"{name} has shape {array.shape}, expected ({length},)")


def _require_bounds(what: str, lower: FloatArray, upper: FloatArray) -> None:
    if np.isnan(lower).any() or np.isnan(upper).any():
        raise ValueError(f"a {what} bound is not a number")
    if (lower == np.inf).any() or (upper == -np.inf).any():
        raise ValueError(f"a {what} bound is on the wrong infinity")


def _name(names: Names | None, index: int, prefix: str) -> str:
    if names is None or (not callable(names) and index >= len(names)):
        return f"{prefix}{index}"
    return names(index) if callable(names) else names[index]
