"""Deferred acceptance against published examples and against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from amd.matching.audit import is_stable
from amd.matching.deferred import deferred_acceptance
from amd.matching.market import Market, MarketError, lists_from_matrix

FEW_OR_MANY = pytest.mark.parametrize("runs", [150, pytest.param(3000, marks=pytest.mark.slow)])


def test_textbook_students_propose(textbook):
    assert deferred_acceptance(textbook).assignment.tolist() == [0, 1, 2, 3]  # A-W, B-X, C-Y, D-Z


def test_textbook_schools_propose(textbook):
    assert deferred_acceptance(textbook, "programs").assignment.tolist() == [1, 0, 2, 3]  # A-X, B-W, C-Y, D-Z


def test_textbook_trace_tells_the_story(textbook):
    rounds = deferred_acceptance(textbook, trace=True).rounds
    assert rounds is not None
    assert rounds[0].proposals.tolist() == [[0, 0], [1, 1], [2, 0], [3, 2]]
    assert rounds[0].rejections.tolist() == [[2, 0]]  # W holds A and rejects C


def test_nrmp_run_a_match(nrmp):
    # City: Eastman, Anderson; Mercy: Chen; General: Ford, Davis.
    assert deferred_acceptance(nrmp).assignment.tolist() == [0, 1, 2, 2, 0]


def test_school_choice_example(schools):
    assert (deferred_acceptance(schools).assignment + 1).tolist() == [1, 1, 3, 3, 3, 4, 2, 2]


def test_a_tie_is_refused(make_tied):
    with pytest.raises(MarketError, match="tie"):
        deferred_acceptance(make_tied([[[0, 1]]], [[[0]], [[0]]]))


@FEW_OR_MANY
@pytest.mark.parametrize("capacity", [1, 3])
def test_best_for_proposers_worst_for_receivers(random_market, stable_by_force, capacity, runs):
    rng = np.random.default_rng(capacity)
    for _ in range(runs):
        market = random_market(rng, 5, 4, capacity, 0.85)
        stable = np.array(stable_by_force(market))
        tiers = np.array([market.tier_at(s) for s in stable])
        best, worst = deferred_acceptance(market), deferred_acceptance(market, "programs")
        assert (market.tier_at(best.assignment) == tiers.min(axis=0)).all()
        assert (market.tier_at(worst.assignment) == tiers.max(axis=0)).all()


@FEW_OR_MANY
def test_rural_hospitals(random_market, stable_by_force, runs):
    """The same applicants are matched, every program fills as many seats, and one with free seats admits the same."""
    rng = np.random.default_rng(7)
    for _ in range(runs):
        market = random_market(rng, 5, 3, 3, 0.6)
        stable = np.array(stable_by_force(market))
        assert len({tuple(s >= 0) for s in stable}) == 1
        loads = {tuple(market.load(s)) for s in stable}
        assert len(loads) == 1
        for p in np.flatnonzero(np.array(loads.pop()) < market.capacity):
            assert len({tuple(np.flatnonzero(s == p)) for s in stable}) == 1


def test_rounds_and_single_steps_agree(random_market):
    """The traced run moves in rounds, the plain one a proposal at a time on markets this small."""
    rng = np.random.default_rng(3)
    for _ in range(100):
        market = random_market(rng, 30, 9, 5, 0.7)
        for side in ("applicants", "programs"):
            plain, traced = deferred_acceptance(market, side), deferred_acceptance(market, side, trace=True)
            assert plain.assignment.tolist() == traced.assignment.tolist()
            assert plain.proposals == traced.proposals == sum(len(r.proposals) for r in traced.rounds)


def random_marriage(n: int, m: int, seed: int) -> Market:
    rng = np.random.default_rng(seed)
    men, women = rng.random((n, m)).argsort(axis=1), rng.random((m, n)).argsort(axis=1)
    return Market(lists_from_matrix(men), lists_from_matrix(women), np.ones(m, np.int64))


def test_mean_ranks_of_a_random_market():
    """Proposers rank their partners H_n on average, receivers n / H_n (Knuth 1976, Pittel 1989)."""
    n, runs = 1000, 5
    harmonic = sum(1 / k for k in range(1, n + 1))
    own, other = [], []
    for seed in range(runs):
        market = random_marriage(n, n, seed)
        answer = deferred_acceptance(market)
        entry = market.entry_at(answer.assignment)
        own.append(market.applicants.tier[entry].mean() + 1)
        other.append(market.priority[entry].mean() + 1)
    assert np.mean(own) == pytest.approx(harmonic, rel=0.1)  # one run scatters by about 8 %
    assert np.mean(other) == pytest.approx(n / harmonic, rel=0.1)


def test_the_short_side_does_well_whoever_proposes():
    """1000 men, 1001 women (Ashlagi, Kanoria and Leshno 2017): men rank about log n, women about n / log n."""
    market = random_marriage(1000, 1001, 11)
    for side in ("applicants", "programs"):
        assignment = deferred_acceptance(market, side).assignment
        entry = market.entry_at(assignment)
        assert market.applicants.tier[entry].mean() + 1 < 15
        assert market.priority[entry].mean() + 1 > 80
        assert is_stable(market, assignment)
