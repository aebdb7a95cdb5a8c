"""Where profiles and allocation columns go when two agents change places."""

from __future__ import annotations

import numpy as np

from amd.model.environment import Allocation, AllocationKind
from amd.model.numbers import IntArray


def exchanged_columns(allocation: Allocation, first: int, second: int, agents: int) -> IntArray:
    """The allocation column that is each column with the two agents exchanged, (C,)."""
    if allocation.kind is AllocationKind.OUTCOMES:
        return np.arange(allocation.size)
    order = np.arange(agents)
    order[[first, second]] = second, first
    if allocation.kind is AllocationKind.MARGINALS:
        return np.arange(allocation.size).reshape(agents, -1)[order].reshape(-1)
    if allocation.units is None:
        raise ValueError("decisions without units")
    flat = allocation.units.reshape(allocation.size, -1)
    moved = allocation.units[:, order, :].reshape(allocation.size, -1)
    _, rank = np.unique(np.concatenate([flat, moved]), axis=0, return_inverse=True)
    rank = rank.reshape(2, -1)
    position = np.empty(allocation.size, dtype=np.int64)
    position[rank[0]] = np.arange(allocation.size)
    return position[rank[1]]
