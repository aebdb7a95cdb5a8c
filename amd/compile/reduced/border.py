"""Border's constraints: which interim allocations some rule can bring about.

For one unit, independent types and agents i with interim probabilities q_i(k), feasibility is (Border, 1991 and 2007;
Che, Kim and Mierendorff, 2013)

    Σ_i Σ_{k in S_i} f_i(k) q_i(k) <= 1 - Π_i (1 - f_i(S_i))    for all sets of types S_1, …, S_n:

the unit cannot go to somebody in S more often than somebody is in S. For agents of a class of n alike the sets may be
alike, and the class counts n times on the left and to the power n on the right.

The most violated sets are prefixes of all (agent, type) sorted by q_i(k) Pr[q_i(k') <= q_i(k)], downwards (Cai,
Daskalakis and Weinberg, 2012, theorem 3). For unlike agents the sets {q_i >= t} with one common t would be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amd.model.numbers import FloatArray, IntArray

PEAKS = 50  # sets a round at peaks of the excess
SPREAD = 12  # and spread over all violated prefixes
LEVELS = 60  # sets of the highest types to begin with


@dataclass(frozen=True, eq=False)
class Population:
    """All types of all classes laid end to end: `mass` (T,) their probabilities, `owner` (T,) their class, `count`
    (classes,)
    how many agents a class has."""

    mass: FloatArray
    owner: IntArray
    count: IntArray

    @classmethod
    def of(cls, masses: list[FloatArray], counts: list[int]) -> Population:
        """From one array of type probabilities a class."""
        owner = np.repeat(np.arange(len(masses)), [len(mass) for mass in masses])
        return cls(np.concatenate(masses), owner, np.array(counts))

    @property
    def weight(self) -> FloatArray:
        """The expected number of agents of each type (T,)."""
        return np.asarray(self.mass * self.count[self.owner])


def chance_of_any(population: Population, order: IntArray) -> FloatArray:
    """For each prefix of `order` (T,) the chance that some agent has a type in it, (T,).

    Sums logarithms of what is left of each class, so that it stays exact for a thousand agents and rare types.
    """
    left = np.zeros(len(order))
    for c in range(len(population.count)):
        places = np.flatnonzero(population.owner[order] == c)
        after = np.append(np.cumsum(population.mass[order[places]][::-1])[::-1][1:], 0.0)
        with np.errstate(divide="ignore"):
            logs = population.count[c] * np.log(np.minimum(after, 1.0))
        left[places] = np.diff(logs, prepend=0.0) if len(logs) and np.isfinite(logs[:-1]).all() else logs
    with np.errstate(invalid="ignore"):
        return np.asarray(-np.expm1(np.cumsum(left)))


def sort_types(population: Population, q: FloatArray) -> IntArray:
    """The order whose prefixes hold the most violated sets, (T,)."""
    below = np.empty(len(q))
    for c in range(len(population.count)):
        own = np.flatnonzero(population.owner == c)
        rank = np.argsort(q[own], kind="stable")
        reached = np.cumsum(population.mass[own][rank])
        last = np.searchsorted(q[own][rank], q[own], side="right") - 1
        below[own] = reached[last]
    return np.lexsort((-q, -q * below))


def violations(population: Population, q: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """The order, the right-hand side of each prefix, and by how much `q` (T,) exceeds it."""
    order = sort_types(population, q)
    right = chance_of_any(population, order)
    left = np.cumsum((population.weight * q)[order])
    return order, right, left - right


def violated_sets(population: Population, q: FloatArray, tolerance: float) -> list[tuple[IntArray, float]]:
    """Sets of types (positions) that `q` gives too much, with what they may have.

    The excess of the prefixes goes up and down along the order; the sets at its peaks, the worst first, say the most.
    Others are spread evenly over the violated prefixes: early solutions have few peaks.
    """
    order, right, excess = violations(population, q)
    broken = np.flatnonzero(excess > tolerance)
    if len(broken) == 0:
        return []
    spread = broken[np.unique(np.linspace(0, len(broken) - 1, min(SPREAD, len(broken))).astype(int))]
    places = np.union1d(spread, peaks(excess, tolerance))
    return [(order[: place + 1], float(right[place])) for place in places]


def peaks(excess: FloatArray, tolerance: float) -> IntArray:
    """The highest places above the tolerance that are no lower than their neighbours, at most PEAKS."""
    walled = np.concatenate([[-np.inf], excess, [-np.inf]])
    places = np.flatnonzero((excess >= walled[:-2]) & (excess >= walled[2:]) & (excess > tolerance))
    return places[np.argsort(-excess[places], kind="stable")[:PEAKS]]


def first_sets(population: Population, keys: list[FloatArray]) -> list[tuple[IntArray, float]]:
    """The sets of all types with a key (T,) of at least so much, LEVELS for each key, with what they may have.

    Border's rows hold for any sets. Where a type that values more gets more, these are the ones that matter.
    """
    found = []
    for key in keys:
        order = np.argsort(-key, kind="stable")
        right = chance_of_any(population, order)
        ends = np.flatnonzero(np.append(np.diff(key[order]) != 0, True))
        some = ends[np.unique(np.linspace(0, len(ends) - 1, min(LEVELS, len(ends))).astype(int))]
        found += [(order[: end + 1], float(right[end])) for end in some]
    return found
