"""Couples: the heuristic and the integer program against brute force from the definition."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from amd.matching.couples import Couple, couples_blocking, couples_market, couples_validity
from amd.matching.couples_exact import exact_couples, fewest_blocking
from amd.matching.couples_heuristic import place_couples
from amd.matching.market import MarketError


def none_exists():
    """One single s: h1, h2; one couple (f, m): only (h1, h2); h1: f, s; h2: s, m; one seat each."""
    return couples_market([[0, 1], [], []], [Couple((1, 2), ((0, 1),))], [[1, 0], [0, 2]], [1, 1])[0]


def draw(rng, singles, couples, programs, seats, length):
    n = singles + 2 * couples
    wishes = [[int(p) for p in rng.permutation(programs)[:length]] for _ in range(singles)] + [
        [] for _ in range(2 * couples)
    ]
    pairs = [(p, q) for p in range(-1, programs) for q in range(-1, programs) if (p, q) != (-1, -1)]
    two = [
        Couple(
            (singles + 2 * c, singles + 2 * c + 1),
            tuple(pairs[i] for i in rng.permutation(len(pairs))[: rng.integers(1, 6)]),
        )
        for c in range(couples)
    ]
    lists = [[int(a) for a in rng.permutation(n) if rng.random() < 0.9] for _ in range(programs)]
    return couples_market(wishes, two, lists, rng.integers(1, seats + 1, programs).tolist())[0]


def by_force(case) -> dict[tuple[int, ...], int]:
    """Every valid matching with the number of blocking singles and options, from the definition in words."""
    market, rank, capacity = case.market, case.rank, case.market.capacity
    units = [[(a,), [(p,) for p in case.wishes[a]]] for a in case.singles]
    units += [[c.members, list(c.options)] for c in case.couples]
    result = {}
    for pick in product(*([*options, (-1,) * len(who)] for who, options in units)):
        where = {a: p for (who, _), places in zip(units, pick, strict=True) for a, p in zip(who, places, strict=True)}
        if any(sum(q == p for q in where.values()) > capacity[p] for p in range(market.program_count)):
            continue
        count = 0
        for (who, options), now in zip(units, pick, strict=True):
            limit = options.index(now) if now in options else len(options)
            count += sum(possible(where, who, option, rank, capacity) for option in options[:limit])
        result[tuple(where[a] for a in range(market.applicant_count))] = count
    return result


def possible(where, who, option, rank, capacity) -> bool:
    """With `who` gone from everywhere, does every program of the option have them among its best?"""
    rest = {a: p for a, p in where.items() if a not in who}
    for p in set(option) - {-1}:
        coming = [a for a, q in zip(who, option, strict=True) if q == p]
        queue = sorted([rank[p][a] for a, q in rest.items() if q == p] + [rank[p][a] for a in coming])
        if any(rank[p][a] not in queue[: capacity[p]] for a in coming):
            return False
    return True


def test_no_stable_matching_is_proven():
    answer = exact_couples(none_exists())
    assert answer.matching is None and answer.proven
    fewest = fewest_blocking(none_exists())
    assert fewest.least == 1 and len(fewest.blocking) == 1 and fewest.proven
    assert not place_couples(none_exists()).is_stable


@pytest.mark.parametrize("runs", [40, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("singles", "couples", "programs", "seats"), [(3, 1, 3, 1), (2, 2, 3, 2), (2, 2, 2, 3)])
def test_exact_by_force(singles, couples, programs, seats, runs):
    rng = np.random.default_rng(singles + couples + seats)
    none = 0
    for _ in range(runs):
        case = draw(rng, singles, couples, programs, seats, 3)
        force = by_force(case)
        for pick in list(force)[::5]:
            assert len(couples_blocking(case, np.array(pick))) == force[pick]
        stable = [pick for pick, count in force.items() if not count]
        answer = exact_couples(case)
        assert answer.proven
        if answer.matching is None:
            none += 1
            assert not stable
        else:
            assert tuple(answer.matching.assignment.tolist()) in stable
            assert answer.matching.matched == max(sum(p >= 0 for p in pick) for pick in stable)
        fewest = fewest_blocking(case)
        assert fewest.least == len(fewest.blocking) == min(force.values())
    if seats == 1:
        assert none > 0


def test_heuristic_finds_most():
    """In markets with few couples it nearly always ends, and says so only after an audit."""
    rng = np.random.default_rng(5)
    stable = 0
    for _ in range(10):
        case = draw(rng, 60, 4, 20, 4, 6)
        answer = place_couples(case)
        assert not couples_validity(case, answer.matching.assignment)
        assert answer.is_stable == (not couples_blocking(case, answer.matching.assignment))
        stable += answer.is_stable
    assert stable >= 8


def test_what_cannot_be_is_dropped_and_reported():
    """Program 1 has one place, so both cannot go there; program 0 does not list the second member."""
    case, report, dropped = couples_market([[], []], [Couple((0, 1), ((1, 1), (0, 0), (0, 1)))], [[0], [0, 1]], [2, 1])
    assert dropped == [(0, (1, 1)), (0, (0, 0))]
    assert case.couples[0].options == ((0, 1),)
    assert report.applicant_entries.size == 1


def test_wrong_couples_are_refused():
    with pytest.raises(MarketError, match="two couples"):
        couples_market([[], [], []], [Couple((0, 1), ()), Couple((1, 2), ())], [[0]], [1])
    with pytest.raises(MarketError, match="list of its own"):
        couples_market([[0], []], [Couple((0, 1), ((0, -1),))], [[0, 1]], [1])
    case = none_exists()
    assert couples_validity(case, np.array([-1, 0, -1])) == [
        "applicant 2 and applicant 3 have places that they do not list"
    ]
