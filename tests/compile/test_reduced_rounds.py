"""Rounds of the reduced form: rows that are dropped, sets to begin with, and the names of what is left."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from environments import array, auction, designs, goods_auctions, uniform_grid, wished
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from amd.compile import pool
from amd.compile.plan import Plan
from amd.compile.pool import RowPool, row_slack
from amd.compile.program import compile_program
from amd.compile.reduced import border, program
from amd.compile.reduced.border import Population, first_sets, peaks
from amd.compile.reduced.generate import Rounds
from amd.compile.reduced.program import applies, build_reduced
from amd.model.build import AgentSpec, goods_environment
from amd.model.design import Incentive
from amd.model.environment import Good
from amd.model.numbers import exact_array
from amd.model.types import product_types
from solvers import Settings, Status, get


def solved(form):
    """The last session and its solution."""
    rounds, session = Rounds(form), get("highs").start(form.program, Settings())
    solution = session.solve()
    while solution.status is Status.OPTIMAL and rounds.add_violated(session, solution.x, 1e-9):
        solution = session.solve()
    return session, solution


@given(data=st.data())
def test_nothing_is_lost_however_eagerly_rows_are_dropped(data):
    """As the default, but every slack row goes at once, and few sets are added in each round."""
    environment = data.draw(goods_auctions())
    design = data.draw(designs(environment, incentives=(Incentive.BAYESIAN, Incentive.NONE)))
    assume(applies(environment, design).applies)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "PATIENCE", 0)
        patch.setattr(pool, "WORTHWHILE", 1)
        patch.setattr(border, "LEVELS", 1)
        patch.setattr(border, "SPREAD", 1)
        patch.setattr(border, "PEAKS", 1)
        _, solution = solved(build_reduced(environment, design))
    full = get("highs").solve(compile_program(environment, design, Plan()).program)
    assert solution.status is full.status
    if full.status is Status.OPTIMAL:
        assert solution.objective == pytest.approx(full.objective, abs=1e-6)


@st.composite
def grids(draw):
    """Two alike bidders on a grid of 3 × 2 types, with any values of two goods and any outside options."""
    types = product_types(("a", "b"), (uniform_grid(3), uniform_grid(2)))
    values = array(draw, (6, 2), st.integers(0, 6).map(Fraction))
    outside = array(draw, (6,), st.integers(-1, 2).map(Fraction))
    specs = [AgentSpec(f"b[{i}]", types, values, group="b", outside=outside) for i in (1, 2)]
    return goods_environment(specs, [Good("x", 1), Good("y", draw(st.integers(1, 2)))])


@settings(max_examples=15)
@given(data=st.data())
def test_generated_incentives_and_participation_lose_nothing(data):
    """Incentive rows from neighbours on, and every row that can go goes as soon as it is slack."""
    environment = data.draw(grids())
    design = data.draw(designs(environment, incentives=(Incentive.BAYESIAN,)))
    assume(applies(environment, design).applies)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "PATIENCE", 0)
        patch.setattr(pool, "WORTHWHILE", 1)
        patch.setattr(program, "ALL_PAIRS", 0)
        form = build_reduced(environment, design)
        _, solution = solved(form)
    full = get("highs").solve(compile_program(environment, design, Plan()).program)
    assert solution.status is full.status
    if full.status is Status.OPTIMAL:
        assert solution.objective == pytest.approx(full.objective, abs=1e-6)


@pytest.fixture(scope="module")
def two_goods():
    """Two bidders, two goods, 8 × 8 types of unequal goods, solved with many drops."""
    values = exact_array([x for a in range(8) for b in range(8) for x in (a, 2 * b + 1)], (64, 2))
    types = product_types(("a", "b"), (uniform_grid(8), uniform_grid(8)))
    specs = [AgentSpec(f"bidder[{i}]", types, values, group="bidder") for i in (1, 2)]
    environment = goods_environment(specs, [Good("a", 1), Good("b", 1)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "WORTHWHILE", 5)
        form = build_reduced(environment, wished("revenue", 2))
        first = form.builder.row_count
        session, solution = solved(form)
    return form, first, session, solution


def test_names_stay_with_their_rows(two_goods):
    """The row called incentive k->l is u(k) - u(l) - (V(k) - V(l)) · q(l), the row of a set names its size."""
    form, _, session, _ = two_goods
    written, one = session.program, form.columns[0]
    assert written.row_count == form.builder.row_count
    checked = 0
    for row in range(written.row_count):
        name, entries = written.row_name(row), written.matrix[[row]]
        if name.startswith("border"):
            assert entries.nnz == int(name.split("@")[1])
            checked += 1
        if name.startswith("incentive"):
            k, report = (int(part) for part in name.split("@")[1].split("->"))
            want = np.zeros(written.column_count)
            want[one.utility[k]] += 1
            want[one.utility[report]] -= 1
            want[one.allocation[report]] += one.values[report] - one.values[k]
            low, high = written.row_lower[row], written.row_upper[row]
            sign = 1 if high == np.inf else -1
            assert low == 0 or high == 0
            np.testing.assert_allclose(entries.toarray()[0], sign * want, atol=1e-15)
            checked += 1
    assert checked > 100


def test_rows_were_dropped_and_all_hold(two_goods):
    """Every pair of types and every prefix of the sorting holds at the end, whichever rows are written."""
    form, _, _, solution = two_goods
    one = form.columns[0]
    q, u = one.allocation.take(solution.x), one.utility.take(solution.x)
    gains = one.values @ q.T + (u - (one.values * q).sum(axis=1)) - u[:, None]
    assert gains.max() <= 1e-7
    for resource in form.resources:
        assert border.violations(form.population, form.share(resource, solution.x))[2].max() <= 1e-8
    kinds = {family.kind for family in form.builder.families}
    assert {"border", "incentive"} <= kinds


def test_a_row_is_dropped_after_it_was_slack_for_long():
    """With utilities 1 nothing is slack but participation; it stays for PATIENCE rounds and goes once."""
    environment, design = auction(2, 3)
    form = build_reduced(environment, design)
    first = form.program
    keep, x = RowPool(form.builder, 2), np.zeros(first.column_count)
    x[form.columns[0].utility.index] = 1.0
    slack = row_slack(first, x) > pool.SLACK
    assert [first.row_name(row).split("[")[0] for row in np.flatnonzero(slack)] == ["participation"] * 3
    session = get("highs").start(first, Settings())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "WORTHWHILE", 1)
        dropped = [keep.drop_idle(session, x) for _ in range(pool.PATIENCE + 3)]
    assert dropped == [0] * pool.PATIENCE + [3, 0, 0]
    assert session.program.row_count == first.row_count - 3 == form.builder.row_count
    assert not any(session.program.row_name(row).startswith("part") for row in range(session.program.row_count))


def test_peaks_of_the_excess():
    """Peaks, not slopes: at 2 and at the end of 1, 3, 3."""
    excess = np.array([0.1, 0.3, 0.5, 0.2, -0.1, 0.1, 0.3, 0.3])
    assert sorted(peaks(excess, 1e-9).tolist()) == [2, 6, 7]
    assert peaks(np.array([-1.0, 0.0]), 1e-9).tolist() == []


def test_the_sets_to_begin_with_are_upper_sets():
    """Two alike agents with types of one third each: {3} may have 1 - (2/3)², {2, 3} 1 - (1/3)², all 1."""
    population = Population.of([np.full(3, 1 / 3)], [2])
    found = first_sets(population, [np.array([1.0, 2.0, 3.0])])
    assert [sorted(types.tolist()) for types, _ in found] == [[2], [1, 2], [0, 1, 2]]
    assert [right for _, right in found] == pytest.approx([5 / 9, 8 / 9, 1])
