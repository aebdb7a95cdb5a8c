"""The neutral form: what it refuses, and the small things it computes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from solvers import LinearProgram
from solvers.program import whole_bounds

INF = np.inf


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cost": np.zeros(3)}, r"cost has shape \(3,\), expected \(2,\)"),
        ({"row_lower": np.zeros(2)}, "row_lower has shape"),
        ({"integer": np.zeros(1, dtype=bool)}, "integer has shape"),
        ({"cost": np.array([1.0, np.nan])}, "a cost or a coefficient is not finite"),
        ({"matrix": csr_array(np.array([[INF, 1.0]]))}, "a cost or a coefficient is not finite"),
        ({"row_upper": np.array([np.nan])}, "a row bound is not a number"),
        ({"column_lower": np.array([INF, 0.0])}, "a column bound is on the wrong infinity"),
        ({"row_upper": np.array([-INF])}, "a row bound is on the wrong infinity"),
    ],
)
def test_malformed_programs_are_refused(build, change, message):
    with pytest.raises(ValueError, match=message):
        replace(build([1, 2], [[1, 1]], [0], [1]), **change)


def test_names_come_from_a_sequence_a_function_or_the_position(build):
    program = build([1, 2], [[1, 1]], [0], [1], row_names=lambda row: f"incentive {row}", column_names=["q"])
    assert program.row_name(0) == "incentive 0"
    assert (program.column_name(0), program.column_name(1)) == ("q", "x1")
    assert build([1], [[1]], [0], [1]).row_name(0) == "r0"


def test_objective_and_violation_by_hand(build):
    program = build([1, 2], [[1, 1], [1, -1]], [2, -INF], [INF, 1], [(0, 1), (0, 5)], offset=10)
    assert program.objective(np.array([1.0, 3.0])) == 17
    assert program.violation(np.array([1.0, 3.0])) == 0
    assert program.violation(np.array([1.0, 0.5])) == 0.5  # first row
    assert program.violation(np.array([4.0, 0.0])) == 3  # column 0 by 3, second row by 3
    quadratic = replace(program, quadratic=csr_array(np.array([[2.0, 0.0], [0.0, 4.0]])))
    assert quadratic.objective(np.array([1.0, 3.0])) == 17 + 1 + 18


def test_violation_without_columns(build):
    assert build([], np.zeros((1, 0)), [2], [3]).violation(np.zeros(0)) == 2
    assert build([]).violation(np.zeros(0)) == 0


def test_added_rows_go_below_and_old_names_stay(build):
    program = build([1, 2], [[1, 1]], [0], [1], row_names=["budget"])
    grown = program.with_rows(csr_array(np.array([[0.0, 3.0]])), np.array([1.0]), np.array([INF]))
    np.testing.assert_array_equal(grown.matrix.toarray(), [[1, 1], [0, 3]])
    assert (grown.row_name(0), grown.row_name(1)) == ("budget", "r1")
    assert program.row_count == 1
    with pytest.raises(ValueError, match="incompatible"):
        program.with_rows(csr_array(np.ones((1, 3))), np.zeros(1), np.zeros(1))


def test_whole_bounds_round_inward_for_integer_columns_only(build):
    program = build([1, 1], bounds=[(0.5, 2.5), (0.5, 2.5)], integer=[True, False])
    lower, upper = whole_bounds(program)
    np.testing.assert_array_equal(lower, [1, 0.5])
    np.testing.assert_array_equal(upper, [2, 2.5])


def test_a_large_program_costs_no_names():
    size = 10**6
    program = LinearProgram(
        cost=np.zeros(size),
        matrix=csr_array((0, size)),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        column_lower=np.zeros(size),
        column_upper=np.ones(size),
        column_names=lambda column: f"q[{column}]",
    )
    assert program.column_name(size - 1) == "q[999999]"
