"""Irving's algorithm and Tan's partitions, against brute force and by the separate verifier."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from amd.matching.market import MarketError
from amd.matching.roommates import Roommates, clean_roommates, cycles_of, solve_roommates
from amd.matching.verify import odd_cycles, verify_roommates, verify_stable_partition


def named(lists):
    return {str(i): [str(j) for j in row] for i, row in enumerate(lists)}


def draw(rng, n, keep):
    rows = [[int(j) for j in rng.permutation(n) if j != i and rng.random() < keep] for i in range(n)]
    return clean_roommates(rows)[0].lists


def pairings(free: list[int], lists) -> Iterator[dict[int, int]]:
    if not free:
        yield {}
        return
    first, rest = free[0], free[1:]
    yield from pairings(rest, lists)
    for j in rest:
        if j in lists[first]:
            for others in pairings([k for k in rest if k != j], lists):
                yield {first: j, j: first, **others}


def is_stable(lists, partner) -> bool:
    def above(i):
        return lists[i][: lists[i].index(partner[i])] if i in partner else lists[i]

    return not any(i in above(j) for i in range(len(lists)) for j in above(i))


def test_no_stable_matching():
    """Gale and Shapley (1962), example 3: 2 3 4 / 3 1 4 / 1 2 4 / any."""
    lists = ((1, 2, 3), (2, 0, 3), (0, 1, 3), (0, 1, 2))
    answer = solve_roommates(Roommates(lists))
    assert answer.partner is None
    assert [set(c) for c in answer.odd] == [{0, 1, 2}]
    assert not verify_stable_partition(named(lists), {str(i): str(s) for i, s in enumerate(answer.successor)})


def test_irving_example():
    """Irving (1985), first example, six people: the only stable matching is {1, 6}, {2, 3}, {4, 5}."""
    rows = ["46253", "635 14".replace(" ", ""), "45162", "265 13".replace(" ", ""), "42361", "51423"]
    lists = tuple(tuple(int(c) - 1 for c in row) for row in rows)
    assert solve_roommates(Roommates(lists)).partner == (5, 2, 1, 4, 3, 0)


@pytest.mark.parametrize("runs", [300, pytest.param(4000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("n", "keep"), [(4, 1.0), (6, 1.0), (6, 0.7), (7, 0.8)])
def test_by_force(n, keep, runs):
    rng = np.random.default_rng(n)
    none = 0
    for _ in range(runs):
        lists = draw(rng, n, keep)
        answer = solve_roommates(Roommates(lists))
        stable = [p for p in pairings(list(range(n)), lists) if is_stable(lists, p)]
        if answer.partner is None:
            none += 1
            assert not stable
        else:
            assert {i: j for i, j in enumerate(answer.partner) if j >= 0} in stable
    assert none > 0


@pytest.mark.parametrize(("n", "keep"), [(9, 0.9), (30, 0.5), (60, 1.0)])
def test_partition_is_verified(n, keep):
    rng = np.random.default_rng(n)
    odd = 0
    for _ in range(30):
        lists = draw(rng, n, keep)
        answer = solve_roommates(Roommates(lists))
        successor = {str(i): str(s) for i, s in enumerate(answer.successor)}
        assert not verify_stable_partition(named(lists), successor)
        assert len(odd_cycles(successor)) == len(answer.odd)
        if answer.partner is None:
            odd += 1
        else:
            partner = {str(i): None if j < 0 else str(j) for i, j in enumerate(answer.partner)}
            assert not verify_roommates(named(lists), partner)
    assert odd > 0


def test_the_verifier_finds_faults():
    lists = named(((1, 2, 3), (2, 0, 3), (0, 1, 3), (0, 1, 2)))
    assert verify_stable_partition(lists, {"0": "1", "1": "0", "2": "3", "3": "2"})
    assert verify_stable_partition(lists, {"0": "2", "2": "1", "1": "0", "3": "3"})  # the wrong way round
    assert verify_stable_partition(lists, {"0": "0"}) == ["the successors are not a permutation of the agents"]
    assert verify_roommates(lists, {"0": "1", "1": "0", "2": "3", "3": "2"}) == ["1 and 2 block"]
    assert verify_roommates(lists, {"0": "1", "1": "2", "2": "1", "3": None})


def test_wrong_instances_are_refused():
    with pytest.raises(MarketError, match="names its owner"):
        Roommates(((0,),))
    with pytest.raises(MarketError, match="twice"):
        Roommates(((1, 1), (0,)))
    with pytest.raises(MarketError, match="other way round"):
        Roommates(((1,), ()))
    assert clean_roommates([[1], []]) == (Roommates(((), ())), [(0, 1)])
    assert cycles_of([1, 0, 2]) == [(0, 1), (2,)]
