"""All stable matchings through rotations, and the chosen ones, against brute force and published counts."""

from __future__ import annotations

import numpy as np
import pytest

from amd.matching.audit import is_stable
from amd.matching.chosen import best_stable, egalitarian, median, minimum_regret, sex_equal, total_ranks
from amd.matching.market import MarketError
from amd.matching.rotations import all_stable_matchings, find_rotations


def test_knuth_has_ten(knuth):
    assert sum(1 for _ in all_stable_matchings(knuth)) == 10


def test_doubled_knuth_has_268(doubled):
    found = {tuple(a.tolist()) for a in all_stable_matchings(doubled)}
    assert len(found) == 268
    assert all(is_stable(doubled, np.array(a)) for a in found)


@pytest.mark.parametrize("runs", [25, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("n", "m", "capacity"), [(5, 5, 1), (6, 3, 3), (6, 4, 2)])
def test_all_stable_matchings_by_force(random_market, stable_by_force, n, m, capacity, runs):
    rng = np.random.default_rng(n * m)
    several = 0
    for _ in range(runs):
        market = random_market(rng, n, m, capacity, 0.95)
        found = [tuple(a.tolist()) for a in all_stable_matchings(market)]
        assert sorted(found) == sorted(stable_by_force(market))
        assert found[0] == tuple(find_rotations(market).best.tolist())
        several += len(found) > 1
    assert several > runs // 20  # the test has something to say


def test_larger_markets_by_independent_check(random_market):
    """Many-to-one markets too large for brute force: every matching found is stable, none twice."""
    rng = np.random.default_rng(8)
    for _ in range(10):
        market = random_market(rng, 40, 20, 3, 1.0)
        found = [tuple(a.tolist()) for a, _ in zip(all_stable_matchings(market), range(300), strict=False)]
        assert len(set(found)) == len(found)
        assert all(is_stable(market, np.array(a)) for a in found)


def test_a_set_that_is_not_closed_is_refused(knuth):
    poset = find_rotations(knuth)
    late = next(i for i, before in enumerate(poset.before) if before)
    with pytest.raises(MarketError, match="depends on"):
        poset.eliminate(1 << late)


def regret(market, assignment) -> int:
    entry = market.entry_at(assignment)
    entry = entry[entry >= 0]
    return int(max(market.applicants.tier[entry].max(initial=0), market.priority[entry].max(initial=0)))


@pytest.mark.parametrize(("n", "m", "capacity"), [(6, 6, 1), (9, 4, 3)])
def test_chosen_matchings_by_force(random_market, n, m, capacity):
    """Over the list of all stable matchings (checked by brute force above)."""
    rng = np.random.default_rng(n)
    for _ in range(30):
        market = random_market(rng, n, m, capacity, 1.0)
        everything = list(all_stable_matchings(market))
        sums = [total_ranks(market, a) for a in everything]
        assert sum(total_ranks(market, egalitarian(market).assignment)) == min(map(sum, sums))
        assert regret(market, minimum_regret(market).assignment) == min(regret(market, a) for a in everything)
        a, b = total_ranks(market, sex_equal(market).assignment)
        assert abs(a - b) == min(abs(x - y) for x, y in sums)
        middle = median(market)
        assert is_stable(market, middle.assignment)
        tiers = np.sort(np.array([market.tier_at(a) for a in everything]), axis=0)
        assert (market.tier_at(middle.assignment) == tiers[(len(everything) - 1) // 2]).all()
        cost = rng.normal(size=market.applicants.entries)
        totals = [cost[market.entry_at(a)[market.entry_at(a) >= 0]].sum() for a in everything]
        entry = market.entry_at(best_stable(market, cost).assignment)
        assert cost[entry[entry >= 0]].sum() == pytest.approx(min(totals), abs=1e-9)


def test_lattice(random_market):
    """Letting every applicant choose between two stable matchings gives a stable matching (Conway, in Knuth 1976)."""
    rng = np.random.default_rng(12)
    for _ in range(60):
        market = random_market(rng, 7, 7, 1, 1.0)
        everything = list(all_stable_matchings(market))
        for a in everything:
            for b in everything:
                better = np.where(market.tier_at(a) <= market.tier_at(b), a, b)
                assert is_stable(market, better)


def test_median_says_when_there_are_too_many(doubled):
    with pytest.raises(MarketError, match="more than 100 stable"):
        median(doubled, limit=100)


def test_rotations_of_a_thousand(random_market):
    """n = 1000 in well under the time a quadratic search would take; both ends of the lattice are met."""
    market = random_market(np.random.default_rng(1), 300, 300, 1, 1.0)
    poset = find_rotations(market)
    everything = (1 << len(poset.rotations)) - 1
    assert poset.eliminate(everything).tolist() == poset.worst.tolist()
    assert is_stable(market, egalitarian(market).assignment)
