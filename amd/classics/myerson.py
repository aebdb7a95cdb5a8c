"""Myerson's optimal auction of one good on finite value sets, for like or unlike bidders (Myerson, 1981).

The good goes to the greatest ironed virtual value if that is at least what the seller keeps. Ties go to the bidder
listed first, so the winner is certain and pays the least value with which it would still have won. Because bidders tied
at an ironed level are served without regard to which of the pooled values they have, the rule is monotone for any
prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from amd.classics.arrays import Array, Number, Numbers, is_exact, number, numbers
from amd.classics.payments import greatest_payments
from amd.classics.virtual import VirtualValues, virtual_values
from amd.model.numbers import IntArray
from amd.pictures import Pictured

Prior: TypeAlias = tuple[Numbers, Numbers | None]
NOBODY = -1


@dataclass(frozen=True, eq=False)
class OptimalAuction(Pictured):
    """Myerson's rule for the given bidders and a seller who keeps `own_value` if nobody wins.

    `level_mass[i]` holds, at each distinct ironed virtual value of anyone (`levels`, rising), the probability that
    bidder i has it.
    """

    bidders: tuple[VirtualValues, ...]
    own_value: Any

    @cached_property
    def levels(self) -> Array:
        """Every ironed virtual value of anyone, rising."""
        return np.array(sorted({level for bidder in self.bidders for level in bidder.ironed}), dtype=self._kind)

    @cached_property
    def level_mass(self) -> Array:
        """(n, L): the probability of each level for each bidder."""
        mass = np.zeros((len(self.bidders), len(self.levels)), dtype=self._kind)
        for i, bidder in enumerate(self.bidders):
            np.add.at(mass[i], self._level_of(bidder), bidder.probability)
        return mass

    @cached_property
    def reserves(self) -> tuple[Any, ...]:
        """Each bidder's reserve price; None for a bidder that never wins."""
        return tuple(bidder.reserve(self.own_value) for bidder in self.bidders)

    @cached_property
    def top_mass(self) -> Array:
        """(L,): the probability that the greatest ironed virtual value is each level."""
        at_most = np.prod(np.cumsum(self.level_mass, axis=1), axis=0)
        return np.diff(np.append(0 * at_most[:1], at_most))

    @property
    def profit(self) -> Any:
        """E[(greatest ironed virtual value − own value)⁺]: revenue less what the sold good was worth to the seller."""
        gain = self.levels - self.own_value
        return (np.where(gain > 0, gain, 0 * gain) * self.top_mass).sum()

    @property
    def revenue(self) -> Any:
        """The expected sum of payments."""
        return (self.levels * self.top_mass)[self._sold].sum()

    @property
    def sale_probability(self) -> Any:
        return self.top_mass[self._sold].sum()

    def winner(self, types: Sequence[int]) -> tuple[int, Any]:
        """Who wins at this profile of value positions, and the price; (NOBODY, 0) when unsold."""
        ironed = [bidder.ironed[k] for bidder, k in zip(self.bidders, types, strict=True)]
        best = max(range(len(ironed)), key=lambda i: (ironed[i], -i))
        if ironed[best] < self.own_value:
            return NOBODY, 0
        own = self.bidders[best].ironed
        wins = [self._beats(best, level, ironed) for level in own]
        return best, self.bidders[best].values[wins.index(True)]

    def interim(self, bidder: int) -> tuple[Array, Array]:
        """(q, m), each (K,): chance to win and expected payment of each value of a bidder, without listing profiles."""
        at_most = np.cumsum(self.level_mass, axis=1)
        below = at_most - self.level_mass
        chance = np.prod(below[:bidder], axis=0) * np.prod(at_most[bidder + 1 :], axis=0) * self._sold
        own = self.bidders[bidder]
        q = np.asarray(chance[self._level_of(own)], dtype=self._kind)
        return q, greatest_payments(own.values, q)

    def rule(self) -> tuple[Array, Array]:
        """(allocation, payments), each (K_1, …, K_n, n), at every type profile."""
        n, shape = len(self.bidders), tuple(len(bidder.values) for bidder in self.bidders)
        ranks = [
            self._level_of(bidder).reshape([-1 if j == i else 1 for j in range(n)])
            for i, bidder in enumerate(self.bidders)
        ]
        stacked = np.stack([np.broadcast_to(rank, shape) for rank in ranks])
        top = stacked.argmax(axis=0)
        sold = self._sold[stacked.max(axis=0)]
        one = np.zeros((*shape, n), dtype=self._kind)
        for i in range(n):
            one[..., i] = np.where((top == i) & sold, 1, 0)
        allocation = one + 0 * self.levels[0]
        payments = [greatest_payments(b.values, allocation[..., i], axis=i) for i, b in enumerate(self.bidders)]
        return allocation, np.stack(payments, axis=-1)

    def _beats(self, bidder: int, level: Any, ironed: Sequence[Any]) -> bool:
        before, after = ironed[:bidder], ironed[bidder + 1 :]
        return bool(level >= self.own_value and all(level > x for x in before) and all(level >= x for x in after))

    def _level_of(self, bidder: VirtualValues) -> IntArray:
        position = {level: index for index, level in enumerate(self.levels)}
        return np.array([position[level] for level in bidder.ironed], dtype=np.int64)

    @cached_property
    def _sold(self) -> NDArray[np.bool_]:
        return np.array([level >= self.own_value for level in self.levels], dtype=bool)

    @property
    def _kind(self) -> Any:
        return object if all(is_exact(bidder.values) for bidder in self.bidders) else np.float64


def optimal_auction(bidders: Sequence[Prior], own_value: Number = 0) -> OptimalAuction:
    """Myerson's auction for bidders given as (values, probabilities), None meaning equally likely.

    Raises ValueError without bidders or where a prior is not one.
    """
    if not bidders:
        raise ValueError("an auction needs at least one bidder")
    known: dict[int, VirtualValues] = {}
    for prior in bidders:
        if id(prior) not in known:
            known[id(prior)] = virtual_values(*prior)
    return OptimalAuction(tuple(known[id(prior)] for prior in bidders), number(own_value, "own_value"))


def cell_means(low: Number, high: Number, cells: int) -> Array:
    """The midpoints of `cells` equal cells of [low, high]: the grid of a uniform prior at its cells' means."""
    a, b = number(low), number(high)
    points = [a + (b - a) * (2 * k + 1) / (2 * cells) for k in range(cells)]
    return numbers(points)
