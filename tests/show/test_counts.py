"""Rows and columns counted by formula, against programs that are built."""

from fractions import Fraction

import pytest

from amd.compile.plan import Plan
from amd.compile.program import build_context
from amd.model.build import AgentSpec, goods_environment
from amd.model.design import Bound, Budget, Design, Incentive, Linear, Participation, Quantity
from amd.model.environment import Good
from amd.model.numbers import exact_array
from amd.model.types import Grid, product_types
from amd.show.counts import AT_MOST, full_columns, full_rows
from amd.show.sizes import counted


def built(task):
    builder = build_context(task.environment, task.design, Plan())[0].builder
    rows: dict[str, int] = {}
    for family in builder.families:
        rows[family.kind] = rows.get(family.kind, 0) + family.count
    columns: dict[str, int] = {}
    for block in builder.columns:
        name = "worst" if block.name.startswith("worst(") else block.name
        columns[name] = columns.get(name, 0) + block.index.size
    return {kind: count for kind, count in rows.items() if count}, columns


def assert_counted(task):
    rows, columns = built(task)
    guess = full_rows(task.environment, task.design)
    assert full_columns(task.environment, task.design) == columns
    assert set(guess) == set(rows)
    for kind, count in guess.items():
        assert rows[kind] <= count if kind in AT_MOST else rows[kind] == count, kind


@pytest.mark.parametrize("incentive", list(Incentive))
@pytest.mark.parametrize("stage", list(Participation))
def test_incentives_and_participation(auction, incentive, stage):
    assert_counted(auction(3, [1, 2, 3, 7], incentive=incentive, participation=(stage,) * 3))


@pytest.mark.parametrize("budget", [None, Budget(True, True), Budget(False, True), Budget(True, False)])
@pytest.mark.parametrize("efficient", [False, True])
def test_budgets_and_efficiency(trade, budget, efficient):
    assert_counted(trade(4, budget=budget, efficient=efficient))


def test_anonymity_is_counted_from_above(auction):
    assert_counted(auction(3, [1, 2], anonymous=True, efficient=True))


def test_bounds_and_worst_cases(auction):
    worst = Quantity("revenue", "worst(revenue)", worst=True)
    least = Bound(Linear(((Fraction(1), worst),), Fraction(-1)), ">=")
    assert_counted(auction(2, [1, 2, 3], bounds=(least,), objective=Linear(((Fraction(1), worst),))))


def test_orders(election):
    assert_counted(election(2))
    assert_counted(election(2, incentive=Incentive.BAYESIAN, deterministic=True, onto=True, nondictatorial=True))


def test_types_without_beliefs_have_no_bayesian_rows(auction):
    types = product_types(
        ("v",), (Grid((Fraction(1), Fraction(2), Fraction(3)), (Fraction(1), Fraction(0), Fraction(0))),)
    )
    agents = [AgentSpec(name, types, exact_array([1, 2, 3], (3, 1))) for name in ("ann", "bob")]
    task = auction(2)
    environment = goods_environment(agents, [Good("lamp", 1)])
    design = Design(participation=(Participation.INTERIM,) * 2)
    assert full_rows(environment, design)["incentive"] == 2 * 1 * 2
    assert_counted(type(task)(environment, design))


def test_a_small_program_is_counted_exactly(trade):
    task = trade(3)
    one = counted(task.environment, task.design, Plan())
    assert one.exact
    assert one.size.rows == sum(one.rows.values())
    assert one.size.columns == sum(one.columns.values())


def test_a_large_program_is_estimated(auction):
    task = auction(4, list(range(1, 41)), incentive=Incentive.DOMINANT)
    one = counted(task.environment, task.design, Plan())
    assert not one.exact
    assert one.rows["incentive"] == 4 * 40 * 39 * 40**3
