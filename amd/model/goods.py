"""Who can get what: listing the feasible assignments of goods in units."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from amd.model.environment import TooLargeError
from amd.model.numbers import IntArray

MAX_DECISIONS = 200_000


def is_laminar(sets: Sequence[set[int]]) -> bool:
    """Whether any two of the sets are nested or disjoint."""
    return all(a <= b or b <= a or not a & b for position, a in enumerate(sets) for b in sets[position + 1 :])


def holdings(supply: IntArray, demand: int | None) -> IntArray:
    """Every number of units of each good that one agent can hold, (H, m), nothing first."""
    most = [int(units) if demand is None else min(int(units), demand) for units in supply]
    total = np.prod([units + 1.0 for units in most])
    if total > MAX_DECISIONS:
        raise TooLargeError(
            f"one agent alone can hold {total:.3g} different sets of goods, more than {MAX_DECISIONS:,}"
        )
    every = np.array(list(product(*(range(units + 1) for units in most))), dtype=np.int64).reshape(-1, len(supply))
    return every if demand is None else every[every.sum(axis=1) <= demand]


def enumerate_decisions(
    supply: IntArray, limits: Sequence[tuple[tuple[int, ...], int]], demands: Sequence[int | None]
) -> IntArray:
    """All feasible assignments (D, n, m) of whole units, the empty one first; units may stay unsold.

    Raises TooLargeError beyond MAX_DECISIONS.
    """
    decisions = np.zeros((1, 0, len(supply)), dtype=np.int64)
    for demand in demands:
        own = holdings(supply, demand)
        if len(decisions) * len(own) > 50 * MAX_DECISIONS:
            raise TooLargeError(f"more than {MAX_DECISIONS:,} ways to hand out the goods: too many to list")
        used = decisions.sum(axis=1)[:, None, :] + own[None, :, :]
        feasible = (used <= supply).all(axis=2)
        for goods, at_most in limits:
            feasible &= used[:, :, list(goods)].sum(axis=2) <= at_most
        old, new = np.nonzero(feasible)
        if len(old) > MAX_DECISIONS:
            raise TooLargeError(
                f"{len(old):,} or more ways to hand out the goods: too many to list (the limit is {MAX_DECISIONS:,})"
            )
        decisions = np.concatenate([decisions[old], own[new][:, None, :]], axis=1)
    return decisions
