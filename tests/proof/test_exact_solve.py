"""Exact optima and Farkas multipliers: by hand, against python-flint, and on programs made to mislead floats."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.proof.exact.blocks import solve_blocks
from amd.proof.exact.program import RationalProgram, exact, farkas_fault, optimality_fault
from amd.proof.exact.refinement import Factors, Square, reconstruct, refine
from amd.proof.exact.solve import from_basis, solve_exact
from solvers import Basis, Status

F = Fraction
SMALL = st.fractions(-5, 5, max_denominator=7)


def program(cost, matrix, rows, columns, **rest):
    """A dense program; `rows` and `columns` are lists of (lower, upper)."""
    dense = np.array(matrix, dtype=object).reshape(len(rows), len(cost))
    row, column = np.indices(dense.shape).reshape(2, -1)
    bounds = [[pair[side] for pair in one] for one in (rows, columns) for side in (0, 1)]
    return RationalProgram.of(cost, row, column, dense.ravel(), tuple(bounds), **rest)


def test_an_optimum_by_hand():
    # maximise x + y, x + 2y <= 1, 3x + y <= 1: both bind at x = 1/5, y = 2/5
    form = program([1, 1], [[1, 2], [3, 1]], [(None, 1), (None, 1)], [(0, None)] * 2, maximize=True, offset=F(1, 3))
    found = solve_exact(form)
    assert found.proven and found.status is Status.OPTIMAL
    assert found.x.tolist() == [F(1, 5), F(2, 5)]
    assert found.row_dual.tolist() == [F(2, 5), F(1, 5)]
    assert found.objective == F(3, 5) + F(1, 3)


def test_contradiction_by_hand():
    form = program([0, 0], [[1, 1], [1, 1]], [(F(1, 3), None), (None, F(1, 3) - F(1, 10**30))], [(None, None)] * 2)
    form_wide = program([0, 0], [[1, 1], [1, 1]], [(1, None), (None, F(1, 2))], [(None, None)] * 2)
    found = solve_exact(form_wide)
    assert found.proven and found.status is Status.INFEASIBLE
    assert found.row_dual[0] == -found.row_dual[1] > 0
    tight = solve_exact(form)  # floats cannot see this contradiction
    assert not (tight.proven and tight.status is Status.OPTIMAL)


def test_unbounded_is_not_proven():
    found = solve_exact(program([1], [[1]], [(0, None)], [(None, None)], maximize=True))
    assert not found.proven and found.status is Status.UNBOUNDED and found.x is None


def test_integer_columns_are_refused():
    form = program([1], [[2]], [(None, 1)], [(0, 1)], maximize=True, integer=np.array([True]))
    with pytest.raises(ValueError, match="integer"):
        solve_exact(form)


@pytest.mark.parametrize("digits", [6, 9, 12, 15, 20, 40])
def test_a_coefficient_below_every_tolerance_is_never_forgotten(digits):
    # x <= 1 + t y, y <= 1: the optimum is 1 + t, and floats say 1
    tiny = F(1, 10**digits)
    form = program([1, 0], [[1, -tiny]], [(None, 1)], [(0, None), (0, 1)], maximize=True)
    found = solve_exact(form)
    assert found.objective == 1 + tiny if found.proven else found.objective is None
    assert found.proven or digits > 15


def test_a_wrong_basis_is_corrected():
    form = program([1, 1], [[1, 2], [3, 1]], [(None, 1), (None, 1)], [(0, None)] * 2, maximize=True)
    slack = Basis(np.array([-1, -1], np.int8), np.array([0, 0], np.int8))
    found = from_basis(form, slack)
    assert found.proven and found.objective == F(3, 5) and found.repairs >= 1


def test_a_singular_basis_is_not_proven():
    form = program([1, 1], [[1, 1], [2, 2]], [(1, 1), (2, 2)], [(0, None)] * 2)
    basis = Basis(np.array([0, 0], np.int8), np.array([-1, -1], np.int8))
    found = from_basis(form, basis)
    assert not found.proven and "singular" in found.reason


def test_no_rows_and_free_columns():
    found = solve_exact(program([2, 0], [], [], [(F(1, 3), None), (None, None)]))
    assert found.proven and found.objective == F(2, 3)


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
def test_every_part_of_a_claim_is_checked(x, y, says):
    form = program([1, 1], [[1, 2], [3, 1]], [(None, 1), (None, 1)], [(0, None)] * 2, maximize=True)
    fault = optimality_fault(form, exact(x), exact(y))
    assert says in fault and bool(says) == bool(fault)


def test_false_farkas_multipliers_are_refused():
    form = program([0], [[1], [1]], [(1, None), (None, F(1, 2))], [(None, None)])
    assert farkas_fault(form, exact([1, -1])) == ""
    assert (
        farkas_fault(form, exact([1, -2])) and farkas_fault(form, exact([0, 0])) and farkas_fault(form, exact([-1, 1]))
    )


def squares(draw, size):
    values = draw(st.lists(SMALL, min_size=size * size, max_size=size * size))
    dense = np.array(values, dtype=object).reshape(size, size)
    row, column = np.nonzero(dense)
    return dense, Square(size, row, column, dense[row, column])


@given(st.data())
def test_refinement_and_flint_agree(data):
    dense, square = squares(data.draw, data.draw(st.integers(1, 6)))
    right = exact(data.draw(st.lists(SMALL, min_size=square.size, max_size=square.size)))
    by_flint = solve_blocks(square, right)
    try:
        factors = Factors(square)
    except RuntimeError:
        factors = None
    by_digits = None if factors is None else refine(square, right, factors.solve)
    if by_digits is not None:
        assert (dense @ by_digits == right).all()
    if by_flint is not None:
        assert (dense @ by_flint == right).all()
        assert by_digits is not None and (by_digits == by_flint).all()
        assert (refine(square.transposed(), right, factors.solve_transposed) @ dense == right).all()


def test_large_denominators_are_found():
    size = 40
    dense = np.array([[F(1, i + j + 1) for j in range(6)] for i in range(6)], dtype=object)  # Hilbert's matrix
    row, column = np.indices(dense.shape).reshape(2, -1)
    found = solve_blocks(Square(6, row, column, dense.ravel()), exact([1, 0, 0, 0, 0, 0]))
    assert found.tolist() == [36, -630, 3360, -7560, 7560, -2772]  # first column of the known inverse
    values = exact([F(p, 10**size + 7) for p in (1, 3, 10**20)])
    digits = 400
    scaled = np.array([(one.numerator << digits) // one.denominator for one in values], dtype=object)
    numerators, below = reconstruct(scaled, digits, False)
    assert [F(one, below) for one in numerators] == values.tolist()
    assert reconstruct(scaled, 60, False) is None or numerators is not None


def best_by_vertices(cost, matrix, upper):
    """The best vertex of 0 <= x <= 1, A x <= upper with two columns, by all pairs of tight lines."""
    lines = [(*row, b) for row, b in zip(matrix, upper, strict=True)]
    lines += [(F(1), F(0), F(0)), (F(0), F(1), F(0)), (F(1), F(0), F(1)), (F(0), F(1), F(1))]
    values = []
    for (a, b, r), (c, d, s) in product(lines, lines):
        det = a * d - b * c
        if det:
            x, y = (r * d - b * s) / det, (a * s - r * c) / det
            if 0 <= x <= 1 and 0 <= y <= 1 and all(p * x + q * y <= t for (p, q), t in zip(matrix, upper, strict=True)):
                values.append(cost[0] * x + cost[1] * y)
    return max(values, default=None)


@given(
    st.lists(SMALL, min_size=2, max_size=2),
    st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=4),
    st.lists(SMALL, min_size=4, max_size=4),
)
def test_two_columns_against_all_vertices(cost, matrix, right):
    upper = right[: len(matrix)]
    form = program(cost, matrix, [(None, b) for b in upper], [(0, 1)] * 2, maximize=True)
    found = solve_exact(form)
    best = best_by_vertices(cost, matrix, upper)
    assert found.proven
    assert found.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)
    assert found.objective == best


def tiny_tail(seed, power):
    """A revenue program with masses down to 10^-power: one buyer, K types, adjacent incentives."""
    rng, size = np.random.default_rng(seed), 12
    raw = [F(int(rng.integers(1, 10**6)), 10 ** int(rng.integers(6, power))) for _ in range(size)]
    mass = [one / sum(raw) for one in raw]
    value = np.cumsum([F(int(rng.integers(1, 50)), 7) for _ in range(size)])
    rows, sides = [], []
    for k, l in [(k, k - 1) for k in range(1, size)] + [(k, k + 1) for k in range(size - 1)]:  # noqa: E741
        line = [F(0)] * (2 * size)
        line[k], line[l], line[size + k], line[size + l] = value[k], -value[k], F(-1), F(1)
        rows.append(line)
    rows += [[value[k] * (j == k) for j in range(size)] + [-F(j == k) for j in range(size)] for k in range(size)]
    sides = [(0, None)] * len(rows)
    form = program([0] * size + mass, rows, sides, [(0, 1)] * size + [(None, None)] * size, maximize=True)
    best = max(value[k] * sum(mass[k:]) for k in range(size))
    return form, best


@pytest.mark.parametrize("seed", range(6))
def test_tails_down_to_1e15_are_exact_or_not_proven(seed):
    form, best = tiny_tail(seed, 15)  # the best price is the best mechanism (Myerson, 1981)
    found = solve_exact(form)
    assert found.proven and found.objective == best
