"""The exact check accepts proofs and refuses whatever is not one."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rational_programs import answer_by_elimination, dense_program, small_programs

from solvers import Status
from solvers.exact import (
    RationalProgram,
    Rationals,
    check_feasible,
    check_infeasible,
    check_optimal,
    check_unbounded,
    solve_exact,
)

F = Fraction
FORM = dense_program([1, 1], [[1, 2], [3, 1]], [(None, 1), (None, 1)], [(0, None)] * 2, maximize=True)


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        ([F(1, 5), F(2, 5)], [F(2, 5), F(1, 5)], ""),
        ([F(1, 5), F(1, 2)], [F(2, 5), F(1, 5)], "row 0"),
        ([F(-1, 5), F(2, 5)], [F(2, 5), F(1, 5)], "column 0"),
        ([F(1, 5), F(1, 5)], [F(2, 5), F(1, 5)], "differ"),
        ([F(1, 5), F(2, 5)], [F(-2, 5), F(1, 5)], "lean"),
        ([F(1, 5), F(2, 5)], [F(2, 5), F(1, 10)], "lean"),
    ],
)
def test_every_part_of_an_optimum(x, y, says):
    fault = check_optimal(FORM.whole, Rationals.of(x), Rationals.of(y))
    assert says in fault and bool(says) == bool(fault)


def test_false_farkas_multipliers():
    whole = dense_program([0], [[1], [1]], [(1, None), (None, F(1, 2))], [(None, None)]).whole
    assert check_infeasible(whole, Rationals.of([1, -1])) == ""
    for wrong in ([1, -2], [0, 0], [-1, 1]):
        assert check_infeasible(whole, Rationals.of(wrong))


def test_false_rays():
    whole = dense_program([1, 0], [[1, -1]], [(0, None)], [(None, None), (0, None)], maximize=True).whole
    at = Rationals.of([1, 1])
    assert check_unbounded(whole, at, Rationals.of([1, 1])) == ""
    assert "ray leaves" in check_unbounded(whole, at, Rationals.of([1, 2]))
    assert "ray leaves" in check_unbounded(whole, at, Rationals.of([-2, -3]))
    assert "improve" in check_unbounded(whole, at, Rationals.of([0, 0]))
    assert "row 0" in check_unbounded(whole, Rationals.of([0, 1]), Rationals.of([1, 1]))


@settings(max_examples=40)
@given(small_programs(), st.data())
def test_an_altered_optimum_is_refused_or_still_true(form, data):
    found = solve_exact(form)
    assume(found.status is Status.OPTIMAL)
    x, y = found.x.copy(), found.row_dual.copy()
    numbers = x if data.draw(st.booleans()) or not len(y) else y
    numbers[data.draw(st.integers(0, len(numbers) - 1))] += data.draw(st.fractions(-1, 1, max_denominator=10**6))
    if check_optimal(form.whole, Rationals.of(x), Rationals.of(y)) == "":
        assert form.cost @ x + form.offset == answer_by_elimination(form)


def outside(form, x):
    """Whether x breaks a bound, in fractions."""
    activity = np.array([F(0)] * form.row_count, dtype=object)
    np.add.at(activity, form.row, form.value * x[form.column])
    sides = [(activity, form.row_lower, form.row_upper), (x, form.column_lower, form.column_upper)]
    return any(
        (low is not None and one < low) or (high is not None and one > high)
        for values, lower, upper in sides
        for one, low, high in zip(values, lower, upper, strict=True)
    )


@given(small_programs(), st.data())
def test_feasible_is_what_meets_every_bound(form, data):
    x = np.array(
        data.draw(
            st.lists(st.fractions(-5, 5, max_denominator=7), min_size=form.column_count, max_size=form.column_count)
        ),
        dtype=object,
    )
    assert (check_feasible(form.whole, Rationals.of(x)) == "") == (not outside(form, x))


def test_entries_at_one_place_are_added_and_zeros_dropped():
    form = RationalProgram.of(
        [1], np.array([0, 0, 1, 1]), np.array([0, 0, 0, 0]), [F(1, 2), F(1, 3), 1, -1], ([0, 0], [None, 1], [0], [None])
    )
    assert form.value.tolist() == [F(5, 6)] and form.row.tolist() == [0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"row": [2]}, "row index"),
        ({"column": [-1]}, "column index"),
        ({"value": [1, 2]}, "different lengths"),
        ({"cost": [1, 1]}, "different lengths"),
    ],
)
def test_programs_that_are_none(change, says):
    parts = {"cost": [1], "row": [0], "column": [0], "value": [1]} | change
    with pytest.raises(ValueError, match=says):
        RationalProgram.of(
            parts["cost"], np.array(parts["row"]), np.array(parts["column"]), parts["value"], ([0], [1], [0], [1])
        )


def test_floats_are_the_nearest():
    plain = dense_program(
        [F(1, 3)], [[F(2, 3)]], [(F(1, 7), None)], [(None, F(22, 7))], maximize=True, offset=F(1, 9)
    ).to_float()
    assert plain.cost[0] == 1 / 3 and plain.matrix.toarray()[0, 0] == 2 / 3 and plain.row_lower[0] == 1 / 7
    assert (
        plain.row_upper[0] == np.inf and plain.column_lower[0] == -np.inf and plain.maximize and plain.offset == 1 / 9
    )
