"""What every back-end must do: one suite, run over all of them. A back-end passes what it declares, and refuses the
rest with an error that says so."""

from __future__ import annotations

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from solvers import Cone, ConeKind, Feature, Settings, SolverError, Status

INF = np.inf


def needs(backend, feature):
    if feature not in backend.features:
        pytest.skip(f"{backend.name} does not declare {feature.value}")


def test_an_optimum_has_its_point_value_and_duals(backend, build, check):
    # min 2x + 3y, x + y >= 4, x - y <= 2: at (3, 1) both rows bind, so y1 + y2 = 2 and y1 - y2 = 3
    program = build([2, 3], [[1, 1], [1, -1]], [4, -INF], [INF, 2])
    solution = backend.solve(program)
    check.optimal(program, solution)
    np.testing.assert_allclose(solution.x, [3, 1], atol=1e-7)
    np.testing.assert_allclose(solution.row_dual, [2.5, -0.5], atol=1e-7)
    np.testing.assert_allclose(solution.column_dual, [0, 0], atol=1e-7)
    assert solution.objective == pytest.approx(9)
    assert solution.solver == backend.name
    assert solution.version == backend.version()
    assert solution.seconds > 0


def test_maximising_turns_the_signs_and_keeps_the_offset(backend, build, check):
    # max 3x + 5y + 7, x <= 4, 2y <= 12, 3x + 2y <= 18: 36 at (2, 6), shadow prices 0, 3/2, 1 (Hillier and Lieberman)
    program = build([3, 5], [[1, 0], [0, 2], [3, 2]], [-INF] * 3, [4, 12, 18], maximize=True, offset=7)
    solution = backend.solve(program)
    check.optimal(program, solution)
    np.testing.assert_allclose(solution.x, [2, 6], atol=1e-7)
    np.testing.assert_allclose(solution.row_dual, [0, 1.5, 1], atol=1e-7)
    assert solution.objective == pytest.approx(43)


def test_a_multiplier_is_the_change_of_the_value_per_unit_of_its_bound(backend, build):
    def value(side, maximize):
        return backend.solve(build([2, 3], [[1, 1]], [side], [side], [(0, 3), (0, 9)], maximize=maximize)).objective

    for maximize in (False, True):
        dual = backend.solve(build([2, 3], [[1, 1]], [4], [4], [(0, 3), (0, 9)], maximize=maximize)).row_dual[0]
        assert value(4.5, maximize) - value(4, maximize) == pytest.approx(dual / 2, abs=1e-7)


def test_infeasible_comes_with_farkas_multipliers(backend, build, check):
    program = build([1, 1], [[1, 1], [1, 1]], [2, -INF], [INF, 1])
    check.infeasible(program, backend.solve(program))


def test_infeasible_by_column_bounds(backend, build, check):
    program = build([0, 0], [[1, 2]], [10], [INF], [(0, 2), (0, 3)])
    check.infeasible(program, backend.solve(program))


@pytest.mark.parametrize("maximize", [False, True])
def test_unbounded_comes_with_a_ray_and_a_point(backend, build, check, maximize):
    sign = 1 if maximize else -1
    program = build([sign, 0], [[1, -1]], [-1], [1], maximize=maximize)
    solution = backend.solve(program)
    check.unbounded(program, solution)
    check.point(program, solution.x)


def test_unbounded_without_rows(backend, build, check):
    program = build([1, -1], bounds=[(0, INF), (0, INF)])
    check.unbounded(program, backend.solve(program))


def test_both_primal_and_dual_infeasible_is_infeasible(backend, build, check):
    program = build([-1, -1, -1], [[1, 1, 0], [1, 1, 0]], [2, -INF], [INF, 1], [(-INF, INF)] * 3)
    check.infeasible(program, backend.solve(program))


def test_degenerate_beale(backend, build, check):
    # Beale's cycling example (1955): optimum -1/20 at x1 = 1/25, x3 = 1
    rows = [[0.25, -60, -1 / 25, 9], [0.5, -90, -1 / 50, 3], [0, 0, 1, 0]]
    program = build([-0.75, 150, -1 / 50, 6], rows, [-INF] * 3, [0, 0, 1])
    solution = backend.solve(program)
    check.optimal(program, solution)
    assert solution.objective == pytest.approx(-0.05, abs=1e-7)


def test_degenerate_assignment(backend, build, check):
    # the assignment polytope has n! vertices and n^2 - n degenerate ones at each; identity is best for cost (i - j)^2
    n = 4
    index = np.arange(n * n).reshape(n, n)
    rows = np.zeros((2 * n, n * n))
    for k in range(n):
        rows[k, index[k]] = rows[n + k, index[:, k]] = 1
    cost = [(i - j) ** 2 for i in range(n) for j in range(n)]
    program = build(cost, rows, [1] * (2 * n), [1] * (2 * n))
    solution = backend.solve(program)
    check.optimal(program, solution)
    np.testing.assert_allclose(solution.x.reshape(n, n), np.eye(n), atol=1e-6)


def test_free_fixed_and_negative_columns(backend, build, check):
    # x free, y = 2, z in [-3, -1]: min x - z with x >= y + z gives x = 1 (z = -1) or any z, value 2
    program = build([1, 0, -1], [[1, -1, -1]], [0], [INF], [(-INF, INF), (2, 2), (-3, -1)])
    solution = backend.solve(program)
    check.optimal(program, solution)
    assert solution.objective == pytest.approx(2, abs=1e-7)
    assert solution.x[1] == pytest.approx(2, abs=1e-8)


def test_equality_range_and_free_rows(backend, build, check):
    # x + y = 5, 1 <= x - y <= 3, x + 2y free: y is least at x - y = 3, so (4, 1)
    program = build([0, 1], [[1, 1], [1, -1], [1, 2]], [5, 1, -INF], [5, 3, INF])
    solution = backend.solve(program)
    check.optimal(program, solution)
    np.testing.assert_allclose(solution.x, [4, 1], atol=1e-7)
    assert solution.row_dual[1] == pytest.approx(-0.5, abs=1e-7)
    assert solution.row_dual[2] == pytest.approx(0, abs=1e-9)


def test_row_that_only_looks_two_sided(backend, build, check):
    program = build([1], [[1]], [2], [2.5], [(-INF, INF)])
    solution = backend.solve(program)
    check.optimal(program, solution)
    assert solution.objective == pytest.approx(2)


@pytest.mark.parametrize("rows", [0, 2])
def test_nothing_to_choose(backend, build, check, rows):
    program = build([], np.zeros((rows, 0)), [-1] * rows, [INF] * rows, offset=3)
    solution = backend.solve(program)
    check.optimal(program, solution)
    assert solution.objective == 3


def test_no_columns_and_a_row_that_zero_does_not_meet(backend, build, check):
    program = build([], np.zeros((2, 0)), [-INF, -2], [0, -1])
    check.infeasible(program, backend.solve(program))


def test_no_rows(backend, build, check):
    program = build([1, -2, 0], bounds=[(-1, 5), (0, 4), (-INF, INF)])
    solution = backend.solve(program)
    check.optimal(program, solution)
    assert solution.objective == pytest.approx(-9)


def test_empty_rows(backend, build, check):
    program = build([1, 1], [[0, 0], [1, 1]], [-1, 1], [0, INF])
    check.optimal(program, backend.solve(program))
    program = build([1, 1], [[0, 0], [1, 1]], [1, 1], [2, INF])
    check.infeasible(program, backend.solve(program))


def test_crossed_bounds_are_infeasible_and_named(backend, build):
    solution = backend.solve(build([1], bounds=[(2, 1)], column_names=["price"]))
    assert solution.status is Status.INFEASIBLE
    assert "column price" in solution.message
    solution = backend.solve(build([1], [[1]], [2], [1], row_names=["budget"]))
    assert solution.status is Status.INFEASIBLE
    assert "row budget" in solution.message


def test_badly_scaled(backend, build, check):
    # the textbook optimum 36 of Hillier and Lieberman, rows and columns scaled so that coefficients are 1e-8 to 1e6
    row, column = np.array([1e-4, 1e3, 1]), np.array([1e-4, 1e3])
    dense = np.array([[1, 0], [0, 2], [3, 2]], dtype=float) * row[:, None] * column
    assert np.abs(dense[dense != 0]).min() == pytest.approx(1e-8)
    assert np.abs(dense).max() > 1e6
    program = build(np.array([3, 5]) * column, dense, [-INF] * 3, np.array([4, 12, 18]) * row, maximize=True)
    solution = backend.solve(program)
    assert solution.status is Status.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(36, rel=1e-6)
    assert program.violation(solution.x) < 1e-6
    dual = solution.row_dual * row
    np.testing.assert_allclose(dual, [0, 1.5, 1], atol=1e-5)


def test_duplicate_and_zero_entries_of_the_matrix_are_summed(backend, build, check):
    matrix = csr_array((np.array([1.0, 1.0, 3.0, 0.0]), np.array([0, 0, 1, 0]), np.array([0, 4])), shape=(1, 2))
    program = replace(build([1, 1], [[0, 0]], [6], [INF]), matrix=matrix)
    solution = backend.solve(program)
    check.optimal(program, solution)
    np.testing.assert_allclose(solution.x, [0, 2], atol=1e-7)
    np.testing.assert_array_equal(matrix.data, [1, 1, 3, 0])
    np.testing.assert_array_equal(program.matrix.data, [2, 3])


def test_integer_columns(backend, build, check):
    # max 5x + 4y, 6x + 4y <= 24, x + 2y <= 6: relaxed 21 at (3, 1.5), whole 20 at (4, 0) (Taha)
    program = build([5, 4], [[6, 4], [1, 2]], [-INF] * 2, [24, 6], integer=[True, True], maximize=True)
    if Feature.INTEGER not in backend.features:
        with pytest.raises(SolverError, match="does not offer integer columns"):
            backend.solve(program)
        return
    solution = backend.solve(program)
    check.integer_optimal(program, solution, 20)
    assert solution.bound == pytest.approx(20)
    assert solution.row_dual is None


def test_mixed_integer(backend, build, check):
    needs(backend, Feature.INTEGER)
    # min y, y >= x - 1/3, y >= 1/3 - x with x whole: 1/3 at x = 0
    program = build([0, 1], [[-1, 1], [1, 1]], [-1 / 3, 1 / 3], [INF] * 2, [(-5, 5), (0, INF)], integer=[True, False])
    check.integer_optimal(program, backend.solve(program), 1 / 3)


def test_binary_knapsack_against_all_subsets(backend, build, check):
    needs(backend, Feature.INTEGER)
    value, weight = [12, 2, 1, 4, 1, 7, 9, 3], [4, 2, 1, 10, 2, 5, 6, 3]
    best = max(
        sum(v * taken for v, taken in zip(value, choice, strict=True))
        for choice in itertools.product((0, 1), repeat=8)
        if sum(w * taken for w, taken in zip(weight, choice, strict=True)) <= 15
    )
    program = build(value, [weight], [-INF], [15], [(0, 1)] * 8, integer=[True] * 8, maximize=True)
    check.integer_optimal(program, backend.solve(program), best)


def test_integer_infeasible_and_unbounded(backend, build, check):
    needs(backend, Feature.INTEGER)
    odd = build([1, 1], [[2, -2]], [1], [1], [(0, 50)] * 2, integer=[True, True])
    assert backend.solve(odd).status is Status.INFEASIBLE
    crossing = build([-1, -1], [[1, 1], [1, 1]], [2, -INF], [INF, 1], [(-INF, INF)] * 2, integer=[True, True])
    assert backend.solve(crossing).status is Status.INFEASIBLE
    climbing = build([-1, 0], [[1, -1]], [0], [1], integer=[True, True])
    solution = backend.solve(climbing)
    check.unbounded(climbing, solution)
    check.point(climbing, solution.x)


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_a_time_limit_is_never_optimal(backend, hard, seconds):
    if Feature.INTEGER not in backend.features:
        pytest.skip("the hard program has integer columns")
    for offset in (0.0, 1000.0):
        started = time.perf_counter()
        solution = backend.solve(replace(hard, offset=offset), Settings(time_limit=seconds))
        assert time.perf_counter() - started < seconds + 2
        assert solution.status is Status.LIMIT
        if solution.x is not None:
            assert hard.violation(solution.x) < 1e-6
            assert solution.objective > offset
        if seconds:
            assert solution.bound is not None
            assert solution.bound <= offset + 1e-6


def test_a_time_limit_on_a_linear_program(backend, build):
    if Feature.TIME_LIMIT not in backend.features:
        pytest.skip("no time limit")
    rng = np.random.default_rng(3)
    dense = rng.random((400, 600)) * (rng.random((400, 600)) < 0.3)
    program = build(-rng.random(600), dense, [-INF] * 400, dense.sum(axis=1))
    solution = backend.solve(program, Settings(time_limit=1e-4))
    assert solution.status in (Status.LIMIT, Status.OPTIMAL)
    if solution.status is Status.LIMIT:
        assert solution.row_dual is None


def test_a_generous_time_limit_changes_nothing(backend, build, check):
    program = build([2, 3], [[1, 1], [1, -1]], [4, -INF], [INF, 2])
    check.optimal(program, backend.solve(program, Settings(time_limit=60)))
    program = build([1, 1], [[1, 1], [1, 1]], [2, -INF], [INF, 1])
    check.infeasible(program, backend.solve(program, Settings(time_limit=60)))


@pytest.mark.parametrize("options", [{"nonsense": 1}, {"time_limitt": 3.0}])
def test_an_unknown_option_is_an_error(backend, build, options):
    program = build([1, 1], [[1, 1]], [1], [INF])
    with pytest.raises(SolverError, match=f"solver '{backend.name}' does not take an option"):
        backend.solve(program, Settings(options=options))


def test_a_bad_value_of_an_option_is_an_error(backend, build):
    bad = {"highs": {"presolve": "maybe"}, "pulp": {"presolve": "maybe"}, "cvxpy": {"max_iter": "many"}}
    with pytest.raises(SolverError, match=f"solver '{backend.name}' does not take"):
        backend.solve(build([1, 1], [[1, 1]], [1], [INF]), Settings(options=bad[backend.name]))


def test_a_good_option_is_taken(backend, build, check):
    good = {"highs": {"solver": "ipm"}, "pulp": {"threads": 1}, "cvxpy": {"max_iter": 300}}
    program = build([1, 1], [[1, 1]], [1], [INF])
    check.optimal(program, backend.solve(program, Settings(options=good[backend.name])))


def test_a_convex_quadratic_objective(backend, build, check):
    # min (x - 1)^2 + (y - 2)^2 - 5 s.t. x + y <= 2: (1/2, 3/2), value 1/2 - 5, multiplier -1
    program = build([-2, -4], [[1, 1]], [-INF], [2], [(-INF, INF)] * 2, quadratic=csr_array(2 * np.eye(2)))
    if Feature.QUADRATIC not in backend.features:
        with pytest.raises(SolverError, match="does not offer a quadratic objective"):
            backend.solve(program)
        return
    solution = backend.solve(program)
    assert solution.status is Status.OPTIMAL, solution.message
    np.testing.assert_allclose(solution.x, [0.5, 1.5], atol=1e-6)
    assert solution.objective == pytest.approx(-4.5, abs=1e-7)
    assert solution.row_dual[0] == pytest.approx(-1, abs=1e-6)
    flipped = replace(program, cost=-program.cost, quadratic=-program.quadratic, maximize=True)
    solution = backend.solve(flipped)
    assert solution.objective == pytest.approx(4.5, abs=1e-7)
    assert solution.row_dual[0] == pytest.approx(1, abs=1e-6)


def test_an_unbounded_quadratic_program(backend, build, check):
    needs(backend, Feature.QUADRATIC)
    quadratic = csr_array(np.diag([2.0, 0.0]))  # flat along the second column, where the cost falls
    program = build([0, -1], [[1, 0]], [-1], [1], quadratic=quadratic)
    solution = backend.solve(program)
    check.unbounded(program, solution)
    np.testing.assert_allclose(program.quadratic @ solution.ray, 0, atol=1e-7)


def test_cones(backend, build):
    # min t with |(x - 3, y - 4)| <= t at x = y = 0 is 5; max entropy on a simplex of n is log n
    distance = build(
        [1, 0, 0],
        [[0, 1, 0], [0, 0, 1]],
        [-3, -4],
        [-3, -4],
        [(-INF, INF)] * 3,
        cones=(Cone(ConeKind.SECOND_ORDER, (0, 1, 2)),),
    )
    if Feature.CONES not in backend.features:
        with pytest.raises(SolverError, match="does not offer conic constraints"):
            backend.solve(distance)
        return
    assert backend.solve(distance).objective == pytest.approx(5, abs=1e-7)
    n = 3  # columns: h_i, p_i, ones u_i with (h_i, p_i, u_i) in the cone, that is h_i <= -p_i log p_i
    rows = np.zeros((1 + n, 3 * n))
    rows[0, n : 2 * n] = 1
    rows[1:, 2 * n :] = np.eye(n)
    cones = tuple(Cone(ConeKind.EXPONENTIAL, (i, n + i, 2 * n + i)) for i in range(n))
    entropy = build(
        [1] * n + [0] * 2 * n, rows, [1] * (1 + n), [1] * (1 + n), [(-INF, INF)] * 3 * n, maximize=True, cones=cones
    )
    solution = backend.solve(entropy)
    assert solution.status is Status.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(np.log(3), abs=1e-6)


def test_a_session_grows_by_rows(backend, build, check):
    # max x + y over x, y <= 5, then x + y <= 7, then x <= 1, then infeasible
    session = backend.start(build([1, 1], bounds=[(0, 5)] * 2, maximize=True))
    values = [session.solve().objective]
    for row, upper in (([[1.0, 1.0]], 7.0), ([[1.0, 0.0]], 1.0)):
        session.add_rows(csr_array(np.array(row)), np.array([-INF]), np.array([upper]))
        solution = session.solve()
        check.optimal(session.program, solution)
        values.append(solution.objective)
    assert values == pytest.approx([10, 7, 6], abs=1e-7)
    session.add_rows(csr_array(np.array([[1.0, 1.0]])), np.array([8.0]), np.array([INF]))
    check.infeasible(session.program, session.solve())


def test_a_session_loses_rows(backend, build, check):
    # max x + 2 y over x, y <= 5 with x + y <= 7, x <= 1, y <= 4: 9; without the first row 9, without the second 11
    rows, upper = [[1, 1], [1, 0], [0, 1]], [7, 1, 4]
    names = ["together", "first", "second"]
    program = build([1, 2], rows, [-INF] * 3, upper, [(0, 5)] * 2, maximize=True)
    session = backend.start(replace(program, row_names=names))
    values = [session.solve().objective]
    for row in (0, 0):
        session.drop_rows(np.array([row]))
        solution = session.solve()
        check.optimal(session.program, solution)
        values.append(solution.objective)
    assert values == pytest.approx([9, 9, 13], abs=1e-7)
    assert session.program.row_name(0) == "second"


def test_solving_from_several_threads(backend, build, check):
    programs = [build([2, 3], [[1, 1], [1, -1]], [k, -INF], [INF, 2]) for k in range(2, 10)]
    with ThreadPoolExecutor(4) as pool:
        for program, solution in zip(programs, pool.map(backend.solve, programs), strict=True):
            check.optimal(program, solution)


def test_the_program_is_not_changed(backend, build):
    program = build([3, 5], [[1, 0], [0, 2], [3, 2]], [-INF] * 3, [4, 12, 18], maximize=True)
    parts = (program.cost, program.matrix.data, program.row_lower, program.row_upper, program.column_lower)
    before = [part.copy() for part in parts]
    backend.solve(program)
    for part, copy in zip(parts, before, strict=True):
        np.testing.assert_array_equal(part, copy)


@given(data=st.data())
def test_verdicts_on_random_programs_prove_themselves(backend, programs, check, data):
    """Weak duality and Farkas: an answer that passes its own check is right, whoever gives it."""
    program = data.draw(programs)
    solution = backend.solve(program)
    proofs = {
        Status.OPTIMAL: check.optimal,
        Status.INFEASIBLE: check.infeasible,
        Status.UNBOUNDED: check.unbounded,
    }
    assert solution.status in proofs, solution.message
    if not (program.row_lower > program.row_upper).any() and not (program.column_lower > program.column_upper).any():
        proofs[solution.status](program, solution)


@given(data=st.data())
def test_scipy_agrees(backend, programs, data):
    program = data.draw(programs)
    solution = backend.solve(program)
    sign = -1 if program.maximize else 1
    low, high = np.isfinite(program.row_lower), np.isfinite(program.row_upper)
    dense = program.matrix.toarray()
    peer = linprog(
        sign * program.cost,
        A_ub=np.vstack([-dense[low], dense[high]]),
        b_ub=np.concatenate([-program.row_lower[low], program.row_upper[high]]),
        bounds=np.column_stack([program.column_lower, program.column_upper]),
        method="highs-ds",
        options={"presolve": False},
    )
    if peer.status == 0:
        assert solution.status is Status.OPTIMAL
        assert solution.objective == pytest.approx(sign * peer.fun + program.offset, abs=1e-6)
    elif solution.status is Status.OPTIMAL:
        pytest.fail(f"optimal here, but scipy says: {peer.message}")


@given(data=st.data())
def test_integer_programs_against_enumeration(backend, integer_programs, check, data):
    needs(backend, Feature.INTEGER)
    program = data.draw(integer_programs)
    solution = backend.solve(program)
    best = _enumerated(backend, program)
    if best is None:
        assert solution.status is Status.INFEASIBLE
    else:
        check.integer_optimal(program, solution, best)


def _enumerated(backend, program):
    """The best value over all whole settings of the integer columns, the others by linear programming in scipy."""
    whole = np.flatnonzero(program.integer)
    ranges = [range(int(np.ceil(program.column_lower[j])), int(np.floor(program.column_upper[j])) + 1) for j in whole]
    sign = -1 if program.maximize else 1
    low, high = np.isfinite(program.row_lower), np.isfinite(program.row_upper)
    dense = program.matrix.toarray()
    rest = ~program.integer
    values = []
    for choice in itertools.product(*ranges):
        taken = dense[:, whole] @ np.array(choice, dtype=float) if whole.size else np.zeros(program.row_count)
        base = float(program.cost[whole] @ np.array(choice, dtype=float)) if whole.size else 0.0
        if not rest.any():
            if (taken >= program.row_lower).all() and (taken <= program.row_upper).all():
                values.append(base)
            continue
        peer = linprog(
            sign * program.cost[rest],
            A_ub=np.vstack([-dense[low][:, rest], dense[high][:, rest]]),
            b_ub=np.concatenate([taken[low] - program.row_lower[low], program.row_upper[high] - taken[high]]),
            bounds=np.column_stack([program.column_lower[rest], program.column_upper[rest]]),
        )
        if peer.status == 0:
            values.append(base + sign * peer.fun)
    if not values:
        return None
    return (max(values) if program.maximize else min(values)) + program.offset
