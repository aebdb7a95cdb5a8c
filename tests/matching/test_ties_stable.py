"""Ties: the three notions of stability by integer programming, against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from amd.matching.audit import Stability, is_stable
from amd.matching.deferred import deferred_acceptance
from amd.matching.ties import break_ties
from amd.matching.ties_stable import largest_stable


@pytest.mark.parametrize("runs", [30, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("notion", list(Stability))
@pytest.mark.parametrize(("n", "m", "capacity"), [(4, 4, 1), (5, 3, 2)])
def test_largest_by_force(random_tied_market, stable_by_force, notion, n, m, capacity, runs):
    rng = np.random.default_rng(n)
    none = 0
    for _ in range(runs):
        market = random_tied_market(rng, n, m, capacity, 0.8)
        stable = stable_by_force(market, notion.name)
        answer = largest_stable(market, notion)
        assert answer.proven
        if not stable:
            none += 1
            assert answer.matching is None
            continue
        sizes = [sum(p >= 0 for p in s) for s in stable]
        assert answer.matching is not None and answer.matching.matched == max(sizes) == answer.bound
        assert tuple(answer.matching.assignment.tolist()) in stable
        if notion is not Stability.WEAK:
            assert len(set(sizes)) == 1  # all have the same size
    assert (none > 0) == (notion is not Stability.WEAK)


def test_breaking_ties_gives_a_weakly_stable_matching(random_tied_market):
    rng = np.random.default_rng(3)
    for _ in range(10):
        market = random_tied_market(rng, 8, 4, 3, 0.9)
        for lottery in ("single", "multiple", "listed"):
            answer = deferred_acceptance(break_ties(market, lottery, 1))
            assert is_stable(market, answer.assignment)
            # Weakly stable matchings differ in size by a factor of two at most (Manlove et al. 2002).
            assert answer.matched <= largest_stable(market).bound <= 2 * answer.matched


def test_lotteries_can_lose_half_of_the_matches(make_tied):
    """Man 1 is tied with man 2 for the only woman he lists; a bad draw leaves two unmatched."""
    market = make_tied([[[0]], [[0], [1]]], [[[0, 1]], [[1]]])
    assert largest_stable(market).bound == 2
    sizes = {deferred_acceptance(break_ties(market, "single", seed)).matched for seed in range(20)}
    assert sizes == {1, 2}
