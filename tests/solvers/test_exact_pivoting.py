"""The exact simplex method alone, from bases that are far from optimal."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rational_programs import SMALL, answer_by_elimination, dense_program, small_programs

from solvers import Basis
from solvers.exact.basic import refinement
from solvers.exact.pivoting import End, ExactSimplex

F = Fraction


def run(program, columns, rows):
    basis = Basis(np.array(columns, np.int8), np.array(rows, np.int8))
    method = ExactSimplex(program.whole, basis, refinement)
    return method.run()


def standing(program, choose):
    """Every row basic, every column at a bound of the choice where there are two."""
    pairs = zip(program.column_lower, program.column_upper, strict=True)
    codes = [
        choose() if None not in pair else 2 if pair == (None, None) else 1 - 2 * (pair[1] is None) for pair in pairs
    ]
    return codes, [0] * program.row_count


@settings(max_examples=40)
@given(small_programs(most=2), st.data())
def test_from_any_bounds_to_the_answer(form, data):
    if any(low is not None and high is not None and low > high for low, high in bounds_of(form)):
        return
    outcome = run(form, *standing(form, lambda: data.draw(st.sampled_from((-1, 1)))))
    truth = answer_by_elimination(form)
    ends = {"infeasible": End.INFEASIBLE, "unbounded": End.UNBOUNDED}
    assert outcome.end is ends.get(truth, End.OPTIMAL)
    assert outcome.pivots < 60


def bounds_of(form):
    return [
        *zip(form.row_lower, form.row_upper, strict=True),
        *zip(form.column_lower, form.column_upper, strict=True),
    ]


@settings(max_examples=40)
@given(st.lists(SMALL, min_size=6, max_size=6), st.lists(SMALL, min_size=2, max_size=2))
def test_boxes_and_ranges_both_ways(numbers, cost):
    # every variable has two bounds, so a violated one could be taken past the bound that it meets first
    matrix = np.array(numbers, dtype=object).reshape(3, 2).tolist()
    form = dense_program(cost, matrix, [(1, 2)] * 3, [(-3, 3)] * 2)
    truth = answer_by_elimination(form)
    for at in (-1, 1):
        outcome = run(form, [at] * 2, [0] * 3)
        assert outcome.end is (End.INFEASIBLE if truth == "infeasible" else End.OPTIMAL)
        assert outcome.pivots < 60


@pytest.mark.parametrize("size", [4, 6])
def test_klee_and_minty(size):
    # Klee and Minty (1972): a cube on which Dantzig's rule may visit every corner; the optimum is 5^size
    matrix = [[F(2 ** (i - j + 1)) if j < i else F(i == j) for j in range(size)] for i in range(size)]
    rows = [(None, 5 ** (i + 1)) for i in range(size)]
    form = dense_program([2 ** (size - 1 - j) for j in range(size)], matrix, rows, [(0, None)] * size, maximize=True)
    assert answer_by_elimination(form) == 5**size if size < 5 else True
    outcome = run(form, [-1] * size, [0] * size)
    assert outcome.end is End.OPTIMAL and outcome.pivots <= 2**size
    basic = np.flatnonzero(outcome.basis.columns == 0)
    assert size - 1 in basic  # the last column alone is not zero there
