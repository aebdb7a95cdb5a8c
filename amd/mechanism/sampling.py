"""Whole decisions for many rounds at once.

Without demands that bind across goods, the entries of an allocation of goods can be put in a row so that every good
and every limit is a run of neighbours. Then one uniform number U per round rounds all of them together: with C the
sums from the left, entry e becomes floor(C_e + U) − floor(C_{e−1} + U). Its mean is the entry, and every run is its
own sum rounded down or up (systematic sampling, Madow 1949). Sums are kept in whole multiples of 2^-40. With demands
across goods the lottery of each drawn profile is decomposed instead, once.
"""

from __future__ import annotations

import numpy as np

from amd.mechanism.lottery import lottery
from amd.mechanism.rows import Array
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import FloatArray, IntArray

BITS = 40


class Sampler:
    """Draws whole decisions for an environment."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.marginal = environment.allocation.kind is AllocationKind.MARGINALS
        self.order = _in_a_row(environment)

    def draw(self, index: IntArray, allocation: FloatArray, rng: np.random.Generator) -> FloatArray:
        """One decision a round (R, C), at the profiles numbered `index` (R,) of an allocation (P, C)."""
        if not self.marginal:
            return _one_column(allocation[index], rng)
        if self.order is None:
            return self._decomposed(index, allocation, rng)
        entries = self._scaled(allocation[index])
        sums = entries[:, self.order].cumsum(axis=1) + rng.integers(0, 1 << BITS, size=(len(index), 1))
        whole: IntArray = np.diff(sums >> BITS, axis=1, prepend=0)
        drawn: FloatArray = np.empty(whole.shape)
        drawn[:, self.order] = whole
        return drawn

    def _scaled(self, allocation: FloatArray) -> IntArray:
        """Entries in whole multiples of 2^-40, rounded down so that no supply, limit or demand is exceeded."""
        units = np.maximum(allocation, 0).reshape(len(allocation), -1, len(self.environment.allocation.goods))
        for goods, most in _limits(self.environment):
            handed = units[:, :, goods].sum(axis=(1, 2))
            units[:, :, goods] *= np.minimum(1, most / np.maximum(handed, most))[:, None, None]
        for i, agent in enumerate(self.environment.agents):
            if agent.demand is not None:
                units[:, i] = np.minimum(units[:, i], agent.demand)
        return np.asarray(np.floor(units * (1 << BITS)), dtype=np.int64).reshape(allocation.shape)

    def _decomposed(self, index: IntArray, allocation: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Each distinct profile's lottery, then all its rounds at once."""
        drawn = np.empty((len(index), allocation.shape[1]))
        profiles, which = np.unique(index, return_inverse=True)
        order = np.argsort(which, kind="stable")
        ends = np.searchsorted(which[order], np.arange(len(profiles) + 1))
        for position, profile in enumerate(profiles):
            rounds = order[ends[position] : ends[position + 1]]
            options = lottery(self.environment, allocation[profile])
            weights = np.array([float(probability) for probability, _ in options])
            chosen = rng.choice(len(options), size=len(rounds), p=weights / weights.sum())
            drawn[rounds] = np.stack([decision for _, decision in options])[chosen]
        return drawn


def _one_column(probabilities: Array, rng: np.random.Generator) -> FloatArray:
    """One column a row, drawn with its probability (R, C)."""
    sums = np.maximum(probabilities, 0).cumsum(axis=1)
    total = sums[:, -1:]
    threshold = np.minimum(rng.random((len(sums), 1)) * total, np.nextafter(total, 0))
    chosen = (sums <= threshold).sum(axis=1)
    drawn = np.zeros(sums.shape)
    drawn[np.arange(len(sums)), chosen] = 1
    return drawn


def _limits(environment: Environment) -> list[tuple[list[int], int]]:
    """Every supply and limit, small sets first."""
    allocation = environment.allocation
    sets = [([g], good.supply) for g, good in enumerate(allocation.goods)]
    return sets + sorted(((list(limit.goods), limit.at_most) for limit in allocation.limits), key=lambda s: len(s[0]))


def _in_a_row(environment: Environment) -> IntArray | None:
    """The entries good by good, with the goods of each limit side by side; None where demands join goods."""
    allocation = environment.allocation
    n, m = len(environment.agents), len(allocation.goods)
    every = sum(good.supply for good in allocation.goods)
    if m > 1 and any(agent.demand is not None and agent.demand < every for agent in environment.agents):
        return None
    # Sorting goods by the limits that hold them, widest first, keeps nested or disjoint limits together.
    wide = sorted(allocation.limits, key=lambda limit: -len(limit.goods))
    goods = sorted(range(m), key=lambda g: tuple(g not in limit.goods for limit in wide))
    return np.array([i * m + g for g in goods for i in range(n)], dtype=np.int64)
