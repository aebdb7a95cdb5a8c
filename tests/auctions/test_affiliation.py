"""Affiliated signals: bids by hand, best responses by drawing signals, and the linkage principle."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from amd.auctions.affiliation import Affiliation
from amd.auctions.equilibrium import bidding
from amd.auctions.formats import Format, play
from amd.auctions.simulate import affiliated_signals, play_rules
from amd.classics.continuous import Prior, power, uniform

FIRST, SECOND, ENGLISH, ALL_PAY = Format.FIRST_PRICE, Format.SECOND_PRICE, Format.ENGLISH, Format.ALL_PAY
INTEGRATED = 2e-5  # bids come from tables of 1,600 signals
SIGMAS = 5.0


@cache
def signals(weight, bidders):
    return Affiliation(uniform(), uniform(), weight, bidders)


def test_two_bidders_by_hand():
    """Krishna (2010), example 6.2: v(x, x) = x and g/G = 2/x, so bids are x and 2x/3, whatever the weight."""
    x = np.linspace(0.05, 1.95, 39)
    for weight in (0, 1):
        two = signals(weight, 2)
        assert two.bidding(SECOND).bid(0, x) == pytest.approx(x, abs=INTEGRATED)
        assert two.bidding(FIRST).bid(0, x) == pytest.approx(2 * x / 3, abs=INTEGRATED)


def test_three_bidders_by_hand():
    """Below 1 the third signal is 2x/3 on average when two are x, so v = 8x/9; g/G = 3/x, and 8/9 · 3/4 x is bid.

    Above 1, with a = x − 1, it is x − (1 − a³)/(1 − a²)/3 on average.
    """
    three, x = signals(1, 3), np.linspace(0.05, 0.98, 20)
    assert three.bidding(SECOND).bid(0, x) == pytest.approx(8 * x / 9, abs=INTEGRATED)
    assert three.bidding(FIRST).bid(0, x) == pytest.approx(2 * x / 3, abs=INTEGRATED)
    a = np.linspace(0.05, 0.95, 19)
    third = 1 + a - (1 - a**3) / (1 - a**2) / 3
    assert three.bidding(SECOND).bid(0, 1 + a) == pytest.approx((2 * (1 + a) + third) / 3, abs=INTEGRATED)


def test_all_pay_with_private_values():
    """Private values: v(x, y) g(y | x) = y below 1, which is not less for a higher x, so bids are ∫y dy = x²/2."""
    x = np.linspace(0.05, 1, 20)
    assert signals(0, 2).bidding(ALL_PAY).bid(0, x) == pytest.approx(x**2 / 2, abs=INTEGRATED)


def test_strong_affiliation_leaves_no_all_pay_bids():
    """Common values: (x + y)/2 · y/x falls in x, so a bidder would rather bid as if it had seen less."""
    with pytest.raises(ValueError, match="too strongly affiliated"):
        signals(1, 2).bidding(ALL_PAY)


def test_english_prices_by_hand():
    """1.5, 1.2 and 0.9: the third leaves at 0.9, the second at (1.2 + 1.2 + 0.9)/3; half private: (1.2 + 1.1)/2."""
    seen = np.array([[1.2, 1.5, 0.9]])
    common, half = (signals(weight, 3).bidding(ENGLISH).all_bids(seen) for weight in (1, 0.5))
    assert common[0] == pytest.approx([1.1, (1.5 + 1.2 + 0.9) / 3, 0.9])
    assert half[0] == pytest.approx([1.15, (1.5 + 1.2) / 2, 0.9])
    assert play(ENGLISH, common).payments[0] == pytest.approx([0, 1.1, 0])


@pytest.mark.parametrize("form", [FIRST, SECOND, ENGLISH])
@pytest.mark.parametrize(("weight", "bidders"), [(1, 3), (0.4, 4)])
def test_nobody_gains_by_bidding_as_if_it_had_seen_something_else(form, weight, bidders):
    """The common part given the own signal x is uniform on [max(0, x − 1), min(1, x)]; the rules are played."""
    found, random, rounds = signals(weight, bidders), np.random.default_rng(4), 20_000
    rule = found.bidding(form)
    for x in (0.6, 1.4):
        common = random.uniform(max(0.0, x - 1), min(1.0, x), (rounds, 1))
        seen = np.concatenate([np.full((rounds, 1), x), common + random.random((rounds, bidders - 1))], axis=1)
        worth = (1 - weight) * x + weight * seen.mean(axis=1)
        gains = []
        for told in (x, *np.linspace(0.05, 1.95, 15)):
            outcome = play(form, rule.all_bids(np.concatenate([np.full((rounds, 1), told), seen[:, 1:]], axis=1)))
            gains.append(worth * (outcome.winner == 0) - outcome.payments[:, 0])
        more = np.stack(gains[1:]) - gains[0]
        assert (more.mean(axis=1) <= SIGMAS * more.std(axis=1) / np.sqrt(rounds) + 1e-6).all()


def test_wrong_bids_are_seen():
    for form in (FIRST, SECOND):
        rule = signals(1, 3).bidding(form)
        assert rule.loss < 1e-4
        assert replace(rule, bids=tuple(0.9 * bids for bids in rule.bids)).loss > 1e-3


@pytest.mark.parametrize(("weight", "bidders"), [(1, 2), (1, 3), (0.5, 5)])
def test_the_linkage_principle(weight, bidders):
    """English: the order statistics of uniform draws by hand. English ≥ second price ≥ first price, also as played."""
    found, n = signals(weight, bidders), bidders
    rules = {form: found.bidding(form) for form in (ENGLISH, SECOND, FIRST)}
    second = 1 / 2 + (n - 1) / (n + 1)
    mean = ((n - 1) / (n + 1) + n / 2 - n / (n + 1)) / n + 1 / 2
    assert rules[ENGLISH].revenue == pytest.approx((1 - weight) * second + weight * mean, abs=1e-9)
    revenues = [rule.revenue for rule in rules.values()]
    assert revenues[0] >= revenues[1] - 1e-9 and revenues[1] > revenues[2] + 1e-3
    played = play_rules(rules, found.draw, 100_000, 9)
    for form, rule in rules.items():
        assert abs(played[form].revenue - rule.revenue) < SIGMAS * played[form].error + INTEGRATED


def test_the_textbook_case_is_one_of_them():
    """The simulation that has its own closed-form bids agrees."""
    alone = affiliated_signals(100_000, seed=3)
    for form in (FIRST, SECOND):
        assert abs(alone[form].revenue - signals(1, 2).bidding(form).revenue) < SIGMAS * alone[form].error + INTEGRATED


def test_next_to_no_common_part_is_independence():
    """First-price and all-pay bids of independent private values on a prior that rises."""
    own = power(2.0)
    found, x = Affiliation(own, uniform(0, 1e-4), 0, 3), np.linspace(0.2, 0.99, 20)
    for form in (FIRST, ALL_PAY):
        assert found.bidding(form).bid(0, x) == pytest.approx(bidding(form, [own] * 3).bid(0, x), abs=3e-4)


def two_humps():
    edges, total = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0, 0.45, 0.55, 1.0])
    return Prior(
        0.0,
        3.0,
        cdf=lambda x: np.interp(x, edges, total),
        density=lambda x: np.where((np.asarray(x) >= 1) & (np.asarray(x) <= 2), 0.1, 0.45),
        quantile=lambda p: np.interp(p, total, edges),
    )


@pytest.mark.parametrize(
    ("own", "weight", "bidders", "message"),
    [
        (two_humps(), 1, 2, "logarithmically concave"),
        (uniform(), 1.5, 2, "weight"),
        (uniform(), 1, 1, "two bidders"),
    ],
)
def test_what_is_refused(own, weight, bidders, message):
    with pytest.raises(ValueError, match=message):
        Affiliation(own, uniform(), weight, bidders)
