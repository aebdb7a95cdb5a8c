"""Optimal auctions under constant relative risk aversion: limits, another program, brute force, and known shapes."""

import numpy as np
import pytest
from scipy.optimize import minimize

from amd.classics.myerson import cell_means, optimal_auction
from amd.classics.relative_risk import relative_risk_auction
from amd.classics.utility import Utility
from solvers import SolverError

GRID = cell_means(0, 1, 6)
TANGENT = 1e-6  # revenue relative to values of order 1


def audit(auction, bidders, probability, utility):
    """The most that any type gains by another report or none, with the mechanism's own payments."""
    v, win = auction.values, auction.win
    high = np.where(np.isnan(auction.if_wins), 0.0, auction.if_wins)
    low = np.where(np.isnan(auction.if_loses), 0.0, auction.if_loses)
    told = win * utility.of(v[:, None] - high) + (1 - win) * utility.of(-low)
    above = np.cumsum((bidders * probability * win)[::-1])[::-1]
    below = np.concatenate([[0.0], np.cumsum(probability)[:-1]])
    assert (above <= 1 - below**bidders + 1e-7).all()
    return float((np.maximum(told, 0) - np.diag(told)[:, None]).max())


@pytest.mark.parametrize(
    ("aversion", "wealth", "bidders"), [(0.5, 1.0, 2), (1.0, 0.3, 2), (4.0, 1.0, 3), (2.0, 0.5, 1)]
)
def test_feasible_and_between_risk_neutral_revenue_and_full_extraction(aversion, wealth, bidders):
    auction = relative_risk_auction(GRID, None, bidders, aversion, wealth)
    even = np.full(len(GRID), 1 / len(GRID))
    assert audit(auction, bidders, even, Utility(aversion, wealth)) < 1e-6
    neutral = float(optimal_auction([(GRID, None)] * bidders).revenue)
    first_best = sum(float(v) * (((k + 1) / 6) ** bidders - (k / 6) ** bidders) for k, v in enumerate(GRID))
    assert neutral - TANGENT <= auction.revenue < first_best
    if bidders > 1:
        assert auction.revenue > neutral + 1e-4
        # the highest type is insured, and paid when it loses (Maskin and Riley, 1984)
        assert auction.if_wins[-1] - auction.if_loses[-1] == pytest.approx(auction.values[-1], abs=1e-3)
        assert auction.if_loses[-1] < 0


def test_no_aversion_is_myerson():
    neutral = float(optimal_auction([(GRID, None)] * 2).revenue)
    assert relative_risk_auction(GRID, None, 2, 1e-6, 1.0).revenue == pytest.approx(neutral, abs=1e-5)
    assert relative_risk_auction(GRID, None, 2, 1.0, 1e6).revenue == pytest.approx(neutral, abs=1e-5)


def test_great_wealth_is_constant_absolute_aversion():
    """γ = r·w, w → ∞: the conic program of the other module, of which this one knows nothing."""
    pytest.importorskip("cvxpy")
    from amd.classics.risk import risk_averse_auction

    found = [relative_risk_auction(GRID, None, 2, 2 * wealth, wealth).revenue for wealth in (100.0, 1000.0)]
    limit = risk_averse_auction(GRID, bidders=2, risk_aversion=2.0).revenue
    gaps = [abs(revenue - limit) for revenue in found]
    assert gaps[1] < 2e-5 and gaps[1] < gaps[0] / 5


def test_one_buyer_of_two_values_by_trying():
    """Values 1 and 3, three in five low: the high one buys for sure, so only how the low one is treated is open.

    All chances G to win and payments when it loses on a grid; its price leaves it nothing, the high one's makes it
    indifferent.
    """
    utility, share, values = Utility(2.0, 1.5), 0.6, np.array([1.0, 3.0])
    chance, lost = np.meshgrid(np.linspace(0.001, 1, 400), np.linspace(-1, 1, 401), indexing="ij")
    need = -(1 - chance) * utility.of(-lost) / chance
    low = 1.0 - utility.inverse(np.minimum(need, 1.49 * (1 - 1e-9)))
    mimic = chance * utility.of(values[1] - low) + (1 - chance) * utility.of(-lost)
    high = values[1] - utility.inverse(np.maximum(mimic, 0.0))
    earned = np.where(need < 1.49, share * (chance * low + (1 - chance) * lost) + (1 - share) * high, -np.inf)
    found = relative_risk_auction([1, 3], [share, 1 - share], 1, 2.0, 1.5)
    assert earned.max() - 1e-9 <= found.revenue <= earned.max() + 2e-3
    assert found.revenue > max(1.0, 3 * (1 - share)) + 0.01  # better than both posted prices


def test_one_certain_value_is_extracted():
    assert relative_risk_auction([2], None, 1, 3.0, 1.0).revenue == pytest.approx(2, abs=TANGENT)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_program_without_relaxation_finds_nothing_better(seed):
    """Three types, two bidders: all incentives in their own functions, by a local method from several starts."""
    random = np.random.default_rng(seed)
    values = np.array([1.0, 2.0, 3.0]) + random.uniform(0, 0.5, 3)
    f, utility = random.dirichlet([3, 3, 3]), Utility(1.5, 2.0)
    below = np.concatenate([[0.0], np.cumsum(f)[:-1]])
    found = relative_risk_auction(values, f, 2, 1.5, 2.0)

    def slack(x):
        win, high, low = x.reshape(3, 3)
        told = win * utility.of(np.maximum(values[:, None] - high, -1.99)) + (1 - win) * utility.of(-low)
        honest = np.diag(told)
        border = 1 - below**2 - np.cumsum((2 * f * win)[::-1])[::-1]
        return np.concatenate([(honest[:, None] - told).ravel(), honest, border])

    def loss(x):
        win, high, low = x.reshape(3, 3)
        return -2 * float(f @ (win * high + (1 - win) * low))

    best = -np.inf
    bounds = [(0, 1)] * 3 + [(-3, 4)] * 3 + [(-3, 1.9)] * 3
    mine = np.concatenate([found.win, np.nan_to_num(found.if_wins), np.nan_to_num(found.if_loses)])
    for start in (mine, *(random.uniform(0.1, 0.6, 9) for _ in range(4))):
        answer = minimize(loss, start, method="SLSQP", bounds=bounds, constraints={"type": "ineq", "fun": slack})
        if slack(answer.x).min() > -1e-7:
            best = max(best, -answer.fun)
    assert best == pytest.approx(found.revenue, abs=1e-4) and best <= found.revenue + 1e-5


def test_a_falling_chance_to_win_is_refused():
    """An irregular prior: without upward incentives a 5 is served less often than a 4. More aversion mends that."""
    prior = ([4, 5, 10], [0.5, 0.25, 0.25])
    with pytest.raises(SolverError, match="does not settle"):
        relative_risk_auction(*prior, 2, 1.0, 5.0)
    assert (np.diff(relative_risk_auction(*prior, 2, 3.0, 1.0).win) > 0).all()


@pytest.mark.parametrize(("aversion", "wealth", "bidders"), [(0, 1, 2), (1, 0, 2), (1, 1, 0)])
def test_sense_is_needed(aversion, wealth, bidders):
    with pytest.raises(ValueError, match="positive"):
        relative_risk_auction([1, 2], None, bidders, aversion, wealth)
