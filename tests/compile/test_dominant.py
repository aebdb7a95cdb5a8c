"""What shortens programs with dominant incentives: utilities for payments, the worst-off type, near lies first."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from environments import array, auction, designs, goods_environments, named_types, outcome_environments, weights, wished
from hypothesis import assume, given
from hypothesis import strategies as st

import amd
from amd.compile.choose import choose
from amd.compile.plan import Plan
from amd.compile.program import compile_program
from amd.compile.reductions import generation, utilities, worst_off
from amd.mechanism.audit import audit
from amd.model.build import AgentSpec, goods_environment
from amd.model.design import Incentive, Linear, Participation, Quantity
from amd.model.environment import Good
from amd.model.numbers import exact_array
from solvers import Status, get, highs_method

F = Fraction
DOMINANT = (Incentive.DOMINANT,)
TOLERANCE = 1e-6


def solved(environment, design, plan):
    compiled = compile_program(environment, design, plan)
    return compiled, get("highs").solve(compiled.program)


def optimum(environment, design, plan=Plan()):
    _, solution = solved(environment, design, plan)
    assert solution.status is Status.OPTIMAL
    return solution.objective


def agree(environment, design, formulation):
    """Same answer as the full program, and a mechanism that passes the audit."""
    compiled, solution = solved(environment, design, choose(environment, design, formulation))
    _, full = solved(environment, design, Plan())
    assert solution.status is full.status
    if full.objective is None:
        return
    assert solution.objective == pytest.approx(full.objective, abs=TOLERANCE)
    report = audit(compiled.mechanism(solution.x), design)
    assert report.ok(TOLERANCE), report


@given(st.data())
def test_utilities_lose_nothing(data):
    goods = data.draw(st.booleans())
    environment = data.draw(goods_environments() if goods else outcome_environments(joint=None, zeros=True))
    design = data.draw(designs(environment, incentives=DOMINANT, budgets=False))
    assume(utilities.applies(environment, design).applies)
    agree(environment, design, "utilities")


@st.composite
def with_a_worst_off_type(draw):
    """Two agents, two goods; the first type of each values both at least as little as any other."""
    specs = []
    for i in range(2):
        size = draw(st.integers(2, 3))
        values = np.sort(array(draw, (size, 2)), axis=0) if draw(st.booleans()) else array(draw, (size, 2))
        values[0] = values.min(axis=0)
        outside = np.sort(array(draw, (size,), st.sampled_from([F(0), F(0), F(1, 2)])))[::-1].copy()
        specs.append(AgentSpec(f"agent[{i}]", named_types(size, weights(draw, size)), values, outside=outside))
    return goods_environment(specs, [Good("a", 1), Good("b", draw(st.integers(1, 2)))])


@given(st.data())
@pytest.mark.parametrize("formulation", ["worst-off", "utilities,worst-off"])
def test_one_types_participation_is_everybodys(formulation, data):
    environment = data.draw(with_a_worst_off_type())
    design = data.draw(designs(environment, incentives=DOMINANT, budgets=False))
    assume(worst_off.applies(environment, design).applies)
    if "utilities" in formulation:
        assume(utilities.applies(environment, design).applies)
    agree(environment, design, formulation)


def test_correlated_types_bet_on_each_other():
    """Crémer and McLean: with beliefs (2/3, 1/3) and (1/3, 2/3) interim participation leaves nobody a rent, so the
    revenue is the whole surplus, 1/3 · 1 + 2/3 · 2. Participation in every profile pays rents."""
    types = named_types(2, (F(1, 2), F(1, 2)))
    specs = [AgentSpec(f"bidder[{i}]", types, exact_array([1, 2], (2, 1)), group="bidder") for i in (1, 2)]
    environment = goods_environment(specs, [Good("item", 1)])
    environment = replace(environment, joint=exact_array([F(1, 3), F(1, 6), F(1, 6), F(1, 3)], (2, 2)))
    design = wished("revenue", 2, incentive=Incentive.DOMINANT)
    assert "correlated" in worst_off.applies(environment, design).why
    assert optimum(environment, design) == pytest.approx(5 / 3)
    assert optimum(environment, design, Plan(worst_off={0: 0, 1: 0})) < 5 / 3 - 0.1
    always = replace(design, participation=(Participation.EX_POST,) * 2)
    assert worst_off.applies(environment, always).applies  # ex post, any prior will do
    agree(environment, always, "worst-off")


def test_a_cap_may_forbid_the_shift():
    """Two bidders, values 1/6, 1/2, 5/6, none able to pay more than 1/4: a bidder pays on average, not when it wins."""
    environment, design = auction(2, 3, incentive=Incentive.DOMINANT)
    capped = replace(environment, agents=tuple(replace(agent, budget=F(1, 4)) for agent in environment.agents))
    assert not worst_off.applies(capped, design).applies
    assert worst_off.applies(environment, design).applies
    assert optimum(capped, design, Plan(worst_off={0: 0, 1: 0})) < optimum(capped, design) - 1e-3


def test_a_worst_case_of_money_may_forbid_the_shift():
    environment, design = auction(2, 3, incentive=Incentive.DOMINANT)
    design = replace(design, objective=Linear(((F(1), Quantity("revenue", "worst(revenue)", worst=True)),)))
    assert not worst_off.applies(environment, design).applies
    assert optimum(environment, design, Plan(worst_off={0: 0, 1: 0})) < optimum(environment, design) - 1e-3


GOODS = """
amd: 1
agents:
  buyer:
    count: 2
    types: {{a: {{values: [1, 2, 4, 5], weights: {a}}}, b: {{values: [1, 3, 4, 6], weights: {b}}}}}
    value: {{a: a, b: b}}
goods: {{a: 1, b: 1}}
design: {{maximize: {wish}, incentive: dominant}}
"""


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("wish", ["revenue", "welfare + revenue"])
def test_near_lies_first_end_where_all_lies_do(seed, wish, monkeypatch):
    """Two goods with uneven priors: generation from falling neighbours ends at the optimum of all pairs."""
    rng = np.random.default_rng(seed)
    text = GOODS.format(wish=wish, **{good: rng.integers(1, 9, 4).tolist() for good in "ab"})
    problem = amd.loads(text)
    monkeypatch.setattr(generation, "WORTHWHILE", 200)
    short = problem.solve(formulation="utilities,worst-off,symmetry,generation")
    assert short.optimal
    assert short.formulation.rows < 3_000
    every = problem.solve(formulation="utilities,worst-off,symmetry")
    assert short.objective == pytest.approx(every.objective, abs=1e-7)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("wish", ["revenue", "welfare + revenue"])
def test_points_near_the_optimum_lead_to_it(seed, wish, monkeypatch):
    """Rounds at points of a first-order method, and the answer on the optimal face: the optimum of the full program."""
    rng = np.random.default_rng(seed)
    problem = amd.loads(GOODS.format(wish=wish, **{good: rng.integers(1, 9, 4).tolist() for good in "ab"}))
    monkeypatch.setattr(generation, "WORTHWHILE", 200)
    monkeypatch.setattr(highs_method, "LARGE", 1)
    near = problem.solve(formulation="utilities,worst-off,symmetry,generation")
    assert near.optimal
    assert near.solution.basis is None
    full = problem.solve(formulation="full")
    assert full.solution.basis is not None
    assert near.objective == pytest.approx(full.objective, abs=1e-9)


def test_rounds_go_on_from_the_basis(monkeypatch):
    """Later rounds take a fraction of the iterations that the same programs take from nothing."""
    monkeypatch.setattr(generation, "WORTHWHILE", 200)
    problem = amd.loads(GOODS.format(wish="revenue", a=[1, 5, 2, 7], b=[3, 1, 1, 6]))
    plan = choose(problem.environment, problem.design, "utilities,worst-off,symmetry,generation")
    compiled = compile_program(problem.environment, problem.design, plan)
    session = get("highs").start(compiled.program)
    warm, cold, added = [], [], 1
    while added:
        solution = session.solve()
        warm.append(solution.iterations)
        cold.append(get("highs").solve(session.program).iterations)
        added = compiled.add_violated(session, solution.x, 1e-9)
    assert len(warm) > 1
    assert sum(warm[1:]) < sum(cold[1:]) / 3


def test_no_type_is_worst_off_where_tastes_differ():
    """Hotelling's line: the ends want different things, and no single shift serves both."""
    types = named_types(2, (F(1, 2), F(1, 2)))
    spec = AgentSpec("buyer", types, exact_array([2, 0, 0, 2], (2, 2)))
    environment = goods_environment([spec], [Good("a", 1), Good("b", 1)])
    verdict = worst_off.applies(environment, wished("revenue", 1, incentive=Incentive.DOMINANT))
    assert verdict.why == "no type values everything least and has the best outside option"
