"""The measures of an answer: perfect ones pass, and each kind of fault is seen."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from solvers import Cone, ConeKind, cones, kkt, witness

INF = np.inf
TOLERANCE = 1e-9


@pytest.fixture
def program(build):
    # min 2x + 3y, x + y >= 4, x - y <= 2: optimum (3, 1), duals 5/2 and -1/2
    return build([2, 3], [[1, 1], [1, -1]], [4, -INF], [INF, 2])


def faults(program, x, y):
    return kkt.residuals(program, np.array(x, dtype=float), np.array(y, dtype=float), TOLERANCE).faults(TOLERANCE)


def test_a_perfect_answer_has_no_faults(program):
    assert faults(program, [3, 1], [2.5, -0.5]) == ""


def test_the_same_answer_maximised(program):
    assert faults(replace(program, cost=-program.cost, maximize=True), [3, 1], [-2.5, 0.5]) == ""


def test_an_infeasible_point_is_seen(program):
    assert "primal residual 1.0e+00" in faults(program, [2, 1], [2.5, -0.5])


def test_a_feasible_point_that_is_not_best_is_seen(program):
    assert faults(program, [3, 2], [2.5, -0.5]).startswith("duality gap")


def test_a_multiplier_of_the_wrong_sign_is_seen(program):
    assert "dual residual 4.5" in faults(program, [3, 1], [-2.5, 4.5])


def test_a_negative_reduced_cost_without_an_upper_bound_is_seen(build):
    assert "dual residual 1.0" in faults(build([-1], [[1]], [0], [INF]), [0], [0])


def test_an_unbounded_program_has_no_faultless_answer(build):
    # x - y <= 1, maximise x: whatever the point, the dual x >= 1, -x >= 0 has none
    program = build([1, 0], [[1, -1]], [-INF], [1], maximize=True)
    for multiplier in (0, 0.5, 1):
        assert faults(program, [1, 0], [multiplier])


def test_a_fraction_in_an_integer_column_is_a_violation(build):
    program = build([1], bounds=[(0, 5)], integer=[True])
    assert kkt.primal_residual(program, np.array([1.25])) == 0.25


def test_rounding_in_large_terms_is_forgiven_and_nothing_else(build):
    program = build([0, 0], [[1e9, -1e9]], [0], [0], [(-INF, INF)] * 2)
    assert kkt.primal_residual(program, np.array([1.0, 1.0 + 2**-52])) == 0
    assert kkt.primal_residual(program, np.array([1.0, 1.0 + 1e-10])) > 0.09


def test_farkas_multipliers(build):
    program = build([1, 1], [[1, 1], [1, 1]], [2, -INF], [INF, 1])
    good = np.array([1.0, -1.0])
    assert kkt.is_farkas(program, good, kkt.farkas_column_dual(program, good), TOLERANCE)
    for bad in ([-1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, np.nan], [1.0, -0.999]):
        bad = np.array(bad)
        assert not kkt.is_farkas(program, bad, kkt.farkas_column_dual(program, bad), TOLERANCE)


def test_farkas_multipliers_of_a_feasible_program_do_not_exist(build):
    program = build([1, 1], [[1, 1], [1, 1]], [1, -INF], [INF, 1])
    multipliers = np.array([1.0, -1.0])
    assert not kkt.is_farkas(program, multipliers, kkt.farkas_column_dual(program, multipliers), TOLERANCE)


def test_column_multipliers_must_cancel(build):
    program = build([1, 1], [[1, 1], [1, 1]], [2, -INF], [INF, 1])
    assert not kkt.is_farkas(program, np.array([1.0, -1.0]), np.array([0.5, 0.0]), TOLERANCE)


def test_rays(build):
    program = build([-1, 0], [[1, -1]], [-1], [1])
    assert kkt.is_ray(program, np.array([2.0, 2.0]), TOLERANCE)
    for bad in ([1.0, 0.0], [-1.0, -1.0], [0.0, 0.0], [1.0, INF]):
        assert not kkt.is_ray(program, np.array(bad), TOLERANCE)
    assert not kkt.is_ray(replace(program, maximize=True), np.array([2.0, 2.0]), TOLERANCE)
    curved = replace(program, quadratic=csr_array(np.eye(2)))
    assert not kkt.is_ray(curved, np.array([2.0, 2.0]), TOLERANCE)


def test_the_farkas_program_is_feasible_exactly_when_the_original_is_not(build, backends):
    feasible = build([0, 0], [[1, 1]], [1], [2], [(0, 1), (-INF, INF)])
    infeasible = build([0, 0], [[1, 1]], [4], [5], [(0, 1), (-INF, 2)])
    solved = backends[0].solve(witness.farkas_program(feasible).program)
    assert solved.status.name == "INFEASIBLE"
    form = witness.farkas_program(infeasible)
    dual = form.row_dual(backends[0].solve(form.program).x, 1)
    np.testing.assert_allclose(dual, [1.0], atol=1e-9)  # 4 - 1 - 2 = 1


def test_cone_membership_by_hand():
    second, exponential = ConeKind.SECOND_ORDER, ConeKind.EXPONENTIAL
    assert cones.violation(second, np.array([5.0, 3.0, 4.0])) == 0
    assert cones.violation(second, np.array([4.0, 3.0, 4.0])) == 1
    assert cones.violation(exponential, np.array([0.0, 1.0, 1.0])) == 0
    assert cones.violation(exponential, np.array([1.0, 1.0, 1.0])) == pytest.approx(np.e - 1)
    assert cones.violation(exponential, np.array([-1.0, 0.0, 0.0])) == 0
    assert cones.violation(exponential, np.array([1.0, 0.0, 5.0])) == 1


def test_the_dual_exponential_cone_has_no_negative_product_with_the_cone():
    rng = np.random.default_rng(0)
    kind = ConeKind.EXPONENTIAL
    x, y = rng.normal(size=500), rng.exponential(size=500)
    primal = np.column_stack([x, y, y * np.exp(x / y)])
    u, v = -rng.exponential(size=500), rng.normal(size=500)
    dual = np.column_stack([u, v, -u * np.exp(v / u - 1)])
    primal, dual = primal[np.isfinite(primal).all(axis=1)], dual[np.isfinite(dual).all(axis=1)]
    for point in dual[:50]:
        assert cones.dual_violation(kind, point) <= 1e-12 * (1 + abs(point[2]))
        assert (primal @ point >= -1e-9 * np.abs(primal * point).sum(axis=1)).all()
        inside = point - np.array([0.0, 0.0, 0.1 + 0.1 * abs(point[2])])
        assert cones.dual_violation(kind, inside) > 0.09


def test_conic_answers_are_measured(build):
    # min t, |x| <= t, x = 3: t = 3 with multiplier 1 on the row
    cone = (Cone(ConeKind.SECOND_ORDER, (0, 1)),)
    program = build([1, 0], [[0, 1]], [3], [3], [(-INF, INF)] * 2, cones=cone)
    assert faults(program, [3, 3], [1]) == ""
    assert "primal" in faults(program, [2, 3], [1])
    assert "gap" in faults(program, [4, 3], [1])
    assert "dual" in faults(program, [3, 3], [2])
