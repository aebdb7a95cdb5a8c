"""What the tests of this room share: a builder of small programs, the back-ends, and the arithmetic of optimality.

The checks restate the sign conventions of `solvers.solution` from scratch and share no code with `solvers.kkt`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.sparse import csr_array

import solvers
from solvers import Backend, LinearProgram, Settings, Solution, Status

INF = np.inf
# Interior-point answers are accepted by `solvers.kkt` at ten times the tolerance 1e-9; twice that here, for the
# difference in how sums are formed.
TOLERANCE = 2e-8
Builder = Callable[..., LinearProgram]


def build_program(
    cost: Any, rows: Any = (), lower: Any = (), upper: Any = (), bounds: Any = None, **more: Any
) -> LinearProgram:
    """A program from plain lists. `bounds` is a list of pairs, (0, inf) by default."""
    columns = len(cost)
    pairs = np.array([(0.0, INF)] * columns if bounds is None else bounds, dtype=float).reshape(columns, 2)
    integer = more.pop("integer", None)
    return LinearProgram(
        cost=np.array(cost, dtype=float),
        matrix=csr_array(np.array(rows, dtype=float).reshape(len(lower), columns)),
        row_lower=np.array(lower, dtype=float),
        row_upper=np.array(upper, dtype=float),
        column_lower=pairs[:, 0],
        column_upper=pairs[:, 1],
        integer=None if integer is None else np.array(integer, dtype=bool),
        **more,
    )


class Checks:
    """Assertions on answers, by arithmetic alone."""

    def point(self, program: LinearProgram, x: Any) -> None:
        dense, scale = program.matrix.toarray(), 1.0 + np.abs(x).max(initial=0.0)
        activity = dense @ x
        slack = TOLERANCE * scale
        assert (activity >= program.row_lower - slack).all()
        assert (activity <= program.row_upper + slack).all()
        assert (x >= program.column_lower - slack).all()
        assert (x <= program.column_upper + slack).all()
        if program.integer is not None:
            assert (x[program.integer] == np.round(x[program.integer])).all()

    def optimal(self, program: LinearProgram, solution: Solution) -> None:
        """Feasible, gradient condition, signs, and complementary slackness by equal primal and dual values."""
        assert solution.status is Status.OPTIMAL, solution.message
        x, y, z = solution.x, solution.row_dual, solution.column_dual
        self.point(program, x)
        np.testing.assert_allclose(program.matrix.toarray().T @ y + z, program.cost, atol=TOLERANCE)
        sense = -1.0 if program.maximize else 1.0
        rows = self._bound_sum(sense * y, program.row_lower, program.row_upper)
        columns = self._bound_sum(sense * z, program.column_lower, program.column_upper)
        assert solution.objective == pytest.approx(float(program.cost @ x) + program.offset, abs=1e-12, rel=1e-12)
        dual_value = sense * (rows + columns) + program.offset
        assert solution.objective == pytest.approx(dual_value, abs=1e-6, rel=1e-6)

    def integer_optimal(self, program: LinearProgram, solution: Solution, value: float) -> None:
        assert solution.status is Status.OPTIMAL, solution.message
        self.point(program, solution.x)
        assert solution.objective == pytest.approx(value, abs=1e-6)

    def infeasible(self, program: LinearProgram, solution: Solution) -> None:
        assert solution.status is Status.INFEASIBLE, solution.message
        y, z = solution.row_dual, solution.column_dual
        size = max(np.abs(y).max(initial=0.0), np.abs(z).max(initial=0.0))
        np.testing.assert_allclose((program.matrix.toarray().T @ y + z) / size, 0.0, atol=TOLERANCE)
        rows = self._bound_sum(y / size, program.row_lower, program.row_upper)
        assert rows + self._bound_sum(z / size, program.column_lower, program.column_upper) > 1e-7

    def unbounded(self, program: LinearProgram, solution: Solution) -> None:
        assert solution.status is Status.UNBOUNDED, solution.message
        ray = solution.ray / np.abs(solution.ray).max()
        self.recedes(program.matrix.toarray() @ ray, program.row_lower, program.row_upper)
        self.recedes(ray, program.column_lower, program.column_upper)
        assert float(program.cost @ ray) * (1 if program.maximize else -1) > 1e-7

    @staticmethod
    def recedes(move: Any, lower: Any, upper: Any) -> None:
        assert (move[np.isfinite(lower)] >= -TOLERANCE).all()
        assert (move[np.isfinite(upper)] <= TOLERANCE).all()

    @staticmethod
    def _bound_sum(dual: Any, lower: Any, upper: Any) -> float:
        """The sum of multiplier times the bound it leans on, which must exist."""
        assert (dual[~np.isfinite(lower)] <= TOLERANCE).all()
        assert (dual[~np.isfinite(upper)] >= -TOLERANCE).all()
        low = np.where(np.isfinite(lower), lower, 0.0)
        high = np.where(np.isfinite(upper), upper, 0.0)
        return float(np.maximum(dual, 0.0) @ low - np.maximum(-dual, 0.0) @ high)


@pytest.fixture(scope="session")
def build() -> Builder:
    return build_program


@pytest.fixture(scope="session")
def check() -> Checks:
    return Checks()


@pytest.fixture(scope="session", params=["highs", "pulp", "cvxpy"])
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param not in solvers.available():
        pytest.skip(f"the packages of {request.param} are not installed")
    return solvers.get(request.param)


@pytest.fixture(scope="session")
def backends() -> list[Backend]:
    return [solvers.get(name) for name in solvers.available()]


@pytest.fixture(scope="session")
def hard() -> LinearProgram:
    """A market-split program of Cornuéjols and Dawande (1999), 4 rows, 30 binaries: no solver ends within a second."""
    rows, columns = 4, 30
    sizes = np.random.default_rng(0).integers(0, 100, (rows, columns)).astype(float)
    half = np.floor(sizes.sum(axis=1) / 2)
    slack = np.eye(rows)
    return build_program(
        np.concatenate([np.zeros(columns), np.ones(2 * rows)]),
        np.hstack([sizes, slack, -slack]),
        half,
        half,
        [(0, 1)] * columns + [(0, INF)] * (2 * rows),
        integer=[True] * columns + [False] * (2 * rows),
    )


@st.composite
def small_programs(draw: st.DrawFn, integer: bool = False) -> LinearProgram:
    """Programs of up to four rows and columns with small whole data and every kind of bound; integer ones are boxed."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(0, 4))
    number = st.integers(-4, 4).map(float)
    low, high = [-INF, -3.0, -1.0, 0.0, 0.0, 1.0], [INF, INF, 0.0, 1.0, 3.0]
    pair = st.tuples(st.sampled_from(low), st.sampled_from(high)).filter(lambda bound: bound[0] <= bound[1])
    box = st.tuples(st.sampled_from([-2.0, 0.0, 0.5]), st.sampled_from([1.0, 2.5, 4.0]))
    sides = draw(st.lists(pair, min_size=rows, max_size=rows))
    return build_program(
        draw(st.lists(number, min_size=columns, max_size=columns)),
        draw(st.lists(st.lists(number, min_size=columns, max_size=columns), min_size=rows, max_size=rows)),
        [side[0] for side in sides],
        [side[1] for side in sides],
        draw(st.lists(box if integer else pair, min_size=columns, max_size=columns)),
        maximize=draw(st.booleans()),
        offset=draw(number),
        integer=draw(st.lists(st.booleans(), min_size=columns, max_size=columns)) if integer else None,
    )


@pytest.fixture(scope="session")
def programs() -> st.SearchStrategy[LinearProgram]:
    return small_programs()


@pytest.fixture(scope="session")
def integer_programs() -> st.SearchStrategy[LinearProgram]:
    return small_programs(integer=True)


@pytest.fixture(scope="session")
def plain() -> Settings:
    return Settings()
