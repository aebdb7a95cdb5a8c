"""Rows that a type between implies may be left out, and where the conditions fail they may not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import gcd

import numpy as np
import pytest
from environments import designs, named_types, weights, wished
from hypothesis import assume, given
from hypothesis import strategies as st

import amd
from amd.compile.choose import FormulationError, choose
from amd.compile.plan import Plan
from amd.compile.program import compile_program
from amd.compile.reductions import between
from amd.export import written_down
from amd.mechanism.audit import audit
from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.design import Incentive
from amd.model.environment import Good
from amd.model.numbers import exact_array
from solvers import Status, get
from solvers.names import row_names

F = Fraction


def solved(environment, design, plan=Plan()):
    compiled = compile_program(environment, design, plan)
    return compiled, get("highs").solve(compiled.program)


@st.composite
def in_a_row(draw):
    """Two agents, two goods; three types of each in a row, a fourth one anywhere, some of probability zero."""
    specs = []
    for i in range(2):
        start, step = (draw(st.tuples(st.integers(0, 2), st.integers(-1, 2))) for _ in range(2))
        values = [(start[0] + t * step[0], abs(start[1] + t * step[1])) for t in range(3)]
        values.append(draw(st.tuples(st.integers(0, 4), st.integers(0, 4))))
        size = draw(st.integers(3, 4))
        types = named_types(size, weights(draw, size, zeros=True))
        specs.append(AgentSpec(f"agent[{i}]", types, exact_array(np.array(values[:size]).ravel().tolist(), (size, 2))))
    return goods_environment(specs, [Good("a", 1), Good("b", draw(st.integers(1, 2)))])


@given(st.data())
def test_nothing_is_lost(data):
    environment = data.draw(in_a_row())
    design = data.draw(designs(environment))
    assume(between.applies(environment, design).applies)
    compiled, short = solved(environment, design, choose(environment, design, "between"))
    _, full = solved(environment, design)
    assert short.status is full.status
    if full.status is Status.OPTIMAL:
        assert short.objective == pytest.approx(full.objective, abs=1e-6)
        assert audit(compiled.mechanism(short.x), design).ok(1e-6)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=9))
def test_exactly_the_rows_between_which_another_type_lies(values):
    """By the definition: v(j) = v(l) + t (v(k) - v(l)) for some t strictly between 0 and 1."""
    size = len(values)
    types = named_types(size, (F(1, size),) * size)
    environment = goods_environment(
        [AgentSpec("buyer", types, exact_array(np.array(values).ravel().tolist(), (size, 2)))],
        [Good("a", 1), Good("b", 1)],
    )
    design = wished("revenue", 1, incentive=Incentive.DOMINANT)

    def inside(j, k, lie):
        whole, part = np.subtract(values[k], values[lie]), np.subtract(values[j], values[lie])
        along = int(whole @ part)
        return int(whole[0] * part[1] - whole[1] * part[0]) == 0 and 0 < along < int(whole @ whole)

    every = range(size)
    expected = {(k, lie) for k in every for lie in every if any(inside(j, k, lie) for j in every)}
    assert {tuple(pair) for pair in between.dominated(environment, design, 0).tolist()} == expected


GRID = """
amd: 1
agents:
  buyer:
    types: {{a: {{uniform: [0, 1], cells: {cells}}}, b: {{uniform: [0, 2], cells: {cells}}}}}
    value: {{x: a, y: b}}
goods: {{x: 1, y: 1}}
design: {{maximize: revenue}}
"""


def test_a_grid_keeps_the_steps_without_a_common_divisor():
    """3 × 3: of the 72 rows those with steps (2, 0), (0, 2) and (2, 2) go: 6 + 6 + 4 pairs of types and signs."""
    problem = amd.loads(GRID.format(cells=3))
    assert len(between.dominated(problem.environment, problem.design, 0)) == 16
    short, full = (problem.solve(formulation=name) for name in ("between", "full"))
    assert short.objective == pytest.approx(full.objective, abs=1e-9)
    assert full.formulation.rows - short.formulation.rows == 16


def test_exported_programs_leave_them_out():
    """7 × 7 types: of 48 · 49 rows those stay whose steps have no common divisor, and the optimum does."""
    problem = amd.loads(GRID.format(cells=7))
    program, plan = written_down(problem.environment, problem.design, "auto")
    assert plan.names[-1] == "between"
    steps = [(a, b) for a in range(-6, 7) for b in range(-6, 7) if gcd(a, b) == 1]
    kept = sum((7 - abs(a)) * (7 - abs(b)) for a, b in steps)
    assert sum("incentive" in name for name in row_names(program)) == kept
    assert get("highs").solve(program).objective == pytest.approx(problem.solve().objective, abs=1e-9)


def test_correlated_types_are_refused_for_cause():
    """Three types 1, 2, 3 of two bidders, correlated: without the rows between 1 and 3 there is more to be had."""
    types = named_types(3, (F(1, 3),) * 3)
    specs = [AgentSpec(f"bidder[{i}]", types, exact_array([1, 2, 3], (3, 1)), group="bidder") for i in (1, 2)]
    environment = goods_environment(specs, [Good("item", 1)])
    design = wished("revenue", 2)
    gained = 0.0
    rng = np.random.default_rng(0)
    for _ in range(20):
        table = rng.integers(1, 6, (3, 3)).astype(object)
        table = (table + table.T) * F(1)
        correlated = replace(environment, joint=table / table.sum())
        assert not between.applies(correlated, design).applies
        with pytest.raises(FormulationError, match="correlated"):
            choose(correlated, design, "between")
        _, short = solved(correlated, design, Plan(between=True))
        _, full = solved(correlated, design)
        gained = max(gained, short.objective - full.objective)
    assert gained > 1e-3


def test_a_type_without_beliefs_passes_nothing_on():
    """The middle type of probability zero has no Bayesian rows, so that the rows across it stay."""
    types = named_types(3, (F(1, 2), F(0), F(1, 2)))
    environment = outcome_environment([AgentSpec("agent", types, exact_array([0, 0, 0, 1, 0, 2], (3, 2)))], ["a", "b"])
    bayesian, dominant = wished("revenue", 1), wished("revenue", 1, incentive=Incentive.DOMINANT)
    assert len(between.dominated(environment, bayesian, 0)) == 0
    assert between.dominated(environment, dominant, 0).tolist() == [[0, 2], [2, 0]]
