"""Optimal income taxes, auctions for the risk averse, and auctions under ambiguity."""

from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest
from scipy.optimize import linprog

from amd.classics.ambiguity import robust_auction
from amd.classics.myerson import cell_means, optimal_auction
from amd.classics.risk import risk_averse_auction
from amd.classics.taxation import logarithmic_tax, quasilinear_tax
from amd.classics.virtual import virtual_values

Q = Fraction
CONIC = 1e-5  # an interior-point solution of a conic program, relative to numbers of order 1
needs_cones = pytest.mark.skipif(find_spec("cvxpy") is None, reason="needs cvxpy")


def test_equal_weights_distort_nobody():
    """With equal weights and utility linear in money the efficient y = w² is best, whoever pays."""
    tax = quasilinear_tax([1, 2, 3], spending=1)
    assert tax.earnings.tolist() == [1, 4, 9] and tax.marginal.tolist() == [0, 0, 0]
    assert tax.tax.sum() == 3
    assert tax.welfare == Q(1 + 4 + 9, 6) - 1  # the mean of w²/2, less the spending


def test_tax_of_two_types_by_hand():
    """Abilities 1 and 2, all weight on the poor: θ̂_1 = 1 + (1 − 1/2)(1 − 1/4)/(1/2) = 7/4."""
    tax = quasilinear_tax([1, 2], weights=[1, 0])
    assert tax.earnings.tolist() == [Q(4, 7), 4]
    assert tax.marginal.tolist() == [Q(3, 7), 0]
    assert tax.utility[1] - tax.utility[0] == Q(3, 4) * Q(8, 49)  # (θ_1 − θ_2) y_1²/2
    assert tax.tax.sum() == 0


def test_tax_agrees_with_a_linear_program_over_lotteries_of_earnings():
    """The discrete problem written out: every incentive, earnings on a grid that holds the closed form's."""
    ability, weights, f = [1, 2, 3], [3, 2, 1], 1 / 3
    tax = quasilinear_tax(ability, weights=weights)
    grid = np.unique(np.concatenate([np.linspace(0.1, 12, 25), tax.earnings.astype(float)]))
    G, scaled = len(grid), np.array(weights) / 2
    disutility = [grid**2 / 2 / w**2 for w in ability]
    size = 3 * G + 3  # lottery of each type, then consumption
    cost = np.zeros(size)
    for k in range(3):
        cost[k * G : (k + 1) * G] = f * scaled[k] * disutility[k]
        cost[3 * G + k] = -f * scaled[k]
    rows = []
    for k in range(3):
        for other in range(3):
            row = np.zeros(size)
            row[k * G : (k + 1) * G] += disutility[k]
            row[other * G : (other + 1) * G] -= disutility[k]
            row[3 * G + k] -= 1
            row[3 * G + other] += 1
            rows.append(row)
    budget = np.concatenate([np.tile(-f * grid, 3), np.full(3, f)])
    total = np.kron(np.eye(3), np.ones(G))
    answer = linprog(
        cost,
        A_ub=np.vstack([*rows, budget]),
        b_ub=np.zeros(len(rows) + 1),
        A_eq=np.hstack([total, np.zeros((3, 3))]),
        b_eq=np.ones(3),
        bounds=[(0, None)] * (3 * G) + [(None, None)] * 3,
    )
    assert -answer.fun == pytest.approx(float(tax.welfare), abs=1e-9)


def test_tax_bunches_where_virtual_disutility_rises():
    """A rare middle type: θ̂ = (1 + …) would rise, so the lower types earn the same."""
    tax = quasilinear_tax([1, Q(11, 10), 3], [Q(1, 2), Q(1, 100), Q(49, 100)], weights=[1, 0, 0])
    assert tax.earnings[0] == tax.earnings[1] < tax.earnings[2]
    assert tax.marginal[-1] == 0


@pytest.mark.parametrize("weights", [[1, 2], [1, -1], [0, 0], [1, 1, 1]])
def test_tax_weights(weights):
    with pytest.raises(ValueError, match="weights"):
        quasilinear_tax([1, 2], weights=weights)


@needs_cones
def test_logarithmic_tax():
    """No distortion at the top, positive marginal rates below, balanced, incentive compatible."""
    tax = logarithmic_tax([1, 2, 3])
    assert tax.marginal[-1] == pytest.approx(0, abs=1e-3) and (tax.marginal[:-1] > 0.1).all()
    assert tax.tax.mean() == pytest.approx(0, abs=CONIC)
    for k, w in enumerate(tax.ability):
        mimic = np.log(tax.consumption) - (tax.earnings / w) ** 2 / 2
        assert mimic.max() == pytest.approx(mimic[k], abs=CONIC)


@needs_cones
def test_one_ability_earns_what_it_would_alone():
    """max log y − y²/2 is at y = 1."""
    tax = logarithmic_tax([1])
    assert tax.earnings[0] == pytest.approx(1, abs=1e-3) and tax.consumption[0] == pytest.approx(1, abs=1e-3)


@needs_cones
def test_risk_aversion_raises_revenue_from_the_risk_neutral_optimum():
    grid = cell_means(0, 1, 8)
    neutral = float(optimal_auction([(grid, None)] * 2).revenue)
    found = [risk_averse_auction(grid, bidders=2, risk_aversion=r) for r in (0.001, 1.0, 4.0)]
    revenues = [auction.revenue for auction in found]
    assert revenues[0] == pytest.approx(neutral, abs=2e-4)
    assert neutral < revenues[1] < revenues[2] < float(max(grid))
    for auction in found[1:]:
        # the highest type is insured: it is paid when it loses; lower types pay an entry fee
        assert np.nanmin(auction.if_loses) == auction.if_loses[-1] < 0
        assert (auction.if_loses[4:-3] > -1e-6).all()


@needs_cones
def test_one_risk_averse_buyer_is_sold_at_a_posted_price():
    """A single certain value: full extraction, whatever the aversion."""
    auction = risk_averse_auction([2], bidders=1, risk_aversion=3)
    assert auction.revenue == pytest.approx(2, abs=1e-4)


def test_risk_needs_aversion():
    with pytest.raises(ValueError, match="positive"):
        risk_averse_auction([1, 2], risk_aversion=0)


def test_one_prior_is_no_ambiguity():
    prior = np.full((2, 2), 0.25)
    auction = robust_auction([[10, 50], [10, 50]], [prior])
    assert auction.revenue == pytest.approx(37.5)


def test_worst_case_is_the_least_optimal_revenue_over_mixtures():
    """One buyer: by the minimax theorem no fixed price, but the lottery's guarantee equals min over mixtures."""
    values, one, two = [2, 5, 10], [Q(6, 10), Q(1, 10), Q(3, 10)], [Q(1, 10), Q(8, 10), Q(1, 10)]
    auction = robust_auction([values], [one, two])

    def best(share):
        mixed = [share * a + (1 - share) * b for a, b in zip(one, two, strict=True)]
        return virtual_values(values, mixed).posted_price()[1]

    assert auction.revenue == pytest.approx(float(min(best(Q(s, 1000)) for s in range(1001))), abs=2e-3)
    assert auction.revenue == pytest.approx(float(best(Q(auction.mixture[0]) / Q(auction.mixture.sum()))), abs=1e-9)

    def guarantee(price):
        return min(price * sum(f for v, f in zip(values, p, strict=True) if v >= price) for p in (one, two))

    assert auction.revenue > float(max(guarantee(price) for price in values)) + 0.05  # hedging with a lottery helps


def test_two_bidders_correlated_priors():
    together, apart = np.array([[0.5, 0.0], [0.0, 0.5]]), np.array([[0.0, 0.5], [0.5, 0.0]])
    auction = robust_auction([[1, 3], [1, 3]], [together, apart])
    assert auction.revenue <= min(robust_auction([[1, 3], [1, 3]], [p]).revenue for p in (together, apart)) + 1e-9
    assert auction.under.min() == pytest.approx(auction.revenue)


def test_bad_ambiguity():
    with pytest.raises(ValueError, match="prior 1"):
        robust_auction([[1, 2]], [[0.5, 0.6]])
    with pytest.raises(ValueError, match="a bidder and a prior"):
        robust_auction([[1, 2]], [])
