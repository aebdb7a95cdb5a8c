"""The optimal auction on grids, its payments and the payment identity."""

from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.classics.myerson import NOBODY, cell_means, optimal_auction
from amd.classics.payments import greatest_payments, identity_gap, least_payments, revenue_interval

Q = Fraction

pairs = st.lists(st.tuples(st.integers(1, 20), st.integers(1, 5)), min_size=1, max_size=4, unique_by=lambda t: t[0])


def as_prior(rows):
    rows = sorted(rows)
    total = sum(w for _, w in rows)
    return [v for v, _ in rows], [Q(w, total) for _, w in rows]


@pytest.mark.parametrize(
    ("n", "cells", "revenue"),
    [
        (2, 20, Q(87, 200)),
        (2, 40, Q(1363, 3200)),
        (2, 50, Q("0.4241")),
        (2, 100, Q("0.4204")),
        (3, 20, Q("0.5521875")),
    ],
)
def test_optimal_revenue_of_like_bidders_on_a_uniform_grid(n, cells, revenue):
    assert optimal_auction([(cell_means(0, 1, cells), None)] * n).revenue == revenue


def test_three_bidders_thirty_cells():
    assert round(optimal_auction([(cell_means(0, 1, 30), None)] * 3).revenue, 10) == Q("0.5454166667")


def test_the_grid_tends_to_the_continuum():
    gaps = [float(optimal_auction([(cell_means(0, 1, N), None)] * 2).revenue - Q(5, 12)) for N in (20, 40, 80, 160)]
    assert all(0.4 < later / earlier < 0.55 for earlier, later in pairwise(gaps))


def test_license():
    auction = optimal_auction([([10, 50], None)] * 2)
    assert auction.revenue == Q("37.5") and auction.reserves == (50, 50)
    assert auction.winner([0, 0]) == (NOBODY, 0)
    assert auction.winner([1, 1]) == (0, 50)


def test_own_value_raises_the_reserve():
    """U[0, 1] on a grid of 100: the price of a seller who keeps x0 is (1 + x0)/2 up to a cell."""
    for own in (Q(0), Q(1, 5), Q(3, 5)):
        (reserve,) = optimal_auction([(cell_means(0, 1, 100), None)], own).reserves
        assert abs(reserve - (1 + own) / 2) <= Q(1, 100)


def test_unlike_bidders_and_a_handicap():
    """U[0, 1] against U[0, 2]: the strong bidder of value v is served like a weak one of v − 1/2 (Myerson, 1981)."""
    weak, strong = (cell_means(0, 1, 20), None), (cell_means(0, 2, 40), None)
    auction = optimal_auction([weak, strong])
    value = {name: list(prior[0]) for name, prior in (("weak", weak), ("strong", strong))}
    k = value["weak"].index(Q(31, 40))
    assert auction.winner([k, value["strong"].index(Q(49, 40))])[0] == 0  # 49/40 − 1/2 = 29/40
    assert auction.winner([k, value["strong"].index(Q(53, 40))])[0] == 1


@given(pairs, pairs, st.integers(0, 10))
def test_the_rule_is_what_the_distribution_says(one, two, own_value):
    """Winner, listed rule, interim form and expected revenue are four routes to the same auction."""
    bidders = [as_prior(one), as_prior(two)]
    auction = optimal_auction(bidders, own_value)
    allocation, payments = auction.rule()
    prior = np.multiply.outer(auction.bidders[0].probability, auction.bidders[1].probability)
    assert (prior[..., None] * payments).sum() == auction.revenue
    assert auction.profit == auction.revenue - own_value * auction.sale_probability
    for types in product(*(range(len(b.values)) for b in auction.bidders)):
        winner, price = auction.winner(types)
        assert payments[types].tolist() == [price if i == winner else 0 for i in range(2)]
    for i in range(2):
        q, m = auction.interim(i)
        other = auction.bidders[1 - i].probability
        assert q.tolist() == np.moveaxis(allocation[..., i], i, 0).dot(other).tolist()
        assert m.tolist() == np.moveaxis(payments[..., i], i, 0).dot(other).tolist()


@given(pairs, pairs)
def test_truth_is_dominant_and_taking_part_never_hurts(one, two):
    auction = optimal_auction([as_prior(one), as_prior(two)])
    allocation, payments = auction.rule()
    for i, bidder in enumerate(auction.bidders):
        q, m = np.moveaxis(allocation[..., i], i, 0), np.moveaxis(payments[..., i], i, 0)
        for k, value in enumerate(bidder.values):
            truth = value * q[k] - m[k]
            assert (truth >= 0).all()
            assert all((truth >= value * q[r] - m[r]).all() for r in range(len(q)))


def test_irregular_prior_pools():
    """Values 4, 5, 10: 4 and 5 share the ironed virtual value 2, so the reserve is 4 and both are served alike."""
    prior = ([4, 5, 10], [Q(1, 2), Q(1, 4), Q(1, 4)])
    q, _ = optimal_auction([prior, prior]).interim(1)
    assert q[0] == q[1] < q[2]


@given(pairs, st.lists(st.integers(0, 6), min_size=4, max_size=4))
def test_payment_identity(rows, steps):
    """The greatest and least payments implement q and bound all that do; both close the identity's band."""
    values, probability = as_prior(rows)
    v = np.array([Q(x) for x in values], dtype=object)
    q = np.array([Q(x, 24) for x in np.cumsum(steps[: len(values)])], dtype=object)
    high, low = greatest_payments(v, q), least_payments(v, q)
    assert identity_gap(v, q, high) == identity_gap(v, q, low) == 0
    assert (high >= low).all() and high[0] == low[0] == v[0] * q[0]
    bounds = revenue_interval(v, np.array(probability, dtype=object), q)
    assert bounds[0] <= bounds[1]
    if len(values) > 1:
        too_much = high.copy()
        too_much[-1] += Q(1, 100)
        assert identity_gap(v, q, too_much) == Q(1, 100)


def test_a_falling_allocation_has_no_payments():
    with pytest.raises(ValueError, match="falls"):
        greatest_payments(np.array([Q(1), Q(2)]), np.array([Q(1), Q(0)]))


def test_the_band_of_revenue_equivalence_vanishes_with_the_grid():
    """q = F for two like bidders on U[0, 1]: the revenue interval closes like 1/N around 1/6 a bidder."""
    widths = []
    for cells in (10, 20, 40):
        v = cell_means(0, 1, cells)
        f = np.array([Q(1, cells)] * cells, dtype=object)
        low, high = revenue_interval(v, f, v)
        assert low < Q(1, 6) < high
        widths.append(high - low)
    assert widths[0] / widths[1] > Q(18, 10) and widths[1] / widths[2] > Q(18, 10)


def test_no_bidders():
    with pytest.raises(ValueError, match="at least one bidder"):
        optimal_auction([])
