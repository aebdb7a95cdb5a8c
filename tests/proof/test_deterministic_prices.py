"""What it costs to relax the requirements of designs without lotteries: known optima, counts, and searches given up."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

import amd
from amd.model.design import Bound, Linear
from amd.proof.conflict import prices as prices_module
from amd.proof.conflict.clauses import Asked, Clause, clauses_of
from amd.proof.conflict.prices import Price, price
from amd.proof.conflict.why import why_infeasible
from amd.proof.tree import Branching, Undecided, prove_by_cases
from solvers import Settings
from solvers.exact import RationalProgram

F = Fraction


def named(conflict):
    """(kind, agents) to the price as JSON."""
    return {(one["kind"], *one["agents"]): one for one in conflict.to_json()["prices"]}


def deterministic_trade(n):
    task = amd.load("posted-price", N=n).task
    return replace(task, design=replace(task.design, efficient=True))


@pytest.mark.parametrize(
    ("n", "best", "first"), [(4, F(9, 64), F(5, 32)), pytest.param(10, F(27, 200), F(33, 200), marks=pytest.mark.slow)]
)
def test_efficiency_costs_what_a_posted_price_loses(n, best, first):
    """Dominant strategies, a balanced budget and no lotteries leave posted prices (Hagerty and Rogerson, 1987): the
    best on the grid yields k(N - k + 1)(N - 1)/(2N³) with k = N/2, the first best (N² - 1)/(6N²)."""
    found = why_infeasible(deterministic_trade(n))
    loss = next(one for one in found.prices if one.clauses[0].kind == "efficient")
    assert (loss.value, loss.part, loss.proven, loss.least) == (first - best, first, True, None)


def test_a_bound_is_missed_by_what_whole_allocations_lose():
    """Deterministic and anonymous, the license yields 25 (37.5 with lotteries)."""
    task = amd.load("license-fair").task
    bound = Bound(Linear(task.design.objective.terms, -F(26), ""), ">=", "revenue >= 26")
    found = why_infeasible(replace(task, design=replace(task.design, bounds=(bound,))))
    assert "deterministic" in [clause.kind for clause in found.conflict]
    assert named(found)["bound",]["value_exact"] == "1"


def votes(count, outcomes, **design):
    return amd.problem(
        {
            "amd": 1,
            "agents": {"voter": {"count": count, "types": {"orders": "all"}}},
            "outcomes": outcomes,
            "design": {"transfers": "false", "allocation": "deterministic", **design},
        }
    )


def test_a_favourite_passed_over_is_counted():
    """One voter, two outcomes: b at least 3/4 of the time is b always, in one profile against the voter; with
    unanimity b is chosen half of the time."""
    found = named(votes(1, ["a", "b"], incentive="none", require=["unanimous", {"probability(b)": ">= 3/4"}]).why())
    assert found["unanimous",]["words"] == "a common favourite is not chosen in 1 of 2 profiles"
    assert found["bound",]["value_exact"] == "1/4"


def test_dominated_outcomes_are_counted():
    """Two voters, two outcomes: b must be chosen in 3 of 4 profiles at least, one fewer than Pareto efficiency rules
    out: both profiles in which a is the better for somebody, but not that in which it is for both."""
    allowed = votes(2, ["a", "b"], incentive="none", require=["pareto", {"probability(b)": ">= 3/4"}])
    assert allowed.why() is None
    found = named(votes(2, ["a", "b"], incentive="none", require=["pareto", {"probability(b)": ">= 1"}]).why())
    assert found["pareto",]["words"] == "a dominated outcome is chosen in 1 of 4 profiles"


# -- votes without a dictator ----------------------------------------------------------------------------------------

ORDERS = list(permutations(range(3)))
PROFILES = list(product(range(6), repeat=2))


def fewest_lies(who):
    """The least number of profiles in which one of `who` gains by lying, over all rules onto and without a dictator: a
    program written down on its own, in floats."""
    place = {p: 4 * k for k, p in enumerate(PROFILES)}
    count = 4 * len(PROFILES)
    rows, least, most = [], [], []

    def row(entries, low, high):
        line = np.zeros(count)
        for column, value in entries:
            line[column] += value
        rows.append(line)
        least.append(low)
        most.append(high)

    for p in PROFILES:
        row([(place[p] + a, 1) for a in range(3)], 1, 1)
        for i, k, t in product(range(2), range(6), (1, 2)):
            q = (k, p[1]) if i == 0 else (p[0], k)
            best = ORDERS[p[i]][:t]
            ease = [(place[p] + 3, 1)] if i in who else []
            row([*((place[p] + a, 1) for a in best), *((place[q] + a, -1) for a in best), *ease], 0, np.inf)
    for a in range(3):
        row([(place[p] + a, 1) for p in PROFILES], 1, np.inf)
    for i in range(2):
        row([(place[p] + ORDERS[p[i]][0], 1) for p in PROFILES], 0, 35)
    wish = np.array([0, 0, 0, 1.0] * len(PROFILES))
    found = milp(wish, constraints=LinearConstraint(rows, least, most), integrality=1, bounds=Bounds(0, 1))
    assert found.status == 0
    return round(found.fun)


def gibbard():
    task = amd.load("gibbard-satterthwaite").task
    return Asked(task.environment, task.design), clauses_of(task.environment, task.design)


def test_the_lies_of_one_voter_pay_in_two_profiles_at_least():
    asked, clauses = gibbard()
    found = price(asked, clauses[:1], True, Settings())
    assert found.counted and found.proven and found.least is None
    assert found.value == fewest_lies({0}) == 2


def test_one_outcome_less_lets_two_voters_decide():
    asked, clauses = gibbard()
    onto = next(clause for clause in clauses if clause.kind == "onto")
    assert price(asked, (onto,), True, Settings()).value == 1
    assert price(asked, (Clause("nondictatorial"),), True, Settings()) is None


@pytest.mark.slow
def test_all_prices_of_gibbard_and_satterthwaite():
    found = amd.load("gibbard-satterthwaite").why(time_limit=600)
    assert [clause.kind for clause in found.conflict] == ["incentive", "incentive", "onto", "nondictatorial"]
    assert [one["value_exact"] for one in named(found).values()] == ["2", "2", "1", "2"]
    assert fewest_lies({0, 1}) == 2
    assert found.proven and "lies of every voter pay in 2 of 36 profiles" in found.summary()


# -- searches that are given up --------------------------------------------------------------------------------------


def test_a_search_given_up_says_between_what_and_what(monkeypatch):
    monkeypatch.setattr(prices_module, "CASES", 1)
    found = price(*gibbard_first(), True, Settings())
    assert found.least < 2 <= found.value and found.proven
    conflict = why_infeasible(amd.load("gibbard-satterthwaite").task, priced=False)
    assert [clause.kind for clause in conflict.conflict] == ["incentive", "incentive", "onto", "nondictatorial"]
    assert conflict.proven
    told = replace(conflict, prices=(found,))
    assert f"pay in between {found.least} and {found.value} of 36 profiles" in told.summary()
    assert "a limit ended the search" in told.summary()
    (data,) = told.to_json()["prices"]
    assert (data["value_exact"], data["at_least"]) == (None, float(found.least))


def gibbard_first():
    asked, clauses = gibbard()
    return asked, clauses[:1]


def test_a_search_given_up_is_settled_where_lotteries_do_no_better(monkeypatch):
    """A posted price loses 1/64 (see above), and so do lotteries over posted prices."""
    monkeypatch.setattr(prices_module, "CASES", 0)
    task = deterministic_trade(4)
    asked = Asked(task.environment, replace(task.design, objective=None))
    found = price(asked, (Clause("efficient"),), True, Settings())
    assert found.value == F(1, 64) and found.proven and found.least is None


def test_where_nothing_is_found_only_the_least_is_told():
    found = replace(why_infeasible(deterministic_trade(4), priced=False))
    told = replace(found, prices=(Price((Clause("efficient"),), None, True, part=F(5, 32), least=F(1, 100)),))
    assert "welfare of at least 1/100 = 0.01 given up" in told.summary()
    (data,) = told.to_json()["prices"]
    assert (data["value"], data["value_exact"], data["at_least"]) == (None, None, 0.01)


# -- the search itself -----------------------------------------------------------------------------------------------

PLAIN = Branching(lambda found: {"multipliers": []}, lambda column, units: [column, units])


def knapsack():
    """Most of 8a + 11b + 6c + 4d with 5a + 7b + 4c + 3d <= 14: 21, by hand; 22 with fractions."""
    sides = ([None], [F(14)], [F(0)] * 4, [F(1)] * 4)
    return RationalProgram.of(
        [F(8), F(11), F(6), F(4)],
        np.zeros(4, dtype=int),
        np.arange(4),
        [F(5), F(7), F(4), F(3)],
        sides,
        maximize=True,
        integer=np.ones(4, dtype=bool),
    )


@pytest.mark.parametrize("grain", [0, 1])
def test_cases_find_the_best_without_a_first_solution(monkeypatch, grain):
    monkeypatch.setattr("amd.proof.tree._incumbent", lambda program, settings: None)
    found = prove_by_cases(knapsack(), PLAIN, Settings(), True, grain=grain)
    assert found.objective == 21
    assert found.x.tolist() == [0, 1, 1, 1]


def test_without_a_wish_the_first_solution_will_do(monkeypatch):
    monkeypatch.setattr("amd.proof.tree._incumbent", lambda program, settings: None)
    found = prove_by_cases(knapsack(), PLAIN, Settings(), False)
    assert found.x is not None and all(one.denominator == 1 for one in found.x)


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_a_search_given_up_bounds_the_best(most, monkeypatch):
    monkeypatch.setattr("amd.proof.tree._incumbent", lambda program, settings: None)
    found = prove_by_cases(knapsack(), PLAIN, Settings(), True, most=most)
    assert isinstance(found, Undecided)
    assert 21 <= found.bound <= 22
    assert found.best is None or found.best.objective <= 21
