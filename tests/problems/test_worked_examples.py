"""What the textbooks say about the bundled problems beyond their value: who wins, who pays what, who gains by lying."""

from __future__ import annotations

import json
from fractions import Fraction as Q
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import amd
from amd.mechanism.quantities import quantities

PROBLEMS = Path(__file__).resolve().parents[2] / "problems"
# Of the numbers of a float solution, which are 0, 1 or a simple fraction up to the solver's feasibility tolerance.
NEAR = 1e-7


def altered(name, *changes):
    """A bundled problem with pieces of its text replaced."""
    text = (PROBLEMS / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return amd.loads(text)


def near(value):
    return pytest.approx(value, abs=NEAR)


# -- mechanisms that somebody else made ------------------------------------------------------------------------------


def test_license_mechanism_is_truthful_but_not_voluntary():
    """The higher report wins, ties to firm 1, the winner pays 30: a firm of type 10 that wins loses 20."""
    mechanism = PROBLEMS / "auctions" / "license-mechanism.json"
    bayesian = amd.load("license").check(mechanism, exact=True)
    assert bayesian.incentive.violation == 0
    assert bayesian.participation.violation == 10  # wins with probability 1/2 and then loses 20
    assert bayesian.participation.witness.agent == 0
    assert bayesian.participation.witness.type == 0
    assert bayesian.budget.violation == bayesian.feasibility.violation == 0

    strict = altered("auctions/license", ("maximize: revenue", "incentive: dominant\n  participation: ex_post"))
    dominant = strict.check(mechanism, exact=True)
    assert dominant.incentive.violation == 0
    assert dominant.participation.violation == 20
    assert dominant.participation.witness.profile == (0, 0)


@pytest.mark.parametrize(
    ("name", "reports", "payments", "deficit"),
    [("bridge", (30, 25, 15), (20, 15, 5), 20), ("footbridge", (5, 6, 2), (2, 3, 0), 5)],
)
def test_pivot_rule_for_a_bridge(name, reports, payments, deficit):
    """Clarke's payments: truthful, voluntary, efficient, and far from the cost."""
    design = ("minimize: deficit", "budget: {no_deficit: ex_post}")
    problem = altered(f"public-goods/{name}", design)
    mechanism = problem.mechanism(PROBLEMS / "public-goods" / f"{name}-pivot.json")
    outcome = mechanism(*reports)
    assert outcome.lottery == {"build": 1}
    assert tuple(outcome.payments.values()) == payments
    audit = problem.check(mechanism, exact=True)
    assert audit.incentive.violation == audit.participation.violation == audit.feasibility.violation == 0
    assert audit.budget.violation >= deficit


def auction_file(values, units, bidders=3):
    """A uniform-price auction: the highest reports win, ties to the first, and pay the highest losing report."""
    entries = []
    for profile in product(values, repeat=bidders):
        ranked = sorted(range(bidders), key=lambda i: (-profile[i], i))
        price = profile[ranked[units]]
        won = [int(i in ranked[:units]) for i in range(bidders)]
        payments = [w * price for w in won]
        entry = {"report": [[v] for v in profile], "allocation": [[w] for w in won], "payments": payments}
        entries.append(entry)
    return json.dumps({"profiles": entries})


@pytest.mark.parametrize(
    ("name", "values", "units", "reports", "winners", "payments"),
    [
        ("second-price", (4, 5, 7), 1, (5, 7, 4), (0, 1, 0), (0, 5, 0)),
        ("two-units", (3, 5, 8), 2, (8, 5, 3), (1, 1, 0), (3, 3, 0)),
    ],
)
def test_vickrey_auction(tmp_path, name, values, units, reports, winners, payments):
    """Dominant strategies, voluntary, efficient; the textbook payments; revenue below the best on the grid."""
    path = tmp_path / "auction.json"
    path.write_text(auction_file(values, units), encoding="utf-8")
    problem = amd.load(name)
    mechanism = problem.mechanism(path)
    outcome = mechanism(*reports)
    assert tuple(next(iter(own.values())) for own in outcome.allocation.values()) == winners
    assert tuple(outcome.payments.values()) == payments
    assert problem.check(mechanism, exact=True).worst == 0


def test_double_vickrey_runs_the_deficit_of_the_theorem(tmp_path):
    """The buyer pays c, the seller gets v: truthful, voluntary, efficient, and short of all the gains from trade."""
    types = [Q(2 * k - 1, 20) for k in range(1, 11)]
    entries = [
        {
            "report": [[str(v)], [str(c)]],
            "outcomes": {"trade" if v > c else "no_trade": 1},
            "payments": [str(c * (v > c)), str(-v * (v > c))],
        }
        for v, c in product(types, types)
    ]
    path = tmp_path / "double-vickrey.json"
    path.write_text(json.dumps({"profiles": entries}), encoding="utf-8")
    problem = altered(
        "trade/smallest-subsidy", ("minimize", "incentive: dominant\n  participation: ex_post\n  minimize")
    )
    mechanism = problem.mechanism(path)
    assert problem.check(mechanism, exact=True).worst == 0
    assert quantities(mechanism, exact=True)["deficit"] == Q(10**2 - 1, 6 * 10**2)


# -- what the solved mechanisms do -----------------------------------------------------------------------------------


def test_lemonade_stand_goes_to_maya():
    outcome = amd.load("lemonade-stand").solve().mechanism(50, 35, 20)
    assert outcome.allocation["maya"]["stand"] == near(1)


def test_second_price_winner_has_the_highest_report():
    mechanism = amd.load("second-price").solve().mechanism
    outcome = mechanism(5, 7, 4)
    assert outcome.allocation["bidder[2]"]["object"] == near(1)
    assert 5 - NEAR <= outcome.payments["bidder[2]"] <= 7 + NEAR


def test_license_sells_at_the_high_value():
    mechanism = amd.load("license").solve().mechanism
    assert all(own["license"] == near(0) for own in mechanism(10, 10).allocation.values())
    assert sum(own["license"] for own in mechanism(50, 50).allocation.values()) == near(1)


def test_seller_posts_the_price_of_the_textbook():
    """With x0 = 1/4 the price is 5/8, which is a type: everybody from there on buys for sure."""
    mechanism = amd.load("own-value").solve().mechanism
    for v in (Q(2 * k - 1, 40) for k in range(1, 21)):
        outcome = mechanism(v)
        buys = int(v >= Q(5, 8))
        assert outcome.allocation["buyer"]["object"] == near(buys)
        assert outcome.payments["buyer"] == near(Q(5, 8) * buys)


@pytest.mark.parametrize("name", ["optimal-auction", "revenue-equivalence", "normal-values", "ironing-two-humps"])
def test_payment_identity(name):
    """m(x) = m(r) + ∫ y dq(y): on a grid each step of the interim payment lies between the two types times the step of
    the interim allocation, so that interim utility is convex with the allocation as its slope (Myerson 1981)."""
    mechanism = amd.load(name).solve().mechanism
    bidder, other = mechanism.environment.agents
    q = mechanism.allocation[..., 0] @ other.types.float_probability
    m = mechanism.payments[..., 0] @ other.types.float_probability
    v = bidder.float_values[:, 0]
    step, paid = np.diff(q), np.diff(m)
    near_money = NEAR * v[-1]
    assert (step >= -NEAR).all()
    assert (paid >= v[:-1] * step - near_money).all()
    assert (paid <= v[1:] * step + near_money).all()


def test_correlation_leaves_no_rent():
    result = amd.load("full-extraction").solve()
    assert result.quantities["surplus"] == near(0)


def test_ironing_gives_4_and_5_the_same_chance():
    result = amd.load("ironing-by-hand").solve()
    prior, chances = [Q(1, 2), Q(1, 6), Q(1, 3)], []
    for own in (4, 5, 10):
        outcomes = [result.mechanism(own, other).allocation["bidder[1]"]["object"] for other in (4, 5, 10)]
        chances.append(sum(float(p) * q for p, q in zip(prior, outcomes, strict=True)))
    assert chances[0] == near(chances[1])
    assert chances[2] > chances[1] + 0.1


def test_revenue_without_risk_is_the_same_everywhere():
    result = amd.load("safe-revenue").solve()
    totals = result.mechanism.payments.sum(axis=-1)
    assert totals.min() >= 205 / 432 - NEAR
    assert result.quantities["revenue"] == near(205 / 432)


def test_deterministic_dominant_balanced_trade_is_a_posted_price():
    """Hagerty and Rogerson: whoever trades, trades at one price."""
    result = amd.load("posted-price").solve()
    trades = result.mechanism.allocation[..., 1] > 0.5
    prices = result.mechanism.payments[..., 0][trades]
    assert prices.max() - prices.min() == near(0)
    assert result.mechanism.payments[~trades] == near(0)


def test_income_tax_does_not_distort_the_top():
    mechanism = amd.load("income-tax").solve().mechanism
    assert mechanism(2).lottery["four"] == near(1)
    assert mechanism(1).lottery["part_time"] == near(1)


def test_countervailing_incentives_pool_types():
    mechanism = amd.load("countervailing-incentives").solve().mechanism
    produced = [mechanism(Q(2 * k - 1, 20)).lottery.get("produce", 0) for k in range(1, 11)]
    assert produced == near([1] * 5 + [0.5] * 5)


def test_rooms_cannot_be_shared_in_halves():
    """Expected shares of 1/2 each would meet every limit and serve 3/2 choirs."""
    result = amd.load("rehearsal-rooms").solve()
    assert sum(result.mechanism.at(0).allocation["choirs"].values()) == near(1)


# -- voting ----------------------------------------------------------------------------------------------------------


def test_onto_strategyproof_rules_are_dictatorships():
    mechanism = amd.load("strategyproof-rules").solve().mechanism
    orders = mechanism.environment.agents[0].types.orders
    chosen = {profile: int(mechanism.allocation[profile].argmax()) for profile in product(range(6), repeat=2)}
    dictators = [i for i in range(2) if all(orders[p[i]][0] == outcome for p, outcome in chosen.items())]
    assert len(dictators) == 1


def test_unanimous_lotteries_are_random_dictatorships():
    """The chance that voter 1 decides is the same in every profile in which favourites differ."""
    mechanism = amd.load("random-dictatorship").solve().mechanism
    orders = mechanism.environment.agents[0].types.orders
    weights = []
    for j, k in product(range(6), repeat=2):
        first, second = orders[j][0], orders[k][0]
        lottery = mechanism.allocation[j, k]
        if first == second:
            assert lottery[first] == near(1)
        else:
            assert lottery[first] + lottery[second] == near(1)
            weights.append(lottery[first])
    assert max(weights) - min(weights) == near(0)


def test_without_unanimity_a_constant_rule_is_allowed():
    result = altered("voting/random-dictatorship", ("  require: [unanimous]\n", "")).solve()
    assert result.objective == near(1)


def test_median_voter_needs_single_peaks():
    """With all six orders the requirements of the median rule contradict each other."""
    more = "        - [low, middle, high]\n        - [low, high, middle]\n        - [high, low, middle]\n"
    result = altered("voting/single-peaked", ("        - [low, middle, high]\n", more)).solve()
    assert result.status is amd.Status.INFEASIBLE


# -- what the notes suggest to try -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "status", "value"),
    [
        ("public-goods/footbridge", "minimize: deficit", "budget: {no_deficit: ex_post}", "infeasible", None),
        ("public-goods/expected-externality", "participation: none", "participation: interim", "infeasible", None),
        ("trade/contract-first", "buyer: ex_ante", "buyer: interim", "optimal", 189 / 1250),
        ("auctions/license-fair", "allocation: deterministic", "allocation: lottery", "optimal", 37.5),
        ("auctions/entry-fee", "ex_ante", "interim", "optimal", None),
        ("voting/random-dictatorship", "maximize", "minimize", "optimal", 1 / 3),
        ("voting/quotas", "maximize", "minimize", "optimal", 1 / 8),
        ("impossibility/green-laffont", "dominant", "bayesian", "optimal", None),
        ("impossibility/gibbard-satterthwaite", ", nondictatorial", "", "optimal", None),
        ("impossibility/gibbard-satterthwaite", "onto, ", "", "optimal", None),
        ("impossibility/free-riders", "  budget:", "  participation: none\n  budget:", "optimal", None),
    ],
)
def test_suggested_change(name, old, new, status, value):
    result = altered(name, (old, new)).solve()
    assert result.status.name.lower() == status, result.message
    if value is not None:
        assert result.objective == near(value)


def test_bidders_who_know_their_values_keep_a_rent():
    """Deciding on participation before or after learning the value matters by more than a tenth of the object."""
    fee = amd.load("entry-fee").solve().objective
    assert altered("auctions/entry-fee", ("ex_ante", "interim")).solve().objective < fee - 0.1


# -- deterministic designs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("formulation", ["auto", "full"])
def test_subsidies_without_end_are_no_optimum_of_a_deterministic_design(formulation):
    """Whatever a mechanism pays out, another pays everybody one more. HiGHS's branch and bound (1.15) says optimal."""
    problem = amd.loads("""
amd: 1
agents:
  a:
    count: 2
    types: {v: {values: [3, 3/2]}, w: {uniform: [0, 2], cells: 2, at: middle}}
    value: {x: v + w}
    demand: 1
  b:
    types: {v: {uniform: [0, 3], cells: 2, at: middle}, w: {values: [5, 0, 3/2], weights: [1, 0, 2]}}
    outside: -1
goods: {x: 1}
design: {minimize: profit, allocation: deterministic, require: [efficient]}
""")
    assert problem.solve(formulation=formulation).status.name == "UNBOUNDED"
