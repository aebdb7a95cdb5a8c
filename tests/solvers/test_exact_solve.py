"""Exact answers of linear programs: by hand, by elimination, and on programs made to mislead floats."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rational_programs import TINY, answer_by_elimination, dense_program, small_programs

from solvers import Basis, Settings, Solution, SolverError, Status
from solvers.exact import check_infeasible, check_optimal, check_unbounded, solve_exact
from solvers.exact.numbers import exact

F = Fraction
TWO_LINES = ([1, 1], [[1, 2], [3, 1]], [(None, 1), (None, 1)], [(0, None)] * 2)  # maximal at (1/5, 2/5), both bind


def started(columns, rows):
    """A float solution of which only the basis is known."""
    basis = Basis(np.array(columns, np.int8), np.array(rows, np.int8))
    return Solution(Status.OPTIMAL, "by hand", "0", 0.0, basis=basis)


def test_an_optimum_by_hand():
    found = solve_exact(dense_program(*TWO_LINES, maximize=True, offset=F(1, 3)))
    assert found.proven and found.status is Status.OPTIMAL and not found.reason
    assert found.x.tolist() == [F(1, 5), F(2, 5)]
    assert found.row_dual.tolist() == [F(2, 5), F(1, 5)]
    assert found.column_dual.tolist() == [0, 0]
    assert found.objective == F(3, 5) + F(1, 3)


def test_contradiction_by_hand():
    form = dense_program([0, 0], [[1, 1], [1, 1]], [(1, None), (None, F(1, 2))], [(None, None)] * 2)
    found = solve_exact(form)
    assert found.proven and found.status is Status.INFEASIBLE and found.x is None and found.objective is None
    assert found.row_dual[0] == -found.row_dual[1] > 0


def test_a_contradiction_below_every_tolerance():
    # a + b >= 1/3 and a + b <= 1/3 − 10⁻³⁰
    rows = [(F(1, 3), None), (None, F(1, 3) - F(1, 10**30))]
    found = solve_exact(dense_program([0, 0], [[1, 1], [1, 1]], rows, [(None, None)] * 2))
    assert found.proven and found.status is Status.INFEASIBLE


def test_unbounded_with_its_ray():
    found = solve_exact(dense_program([1, 0], [[1, -1]], [(0, None)], [(None, None)] * 2, maximize=True))
    assert found.proven and found.status is Status.UNBOUNDED and found.objective is None
    assert found.ray[0] > 0 and found.ray[0] >= found.ray[1] and found.x[0] >= found.x[1]


@pytest.mark.parametrize(("rows", "columns", "what"), [([(2, 1)], [(0, None)], "row"), ([], [(2, 1)], "column")])
def test_crossed_bounds_are_their_own_contradiction(rows, columns, what):
    found = solve_exact(dense_program([1], [[1]] * len(rows), rows, columns))
    assert found.proven and found.status is Status.INFEASIBLE
    assert found.crossed == (what, 0) and found.row_dual is None


def test_fixed_free_and_ranged():
    # x fixed at 1/3, y free, 1 <= x + y <= 2, minimise y − 2x: y = 2/3
    found = solve_exact(dense_program([-2, 1], [[1, 1]], [(1, 2)], [(F(1, 3), F(1, 3)), (None, None)]))
    assert found.x.tolist() == [F(1, 3), F(2, 3)] and found.objective == 0
    assert found.row_dual.tolist() == [1] and found.column_dual.tolist() == [-3, 0]


def test_no_rows_and_no_columns():
    found = solve_exact(dense_program([2, 0], [], [], [(F(1, 3), None), (None, None)]))
    assert found.proven and found.objective == F(2, 3)
    assert solve_exact(dense_program([], [[]], [(0, 0)], [])).objective == 0
    assert solve_exact(dense_program([], [[]], [(1, 1)], [])).status is Status.INFEASIBLE


def test_integer_columns_are_refused():
    form = dense_program([1], [[2]], [(None, 1)], [(0, 1)], maximize=True, integer=np.array([True]))
    with pytest.raises(ValueError, match="integer"):
        solve_exact(form)
    assert solve_exact(form.relaxed()).objective == F(1, 2)


def test_a_float_is_no_number():
    with pytest.raises(TypeError, match="exact"):
        dense_program([0.1], [], [], [(0, 1)])


def test_an_unknown_method_or_option_is_refused():
    form = dense_program(*TWO_LINES, maximize=True)
    with pytest.raises(SolverError, match="rounding"):
        solve_exact(form, method="rounding")
    with pytest.raises(SolverError, match="speed"):
        solve_exact(form, Settings(options={"speed": 9}))


def test_without_time_nothing_is_proven():
    found = solve_exact(dense_program(*TWO_LINES, maximize=True), Settings(time_limit=0.0))
    assert not found.proven and "time limit" in found.reason and found.x is None and found.row_dual is None


def test_an_exact_answer_is_found_from_any_start():
    form = dense_program(*TWO_LINES, maximize=True)
    wrong = solve_exact(form, start=started([-1, -1], [0, 0]))  # the origin
    assert wrong.proven and wrong.objective == F(3, 5) and "correction" in wrong.method
    optimal = solve_exact(form, start=started([0, 0], [1, 1]))
    assert optimal.proven and "correction" not in optimal.method and optimal.float_seconds == 0
    crooked = solve_exact(form, start=started([0, 0], [0, 1]))  # not square
    assert crooked.proven and crooked.objective == F(3, 5)
    with pytest.raises(ValueError, match="1 rows and 3 columns"):
        solve_exact(form, start=started([0, 0, 0], [1]))


def test_a_singular_start():
    form = dense_program([1, 1], [[1, 1], [2, 2]], [(1, 1), (2, 2)], [(0, None)] * 2)
    found = solve_exact(form, start=started([0, 0], [-1, -1]))
    assert found.proven and found.objective == 1


def test_degenerate_programs_end():
    # Beale (1955): Dantzig's rule with first ties cycles for ever; the optimum is −1/20
    rows = [[F(1, 4), -60, -F(1, 25), 9], [F(1, 2), -90, -F(1, 50), 3], [0, 0, 1, 0]]
    form = dense_program([-F(3, 4), 150, -F(1, 50), 6], rows, [(None, 0), (None, 0), (None, 1)], [(0, None)] * 4)
    assert solve_exact(form).objective == F(-1, 20)


@pytest.mark.parametrize("digits", [6, 9, 12, 15, 20, 40, 400])
def test_a_coefficient_below_every_tolerance_is_never_forgotten(digits):
    # x <= 1 + t y, y <= 1: the optimum is 1 + t, and floats say 1
    tiny = F(1, 10**digits)
    form = dense_program([1, 0], [[1, -tiny]], [(None, 1)], [(0, None), (0, 1)], maximize=True)
    found = solve_exact(form)
    assert found.proven and found.objective == 1 + tiny


@pytest.mark.parametrize("digits", [15, 40, 400])
def test_numbers_out_of_the_range_of_floats(digits):
    huge = F(10**digits)
    found = solve_exact(dense_program([huge, 1], [[1, huge]], [(huge, None)], [(0, None), (0, huge)]))
    assert found.proven and found.objective == 1
    far = solve_exact(dense_program([1], [[1 / huge]], [(None, huge)], [(0, None)], maximize=True))
    assert far.proven and far.objective == huge**2


def checked_again(form, found):
    """What the check says of the answer as fractions, number by number."""
    whole, rational = form.whole, type(found.multipliers or found.point).of
    if found.status is Status.OPTIMAL:
        return check_optimal(whole, rational(found.x), rational(found.row_dual))
    if found.status is Status.INFEASIBLE:
        return check_infeasible(whole, rational(found.row_dual))
    return check_unbounded(whole, rational(found.x), rational(found.ray))


def agrees(form, method="refinement", few_multipliers=True):
    found = solve_exact(form, method=method, few_multipliers=few_multipliers)
    truth = answer_by_elimination(form)
    assert found.proven, found.reason
    status = {"infeasible": Status.INFEASIBLE, "unbounded": Status.UNBOUNDED}.get(truth, Status.OPTIMAL)
    assert found.status is status
    assert found.objective == (truth if status is Status.OPTIMAL else None)
    assert found.crossed is not None or checked_again(form, found) == ""


@given(small_programs(), st.booleans())
def test_every_small_program_is_answered(form, few_multipliers):
    agrees(form, few_multipliers=few_multipliers)


def test_few_multipliers_are_asked_for():
    # x_k >= x_(k−1) + 1 eight times and x_8 <= x_0 + 7, beside x_8 >= 9 and x_8 <= 7: two rows contradict each other
    size = 9
    steps = [[(j == k) - (j == k - 1) for j in range(size)] for k in range(1, size)]
    around = [[(j == size - 1) - (j == 0) for j in range(size)]]
    last = [[j == size - 1 for j in range(size)]] * 2
    bounds = [(1, None)] * 8 + [(None, 7), (9, None), (None, 7)]
    form = dense_program([0] * size, steps + around + last, bounds, [(None, None)] * size)
    few, any_ = solve_exact(form), solve_exact(form, few_multipliers=False)
    assert few.proven and any_.proven and few.status is any_.status is Status.INFEASIBLE
    assert np.count_nonzero(few.row_dual) == 2 and "exact pivots" in any_.method


@settings(max_examples=40)
@given(small_programs(most=2))
def test_block_triangular_form_answers_alike(form):
    agrees(form, "block-triangular")


@settings(max_examples=25)
@given(small_programs(TINY))
def test_numbers_of_very_unlike_sizes(form):
    agrees(form)


def tiny_tail(seed, power):
    """A revenue program with masses down to 10^-power: one buyer, 12 types, neighbouring incentives."""
    rng, size = np.random.default_rng(seed), 12
    raw = [F(int(rng.integers(1, 10**6)), 10 ** int(rng.integers(6, power))) for _ in range(size)]
    mass = [one / sum(raw) for one in raw]
    value = np.cumsum([F(int(rng.integers(1, 50)), 7) for _ in range(size)])
    rows = []
    for k, report in [(k, k - 1) for k in range(1, size)] + [(k, k + 1) for k in range(size - 1)]:
        line = [F(0)] * (2 * size)
        line[k], line[report], line[size + k], line[size + report] = value[k], -value[k], F(-1), F(1)
        rows.append(line)
    rows += [[value[k] * (j == k) for j in range(size)] + [-F(j == k) for j in range(size)] for k in range(size)]
    columns = [(0, 1)] * size + [(None, None)] * size
    form = dense_program([0] * size + mass, rows, [(0, None)] * len(rows), columns, maximize=True)
    return form, max(value[k] * sum(mass[k:]) for k in range(size))


@pytest.mark.parametrize("power", [12, 15, 20])
@pytest.mark.parametrize("seed", range(4))
def test_tails_of_a_prior(seed, power):
    form, best = tiny_tail(seed, power)  # the best posted price is the best mechanism (Myerson, 1981)
    found = solve_exact(form)
    assert found.proven and found.objective == best
    assert solve_exact(form, method="block-triangular").objective == best


def test_rows_and_costs_may_be_in_any_unit():
    # the rows of rare types, or costs, times 10⁻¹⁵: the same optimum
    form, best = tiny_tail(0, 12)
    rng = np.random.default_rng(7)
    row_unit = exact([F(1, 10 ** int(rng.integers(0, 16))) for _ in range(form.row_count)])
    bounds = (form.row_lower * row_unit, [None] * form.row_count, form.column_lower, form.column_upper)
    scaled = type(form).of(
        form.cost * F(1, 10**15), form.row, form.column, form.value * row_unit[form.row], bounds, maximize=True
    )
    assert solve_exact(scaled).objective == best / 10**15


@given(st.integers(1, 6), st.integers(0, 10**6))
def test_assignment_has_a_whole_optimum(size, seed):
    # Birkhoff (1946): the doubly stochastic matrices' vertices are permutations; dual degenerate by construction
    value = np.random.default_rng(seed).integers(0, 4, (size, size))
    row, column = np.indices((size, size)).reshape(2, -1)
    matrix = np.zeros((2 * size, size * size), dtype=int)
    matrix[row, np.arange(size * size)] = 1
    matrix[size + column, np.arange(size * size)] = 1
    form = dense_program(
        value.ravel().tolist(), matrix.tolist(), [(1, 1)] * (2 * size), [(0, None)] * size**2, maximize=True
    )
    found = solve_exact(form)
    assert found.proven and all(share in (0, 1) for share in found.x)
