"""R8 where profiles cannot be listed: dominant mechanisms for one good, called at any profile.

Small problems are solved both ways, so that the lifted mechanism is listed and audited against every dominant row.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from environments import auction, named_types, weights, wished
from hypothesis import event, given
from hypothesis import strategies as st

import amd
from amd.compile.choose import FormulationError, choose
from amd.compile.plan import Plan
from amd.compile.program import compile_program
from amd.compile.reduced import lift
from amd.compile.reduced.approach import Reduced
from amd.compile.reduced.border import Population
from amd.compile.reduced.hierarchy import decompose
from amd.compile.reduced.program import applies, build_reduced
from amd.mechanism.audit import audit
from amd.mechanism.direct import Mechanism
from amd.mechanism.files import write
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.rising import RisingRule
from amd.model.build import AgentSpec, goods_environment
from amd.model.design import Budget, Incentive, Participation
from amd.model.environment import Good
from amd.model.numbers import exact_array
from solvers import Settings, Status, get

F = Fraction
TOLERANCE = 1e-6


@st.composite
def one_good(draw):
    """Two unlike classes of one or two bidders for one or two units; all values different, some negative."""
    specs = []
    for c in range(2):
        size, count = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        values = exact_array(draw(st.lists(st.integers(-2, 6), min_size=size, max_size=size, unique=True)), (size, 1))
        types = named_types(size, weights(draw, size))
        outside = exact_array([draw(st.sampled_from([F(0), F(-1), F(1, 2)]))] * size)
        specs += [AgentSpec(f"{'ab'[c]}[{i + 1}]", types, values, outside=outside, group="ab"[c]) for i in range(count)]
    cost = draw(st.sampled_from([F(0), F(1, 2)]))
    return goods_environment(specs, [Good("item", draw(st.integers(1, 2)), cost)])


def listed(environment, design):
    """The full dominant program."""
    return get("highs").solve(compile_program(environment, design, Plan()).program)


def reduced(environment, design):
    """The reduced form's solution with all of Border's rows, and the form."""
    form = build_reduced(environment, design)
    way = Reduced(form, choose(environment, design, "reduced-form"))
    session = get("highs").start(form.program, Settings())
    solution = session.solve()
    while solution.status is Status.OPTIMAL and way.add_violated(session, solution.x, 1e-9):
        solution = session.solve()
    return form, solution


@given(data=st.data())
def test_the_lift_is_dominant_in_every_profile_and_as_good(data):
    """Against the full dominant program; the lifted mechanism is listed and audited row by row."""
    environment = data.draw(one_good())
    n = len(environment.agents)
    wish = data.draw(st.sampled_from(["revenue", "welfare", "surplus", "profit"]))
    stage = data.draw(st.sampled_from(tuple(Participation)))
    budget = data.draw(st.sampled_from([None, Budget(False, False), Budget(True, False, F(1))]))
    design = wished(wish, n, incentive=Incentive.DOMINANT, budget=budget, participation=(stage,) * n)
    assert applies(environment, design).applies
    full, (form, solution) = listed(environment, design), reduced(environment, design)
    assert solution.status is full.status
    event(full.status.name)
    if full.objective is None:
        return
    assert solution.objective == pytest.approx(full.objective, abs=TOLERANCE)
    mechanism = lift.lift(form, solution.x)
    assert isinstance(mechanism, Mechanism)
    assert audit(mechanism, design).ok(TOLERANCE), audit(mechanism, design)
    interim = lift.interim(form, solution.x, lift.HierarchicalRule(form, solution.x))
    assert audit(interim, design).ok(TOLERANCE), audit(interim, design)


@given(seed=st.integers(0, 10**6))
def test_what_rises_is_a_lottery_over_hierarchies_that_rise(seed):
    """Mixtures of random rising hierarchies of up to three classes are taken apart into rising ones again."""
    rng = np.random.default_rng(seed)
    sizes, counts = rng.integers(1, 6, 3), rng.integers(1, 4, 3).tolist()
    population = Population.of([rng.dirichlet(np.ones(size)) for size in sizes], counts)
    ends = np.cumsum(sizes)
    places = np.split(np.arange(ends[-1]), ends[:-1])
    q = np.zeros(ends[-1])
    for weight in rng.dirichlet(np.ones(4)):
        rising = [np.cumsum(rng.integers(0, 3, size)) - rng.integers(0, 3) for size in sizes]
        score = np.concatenate([3 * one + c for c, one in enumerate(rising)])
        q += weight * by_level(population, places, counts, np.where(score < 0, 0, 1 + score))
    lottery = decompose(population, q, places)
    brought = sum(share * by_level(population, places, counts, one.level) for share, one in lottery)
    assert brought == pytest.approx(q, abs=2e-7)
    assert sum(share for share, _ in lottery) <= 1 + 1e-12
    for _, one in lottery:
        assert all((np.diff(one.level[types]) >= 0).all() for types in places)


def by_level(population, places, counts, level):
    """What a hierarchy brings each type: ((A + b)^n - A^n) / (n b) times the chance that no other class is above."""
    q = np.zeros(len(level))
    for c, types in enumerate(places):
        for t in types[level[types] > 0]:
            below = population.mass[types][level[types] < level[t]].sum()
            beside = population.mass[types][level[types] == level[t]].sum()
            q[t] = ((below + beside) ** counts[c] - below ** counts[c]) / (counts[c] * beside)
            for d, others in enumerate(places):
                if d != c:
                    q[t] *= population.mass[others][level[others] < level[t]].sum() ** counts[d]
    return q


def test_without_chains_hierarchies_need_not_rise():
    """Two bidders with two types, all equally likely, who are to win with chances 0, 1/4 and 3/8, 1/2. The plain lift
    gives the unit to the second bidder's lower type alone with a chance of 1/8: that would not be dominant."""
    population = Population.of([np.array([0.5, 0.5])] * 2, [1, 1])
    q = np.array([0.0, 0.25, 0.375, 0.5])
    assert any((np.diff(one.level.reshape(2, 2)) < 0).any() for _, one in decompose(population, q))
    rising = decompose(population, q, [np.array([0, 1]), np.array([2, 3])])
    assert all((np.diff(one.level.reshape(2, 2)) >= 0).all() for _, one in rising)


BIDDERS = """
amd: 1
agents: {{bidder: {{count: {count}, types: {{v: {{uniform: [0, 1], cells: {cells}}}}}, value: {{item: v}}}}}}
goods: {{item: 1}}
design: {{maximize: {wish}, incentive: dominant, participation: ex_post}}
"""


@pytest.mark.parametrize("wish", ["revenue", "welfare"])
def test_ten_bidders_with_a_thousand_types(wish):
    """The optimum is the closed form (Myerson 1981: the best positive virtual value 2v - 1 - 1/N, or the best value),
    and the mechanism can be called: the highest of v = 0.9505 beats 0.8005, with which it would have won half the time,
    so it pays 0.8010, the mean of what the highest and its equal could have been charged; welfare leaves room for less
    or more, by one step at most."""
    N, n = 1000, 10
    result = amd.loads(BIDDERS.format(count=n, cells=N, wish=wish)).solve()
    assert result.optimal
    assert result.formulation.reductions == ("reduced-form", "equivalence")
    assert isinstance(result.mechanism, InterimMechanism)
    k = np.arange(1, N + 1)
    worth = (k - 0.5) / N if wish == "welfare" else (k - 0.5) / N - (N - k) / N
    best = float((np.maximum(worth, 0) * ((k / N) ** n - ((k - 1) / N) ** n)).sum())
    assert result.objective == pytest.approx(best, abs=1e-9)
    profile = [100, 950, 300, 800, 20, 5, 60, 700, 420, 1]
    outcome = result.mechanism.at(*profile)
    assert outcome.payments["bidder[2]"] == pytest.approx(0.801, abs=1e-9 if wish == "revenue" else 1e-3 + 1e-9)
    assert outcome.payments["bidder[1]"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("wish", ["revenue", "welfare", "revenue - welfare/3"])
def test_nobody_gains_at_any_profile(wish):
    """At random profiles of three alike and two unlike bidders with a hundred types every misreport is tried."""
    text = """
amd: 1
agents:
  low: {count: 3, types: {v: {uniform: [0, 1], cells: 100}}, value: {item: v}}
  high: {count: 2, types: {w: {triangular: {low: 0, mode: 1, high: 2}, cells: 100}}, value: {item: w^2}}
goods: {item: 1}
design: {maximize: WISH, incentive: dominant, participation: ex_post}
"""
    result = amd.loads(text.replace("WISH", wish)).solve()
    assert result.optimal, result.message
    mechanism, rng = result.mechanism, np.random.default_rng(4)
    agents = result.task.environment.agents
    for profile in rng.integers(0, 100, (40, 5)):
        for i, agent in enumerate(agents):
            lies = np.tile(profile, (100, 1))
            lies[:, i] = np.arange(100)
            won = mechanism.lift.allocations(lies)
            paid = mechanism.lift.payments(lies, won)[:, i]
            utility = agent.float_values[profile[i], 0] * won[:, i] - paid
            assert utility.max() <= utility[profile[i]] + 1e-9
            assert utility[profile[i]] >= -1e-9


def test_expected_utilities_are_those_promised():
    """Listed over all profiles of three bidders: the average of each type's utility, and of what it wins."""
    environment, design = auction(3, 6, incentive=Incentive.DOMINANT)
    form, solution = reduced(environment, design)
    interim = lift.interim(form, solution.x, lift.HierarchicalRule(form, solution.x))
    profiles = np.array(list(product(range(6), repeat=3)))
    won = interim.lift.allocations(profiles)
    paid = interim.lift.payments(profiles, won)
    for k in range(6):
        mine = profiles[:, 0] == k
        assert won[mine, 0].mean() == pytest.approx(interim.allocation[0][k, 0], abs=1e-8)
        assert paid[mine, 0].mean() == pytest.approx(interim.payments[0][k], abs=1e-8)


def test_a_file_holds_the_rule_and_the_audit_sees_what_is_altered(tmp_path):
    """Read back it is the same mechanism; with two levels exchanged it is no longer dominant, and that is seen."""
    problem = amd.loads(BIDDERS.format(count=4, cells=30, wish="revenue"))
    result = problem.solve()
    path = tmp_path / "mechanism.json"
    write(result.mechanism, path)
    again = problem.mechanism(path)
    assert isinstance(again.lift, RisingRule)
    assert again.at(3, 29, 17, 20).payments == pytest.approx(result.mechanism.at(3, 29, 17, 20).payments)
    assert problem.check(again).ok(1e-9)
    rule = again.lift
    level = rule.shares[0].level.copy()
    level[:, [20, 25]] = level[:, [25, 20]]
    broken = replace(again, lift=replace(rule, shares=(replace(rule.shares[0], level=level),)))
    report = problem.check(broken)
    assert float(report.incentive.violation) > 0.01
    assert "stands above it" in report.incentive.witness.sentence
    poorer = replace(again, lift=replace(rule, utility=rule.utility - 0.1))
    report = problem.check(poorer)
    assert float(report.participation.violation) == pytest.approx(0.1)
    assert float(report.feasibility.violation) == pytest.approx(0.1)


def test_it_is_refused_where_it_would_be_wrong():
    """More than one good, equal values, caps and budgets in every profile, correlated types are left to profiles."""
    types = named_types(2, [F(1, 2)] * 2)
    two = [AgentSpec(f"a[{i}]", types, exact_array([1, 2, 2, 1], (2, 2)), group="a") for i in range(2)]
    one = [AgentSpec(f"a[{i}]", types, exact_array([1, 2], (2, 1)), group="a") for i in range(2)]
    alike = [AgentSpec(f"a[{i}]", types, exact_array([1, 1], (2, 1)), group="a") for i in range(2)]
    design = wished("revenue", 2, incentive=Incentive.DOMINANT)
    good, goods = [Good("item", 1)], [Good("x", 1), Good("y", 1)]
    assert applies(goods_environment(one, good), design).applies
    assert "more than one good" in applies(goods_environment(two, goods), design).why
    assert "value every change alike" in applies(goods_environment(alike, good), design).why
    capped = [replace(spec, budget=F(1)) for spec in one]
    assert "budget caps" in applies(goods_environment(capped, good), design).why
    balanced = wished("welfare", 2, incentive=Incentive.DOMINANT, budget=Budget(True, True))
    assert "budget must hold in every profile" in applies(goods_environment(one, good), balanced).why
    joint = exact_array([F(3, 8), F(1, 8), F(1, 8), F(3, 8)], (2, 2))
    assert "correlated" in applies(goods_environment(one, good, joint=joint), design).why
    with pytest.raises(FormulationError, match="reduced-form"):
        choose(goods_environment(two, goods), design, "reduced-form")
