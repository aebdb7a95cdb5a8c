"""What is particular to HiGHS: bases, warm starts, options, statuses, interrupts."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time

import highspy
import numpy as np
import pytest
from scipy.sparse import csr_array

import solvers
from solvers import LinearProgram, Settings, SolverError, Status
from solvers.claim import Claim
from solvers.highs import _CLAIMS
from solvers.highs_engine import GRACE, Engine

INF = np.inf


@pytest.fixture(scope="module")
def highs():
    return solvers.get("highs")


@pytest.fixture(scope="module")
def covering():
    """A sparse covering program with a finite optimum: min 1'x, A x >= 1, x >= 0."""
    rng = np.random.default_rng(7)
    dense = rng.random((300, 200)) * (rng.random((300, 200)) < 0.05)
    dense[np.arange(300), np.arange(300) % 200] += 1
    matrix = csr_array(dense)
    return LinearProgram(
        cost=rng.uniform(1, 2, 200),
        matrix=matrix,
        row_lower=np.ones(300),
        row_upper=np.full(300, INF),
        column_lower=np.zeros(200),
        column_upper=np.full(200, INF),
    )


def test_the_basis_is_square_and_its_columns_solve_the_program(highs, covering):
    solution = highs.solve(covering)
    basis = solution.basis
    assert np.count_nonzero(basis.columns == 0) + np.count_nonzero(basis.rows == 0) == covering.row_count
    np.testing.assert_allclose(solution.x[basis.columns == -1], 0)
    tight = basis.rows == -1
    np.testing.assert_allclose((covering.matrix @ solution.x)[tight], 1, atol=1e-9)
    square = covering.matrix.toarray()[tight][:, basis.columns == 0]
    np.testing.assert_allclose(np.linalg.solve(square, np.ones(len(square))), solution.x[basis.columns == 0], atol=1e-9)


def test_basis_codes(highs, build):
    # min -x + 0 f, x <= 1 at upper; y at lower; f free and nowhere: nonbasic free
    program = build([-1, 1, 0], [[1, 1, 0]], [-INF], [5], [(0, 1), (0, INF), (-INF, INF)])
    basis = highs.solve(program).basis
    assert basis.columns.tolist() == [1, -1, 2]
    assert basis.rows.tolist() == [0]


def test_a_session_gives_the_basis_of_its_last_round(highs, covering):
    """Before there is an optimum, and where there is none, it has none."""
    session = highs.start(covering)
    assert session.basis() is None
    assert session.solve().basis is None
    early, cold = session.basis(), highs.solve(covering).basis
    assert np.array_equal(early.columns, cold.columns)
    assert np.array_equal(early.rows, cold.rows)
    session.add_rows(csr_array(np.ones((1, 200))), np.array([1e3]), np.array([INF]))
    session.solve()
    late = session.basis()
    assert (early.rows.size, late.rows.size) == (300, 301)
    assert np.count_nonzero(late.columns == 0) + np.count_nonzero(late.rows == 0) == 301
    session.add_rows(csr_array(np.ones((1, 200))), np.array([-INF]), np.array([1.0]))
    assert session.solve().status is Status.INFEASIBLE
    assert session.basis() is None


def test_a_session_is_warm(highs, covering):
    session = highs.start(covering)
    first = session.solve()
    row = csr_array(np.ones((1, 200)))
    session.add_rows(row, np.array([first.x.sum() + 0.1]), np.array([INF]))
    second = session.solve()
    cold = highs.solve(session.program)
    assert second.objective == pytest.approx(cold.objective, rel=1e-9)
    assert second.objective > first.objective
    assert second.iterations < cold.iterations / 3
    assert session.solve().iterations == 0


def test_a_time_limit_counts_from_the_start_of_each_solve(highs, covering):
    session = highs.start(covering, Settings(time_limit=0.5))
    for _ in range(4):
        assert session.solve().status is Status.OPTIMAL
        time.sleep(0.2)


@pytest.mark.parametrize("method", ["simplex", "ipm", "pdlp"])
def test_every_algorithm_gives_the_same_value_or_admits_that_it_does_not(highs, covering, method):
    reference = highs.solve(covering)
    tolerance = 1e-5 if method == "pdlp" else 1e-9
    solution = highs.solve(covering, Settings(tolerance=tolerance, options={"solver": method}))
    assert solution.status is Status.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(reference.objective, rel=100 * tolerance)


def test_an_algorithm_that_is_not_in_the_wheel_is_an_error(highs, covering):
    probe = highspy.Highs()
    probe.setOptionValue("output_flag", False)
    if probe.setOptionValue("solver", "hipo") == highspy.HighsStatus.kOk:
        pytest.skip("this HiGHS has the hipo solver")
    with pytest.raises(SolverError, match="does not take an option: solver = 'hipo'"):
        highs.solve(covering, Settings(options={"solver": "hipo"}))


def test_options_of_the_wrong_type_are_errors(highs, covering):
    for options in ({"threads": 1.5}, {"presolve": False}, {"time_limit": None}, {"simplex_iteration_limit": "x"}):
        with pytest.raises(SolverError, match="does not take an option"):
            highs.solve(covering, Settings(options=options))


def test_a_tolerance_that_highs_cannot_reach_is_an_error(highs, covering):
    with pytest.raises(SolverError, match="primal_feasibility_tolerance = 1e-12"):
        highs.solve(covering, Settings(tolerance=1e-12))


def test_an_iteration_limit_is_a_limit(highs, covering):
    solution = highs.solve(covering, Settings(options={"simplex_iteration_limit": 1, "presolve": "off"}))
    assert solution.status is Status.LIMIT
    assert "kIterationLimit" in solution.message
    assert solution.row_dual is None


def test_every_status_of_highs_has_a_meaning():
    names = {name for name in dir(highspy.HighsModelStatus) if name.startswith("k")}
    assert set(_CLAIMS) <= names | {"kInterrupt", "kHighsInterrupt", "kMemoryLimit"}
    failures = {"kNotset", "kLoadError", "kModelError", "kPresolveError", "kSolveError", "kPostsolveError"}
    assert names - set(_CLAIMS) - failures <= {"kModelEmpty", "kUnknown"}
    assert _CLAIMS["kTimeLimit"] is Claim.LIMIT


def test_coefficients_that_highs_refuses_are_an_error(highs, build):
    with pytest.raises(SolverError, match=r"refused the program in passModel: coefficients from 1e\+17 to 1e\+17"):
        highs.solve(build([1], [[1e17]], [1], [INF]))


def test_tiny_coefficients_are_not_dropped(highs, build, check):
    # min y with y + 1e-11 x >= 1 and x <= 1e11 is 0; HiGHS's default would drop the coefficient and answer 1
    program = build([0, 1], [[1e-11, 1]], [1], [INF], [(0, 1e11), (0, INF)])
    solution = highs.solve(program)
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(0, abs=1e-7)
    with pytest.raises(SolverError, match="coefficients from 1e-11 to 1"):
        highs.solve(program, Settings(options={"small_matrix_value": 1e-9}))


def test_large_bounds_are_bounds(highs, build):
    solution = highs.solve(build([-1], [[1]], [-INF], [1e21]))
    assert solution.status is Status.OPTIMAL
    assert solution.objective == -1e21


def test_fractional_bounds_of_integer_columns(highs, build):
    # HiGHS 1.15 calls this infeasible as it stands: y - 2z >= -3, y in [-2, 1], whole z in [1/2, 5/2]
    program = build([1, 0], [[1, -2]], [-3], [INF], [(-2, 1), (0.5, 2.5)], integer=[False, True])
    solution = highs.solve(program)
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(-1)
    empty = highs.solve(build([1], [[1]], [0], [1], [(0.2, 0.8)], integer=[True]))
    assert empty.status is Status.INFEASIBLE
    assert "no whole number" in empty.message


def test_presolve_verdicts_come_with_certificates(highs, build, check):
    """Row singletons that presolve removes leave HiGHS without a dual ray; the answer has one all the same."""
    program = build([1, 1, 1], [[1, 0, 0], [1, 1, 1], [0, 1, 1]], [3, -INF, 0], [INF, 1, INF])
    check.infeasible(program, highs.solve(program))
    session = highs.start(program)
    for _ in range(2):
        check.infeasible(program, session.solve())


def test_the_engine_reports_nothing_that_it_has_not(build):
    engine = Engine(build([1, 1], [[1, 1]], [1], [INF]), Settings())
    assert (engine.ray(), engine.dual_ray(), engine.basis()) == (None, None, None)


def test_output_is_silent(covering):
    code = """
        import numpy as np, solvers
        from scipy.sparse import csr_array
        from solvers import LinearProgram
        p = LinearProgram(np.ones(2), csr_array(np.ones((1, 2))), np.ones(1), np.ones(1), np.zeros(2), np.ones(2))
        for name in solvers.available():
            solvers.get(name).solve(p)
    """
    done = subprocess.run([sys.executable, "-W", "error", "-c", textwrap.dedent(code)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


LONG = """
    import sys, time
    import numpy as np
    import solvers
    from scipy.sparse import csr_array
    from solvers import LinearProgram, Settings
    rng = np.random.default_rng(0)
    if sys.argv[1] == "integer":
        sizes = rng.integers(0, 100, (5, 50)).astype(float)
        half = np.floor(sizes.sum(axis=1) / 2)
        matrix = csr_array(np.hstack([sizes, np.eye(5)]))
        integer, cost = np.arange(55) < 50, np.r_[np.zeros(50), np.ones(5)]
        lower, upper, top = half, half, np.r_[np.ones(50), np.full(5, np.inf)]
    else:
        matrix, integer, cost = csr_array(rng.random((2500, 2500))), None, -rng.random(2500)
        lower, upper, top = np.full(2500, -np.inf), np.ones(2500), np.full(2500, np.inf)
    program = LinearProgram(cost, matrix, lower, upper, np.zeros(cost.size), top, integer=integer)
    settings = Settings(options=eval(sys.argv[3]))
    print("ready", flush=True)
    try:
        solvers.get(sys.argv[2]).solve(program, settings)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize(
    ("kind", "name", "options"),
    [
        ("integer", "highs", {}),
        ("linear", "highs", {}),
        ("linear", "highs", {"solver": "ipm"}),
        pytest.param("linear", "highs", {"solver": "pdlp"}, marks=pytest.mark.slow),
        ("integer", "pulp", {}),
    ],
)
def test_ctrl_c_ends_a_long_solve_promptly_and_cleanly(kind, name, options, tmp_path):
    if name not in solvers.available():
        pytest.skip(f"the packages of {name} are not installed")
    arguments = [sys.executable, "-c", textwrap.dedent(LONG), kind, name, repr(options)]
    environment = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.8)
    assert process.poll() is None, "the program was meant to take longer"
    started = time.perf_counter()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    # HiGHS 1.15 stops within half a second, but for its presolve, which does not listen, and PDLP, which never does:
    # those may be left behind after GRACE, and get as long again at exit
    assert time.perf_counter() - started < 2 * GRACE + 3
    assert (process.returncode, output, errors) == (0, "interrupted\n", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("presolve", ["on", "off"])
@pytest.mark.parametrize("kind", ["sparse", "equal", "fixed", "tiny", "empty"])
def test_the_quick_reading_of_a_basis(kind, presolve):
    """Programs large enough for it: the same columns and rows are basic as HiGHS says one by one."""
    rng = np.random.default_rng(3)
    m, n = 600, 500
    dense = rng.integers(-3, 4, (m, n)) * (rng.random((m, n)) < (0 if kind == "empty" else 0.003))
    matrix = csr_array(dense * (1e-13 if kind == "tiny" else 1.0))
    point = rng.integers(0, 4, n).astype(float)
    activity = matrix @ point
    program = LinearProgram(
        cost=rng.integers(0, 3, n).astype(float),
        matrix=matrix,
        row_lower=activity - (kind == "sparse"),
        row_upper=np.full(m, INF) if kind == "sparse" else activity,
        column_lower=point if kind == "fixed" else np.zeros(n),
        column_upper=point if kind == "fixed" else np.full(n, INF),
    )
    engine = Engine(program, Settings(options={"presolve": presolve}))
    assert engine.run() == "kOptimal"
    quick, slow = engine.vertex(program), engine.basis()
    assert ((quick.columns == 0) == (slow.columns == 0)).all() and ((quick.rows == 0) == (slow.rows == 0)).all()
    movable = program.column_lower < program.column_upper
    np.testing.assert_array_equal(quick.columns[movable], slow.columns[movable])
