"""Why nothing meets a design: the smallest conflict against brute force, prices against formulas and a twin program."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import amd
from amd.cli.main import main
from amd.model.design import Bound, Linear
from amd.proof.conflict.smallest import least_meeting, smallest_conflict, some_conflict
from amd.proof.conflict.why import why_infeasible

F = Fraction


@pytest.fixture(scope="module")
def why():
    """The conflict of a bundled problem, found once."""
    found = {}

    def ask(name, **overrides):
        key = (name, *overrides.items())
        if key not in found:
            found[key] = amd.load(name, **overrides).why()
        return found[key]

    return ask


def words(conflict):
    return [one["words"] for one in conflict.to_json()["conflict"]]


def prices(conflict, within="design"):
    """(kind, agents) to exact price."""
    return {
        (price["kind"], *price["agents"]): F(price["value_exact"])
        for price in conflict.to_json()["prices"]
        if price["within"] == within
    }


# -- the smallest set ------------------------------------------------------------------------------------------------

SETS = st.lists(st.frozensets(st.integers(0, 5), min_size=1), min_size=1, max_size=5)


@given(SETS)
def test_the_smallest_conflict_is_that_of_brute_force(conflicts):
    """The oracle: a set is possible unless it holds one of the given conflicts."""

    def possible(kept):
        return not any(one <= kept for one in conflicts)

    found = smallest_conflict(6, possible)
    assert len(found) == min(map(len, conflicts))
    assert found in conflicts


@given(SETS)
def test_leaving_out_one_at_a_time_ends_in_an_irreducible_conflict(conflicts):
    def possible(kept):
        return not any(one <= kept for one in conflicts)

    found = some_conflict(6, possible)
    assert not possible(found)
    assert all(possible(found - {one}) for one in found)


@given(SETS)
def test_a_least_set_that_meets_all(sets):
    everything = frozenset(range(6))
    found = least_meeting(everything, sets)
    assert all(found & one for one in sets)
    smaller = combinations(range(6), len(found) - 1) if found else ()
    assert not any(all(set(chosen) & one for one in sets) for chosen in smaller)


def test_what_does_not_conflict_has_no_conflict():
    for search in (smallest_conflict, some_conflict):
        with pytest.raises(ValueError, match="do not conflict"):
            search(3, lambda kept: True)


# -- Myerson and Satterthwaite ---------------------------------------------------------------------------------------

ALL_SIX = [
    "Bayesian incentive compatibility of buyer",
    "Bayesian incentive compatibility of seller",
    "interim participation of buyer",
    "interim participation of seller",
    "a budget balanced in every profile",
    "an efficient allocation in every profile",
]


@pytest.mark.parametrize("n", [6, 10])
def test_efficient_trade_conflicts_in_all_six_requirements(why, n):
    found = why("myerson-satterthwaite", N=n)
    assert words(found) == ALL_SIX
    assert found.proven and found.least and not found.superfluous


@pytest.mark.parametrize("n", [6, 10])
def test_what_efficient_trade_costs(why, n):
    """The subsidy is (N - 1)(N - 5)/(6N²) (Myerson and Satterthwaite 1983, on the grid of means). A fee of e on taking
    part, from every type of one agent, collects e, from both 2e, and does nothing to incentives."""
    subsidy = F((n - 1) * (n - 5), 6 * n * n)
    found = prices(why("myerson-satterthwaite", N=n))
    assert found["budget",] == subsidy
    assert found["participation", "buyer"] == found["participation", "seller"] == subsidy
    assert found["participation", "buyer", "seller"] == subsidy / 2


def test_the_loss_of_welfare_is_first_best_less_second_best(why):
    """N = 10: first best (N² - 1)/(6N²) = 33/200, second best 189/1250."""
    assert prices(why("myerson-satterthwaite", N=10))["efficient",] == F(33, 200) - F(189, 1250)


def test_an_impossibility_of_the_coarse_grid_is_none(why):
    assert why("myerson-satterthwaite", N=5) is None


@pytest.mark.parametrize("dropped", ["buyer", "seller", "budget", "require"])
def test_each_dropped_requirement_makes_it_possible_for_the_ordinary_solver(dropped):
    design = {"budget": {"balanced": "ex_post"}, "require": ["efficient"], "participation": {}}
    if dropped in design:
        del design[dropped]
    else:
        design["participation"] = {dropped: "none"}
    grid = {"uniform": [0, 1], "cells": 6}
    file = {
        "amd": 1,
        "agents": {
            "buyer": {"types": {"v": grid}, "value": {"trade": "v"}},
            "seller": {"types": {"c": grid}, "value": {"trade": "-c"}},
        },
        "outcomes": ["no_trade", "trade"],
        "design": design,
    }
    if not design.get("participation", True):
        del design["participation"]
    assert amd.problem(file).solve(formulation="full").optimal


# -- other conflicts -------------------------------------------------------------------------------------------------


def test_lemons(why):
    """All cars must be paid like the best, 19/20, and are worth 3/4 to the buyer on average: 1/5 is short. The buyer
    knows nothing, so truth is asked of the seller only."""
    found = why("all-lemons")
    assert words(found)[0] == "Bayesian incentive compatibility of seller"
    assert len(found.conflict) == 5
    priced = prices(found)
    assert priced["budget",] == priced["participation", "buyer"] == priced["participation", "seller"] == F(1, 5)


def test_a_compromise_is_chosen_a_third_of_the_time_at_most(why):
    """Gibbard (1977): only random dictatorships are left, 2/5 is missed by 2/5 - 1/3."""
    found = why("compromise")
    assert [clause.kind for clause in found.conflict] == ["incentive", "incentive", "pareto", "bound"]
    assert prices(found)["bound",] == F(1, 15)


def test_one_bidder_alone_conflicts_where_values_are_interdependent(why):
    """At s' = 2 bidder 1 must win at 1 and lose at 3: p - p' <= 5 + ε and p - p' >= 7 - ε."""
    found = why("interdependence")
    assert [clause.kind for clause in found.conflict] == ["incentive", "efficient"]
    assert [clause.agents for clause in found.superfluous] == [(1,)]
    assert prices(found, within="conflict") == {("incentive", "bidder[1]"): 1}
    assert prices(found)["incentive", "bidder[1]", "bidder[2]"] == 1


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("license", "revenue >= 77/2"),  # 75/2
        ("monopoly-price", "revenue >= 101/80"),  # 21/80
        ("second-best", "welfare >= 1439/1250"),  # 189/1250
        ("full-extraction", "revenue >= 113/3"),  # 110/3
        ("correlated-dominant", "revenue >= 103/3"),  # 100/3
        ("license-cash", "revenue >= 73/3"),  # 70/3
        ("random-dictatorship", "probability(a) >= 4/3"),  # 1/3
    ],
)
def test_one_more_than_the_optimum_is_missed_by_one(name, extra):
    """The optima are those of the catalogue of bundled problems, from the literature."""
    wish, _, least = extra.partition(" >= ")
    task = amd.load(name).task
    terms = task.design.objective.terms
    bound = Bound(Linear(terms, -F(least), ""), ">=", extra)
    found = why_infeasible(replace(task, design=replace(task.design, bounds=(*task.design.bounds, bound))))
    assert task.design.objective.text == wish
    assert found.conflict[-1].kind == "bound" and found.proven
    assert prices(found)["bound",] == 1


def test_a_purse_and_a_revenue():
    """Of at most 4 one cannot make 6; taking part is not the problem, since the value is 10."""
    found = amd.problem(
        {
            "amd": 1,
            "agents": {"buyer": {"types": {"v": {"values": [10]}}, "value": {"sold": "v"}, "budget": 4}},
            "outcomes": ["kept", "sold"],
            "design": {"require": [{"revenue": ">= 6"}]},
        }
    ).why()
    assert words(found) == ["the budget of buyer", "revenue >= 6"]
    assert [clause.kind for clause in found.superfluous] == ["participation"]
    assert prices(found) == {("cap", "buyer"): 2, ("bound",): 2}


def test_a_favourite_that_is_not_chosen():
    """One voter, likelier to agree than not: b is chosen half of the time; 3/4 takes it in half of the other cases."""
    found = amd.problem(
        {
            "amd": 1,
            "agents": {"voter": {"types": {"orders": "all"}}},
            "outcomes": ["a", "b"],
            "design": {
                "incentive": "none",
                "transfers": "false",
                "require": ["unanimous", {"probability(b)": ">= 3/4"}],
            },
        }
    ).why()
    assert prices(found) == {("unanimous",): F(1, 2), ("bound",): F(1, 4)}


def test_many_alike_share_a_requirement():
    """Eight bidders would have sixteen requirements of their own, beside the bound."""
    found = amd.problem(
        {
            "amd": 1,
            "agents": {"bidder": {"count": 8, "types": {"v": {"values": [0, 1]}}, "value": {"lamp": "v"}}},
            "goods": {"lamp": 1},
            "design": {"require": [{"revenue": ">= 1"}]},
        }
    ).why()
    assert words(found) == ["interim participation of every bidder", "revenue >= 1"]
    assert prices(found)["bound",] == F(1, 2**8)


# -- a twin of the prices, written down as in a textbook -------------------------------------------------------------


def twin(name, ease, **overrides):
    """The least `ease` (of "incentive", "budget") in floats, profile by profile, for two agents and two outcomes."""
    task = amd.load(name, **overrides).task
    environment, design = task.environment, task.design
    sizes = environment.shape
    profiles = list(product(*map(range, sizes)))
    mass = [np.array(one.types.exact_probability, float) for one in environment.agents]
    worth = [
        np.array(one.values, float) @ one.features.toarray().astype(float) for one in environment.agents
    ]  # (K, outcomes)
    cost = np.array(environment.allocation.cost, float)
    at = {p: k * 3 for k, p in enumerate(profiles)}  # chance of the second outcome, two payments
    count = 3 * len(profiles)
    epsilon, inside, outside = count, count + 1, count + 1 + len(profiles)
    wish = np.zeros(count + 1 + 2 * len(profiles))
    rows, right, equal, level = [], [], [], []
    bounds = [(0, 1) if v % 3 == 0 else (None, None) for v in range(count)] + [(0, None)] * (len(wish) - count)

    def utility(i, k, p):
        row = np.zeros(len(wish))
        row[at[p]], row[at[p] + 1 + i] = worth[i][k][1] - worth[i][k][0], -1
        return row, worth[i][k][0]

    for n, p in enumerate(profiles):
        net = [worth[0][p[0]][o] + worth[1][p[1]][o] - cost[o] for o in (0, 1)]
        if abs(net[1] - net[0]) > 1e-12:
            bounds[at[p]] = (1, 1) if net[1] > net[0] else (0, 0)
        row = np.zeros(len(wish))
        row[[at[p] + 1, at[p] + 2]], row[at[p]] = 1, -(cost[1] - cost[0])
        if ease == "budget":
            row[inside + n], row[outside + n] = 1, -1
            wish[[inside + n, outside + n]] = mass[0][p[0]] * mass[1][p[1]]
        equal.append(row)
        level.append(cost[0])
    if ease == "incentive":
        wish[epsilon] = 1
    dominant = design.incentive.value == "dominant"
    for i, (own, others) in enumerate(zip(sizes, sizes[::-1], strict=True)):
        for k, report in product(range(own), repeat=2):
            parts = []
            for other in range(others):
                here, there = ((k, other), (report, other)) if i == 0 else ((other, k), (other, report))
                (truth, a), (lie, b) = utility(i, k, here), utility(i, k, there)
                parts.append((mass[1 - i][other], lie - truth, a - b, truth, a))
            sums = (
                [(w, a) for _, w, a, _, _ in parts]
                if dominant
                else [(sum(m * w for m, w, *_ in parts), sum(m * a for m, _, a, _, _ in parts))]
            )
            for row, constant in sums:
                row = row.copy()
                row[epsilon] -= 1 if ease == "incentive" else 0
                rows.append(row)
                right.append(constant)
            if design.participation[i].value == "interim" and report == k:
                rows.append(-sum(m * t for m, _, _, t, _ in parts))
                right.append(sum(m * a for m, _, _, _, a in parts))
    if ease != "incentive":
        bounds[epsilon] = (0, 0)
    found = linprog(wish, np.array(rows), right, np.array(equal), level, bounds)
    assert found.status == 0, found.message
    return found.fun


@pytest.mark.parametrize(
    ("name", "overrides"),
    [("myerson-satterthwaite", {}), ("green-laffont", {}), ("green-laffont", {"N": 5}), ("free-riders", {})],
)
def test_prices_are_those_of_the_textbook_program(why, name, overrides):
    found = prices(why(name, **overrides))
    names = [agent.name for agent in amd.load(name).environment.agents]
    assert float(found["incentive", *names]) == pytest.approx(twin(name, "incentive", **overrides), abs=1e-8)
    assert float(found["budget",]) == pytest.approx(twin(name, "budget", **overrides), abs=1e-8)


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_command_tells_conflict_and_prices():
    ran = CliRunner().invoke(main, ["why", "myerson-satterthwaite"])
    assert ran.exit_code == 1
    for line in [*ALL_SIX, "an outside subsidy of 5/216", "25/162 instead of 35/216", "Proven in rational arithmetic"]:
        assert line in ran.output


def test_the_command_says_where_nothing_conflicts():
    ran = CliRunner().invoke(main, ["why", "myerson-satterthwaite", "--set", "N=5"])
    assert ran.exit_code == 0
    assert "There is such a mechanism" in ran.output
    data = json.loads(CliRunner().invoke(main, ["why", "license", "--json"]).output)
    assert data["status"] == "feasible"


def test_solve_names_the_conflict():
    ran = CliRunner().invoke(main, ["solve", "all-lemons"])
    assert ran.exit_code == 1
    assert "These 5 requirements conflict, and no fewer do" in ran.output
    assert "amd why" in ran.output


def test_a_problem_without_a_design_has_no_conflict():
    task = amd.problem({"amd": 1, "agents": {"a": {}}, "outcomes": ["x"]}).task
    with pytest.raises(ValueError, match="design"):
        why_infeasible(task)
