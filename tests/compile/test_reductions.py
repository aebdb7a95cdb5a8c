"""Every reduction against the full textbook program on random environments."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from environments import (
    designs,
    goods_environments,
    ladder_environments,
    outcome_environments,
    symmetric_environments,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from amd.compile.choose import REDUCTIONS, FormulationError, choose
from amd.compile.generate import add_violated
from amd.compile.program import compile_program
from amd.compile.reductions import generation
from amd.mechanism.audit import audit
from amd.mechanism.direct import Mechanism
from amd.model.design import Budget, Incentive, Participation
from solvers import Settings, Status, get

# A solver meets each row to 1e-9; with values up to 10 and a few hundred rows an optimum is good to this.
TOLERANCE = 1e-6
SETTLED = (Status.OPTIMAL, Status.INFEASIBLE, Status.UNBOUNDED)


def answer(environment, design, formulation):
    """Status, optimum and mechanism of a formulation, generating rows until none is violated."""
    plan = choose(environment, design, formulation)
    compiled = compile_program(environment, design, plan)
    session = get("highs").start(compiled.program, Settings())
    solution = session.solve()
    while (
        solution.status is Status.OPTIMAL
        and plan.generate
        and add_violated(compiled.context, session, solution.x, 1e-9)
    ):
        solution = session.solve()
    if solution.status is Status.UNBOUNDED and plan.generate:
        return answer(environment, design, "full")
    if solution.status is not Status.OPTIMAL:
        return solution.status, None, None
    return solution.status, solution.objective, Mechanism(environment, *compiled.lift(solution.x))


def agree(environment, design, formulation):
    """The formulation says what the full program says, and its mechanism passes the full audit."""
    status, value, mechanism = answer(environment, design, formulation)
    full_status, full_value, _ = answer(environment, design, "full")
    assert status in SETTLED
    assert status is full_status
    if value is not None:
        assert value == pytest.approx(full_value, abs=TOLERANCE)
        assert audit(mechanism, design).ok(TOLERANCE), audit(mechanism, design)


def assume_applies(name, environment, design):
    assume(REDUCTIONS[name][0](environment, design).applies)


FREE_STAGES = (Participation.INTERIM, Participation.EX_ANTE, Participation.NONE)
ON_AVERAGE = (Incentive.BAYESIAN, Incentive.NONE)


@given(st.data())
@pytest.mark.parametrize("name", ["interim-payments", "interim-allocation"])
def test_interim_columns_lose_nothing(name, data):
    environment = data.draw(outcome_environments(zeros=True))
    design = data.draw(designs(environment, incentives=(Incentive.BAYESIAN,), budgets=name == "interim-allocation"))
    assume_applies(name, environment, design)
    agree(environment, design, name)


@given(st.data())
def test_budgets_in_expectation_lose_nothing(data):
    environment = data.draw(outcome_environments(zeros=True))
    design = data.draw(designs(environment, stages=FREE_STAGES, incentives=ON_AVERAGE, budgets=False))
    budget = Budget(data.draw(st.booleans()), True, data.draw(st.sampled_from([Fraction(0), Fraction(1)])))
    agree(environment, replace(design, budget=budget), "expected-budget")


@given(st.data())
def test_adjacent_incentives_lose_nothing(data):
    environment = data.draw(ladder_environments(zeros=True))
    design = data.draw(designs(environment, incentives=(Incentive.BAYESIAN, Incentive.DOMINANT)))
    assume_applies("adjacent", environment, design)
    agree(environment, design, "adjacent")


@pytest.mark.usefixtures("small_programs_too")
@given(data=st.data())
def test_generation_loses_nothing(data):
    environment = data.draw(outcome_environments(joint=None, interdependent=True, zeros=True))
    design = data.draw(designs(environment, incentives=(Incentive.BAYESIAN, Incentive.DOMINANT)))
    assume_applies("generation", environment, design)
    agree(environment, design, "generation")


@pytest.fixture(scope="module")
def small_programs_too():
    """Generation for programs of any size, from neighbours only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generation, "WORTHWHILE", 2)
        yield


@given(st.data())
def test_symmetry_loses_nothing(data):
    environment = data.draw(symmetric_environments(joint=data.draw(st.booleans())))
    stage = data.draw(st.sampled_from(tuple(Participation)))
    design = replace(data.draw(designs(environment)), participation=(stage,) * len(environment.agents))
    agree(environment, design, "symmetry")


@given(st.data())
def test_symmetry_with_the_other_reductions_loses_nothing(data):
    environment = data.draw(symmetric_environments(joint=data.draw(st.booleans())))
    agree(environment, data.draw(designs(environment)), "auto")


@given(st.data())
def test_all_reductions_together_lose_nothing(data):
    environment = data.draw(outcome_environments(joint=None, interdependent=data.draw(st.booleans())))
    agree(environment, data.draw(designs(environment)), "auto")


@given(st.data())
def test_all_reductions_together_lose_nothing_with_goods(data):
    environment = data.draw(goods_environments(bundles=data.draw(st.booleans())))
    agree(environment, data.draw(designs(environment)), "auto")


def test_an_unknown_formulation_is_refused_with_the_choices():
    from environments import auction

    with pytest.raises(FormulationError, match="unknown formulation 'fast'; choose among auto, full, reduced-form"):
        choose(*auction(2, 3), "fast")


def test_a_reduction_asked_for_where_it_would_lose_something_is_refused():
    from environments import bilateral_trade

    with pytest.raises(FormulationError, match="the budget must hold in every profile"):
        choose(*bilateral_trade(3), "interim-payments")
