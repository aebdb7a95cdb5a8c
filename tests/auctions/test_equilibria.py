"""Equilibrium bids with reserves, risk aversion and unlike bidders: by hand, in the limit, and by best responses."""

from dataclasses import replace

import numpy as np
import pytest

from amd.auctions.equilibrium import bidding
from amd.auctions.formats import Format, play
from amd.auctions.reserves import optimal_reserve
from amd.auctions.simulate import simulate
from amd.classics.continuous import Prior, best_reserve, power, revenue_at_reserve, uniform
from amd.classics.utility import Utility

FIRST, ALL_PAY, ENGLISH = Format.FIRST_PRICE, Format.ALL_PAY, Format.ENGLISH
INTEGRATED = 1e-6  # quadrature and differential equations, of values of order 1
SIGMAS = 5.0
SMALL, LARGE, THIN, WIDE, HIGH = uniform(), uniform(0, 2), power(3.0), power(0.5), uniform(1, 2)


def by_playing(rule, bidder, value, tried, rounds=20_000):
    """(mean utility of each bid tried, its standard error against the first): the others draw values and bid."""
    random = np.random.default_rng(11)
    bids = np.stack([rule.bid(j, prior.quantile(random.random(rounds))) for j, prior in enumerate(rule.priors)], axis=1)
    utility, worth = Utility(rule.risk_aversion, rule.wealth), []
    for bid in tried:
        bids[:, bidder] = bid
        outcome = play(rule.form, bids, rule.reserve, np.random.default_rng(5))
        worth.append(utility.of(value * (outcome.winner == bidder) - outcome.payments[:, bidder]))
    gains = np.stack(worth) - worth[0]
    return gains.mean(axis=1), gains.std(axis=1) / np.sqrt(rounds)


CASES = {
    "all-pay, reserve": (ALL_PAY, (SMALL,) * 3, 0.2, 0.0, 0.0),
    "all-pay, log": (ALL_PAY, (WIDE,) * 2, 0.0, 1.0, 0.9),
    "all-pay, averse, reserve": (ALL_PAY, (SMALL,) * 3, 0.3, 2.0, 2.0),
    "all-pay, unlike, reserve": (ALL_PAY, (HIGH, SMALL), 0.2, 0.0, 0.0),
    "all-pay, unlike, averse": (ALL_PAY, (HIGH, SMALL), 0.0, 2.0, 2.0),
    "all-pay, unlike, averse, reserve": (ALL_PAY, (THIN, WIDE), 0.3, 1.0, 1.0),
    "first price, wealth": (FIRST, (WIDE,) * 2, 0.0, 1.0, 0.5),
    "first price, wealth, reserve": (FIRST, (SMALL,) * 3, 0.2, 2.0, 0.5),
    "first price, unlike, wealth, reserve": (FIRST, (SMALL, LARGE), 0.3, 2.0, 1.0),
    "first price, three tops": (FIRST, (SMALL, LARGE, uniform(0, 3)), 0.1, 0.0, 0.0),
    "first price, two bottoms, averse": (FIRST, (SMALL, uniform(0.5, 0.9)), 0.0, 0.5, 0.0),
    "first price, one kept out": (FIRST, (SMALL, LARGE, THIN), 1.5, 0.0, 0.0),
    "first price, outbid": (FIRST, (SMALL, uniform(3, 4)), 0.0, 0.0, 0.0),
}


SLOW = {"first price, two bottoms, averse", "first price, unlike, wealth, reserve"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in CASES])
def test_nobody_gains_by_another_bid(name):
    """By quadrature for everyone, and for some values by drawing the others' bids and playing the rules."""
    form, priors, reserve, aversion, wealth = CASES[name]
    rule = bidding(form, priors, reserve, aversion, wealth)
    assert rule.loss < INTEGRATED
    for i in {0, len(priors) - 1}:
        for value in priors[i].low + (priors[i].high - priors[i].low) * np.array([0.9] if i else [0.35, 0.9]):
            own = float(rule.bid(i, np.array([value]))[0])
            top = max(float(bids[-1]) for bids in rule.bids)
            tried = [own, np.nan, *np.linspace(reserve + 1e-6, top, 12)]
            mean, error = by_playing(rule, i, value, tried)
            assert (mean <= SIGMAS * error + 1e-4).all(), (i, value, own)


@pytest.mark.parametrize("name", ["all-pay, averse, reserve", "all-pay, unlike, reserve", "first price, three tops"])
def test_the_judges_see_wrong_bids(name):
    form, priors, reserve, aversion, wealth = CASES[name]
    rule = bidding(form, priors, reserve, aversion, wealth)
    timid = replace(rule, bids=tuple(reserve + 0.8 * (bids - reserve) for bids in rule.bids))
    assert timid.loss > 1e-3
    absent = replace(rule, values=tuple(np.maximum(values, 0.9) for values in rule.values))
    assert absent.loss > 1e-3


@pytest.mark.parametrize(("n", "reserve"), [(2, 0.25), (3, 0.2), (5, 0.6)])
def test_all_pay_with_a_reserve_by_hand(n, reserve):
    """U[0, 1]: v0^n = r, b(v) = r + (n − 1)/n (v^n − r), and revenue is that of the second price with reserve v0."""
    rule = bidding(ALL_PAY, [SMALL] * n, reserve)
    least = reserve ** (1 / n)
    assert rule.values[0][0] == pytest.approx(least, abs=1e-12)
    x = np.linspace(least + 1e-9, 1, 40)
    assert rule.bid(0, x) == pytest.approx(reserve + (n - 1) / n * (x**n - reserve), abs=INTEGRATED)
    assert np.isnan(rule.bid(0, np.array([least - 1e-6])))
    assert rule.revenue == pytest.approx(revenue_at_reserve(SMALL, n, least)[0], abs=INTEGRATED)


def test_optimal_all_pay():
    """Two bidders on U[0, 1]: the least bid (1/2)² keeps out the values below 1/2 and earns 5/12."""
    assert bidding(ALL_PAY, [SMALL] * 2, 0.25).revenue == pytest.approx(5 / 12, abs=INTEGRATED)


@pytest.mark.parametrize("reserve", [0.05, 0.2, 0.7])
def test_unlike_all_pay_with_a_reserve_by_hand(reserve):
    """U[0, 1] and U[0, 2]: x of the first meets 2x² of the second; x F_2(2x²) = x³ = r stops the first, and those of
    the second between r/F_1 = r^{2/3} and 2r^{2/3} bid r. Above, b = r + 2(x³ − r)/3.
    """
    rule = bidding(ALL_PAY, [SMALL, LARGE], reserve)
    cut = reserve ** (1 / 3)
    x = np.linspace(cut + 1e-4, 1, 30)
    bid = reserve + 2 * (x**3 - reserve) / 3
    assert rule.values[0][0] == pytest.approx(cut, abs=1e-5)
    assert rule.bid(0, x) == pytest.approx(bid, abs=1e-5)
    assert rule.bid(1, 2 * x**2) == pytest.approx(bid, abs=1e-5)
    assert rule.values[1][0] == pytest.approx(cut**2, abs=1e-5)
    assert rule.bid(1, np.array([1.5 * cut**2])) == pytest.approx([reserve], abs=1e-9)


def test_a_reserve_that_hardly_matters():
    """Next to everybody bids it: the bids are those without a reserve."""
    for aversion in (0.0, 1.0):
        none, tiny = (bidding(ALL_PAY, [SMALL, LARGE], reserve, aversion, 3.0) for reserve in (0.0, 1e-12))
        x = np.linspace(0.1, 1, 10)
        assert tiny.bid(0, x) == pytest.approx(none.bid(0, x), abs=1e-5) and tiny.loss < INTEGRATED


@pytest.mark.parametrize("reserve", [0.0, 0.3])
def test_little_aversion_is_none(reserve):
    """The differential equations against the closed forms, as aversion vanishes."""
    for priors in ([SMALL] * 3, [SMALL, LARGE]):
        neutral, nearly = (bidding(ALL_PAY, priors, reserve, aversion, 3.0) for aversion in (0.0, 1e-7))
        x = np.linspace(0.75, 1, 9)
        assert nearly.bid(0, x) == pytest.approx(neutral.bid(0, x), abs=1e-5)
    neutral, nearly = (bidding(FIRST, [WIDE] * 3, reserve, aversion, 3.0) for aversion in (0.0, 1e-9))
    x = np.linspace(0.4, 1, 9)
    assert nearly.bid(0, x) == pytest.approx(neutral.bid(0, x), abs=INTEGRATED)


def test_little_wealth_is_aversion_to_the_gain_alone():
    """(w + x)^½ tends to √x: two bidders on U[0, 1] bid 2x/3 (Holt, 1980)."""
    rule = bidding(FIRST, [SMALL] * 2, 0.0, 0.5, 1e-9)
    x = np.linspace(0.1, 1, 10)
    assert rule.bid(0, x) == pytest.approx(2 * x / 3, abs=1e-4)


def test_risk_aversion_moves_all_pay_bids_apart():
    """Low values bid less and high values more than risk-neutral ones (Fibich, Gavious and Sela, 2006)."""
    neutral, averse = (bidding(ALL_PAY, [SMALL] * 2, 0.0, aversion, 1.0) for aversion in (0.0, 2.0))
    low, high = np.array([0.2, 0.3]), np.array([0.9, 1.0])
    assert (averse.bid(0, low) < neutral.bid(0, low)).all()
    assert (averse.bid(0, high) > neutral.bid(0, high)).all()


def test_two_bottoms_by_hand():
    """U[0, 1] against U[1, 2] (Maskin and Riley, 2000): bids from argmax (1 − b)b = 1/2; φ_1 φ_2 = b(φ_1 + φ_2) − b +
    1/4 along the way, so the highest bid is 7/8.
    """
    rule = bidding(FIRST, [SMALL, HIGH])
    assert rule.bids[0][-1] == pytest.approx(7 / 8, abs=INTEGRATED) and rule.bids[1][0] == pytest.approx(1 / 2)
    b = np.linspace(0.51, 7 / 8, 20)
    one, two = (np.interp(b, rule.bids[i], rule.values[i]) for i in range(2))
    assert one * two == pytest.approx(b * (one + two) - b + 1 / 4, abs=1e-5)
    assert rule.bid(0, np.array([0.3])) == pytest.approx([0.3])  # bids its value, and loses


def test_three_tops():
    """The weakest stops bidding below the others; with a top it never reaches, it is as if it shared theirs."""
    rule = bidding(FIRST, CASES["first price, three tops"][1], 0.1)
    assert rule.bids[0][-1] < 0.8 < rule.bids[1][-1] == rule.bids[2][-1]
    assert rule.values[0][-1] == pytest.approx(1)


def test_one_alone_pays_the_reserve():
    """Also below the lowest value, in every format; nobody pays more who has no rival."""
    for form in Format:
        rule = bidding(form, [HIGH], 0.5)
        assert rule.revenue == pytest.approx(0.5, abs=1e-12) and rule.loss == 0
    for form in Format:
        rule = bidding(form, [SMALL, LARGE], 1.5)
        assert np.isnan(rule.bid(0, np.array([1.0]))) and rule.revenue == pytest.approx(1.5 / 4, abs=INTEGRATED)


@pytest.mark.parametrize(
    ("form", "priors", "reserve", "aversion", "wealth"),
    [
        (ALL_PAY, (HIGH, SMALL), 0.2, 0.0, 0.0),
        (ALL_PAY, (SMALL, SMALL), 0.1, 1.0, 1.0),
        CASES["first price, three tops"],
        (ENGLISH, (SMALL, LARGE, THIN), 0.4, 0.0, 0.0),
    ],
)
def test_expected_revenue_is_what_playing_earns(form, priors, reserve, aversion, wealth):
    played = simulate([form], priors, 100_000, 3, reserve, aversion, wealth)[form]
    expected = bidding(form, priors, reserve, aversion, wealth).revenue
    assert abs(played.revenue - expected) < SIGMAS * played.error + INTEGRATED


def two_uniform(share, low, high):
    """`share` of the types uniform on [0, low], the others on [high, high + low]."""
    edges, total = np.array([0, low, high, high + low]), np.array([0, share, share, 1.0])
    height = np.diff(total) / np.diff(edges)
    return Prior(
        0.0,
        high + low,
        cdf=lambda x: np.interp(x, edges, total),
        density=lambda x: height[np.clip(np.searchsorted(edges, x, side="right") - 1, 0, 2)],
        quantile=lambda p: np.interp(p, total, edges),
    )


def test_best_reserve_of_an_irregular_prior_depends_on_the_number_of_bidders():
    """By trying prices. p(1 − F) is 0.3125 at 5/8 and 0.3 at 3/2: a monopolist takes the first, but with three bidders
    the slope weighs by F², and the rise from 0.2 at 1 to 0.3 counts for more than the fall from 0.3125 to 0.2.
    """
    prior = two_uniform(0.8, 1.0, 1.5)
    for bidders in (1, 3):
        tried = np.linspace(0, 2.4, 97)
        best = max(revenue_at_reserve(prior, bidders, r)[0] for r in tried)
        price = best_reserve(prior, bidders)
        assert revenue_at_reserve(prior, bidders, price)[0] == pytest.approx(best, abs=1e-3)
        assert revenue_at_reserve(prior, bidders, price)[0] > best - 1e-6
    assert best_reserve(prior, 1) == pytest.approx(5 / 8) and best_reserve(prior, 3) == pytest.approx(3 / 2, abs=1e-3)
    assert best_reserve(SMALL, 4) == pytest.approx(0.5)


def test_optimal_reserve_of_risk_averse_bidders_by_hand():
    """Utility √x, two bidders on U[0, 1]: b = 2x/3 + r³/(3x²) earns 4(1 − r³)/9 − 2 r³ log(r)/3, most at r = 1/e."""
    found = optimal_reserve(FIRST, SMALL, 2, 0.5)
    assert found == pytest.approx(np.exp(-1), abs=1e-4)
    assert bidding(FIRST, [SMALL] * 2, found, 0.5).revenue == pytest.approx(4 / 9 + 2 / 9 * np.exp(-3), abs=INTEGRATED)
    assert optimal_reserve(ENGLISH, SMALL, 2, 0.5) == pytest.approx(1 / 2)
    assert optimal_reserve(ALL_PAY, SMALL, 3) == pytest.approx(1 / 8)
    assert optimal_reserve(FIRST, SMALL, 1, 0.5) == pytest.approx(1 / 2)


def test_optimal_reserve_is_best_by_trying():
    """In the first-price auction it is below 1/2, the risk-neutral one."""
    for form, reserves in ((ALL_PAY, (0.15, 0.3)), (FIRST, (0.2, 0.5))):
        best = optimal_reserve(form, SMALL, 2, 2.0, 1.5)
        assert reserves[0] < best < reserves[1]
        revenue = [bidding(form, [SMALL] * 2, r, 2.0, 1.5).revenue for r in (best, *np.linspace(0, 0.6, 25))]
        assert revenue[0] >= max(revenue[1:]) - 1e-9


@pytest.mark.parametrize(("aversion", "wealth"), [(-0.1, 0), (1, 0), (0.5, -1), (np.nan, 1), (0.5, np.inf)])
def test_utility_needs_sense(aversion, wealth):
    with pytest.raises(ValueError, match="risk aversion"):
        Utility(aversion, wealth)


def test_utility_by_definition():
    """u(0) = 0, u' is the slope of u, u'' /u' = −γ/(w + x)."""
    for aversion, wealth in ((0.5, 2.0), (1.0, 2.0), (3.0, 2.0), (0.5, 0.0)):
        utility, x, h = Utility(aversion, wealth), np.array([0.3, 1.7]), 1e-5
        assert utility.of(np.zeros(1)) == [0]
        slope = (utility.of(x + h) - utility.of(x - h)) / (2 * h)
        assert slope == pytest.approx(utility.slope(x), rel=1e-8)
        bend = (utility.slope(x + h) - utility.slope(x - h)) / (2 * h)
        assert -bend / slope == pytest.approx(aversion / (wealth + x), rel=1e-7)
