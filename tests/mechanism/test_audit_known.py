"""The audit at mechanisms whose verdict is known, and every check seen to fail."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from amd.mechanism.audit import Audit, audit
from amd.mechanism.direct import Mechanism
from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.design import Bound, Budget, Design, Incentive, Linear, Participation, Quantity
from amd.model.environment import Environment, Good, Limit
from amd.model.numbers import exact_array, exact_zeros
from amd.model.types import TypeSpace, single_type

VALUES = ["0", "1/4", "1/2", "3/4", "1"]


def free(agents: int, **more: object) -> Design:
    """A design that asks only for what is named."""
    wanted = {"participation": (Participation.NONE,) * agents, "incentive": Incentive.NONE, **more}
    return Design(**wanted)  # type: ignore[arg-type]


def families(found: Audit) -> set[str]:
    return {witness.family for check in found.checks.values() for witness in check.witnesses}


def test_second_price_auction_is_dominant(auction: Callable[..., Mechanism]) -> None:
    """Vickrey (1961)."""
    mechanism = auction(3, VALUES, second=True)
    wanted = Design((Participation.EX_POST,) * 3, incentive=Incentive.DOMINANT, efficient=True, deterministic=True)
    found = audit(mechanism, wanted, exact=True)
    assert found.worst == 0
    assert found.ok(0)
    assert found.to_json() == {kind: {"violation": 0.0, "witness": None} for kind in found.checks}


def test_first_price_with_truthful_bids_is_not(auction: Callable[..., Mechanism]) -> None:
    """Bidder 1 of value 1, against 0, wins ties and saves 1 by bidding 0; bidder 2 loses ties and saves 3/4."""
    check = audit(auction(2, VALUES, second=False), free(2, incentive=Incentive.DOMINANT), exact=True).incentive
    assert check.violation == 1
    assert check.witness.sentence == "bidder[1] with v = 1 gains 1 by saying v = 0 when bidder[2] reports v = 0"
    assert (check.witness.agent, check.witness.type, check.witness.report) == (0, 4, 0)
    assert check.witness.profile == (4, 0)


def test_first_price_in_expectation(auction: Callable[..., Mechanism]) -> None:
    """Bidder 1 of value 1 that says b = k/4 wins against k + 1 of 5 values: (1 − b)(k + 1)/5 is largest, 6/20, at
    b = 1/4 and 1/2; ties between reports go to the first."""
    check = audit(auction(2, VALUES, second=False), free(2, incentive=Incentive.BAYESIAN), exact=True).incentive
    assert check.violation == Fraction(3, 10)
    assert check.witness.sentence == "bidder[1] with v = 1 gains 3/10 by saying v = 1/4"
    assert audit(auction(2, VALUES, second=False), free(2, incentive=Incentive.NONE)).incentive.violation == 0


@pytest.fixture
def bridge() -> Mechanism:
    """A bridge of cost 10, values 5, 6, 2, built, with pivot payments 2, 3, 0 (textbook example)."""
    specs = [
        AgentSpec(name, single_type(), exact_array([0, value], (1, 2)))
        for name, value in (("ann", 5), ("bob", 6), ("cleo", 2))
    ]
    environment = outcome_environment(specs, ["none", "built"], cost=exact_array([0, 10]))
    return Mechanism.from_exact(environment, exact_array([0, 1], (1, 1, 1, 2)), exact_array([2, 3, 0], (1, 1, 1, 3)))


def test_bridge_is_efficient_and_short_of_5(bridge: Mechanism) -> None:
    stages = (Participation.EX_POST,) * 3
    wanted = Design(stages, incentive=Incentive.DOMINANT, efficient=True, budget=Budget(balanced=False, ex_post=True))
    found = audit(bridge, wanted, exact=True)
    assert found.budget.violation == 5
    assert found.budget.witness.sentence == "payments fall short of the cost by 5"
    assert (found.incentive.violation, found.participation.violation, found.feasibility.violation) == (0, 0, 0)
    paid = replace(wanted, budget=Budget(balanced=True, ex_post=False, subsidy=Fraction(5)))
    assert audit(bridge, paid, exact=True).worst == 0


def test_leaving_the_bridge_out_loses_3(bridge: Mechanism) -> None:
    idle = Mechanism.from_exact(bridge.environment, exact_array([1, 0], (1, 1, 1, 2)))
    witness = audit(idle, free(3, efficient=True), exact=True).feasibility.witness
    assert witness.sentence == "total value is 3 below the greatest possible"


def test_too_much_money_breaks_balance_only(bridge: Mechanism) -> None:
    rich = Mechanism.from_exact(bridge.environment, bridge.exact_allocation, exact_array([9, 3, 0], (1, 1, 1, 3)))
    no_deficit, balanced = (free(3, budget=Budget(kind, True)) for kind in (False, True))
    assert audit(rich, no_deficit, exact=True).budget.violation == 0
    witness = audit(rich, balanced, exact=True).budget.witness
    assert (witness.amount, witness.sentence) == (2, "payments exceed the cost by 2")


def test_an_agent_pays_beyond_its_budget(types_of: Callable[..., TypeSpace]) -> None:
    specs = [AgentSpec("ann", types_of("v", ["1", "2"]), exact_array([1, 2], (2, 1)), budget=Fraction(1, 2))]
    environment = goods_environment(specs, [Good("lamp", 1)])
    mechanism = Mechanism.from_exact(environment, exact_array([1, 1], (2, 1)), exact_array([0, 2], (2, 1)))
    witness = audit(mechanism, free(1), exact=True).budget.witness
    assert witness.sentence == "ann with v = 2 pays 3/2 more than its budget of 1/2"
    assert witness.family == "cap"


@pytest.fixture
def two_goods() -> Environment:
    specs = [AgentSpec(name, single_type(), exact_array([1, 1], (1, 2)), demand=1) for name in ("ann", "bob")]
    return goods_environment(specs, [Good("lamp", 1), Good("desk", 1)], [Limit((0, 1), 1)])


@pytest.mark.parametrize(
    ("units", "family", "sentence"),
    [
        (["-1/2", 0, 0, 0], "negative", "the expected number of lamp for ann is 1/2 below 0"),
        (["3/4", 0, "1/2", 0], "supply", "1/4 more of lamp is handed out than there is"),
        (["3/4", 0, 0, "1/2"], "limit", "1/4 more than 1 of lamp and desk is handed out"),
        (["3/4", "1/2", 0, 0], "demand", "1/4 more is handed to ann than the 1 it demands"),
    ],
)
def test_goods_that_cannot_be_handed_out(two_goods: Environment, units: list, family: str, sentence: str) -> None:
    mechanism = Mechanism.from_exact(two_goods, exact_array([Fraction(u) for u in units], (1, 1, 4)))
    check = audit(mechanism, free(2), exact=True).feasibility
    assert (family, sentence) in {(witness.family, witness.sentence) for witness in check.witnesses}
    if family in ("negative", "supply"):
        assert check.witness.family == family


def test_probabilities_that_miss_1_and_fractions() -> None:
    specs = [AgentSpec("ann", single_type(), exact_array([1, 2], (1, 2)))]
    mechanism = Mechanism.from_exact(outcome_environment(specs, ["a", "b"]), exact_array(["1/2", "1/4"], (1, 2)))
    check = audit(mechanism, free(1, deterministic=True), exact=True).feasibility
    assert {w.family for w in check.witnesses} == {"sum", "deterministic"}
    assert "the probabilities miss a sum of 1 by 1/4" in [w.sentence for w in check.witnesses]
    assert check.witness.sentence == "the probability of a is 1/2 away from a whole number"


def test_money_where_there_is_none(bridge: Mechanism) -> None:
    found = audit(bridge, free(3, transfers=False), exact=True).feasibility
    assert found.witness.sentence == "bob pays or gets 3 where there is no money"


def test_rare_types_count_in_full(types_of: Callable[..., TypeSpace]) -> None:
    """Gains are conditional on the type; a type of probability zero has no Bayesian constraint, but a dominant one."""
    for probability, bayesian in ((["1/1000000", "999999/1000000"], 1), (["0", "1"], 0)):
        types = types_of("v", ["1", "2"], probability)
        specs = [AgentSpec("ann", types, exact_array([1, 2], (2, 1)))]
        environment = goods_environment(specs, [Good("lamp", 1)])
        unfair = Mechanism.from_exact(environment, exact_array([0, 1], (2, 1)))
        assert audit(unfair, free(1, incentive=Incentive.BAYESIAN), exact=True).incentive.violation == bayesian
        assert audit(unfair, free(1, incentive=Incentive.DOMINANT), exact=True).incentive.violation == 1


def test_reports_of_probability_zero_are_reports(types_of: Callable[..., TypeSpace]) -> None:
    types = types_of("v", ["1", "2"], ["1", "0"])
    specs = [AgentSpec("ann", types, exact_array([1, 2], (2, 1)))]
    mechanism = Mechanism.from_exact(goods_environment(specs, [Good("lamp", 1)]), exact_array([0, 1], (2, 1)))
    check = audit(mechanism, free(1, incentive=Incentive.BAYESIAN), exact=True).incentive
    assert check.witness.sentence == "ann with v = 1 gains 1 by saying v = 2"


def test_near_ties_are_not_ties(types_of: Callable[..., TypeSpace]) -> None:
    """Two values that are the same double: the worse one is inefficient by their exact difference."""
    tiny = Fraction(1, 10**30)
    specs = [
        AgentSpec("ann", single_type(), exact_array([1], (1, 1))),
        AgentSpec("bob", single_type(), exact_array([1 + tiny], (1, 1))),
    ]
    environment = goods_environment(specs, [Good("lamp", 1)])
    to_ann = Mechanism.from_exact(environment, exact_array([1, 0], (1, 1, 2)))
    to_bob = Mechanism.from_exact(environment, exact_array([0, 1], (1, 1, 2)))
    assert audit(to_ann, free(2, efficient=True), exact=True).feasibility.violation == tiny
    assert audit(to_bob, free(2, efficient=True), exact=True).feasibility.violation == 0


def dictatorship(environment: Environment, voter: int) -> Mechanism:
    allocation = exact_zeros((*environment.shape, environment.allocation.size))
    for profile in np.ndindex(environment.shape):
        best = environment.agents[voter].types.orders[profile[voter]][0]
        allocation[profile][best] = Fraction(1)
    return Mechanism.from_exact(environment, allocation)


VOTING = {"transfers": False, "unanimous": True, "pareto": True, "onto": True, "deterministic": True}


def test_a_dictatorship_is_all_but_nondictatorial(voting: Callable[..., Environment]) -> None:
    """The easy half of Gibbard (1973) and Satterthwaite (1975)."""
    mechanism = dictatorship(voting(2, "abc"), 1)
    wanted = free(2, incentive=Incentive.DOMINANT, nondictatorial=True, **VOTING)
    found = audit(mechanism, wanted, exact=True)
    assert families(found) == {"nondictatorial"}
    assert found.feasibility.witness.sentence == "voter[2] is a dictator: its best outcome is always chosen"
    assert found.feasibility.violation == 1
    assert audit(mechanism, replace(wanted, nondictatorial=False), exact=True).worst == 0


def plurality(environment: Environment) -> Mechanism:
    """Most first places win; ties are broken by name."""
    allocation = exact_zeros((*environment.shape, environment.allocation.size))
    for profile in np.ndindex(environment.shape):
        tops = [agent.types.orders[k][0] for agent, k in zip(environment.agents, profile, strict=True)]
        allocation[profile][min(sorted(set(tops)), key=lambda o: -tops.count(o))] = Fraction(1)
    return Mechanism.from_exact(environment, allocation)


def test_plurality_is_manipulable(voting: Callable[..., Environment]) -> None:
    """Three voters, tops a, b, c: a wins by name, and the voter of c > b > a gets b by voting for it."""
    mechanism = plurality(voting(3, "abc"))
    wanted = free(3, incentive=Incentive.DOMINANT, nondictatorial=True, anonymous=True, **VOTING)
    found = audit(mechanism, wanted, exact=True)
    assert families(found) == {"incentive"}
    assert found.incentive.violation == 1
    witness = found.incentive.witness
    assert "raises the probability of {" in witness.sentence
    assert " > " in witness.sentence
    environment = mechanism.environment
    reported = list(witness.profile)
    reported[witness.agent] = witness.report
    order = environment.agents[witness.agent].types.orders[witness.type]
    place = {p: order.index(int(np.argmax(mechanism.allocation[p]))) for p in (witness.profile, tuple(reported))}
    assert place[tuple(reported)] < place[witness.profile]


def test_random_dictatorship_is_strategyproof_and_anonymous(voting: Callable[..., Environment]) -> None:
    """Gibbard (1977)."""
    environment = voting(2, "abc")
    halves = [dictatorship(environment, voter).exact_allocation for voter in (0, 1)]
    mechanism = Mechanism.from_exact(environment, (halves[0] + halves[1]) * Fraction(1, 2))
    wanted = free(2, incentive=Incentive.DOMINANT, anonymous=True, unanimous=True, pareto=True, transfers=False)
    assert audit(mechanism, wanted, exact=True).worst == 0
    assert audit(mechanism, replace(wanted, incentive=Incentive.BAYESIAN), exact=True).worst == 0


def test_plurality_is_ordinally_bayesian_under_uniform_beliefs(voting: Callable[..., Environment]) -> None:
    """Majumdar and Sen (2004): with independent uniform orders a neutral count of first places cannot be gained from.

    By hand, c > b > a: voting c gives c, b, a with 5/9, 1/9, 3/9 and voting b with 1/9, 5/9, 3/9.
    """
    mechanism = plurality(voting(3, "abc"))
    assert audit(mechanism, free(3, incentive=Incentive.BAYESIAN), exact=True).incentive.violation == 0


def test_it_is_not_under_other_beliefs(voting: Callable[..., Environment], orders_of: Callable[..., TypeSpace]) -> None:
    """Opponents who surely vote a and b: c > b > a gets b for sure by voting b, and a otherwise."""
    tops = ((0, 1, 2), (1, 0, 2), None)
    specs = []
    for i, top in enumerate(tops):
        every = tuple(permutations(range(3)))
        masses = [Fraction(1, 6)] * 6 if top is None else [Fraction(int(order == top)) for order in every]
        specs.append(AgentSpec(f"voter[{i + 1}]", orders_of(3, masses), exact_zeros((6, 3))))
    mechanism = plurality(outcome_environment(specs, ["a", "b", "c"]))
    check = audit(mechanism, free(3, incentive=Incentive.BAYESIAN), exact=True).incentive
    assert check.witness.sentence == "voter[3] with c > b > a raises the probability of {b, c} by 1 by saying b > a > c"


@pytest.mark.parametrize("flag", ["unanimous", "pareto", "onto"])
def test_a_constant_rule_fails_what_it_should(voting: Callable[..., Environment], flag: str) -> None:
    environment = voting(2, "abc")
    allocation = exact_zeros((*environment.shape, 3))
    allocation[..., 0] = Fraction(1)
    mechanism = Mechanism.from_exact(environment, allocation)
    found = audit(mechanism, free(2, incentive=Incentive.DOMINANT, **{flag: True}), exact=True)
    assert families(found) == {flag}
    assert found.feasibility.violation == 1


def test_anonymity_of_two_dictatorships_fails(voting: Callable[..., Environment]) -> None:
    found = audit(dictatorship(voting(2, "ab"), 0), free(2, anonymous=True), exact=True)
    assert found.feasibility.witness.sentence == (
        "exchanging the reports of voter[1] and voter[2] changes the allocation by 1 "
        "when voter[1] reports a > b and voter[2] reports b > a"
    )


REVENUE = Quantity("revenue", "revenue")


@pytest.mark.parametrize(
    ("sense", "number", "missed"),
    [(">=", 30, 0), (">=", 31, 1), ("<=", 30, 0), ("<=", 28, 2), ("==", 30, 0), ("==", 33, 3), ("==", 26, 4)],
)
def test_bounds_on_quantities(license: Mechanism, sense: str, number: int, missed: int) -> None:
    """Revenue of the license example is 30."""
    linear = Linear(((Fraction(1), REVENUE),), Fraction(-number))
    bound = Bound(linear, sense, f"revenue {sense} {number}")
    check = audit(license, free(2, bounds=(bound,)), exact=True).feasibility
    assert check.violation == missed
    if missed:
        assert check.witness.sentence == f"the requirement revenue {sense} {number} is missed by {missed}"


def test_interdependent_ex_post_incentives(types_of: Callable[..., TypeSpace]) -> None:
    """Two signals, the lamp is worth the own signal plus half the other's (Dasgupta and Maskin, 2000).

    The higher signal wins and pays what the lamp would be worth to it at a tie, 3/2 of the other's signal: ex post
    incentive compatible. At 2 times the other's signal, with both signals 4, the winner pays 8 for 6.
    """
    types = types_of("s", ["1", "2", "4"])
    signals = [Fraction(1), Fraction(2), Fraction(4)]
    worth = exact_array([s + t / 2 for s in signals for t in signals], (3, 3, 1))
    specs = [
        AgentSpec(name, types, worth if i == 0 else worth.transpose(1, 0, 2), interdependent=True)
        for i, name in enumerate(("ann", "bob"))
    ]
    environment = goods_environment(specs, [Good("lamp", 1)])
    for rate, verdict in ((Fraction(3, 2), 0), (Fraction(2), Fraction(2))):
        allocation, payments = exact_zeros((3, 3, 2)), exact_zeros((3, 3, 2))
        for a, b in np.ndindex(3, 3):
            winner, other = (0, b) if a >= b else (1, a)
            allocation[a, b, winner] = Fraction(1)
            payments[a, b, winner] = rate * signals[other]
        mechanism = Mechanism.from_exact(environment, allocation, payments)
        found = audit(mechanism, free(2, incentive=Incentive.DOMINANT), exact=True)
        assert found.incentive.violation == verdict


def test_a_design_for_other_agents_is_refused(license: Mechanism) -> None:
    with pytest.raises(ValueError, match="for 3 agents, the mechanism for 2"):
        audit(license, free(3))


def test_floats_have_no_exact_audit(license: Mechanism) -> None:
    rounded = Mechanism(license.environment, license.allocation, license.payments)
    with pytest.raises(ValueError, match="only known in floating point"):
        audit(rounded, free(2), exact=True)


def test_every_order_is_a_type(voting: Callable[..., Environment]) -> None:
    assert voting(1, "abc").agents[0].types.orders == tuple(permutations(range(3)))
