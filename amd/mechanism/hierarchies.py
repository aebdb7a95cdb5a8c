"""Rules that can be asked at any profile: lotteries over hierarchies.

A hierarchy ranks the types of all classes of agents in levels, and no level holds types of two classes. Whoever's type
stands highest wins; members of one class on one level share; types on level 0 win nothing. Every feasible interim
allocation of one unit is a lottery over hierarchies (Border, 1991).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from amd.model.environment import Environment
from amd.model.numbers import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Share:
    """`units` of the goods with these positions, all won together by a lottery over L hierarchies.

    The types of all classes are laid end to end, T of them: `level` (L, T), each hierarchy with its `probability`
    (L,); `split` (T, goods) says how a winner of each type has its units in the goods. What is left of the
    probabilities gives nothing to anybody.
    """

    goods: tuple[int, ...]
    units: int
    probability: FloatArray
    level: IntArray
    split: FloatArray


@dataclass(frozen=True, eq=False)
class HierarchyRule:
    """Hierarchies for each share of the goods.

    `classes` holds the positions of agents that are treated alike. `utility` (T,) is what each type gets for certain:
    it pays what its allocation is worth to it less that; None where nobody pays.
    """

    environment: Environment
    classes: tuple[tuple[int, ...], ...]
    shares: tuple[Share, ...]
    utility: FloatArray | None

    @cached_property
    def start(self) -> IntArray:
        """Where each agent's types begin among the T (n,)."""
        result = np.zeros(len(self.environment.agents), dtype=np.int64)
        first = 0
        for members in self.classes:
            result[list(members)] = first
            first += self.environment.agents[members[0]].size
        return result

    def allocations(self, profiles: IntArray) -> FloatArray:
        """The allocation (R, C) at type profiles (R, n), given by the positions of types."""
        place = self.start + profiles
        units = np.zeros((*profiles.shape, len(self.environment.allocation.goods)))
        for share in self.shares:
            won = np.zeros(profiles.shape)
            for probability, level in zip(share.probability, share.level, strict=True):
                mine = level[place]
                top = mine.max(axis=1, keepdims=True)
                winners = (mine == top) & (top > 0)
                won += probability * winners / np.maximum(winners.sum(axis=1, keepdims=True), 1)
            units[:, :, list(share.goods)] += share.units * won[:, :, None] * share.split[place]
        return units.reshape(len(profiles), -1)

    def payments(self, profiles: IntArray, allocation: FloatArray) -> FloatArray:
        """The payments (R, n) at type profiles (R, n) with that allocation (R, C)."""
        paid = np.zeros(profiles.shape)
        if self.utility is None:
            return paid
        for i, agent in enumerate(self.environment.agents):
            held = allocation[:, agent.features.indices]
            worth = (agent.float_values[profiles[:, i]] * held).sum(axis=1)
            paid[:, i] = worth - self.utility[self.start[i] + profiles[:, i]]
        return paid

    def delivered(self) -> list[FloatArray]:
        """The interim allocation that the rule brings about: for each class (K, goods), in closed form."""
        sizes = [self.environment.agents[members[0]].size for members in self.classes]
        total = np.zeros((sum(sizes), len(self.environment.allocation.goods)))
        for share in self.shares:
            chance = sum(
                (p * self._chance(level) for p, level in zip(share.probability, share.level, strict=True)),
                np.zeros(len(total)),
            )
            total[:, list(share.goods)] += share.units * chance[:, None] * share.split
        return np.split(total, np.cumsum(sizes)[:-1])

    def _chance(self, level: IntArray) -> FloatArray:
        """The probability of winning for each type (T,) in one hierarchy.

        With A the mass of the own class of n agents below the level and b the mass on it, sharing gives
        ((A + b)^n − A^n) / (n b), times the chance that all others of each other class stand below.
        """
        heights = np.arange(int(level.max(initial=0)) + 1)
        chance = np.zeros(len(level))
        below, at, places = [], [], []
        for members in self.classes:
            agent = self.environment.agents[members[0]]
            place = self.start[members[0]] + np.arange(agent.size)
            mass = np.bincount(level[place], weights=agent.types.float_probability, minlength=len(heights))
            below.append(np.concatenate([[0.0], mass.cumsum()[:-1]]))
            at.append(mass)
            places.append(place)
        for c, members in enumerate(self.classes):
            n = len(members)
            alone = below[c] ** (n - 1)
            tied = np.divide((below[c] + at[c]) ** n - below[c] ** n, n * at[c], out=alone, where=at[c] > 0)
            for other, rivals in enumerate(self.classes):
                if other != c:
                    tied = tied * below[other] ** len(rivals)
            chance[places[c]] = np.where(level[places[c]] > 0, tied[level[places[c]]], 0.0)
        return chance

    def hierarchies(self) -> HierarchyRule:
        """Itself."""
        return self

    def restate(self) -> dict[str, Any]:
        """The rule as plain data for a mechanism file; types class by class, in their order."""
        goods = [good.name for good in self.environment.allocation.goods]
        starts = [self.start[members[0]] for members in self.classes][1:]
        shares = [
            {
                "goods": [goods[g] for g in share.goods],
                "units": share.units,
                "lottery": [
                    {"probability": p, "levels": [part.tolist() for part in np.split(level, starts)]}
                    for p, level in zip(share.probability.tolist(), share.level, strict=True)
                ],
                "split": [part.tolist() for part in np.split(share.split, starts)],
            }
            for share in self.shares
        ]
        return {"kind": "hierarchies", "certain_utility": self.utility is not None, "shares": shares}
