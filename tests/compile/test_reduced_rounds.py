"""Rounds of the reduced form: rows that are dropped, sets to begin with, and the names of what is left."""

from __future__ import annotations

import numpy as np
import pytest
from environments import auction, designs, goods_auctions, uniform_grid, wished
from hypothesis import assume, given
from hypothesis import strategies as st

from amd.compile import pool
from amd.compile.plan import Plan
from amd.compile.pool import RowPool, row_slack
from amd.compile.program import compile_program
from amd.compile.reduced import border
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
    program, one = session.program, form.columns[0]
    assert program.row_count == form.builder.row_count
    checked = 0
    for row in range(program.row_count):
        name, entries = program.row_name(row), program.matrix[[row]]
        if name.startswith("border"):
            assert entries.nnz == int(name.split("@")[1])
            checked += 1
        if name.startswith("incentive"):
            k, report = (int(part) for part in name.split("@")[1].split("->"))
            want = np.zeros(program.column_count)
            want[one.utility[k]] += 1
            want[one.utility[report]] -= 1
            want[one.allocation[report]] += one.values[report] - one.values[k]
            low, high = program.row_lower[row], program.row_upper[row]
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
    program = form.program
    keep, x = RowPool(form.builder, 2), np.zeros(program.column_count)
    x[form.columns[0].utility.index] = 1.0
    slack = row_slack(program, x) > pool.SLACK
    assert [program.row_name(row).split("[")[0] for row in np.flatnonzero(slack)] == ["participation"] * 3
    session = get("highs").start(program, Settings())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "WORTHWHILE", 1)
        dropped = [keep.drop_idle(session, x) for _ in range(pool.PATIENCE + 3)]
    assert dropped == [0] * pool.PATIENCE + [3, 0, 0]
    assert session.program.row_count == program.row_count - 3 == form.builder.row_count
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
