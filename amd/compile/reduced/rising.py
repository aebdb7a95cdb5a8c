"""Lotteries over hierarchies that rise with the value: how R8 reaches problems whose profiles cannot be listed.

Claim (one good; Manelli and Vincent, Econometrica 78, 2010). Let q be a feasible interim allocation of one unit, types
independent, and q rise with the value for every agent. Then q is a lottery over hierarchies in each of which no type
stands below a type of the same agent that values the unit less. In such a hierarchy a higher type wins wherever a
lower one does, so the lottery rises with the own value in every single profile, and payments make it dominant
(`amd.mechanism.rising`).

Proof. The q that are feasible and rise form a polytope, so it is enough to look at its vertices. At a vertex let the
neighbouring types with equal q be pooled. Allocations that treat the types of a pool alike are feasible if and only if
they are for an agent that has one type for each pool, with the masses added up: a rule for pools is one for types, and
averages over a pool of one for types are a rule for pools. No row "q rises" is tight any more, so the vertex is one of
Border's polytope of pools, which are hierarchies (Border, 1991); and since q strictly rises from pool to pool, so do
the levels.

Algorithm. `decompose` takes as much of a hierarchy as leaves the rest feasible; here it also leaves the rest rising.
Types that stop it are pooled from then on, since what is left of them is equal and may not fall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amd.model.numbers import FloatArray, IntArray

NOISE = 1e-12  # of a chance: differences up to this are rounding
TIGHT = 1e-9  # of a step: neighbours whose difference is used up to this are pooled


@dataclass(eq=False)
class Chain:
    """The types of a class from the lowest value to the highest, as positions among all types; `pooled` (K - 1,) says
    which neighbours are one."""

    types: IntArray
    pooled: NDArray[np.bool_]

    @classmethod
    def of(cls, types: IntArray) -> Chain:
        """Nothing is pooled yet."""
        return cls(types, np.zeros(len(types) - 1, dtype=bool))

    @property
    def pool(self) -> IntArray:
        """The number of each type's pool, from the lowest (K,)."""
        return np.concatenate([[0], np.cumsum(~self.pooled)])

    def settled(self, q: FloatArray, mass: FloatArray, near: float) -> FloatArray:
        """`q` (T,) with each pool at its mean; pools that fall, or rise so little that all of them lie within `near`,
        become one: that is a solver's rounding."""
        result = q.copy()
        while True:
            pool, weight = self.pool, mass[self.types]
            means = np.bincount(pool, weights=weight * q[self.types]) / np.bincount(pool, weights=weight)
            alike = (np.diff(_clusters(means, near)[pool]) == 0) & ~self.pooled
            if not alike.any():
                result[self.types] = means[pool]
                return result
            self.pooled |= alike

    def longest(self, q: FloatArray, vertex: FloatArray) -> float:
        """The largest step s for which q - s vertex (T,) still rises, at most 1."""
        used, there = np.diff(vertex[self.types]), np.diff(q[self.types])
        steeper = used > there + NOISE
        return float((there[steeper] / used[steeper]).min(initial=1.0))

    def pool_tight(self, q: FloatArray, vertex: FloatArray, step: float) -> None:
        """Pools neighbours whose difference a step towards the vertex has used up."""
        used, there = np.diff(vertex[self.types]), np.diff(q[self.types])
        self.pooled |= (used > NOISE) & (there - step * used <= TIGHT * used)

    def whole(self, types: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The set of types (T,) with every pool that it touches."""
        touched = np.zeros(int(self.pool[-1]) + 1, dtype=bool)
        touched[self.pool[types[self.types]]] = True
        result = types.copy()
        result[self.types] = touched[self.pool]
        return result


def _clusters(means: FloatArray, near: float) -> IntArray:
    """A number for each mean: a new one wherever a mean lies above the first of its number by more than `near`."""
    found, first, number = [], -np.inf, -1
    for mean in means.tolist():
        if mean > first + near:
            first, number = mean, number + 1
        found.append(number)
    return np.array(found)
