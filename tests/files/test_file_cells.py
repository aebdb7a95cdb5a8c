"""Cells of a law cut all at once, and the largest number that may come out."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.files.cells import cut, width_edges
from amd.files.evaluate import check_range
from amd.files.expressions import ExpressionError
from amd.files.laws import PolynomialLaw, flint_polynomial

WEIGHTS = st.lists(st.fractions(0, 5, max_denominator=9), min_size=1, max_size=3)


@given(st.lists(WEIGHTS, min_size=1, max_size=4), st.integers(1, 9), st.sampled_from(["mean", "lower", "middle"]))
def test_each_cell_is_cut_as_if_alone(densities, cells, at):
    """Densities with nonnegative coefficients on [0, m], in pieces that cells need not respect."""
    densities[0][0] += 1
    law = PolynomialLaw(
        tuple(map(Fraction, range(len(densities) + 1))), tuple(flint_polynomial(one) for one in densities)
    )
    edges = width_edges(*law.support, cells)
    alone = [law.exact_mass(a, b) for a, b in pairwise(edges)]
    assert law.exact_masses(edges) == alone
    assert law.exact_moments(edges) == [law.exact_moment(a, b) for a, b in pairwise(edges)]
    grid = cut(law, cells, at)
    assert sum(grid.probability) == 1
    assert list(grid.probability) == alone
    for (a, b), mass, point in zip(pairwise(edges), alone, grid.points, strict=True):
        mean = law.exact_moment(a, b) / mass if mass else (a + b) / 2
        assert point == {"mean": mean, "lower": a, "middle": (a + b) / 2}[at]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("denominator", [1, 3, 10**40 + 1])
def test_numbers_end_at_a_googol(sign, denominator):
    """10^100 itself may come out, anything beyond may not, however little."""
    last = Fraction(10**100) * sign
    check_range(last)
    check_range(last - sign * Fraction(1, denominator))
    with pytest.raises(ExpressionError, match=r"beyond 10\^100"):
        check_range(last + sign * Fraction(1, denominator))
