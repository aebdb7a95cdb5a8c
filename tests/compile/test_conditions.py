"""Where a reduction's condition fails it is refused, and using it all the same would give a wrong answer.

The numbers of the duplicate-value example are by hand; the others are those of the full program, checked here to
differ from what the wrongly reduced one gives.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from environments import auction, named_types, wished

from amd.compile.choose import choose
from amd.compile.plan import Ladder, Plan
from amd.compile.program import compile_program
from amd.compile.reductions import adjacent, expected_budget, generation, interim_payments
from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.design import Budget, Incentive, Linear, Participation, Quantity
from amd.model.environment import Good
from amd.model.numbers import exact_array
from solvers import Status, get

F = Fraction


def optimum(environment, design, plan=Plan()):
    solution = get("highs").solve(compile_program(environment, design, plan).program)
    assert solution.status is Status.OPTIMAL
    return solution.objective


def one_buyer(values, probability):
    """A buyer of one good, as goods, with one value a type."""
    types = named_types(len(values), tuple(F(p) for p in probability))
    spec = AgentSpec("buyer", types, exact_array(values, (len(values), 1)))
    return goods_environment([spec], [Good("item", 1)])


def chain(count):
    return Ladder(tuple(np.array([k]) for k in range(count)))


def test_equal_values_form_one_rung():
    """Values 1, 1, 2 with probabilities .45, .1, .45: selling to all at 1 is best, 1. A mere chain of neighbours lets
    the middle type get nothing and cut the top type off from the bottom one: 1.35."""
    environment = one_buyer([1, 1, 2], ["0.45", "0.1", "0.45"])
    design = wished("revenue", 1)
    (ladder,) = adjacent.ladders(environment).values()
    assert sorted(rung.tolist() for rung in ladder.rungs) == [[0, 1], [2]]
    assert optimum(environment, design, choose(environment, design)) == pytest.approx(1)
    assert optimum(environment, design) == pytest.approx(1)
    assert optimum(environment, design, Plan(ladders={0: chain(3)})) == pytest.approx(1.35)


def test_increasing_differences_are_not_one_dimension():
    """Strictly increasing differences, but α depends on the type: refused, and neighbours overshoot."""
    values = exact_array([0, 4, 7, 0, 5, 12, 0, 9, 17], (3, 3))
    differences = np.diff(values, axis=1)
    assert (np.diff(differences, axis=0) > 0).all()
    types = named_types(3, (F(8, 16), F(2, 16), F(6, 16)))
    environment = outcome_environment(
        [AgentSpec("buyer", types, values)], ["none", "low", "high"], exact_array([0, 2, 3])
    )
    design = wished("profit", 1)
    assert not adjacent.applies(environment, design).applies
    assert optimum(environment, design, Plan(ladders={0: chain(3)})) > optimum(environment, design) + 0.01


def correlated_auction():
    types = named_types(3, (F(1, 3),) * 3)
    values = exact_array([1, 2, 3], (3, 1))
    joint = exact_array([F(x, 45) for x in (11, 2, 7, 1, 0, 7, 8, 9, 0)], (3, 3))
    specs = [AgentSpec(f"bidder[{i}]", types, values, group="bidder") for i in (1, 2)]
    return goods_environment(specs, [Good("item", 1)], joint=joint)


def test_correlated_types_keep_all_bayesian_incentives():
    environment, design = correlated_auction(), wished("revenue", 2, participation=(Participation.EX_POST,) * 2)
    assert not adjacent.applies(environment, design).applies
    wrong = optimum(environment, design, Plan(ladders={0: chain(3), 1: chain(3)}))
    assert wrong > optimum(environment, design) + 1e-3


def test_correlated_types_keep_dominant_incentives_adjacent():
    environment = correlated_auction()
    design = wished("revenue", 2, incentive=Incentive.DOMINANT)
    assert adjacent.applies(environment, design).applies
    reduced = optimum(environment, design, choose(environment, design, "adjacent"))
    assert reduced == pytest.approx(optimum(environment, design), abs=1e-7)


def test_correlated_types_need_payments_in_every_profile():
    environment, design = correlated_auction(), wished("revenue", 2)
    assert "correlated" in interim_payments.applies(environment, design).why
    assert optimum(environment, design, Plan(interim_payments=True)) < optimum(environment, design) - 1e-3


def test_a_cap_needs_payments_in_every_profile():
    environment, design = auction(2, 3)
    capped = replace(environment, agents=tuple(replace(agent, budget=F(1, 4)) for agent in environment.agents))
    assert "budget caps" in interim_payments.applies(capped, design).why
    assert optimum(capped, design, Plan(interim_payments=True)) > optimum(capped, design) + 1e-3


def test_a_worst_case_of_money_needs_payments_in_every_profile():
    environment, design = auction(2, 3)
    worst = Quantity("revenue", "worst(revenue)", worst=True)
    assert (
        "worst case" in interim_payments.applies(environment, replace(design, objective=Linear(((F(1), worst),)))).why
    )


def test_an_ex_post_budget_with_ex_post_participation_is_not_met_on_average():
    """Two agents choose between x and y: a budget on average could be met, one in every profile cannot."""
    first = exact_array([-2, 4, 3, -2], (2, 2))
    second = exact_array([-2, 3, -2, 4], (2, 2))
    fair = (F(1, 2), F(1, 2))
    specs = [
        AgentSpec("first", named_types(2, fair), first, outside=exact_array([1, 1])),
        AgentSpec("second", named_types(2, fair), second, outside=exact_array([1, 0])),
    ]
    environment = outcome_environment(specs, ["x", "y"])
    always = wished("welfare", 2, budget=Budget(True, True), participation=(Participation.EX_POST,) * 2)
    assert not expected_budget.applies(environment, always).applies
    full = compile_program(environment, always, Plan()).program
    wrong = compile_program(environment, always, Plan(expected_budget=True, interim_payments=True)).program
    assert get("highs").solve(full).status is Status.INFEASIBLE
    assert get("highs").solve(wrong).status is Status.OPTIMAL


def test_one_agent_cannot_insure_itself():
    """One buyer worth 1 or 3 of a good that costs 2; worth 1 it could have 1/4 elsewhere.

    On average the budget balances: worth 3 it pays 9/4, worth 1 it is paid 1/4 for staying away. In every profile it
    pays exactly the cost, and there is nobody to pay the 1/4.
    """
    types = named_types(2, (F(1, 2), F(1, 2)))
    spec = AgentSpec("buyer", types, exact_array([1, 3], (2, 1)), outside=exact_array([F(1, 4), 0]))
    environment = goods_environment([spec], [Good("item", 1, F(2))])
    design = wished("welfare", 1, budget=Budget(balanced=True, ex_post=True))
    assert "only one agent" in expected_budget.applies(environment, design).why
    assert get("highs").solve(compile_program(environment, design, Plan()).program).status is Status.INFEASIBLE
    assert optimum(environment, design, Plan(expected_budget=True, interim_payments=True)) == pytest.approx(1 / 2)


def test_neighbours_alone_overshoot_in_two_dimensions():
    """One buyer, two goods on a 3 × 3 grid with an uneven prior: neighbours only is a strict relaxation."""
    rng = np.random.default_rng(3)
    values = [(F(a), F(b)) for a in (1, 2, 5) for b in (1, 3, 4)]
    overshoot = 0.0
    for _ in range(20):
        weights = rng.integers(1, 30, size=9)
        types = named_types(9, tuple(F(int(w), int(weights.sum())) for w in weights))
        spec = AgentSpec("buyer", types, exact_array([v for pair in values for v in pair], (9, 2)))
        environment = goods_environment([spec], [Good("a", 1), Good("b", 1)])
        design = wished("revenue", 1)
        grid = replace(types, grids=())
        assert grid.size == 9
        near = optimum(environment, design, Plan(ladders={0: chain(9)}))
        overshoot = max(overshoot, near - optimum(environment, design))
    assert overshoot > 0.01
    assert not generation.applies(environment, design).applies  # 72 rows are simply written down
