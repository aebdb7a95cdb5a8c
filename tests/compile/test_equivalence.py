"""R8: dominant incentives solved as Bayesian ones and lifted; refused where Bayesian mechanisms can do more.

That they can is checked on the full programs: where the condition fails the Bayesian optimum is larger.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from environments import array, auction, named_types, weights, wished
from hypothesis import event, given
from hypothesis import strategies as st

import amd
from amd.compile.choose import FormulationError, choose
from amd.compile.plan import Plan
from amd.compile.program import compile_program
from amd.compile.reductions import equivalence
from amd.compile.reductions.equivalence_lift import lift
from amd.mechanism.audit import audit
from amd.mechanism.direct import Mechanism
from amd.model.build import AgentSpec, outcome_environment
from amd.model.design import Budget, Incentive, Linear, Participation, Quantity
from amd.model.numbers import exact_array
from solvers import Status, get

F = Fraction
TOLERANCE = 1e-6


def solved(environment, design, plan=Plan()):
    compiled = compile_program(environment, design, plan)
    return compiled, get("highs").solve(compiled.program)


def optimum(environment, design):
    return solved(environment, design)[1].objective


def agree(environment, design, formulation="equivalence"):
    """The dominant program's answer, and a mechanism that passes the audit of dominant incentives."""
    compiled, solution = solved(environment, design, choose(environment, design, formulation))
    _, full = solved(environment, design)
    assert solution.status is full.status
    if full.objective is None:
        return
    assert solution.objective == pytest.approx(full.objective, abs=TOLERANCE)
    mechanism = compiled.mechanism(solution.x)
    assert audit(mechanism, design).ok(TOLERANCE), audit(mechanism, design)
    mechanism.at(*(agent.size - 1 for agent in environment.agents))


@st.composite
def one_dimension(draw, *, copies: bool = False):
    """Two agents with values h(k)·α(a) + β(a) + γ(k) for two or three outcomes, all h different."""
    outcomes, specs = draw(st.integers(2, 3)), []
    for i in range(2):
        if copies and i:
            specs.append(replace(specs[0], name="copy[2]"))
            break
        size = draw(st.integers(2, 3))
        h = sorted(draw(st.lists(st.integers(-2, 6), min_size=size, max_size=size, unique=True)))
        alpha, beta, gamma = (array(draw, (n,)) for n in (outcomes, outcomes, size))
        values = np.multiply.outer(exact_array(h), alpha) + beta[None, :] + gamma[:, None]
        types, group = named_types(size, weights(draw, size)), "copy" if copies else ""
        outside = draw(st.sampled_from([F(0), F(-1), F(1, 2)]))
        specs.append(AgentSpec(f"copy[{i + 1}]", types, values, outside=exact_array([outside] * size), group=group))
    return outcome_environment(specs, ["x", "y", "z"][:outcomes])


@st.composite
def plain_designs(draw):
    """Wishes and budgets on average, any stage of participation."""
    wish = draw(st.sampled_from(["revenue", "welfare", "surplus"]))
    stage = draw(st.sampled_from(tuple(Participation)))
    budget = draw(st.sampled_from([None, Budget(False, False), Budget(True, False, F(1))]))
    return wished(wish, 2, incentive=Incentive.DOMINANT, budget=budget, participation=(stage,) * 2)


@pytest.mark.parametrize("copies", [False, True])
@given(st.data())
def test_dominant_incentives_cost_nothing(copies, data):
    environment, design = data.draw(one_dimension(copies=copies)), data.draw(plain_designs())
    event(equivalence.applies(environment, design).why)
    if equivalence.applies(environment, design).applies:
        agree(environment, design, "equivalence,symmetry" if copies else "equivalence")


def test_a_bayesian_mechanism_that_falls_somewhere_is_made_to_rise():
    """Two bidders of three types. Against the highest type the first gets 0, 1/4, 1/8: it falls, and no payments make
    truth dominant. On average it gets 1/6, 7/12, 17/24, the second 1/6, 1/2, 7/8: payments make truth best.
    """
    environment, _ = auction(2, 3)
    wins = np.array([[1 / 2, 0, 0], [1, 1 / 2, 1 / 4], [1, 1, 1 / 8]])
    allocation = np.stack([wins, 1 - wins], axis=-1).reshape(9, 2)
    interim = [wins.mean(axis=1), (1 - wins).mean(axis=0)]
    assert all((np.diff(q) > 0).all() for q in interim)
    values = np.array([1, 3, 5]) / 6
    steps = [np.concatenate([[0], np.cumsum(np.diff(values) * q[:-1])]) for q in interim]
    paid = [values * q - u for q, u in zip(interim, steps, strict=True)]
    held, payments = lift(environment, allocation, paid)
    mechanism = Mechanism(environment, held.reshape(3, 3, 2), payments.reshape(3, 3, 2))
    design = wished("revenue", 2, incentive=Incentive.DOMINANT)
    assert audit(mechanism, design).ok(1e-7)
    assert held.reshape(3, 3, 2)[..., 0].mean(axis=1) == pytest.approx(interim[0], abs=1e-7)
    assert held.reshape(3, 3, 2)[..., 1].mean(axis=0) == pytest.approx(interim[1], abs=1e-7)
    assert payments.reshape(3, 3, 2)[..., 0].mean(axis=1) == pytest.approx(paid[0], abs=1e-7)
    assert payments.reshape(3, 3, 2)[..., 1].mean(axis=0) == pytest.approx(paid[1], abs=1e-7)
    unlifted = Mechanism(environment, allocation.reshape(3, 3, 2), payments.reshape(3, 3, 2))
    assert not audit(unlifted, design).ok(1e-3)


def two_agents(first, second, weights):
    """Two agents with values (types, outcomes) and the weights of their types."""
    specs = []
    for i, (values, mass) in enumerate(zip((first, second), weights, strict=True)):
        types = named_types(len(mass), tuple(F(one, sum(mass)) for one in mass))
        shape = (len(values), len(values[0]))
        specs.append(AgentSpec(f"agent[{i}]", types, exact_array(np.ravel(values).tolist(), shape)))
    return outcome_environment(specs, ["x", "y", "z"][: len(first[0])])


def bayesian_does_more(environment, design, why):
    assert why in equivalence.applies(environment, design).why
    with pytest.raises(FormulationError, match="'equivalence' does not apply here"):
        choose(environment, design, "equivalence")
    return optimum(environment, equivalence.relaxed(design)) - optimum(environment, design)


DOMINANT = {"incentive": Incentive.DOMINANT}


def test_several_dimensions():
    environment = two_agents([[5, 4, 1], [0, 4, 4], [2, 0, 0]], [[3, 0, 3], [1, 3, 2]], [[2, 1, 2], [2, 1]])
    assert bayesian_does_more(environment, wished("revenue", 2, **DOMINANT), "do not have the form") > 0.01


def test_an_ex_post_budget():
    first, second = [[2, 1, 7], [8, 1, 16], [14, 1, 25]], [[1, 4, 0], [1, 19, 5], [1, 22, 6]]
    environment = two_agents(first, second, [[3, 3, 1], [1, 3, 2]])
    design = wished("welfare", 2, budget=Budget(True, True), **DOMINANT)
    assert bayesian_does_more(environment, design, "budget must hold in every profile") > 0.01


def test_green_and_laffont():
    """A public good that costs 1 for two agents uniform on a grid of 4: efficient and balanced is Bayesian
    (d'Aspremont and Gérard-Varet, 1979), not dominant (Green and Laffont, 1977; on grids from 4 cells on)."""
    text = """
    amd: 1
    agents: {citizen: {count: 2, types: {v: {uniform: [0, 1], cells: 4}}, value: {build: v}}}
    outcomes: {build: {cost: 1}, keep: {}}
    design: {incentive: dominant, participation: none, require: [efficient], budget: {balanced: ex_post}}
    """
    task = amd.loads(text).task
    assert not equivalence.applies(task.environment, task.design).applies
    assert solved(task.environment, task.design)[1].status is Status.INFEASIBLE
    assert solved(task.environment, equivalence.relaxed(task.design))[1].status is Status.OPTIMAL


def test_a_cap_on_payments():
    first, second = [[2, 0, 3], [12, 5, 8], [16, 7, 10]], [[1, 2, 2], [10, 2, 2], [19, 2, 2]]
    environment = two_agents(first, second, [[3, 1, 4], [3, 1, 4]])
    capped = replace(environment, agents=tuple(replace(agent, budget=F(2)) for agent in environment.agents))
    assert "caps its payment" in equivalence.applies(capped, wished("revenue", 2, **DOMINANT)).why


def test_a_worst_case():
    first, second = [[1, 9, 16], [1, 13, 22]], [[3, 3, 4], [18, 3, 14], [21, 3, 16]]
    environment = two_agents(first, second, [[1, 2], [1, 1, 1]])
    both = Linear(((F(1), Quantity("welfare", "worst(welfare)", worst=True)), (F(1), Quantity("revenue", "revenue"))))
    assert bayesian_does_more(environment, wished("revenue", 2, objective=both, **DOMINANT), "worst case") > 0.1


def test_correlated_types():
    first, second = [[5, 5, 9], [7, 6, 12], [15, 10, 24]], [[7, 7, 11], [10, 13, 20], [11, 15, 23]]
    environment = two_agents(first, second, [[1, 1, 1], [1, 1, 1]])
    likely = exact_array([F(one, 18) for one in (4, 1, 1, 1, 4, 1, 1, 1, 4)], (3, 3))
    environment = replace(environment, joint=likely)
    design = wished("revenue", 2, participation=(Participation.EX_POST,) * 2, **DOMINANT)
    assert bayesian_does_more(environment, design, "correlated") > 0.01


def test_a_type_of_probability_zero_has_no_bayesian_row():
    environment = two_agents([[0, 1], [0, 2]], [[0, 1], [0, 2]], [[1, 1], [1, 0]])
    assert "probability zero" in equivalence.applies(environment, wished("revenue", 2, **DOMINANT)).why


def test_ex_post_participation_takes_a_worst_off_type():
    """α changes sign: neither type is worse off than the other in every profile."""
    environment = two_agents([[1, 0], [0, 1]], [[0, 1], [0, 2]], [[1, 1], [1, 1]])
    always = wished("revenue", 2, participation=(Participation.EX_POST,) * 2, **DOMINANT)
    assert "no type of agent[0] is worst off" in equivalence.applies(environment, always).why
    agree(environment, wished("revenue", 2, **DOMINANT))
