"""General mechanisms, their equilibria and the revelation principle, checked by the audit."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.classics.agv import expected_externality
from amd.classics.game import (
    Game,
    NoEquilibriumError,
    best_responses,
    direct_mechanism,
    fictitious_play,
    regret,
    sealed_bid_game,
)
from amd.classics.myerson import optimal_auction
from amd.classics.vcg import vcg_mechanism
from amd.mechanism.audit import audit
from amd.mechanism.direct import Mechanism
from amd.model.design import Budget, Design, Incentive, Participation
from amd.model.numbers import exact_array

Q = Fraction
BAYESIAN = Design((Participation.INTERIM,) * 2)
DOMINANT = Design((Participation.EX_POST,) * 2, incentive=Incentive.DOMINANT)


def test_first_price_equilibrium_by_hand(single_good):
    """Values 0, 1, 2, 3 and bids in halves. Each type's message is best against the others', by listing them all."""
    game = sealed_bid_game(single_good([0, 1, 2, 3], [0, 1, 2, 3]), [Q(b, 2) for b in range(7)])
    strategies = best_responses(game)
    bids = [[game.messages[i][m] for m in strategies[i].argmax(axis=1)] for i in range(2)]
    for i, value in product(range(2), range(4)):

        def payoff(bid, other=bids[1 - i], value=value):
            return sum((value - bid) * (Q(bid > b) + Q(bid == b) / 2) for b in other) / 4

        assert payoff(bids[i][value]) == max(payoff(b) for b in game.messages[i])
    assert regret(game, strategies) == 0


@pytest.mark.parametrize("form", [{}, {"winner_pays": "second"}])
def test_the_direct_mechanism_of_an_equilibrium_is_truthful(single_good, form):
    game = sealed_bid_game(single_good([0, 1, 2, 3], [1, 2, 4]), [Q(b, 2) for b in range(9)], **form)
    found = audit(direct_mechanism(game, best_responses(game)), BAYESIAN, exact=True)
    assert found.incentive.violation == found.participation.violation == found.feasibility.violation == 0


def test_second_price_truth_is_dominant(single_good):
    game = sealed_bid_game(single_good([0, 1, 2, 3], [0, 1, 2, 3]), [0, 1, 2, 3], "second")
    truthful = direct_mechanism(game, game.pure([[0, 1, 2, 3]] * 2))
    assert audit(truthful, DOMINANT, exact=True).incentive.violation == 0
    # E[min] of two uniform draws from 0..3: (7·0 + 5·1 + 3·2 + 1·3)/16
    assert truthful.exact_payments.sum() / 16 == Q(14, 16)


def test_no_equilibrium_no_truth(single_good):
    """Bidding one's value in a first-price auction is no equilibrium, and its direct mechanism is not truthful."""
    game = sealed_bid_game(single_good([0, 1, 2, 3], [0, 1, 2, 3]), [0, 1, 2, 3])
    naive = game.pure([[0, 1, 2, 3]] * 2)
    gain = regret(game, naive)
    assert gain == Q(3, 4)  # a 3 that bids 1 wins against 0, and half the time against 1: 2·(1/4 + 1/8)
    violation = audit(direct_mechanism(game, naive), BAYESIAN, exact=True).incentive.violation
    assert violation == gain


def test_all_pay_has_no_pure_equilibrium_here_and_a_mixed_one(single_good):
    game = sealed_bid_game(single_good([1], [1]), [0, Q(1, 4), Q(1, 2), Q(3, 4), 1], all_pay=True)
    with pytest.raises(NoEquilibriumError) as failure:
        best_responses(game)
    assert failure.value.regret > 0
    strategies, gap = fictitious_play(game, 3000)
    assert 0 <= gap < 0.03
    found = audit(direct_mechanism(game, strategies), BAYESIAN)
    assert found.incentive.violation <= gap + 1e-12


@given(st.lists(st.integers(0, 5), min_size=18, max_size=18), st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_misreports_gain_at_most_the_regret(entries, choice):
    """Any game, any strategies: the direct mechanism's incentives are violated by at most the regret."""
    from amd.model.build import AgentSpec, goods_environment
    from amd.model.environment import Good
    from amd.model.types import TypeSpace

    space = TypeSpace(("v",), ((Q(1),), (Q(4),)), (Q(1, 3), Q(2, 3)))
    environment = goods_environment(
        [AgentSpec(f"b{i}", space, exact_array([1, 4], (2, 1))) for i in range(2)], [Good("g", 1)]
    )
    table = exact_array(entries, (3, 3, 2))
    allocation = table / np.maximum(table.sum(axis=-1, keepdims=True), 1)
    payments = np.moveaxis(table, 0, 1) / 3
    game = Game(environment, ((0, 1, 2),) * 2, allocation, payments)
    strategies = game.pure([choice[:2], choice[2:]])
    mechanism = direct_mechanism(game, strategies)
    assert audit(mechanism, BAYESIAN, exact=True).incentive.violation <= regret(game, strategies)


def test_a_joint_prior_gives_conditional_beliefs(single_good):
    """Perfectly correlated values: a 3 knows that the other is a 3, so outbidding it at 2 would gain 1/2 more."""
    from dataclasses import replace

    environment = single_good([1, 3], [1, 3])
    joint = exact_array([Q(1, 2), 0, 0, Q(1, 2)], (2, 2))
    game = sealed_bid_game(replace(environment, joint=joint), [0, 1, 2, 3])
    both_one = game.pure([[0, 1], [0, 1]])
    # a 3 bids 1 against 1: (3 − 1)/2 = 1, with 2 it gets 1; a 1 bids 0 against 0: 1/2, with 1 it gets 0
    assert regret(game, both_one) == 0
    assert regret(game, game.pure([[0, 0], [0, 0]])) == Q(1, 2)  # a 3: 3/2 against 2


def test_vickrey_myerson_and_externality_pass_the_audit(single_good, public_project):
    auction = single_good([10, 50], [20, 30])
    vickrey = Mechanism.from_exact(auction, *vcg_mechanism(auction))
    best = Mechanism.from_exact(auction, *optimal_auction([([10, 50], None), ([20, 30], None)]).rule())
    for mechanism in (vickrey, best):
        found = audit(mechanism, DOMINANT, exact=True)
        assert found.incentive.violation == found.participation.violation == found.feasibility.violation == 0
    project = public_project(3, [0, 1, 5], [0, 4])
    balanced = expected_externality(project)
    design = Design((Participation.NONE,) * 2, budget=Budget(balanced=True, ex_post=True), efficient=True)
    found = audit(Mechanism.from_exact(project, balanced.allocation, balanced.payments), design, exact=True)
    assert found.incentive.violation == found.budget.violation == found.feasibility.violation == 0


def test_shapes_are_checked(single_good):
    environment = single_good([1], [1])
    with pytest.raises(ValueError, match="expected"):
        Game(environment, ((0,), (0,)), np.zeros((1, 1, 3)), np.zeros((1, 1, 2)))
    with pytest.raises(ValueError, match="'first' or 'second'"):
        sealed_bid_game(environment, [0, 1], "third")
    with pytest.raises(ValueError, match="one good"):
        sealed_bid_game(
            single_good([1], [1], supply=1, demand=1).__class__(environment.agents[:1], environment.allocation), [0]
        )
