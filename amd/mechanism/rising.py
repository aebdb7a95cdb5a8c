"""Dominant mechanisms for one good whose profiles cannot be listed: hierarchies that rise, with their payments.

Claim. One good, independent types, private values that differ from type to type. Let no hierarchy of a lottery put a
type below a lower one of the same agent. Then what an agent wins, x(k, t) with k its own type and t the others', rises
with k for every t, since a higher type beats all that a lower one beats. Let it have the utility

    u(k + 1, t) = u(k, t) + (v(k + 1) - v(k)) ((1 - λ(k)) x(k, t) + λ(k) x(k + 1, t)),    u(1, t) constant,

types in the order of their values, λ(k) in [0, 1]. Then truth is dominant: the difference of utilities of neighbours
lies between what the lower and what the higher type's allocation is worth to both, neighbouring rows hold for every t,
and as x rises they pass on to all pairs (`amd.compile.reductions.adjacent`). Taking expectations over t, λ(k) can be
chosen to meet the utilities that a Bayesian mechanism with the same interim allocation promises, whose differences lie
between the same two bounds in expectation. The lowest type gets its interim utility in every profile, and nobody less,
so its participation is everybody's, ex post, where no other type has a better outside option.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from amd.mechanism.hierarchies import HierarchyRule
from amd.model.numbers import FloatArray, IntArray

RISING = "rising-hierarchies"  # the kind of rule in mechanism files
FLAT = 1e-12  # of a value: where two types win so nearly the same, λ is of no account
CHUNK = 1 << 20  # chances of winning held at once


@dataclass(frozen=True, eq=False)
class RisingRule(HierarchyRule):
    """Hierarchies that rise, and the payments that make them dominant.

    `utility` (T,) is what each type expects. ValueError for other environments than one good that every type of an
    agent values differently, or without utilities. Whether the hierarchies rise is for the audit to tell.
    """

    def __post_init__(self) -> None:
        environment = self.environment
        if len(environment.allocation.goods) != 1 or self.utility is None:
            raise ValueError("rising hierarchies are for one good that is paid for")
        for agent in {id(agent.values): agent for agent in environment.agents}.values():
            if agent.values.shape[1:] != (1,) or len(set(agent.values[:, 0].tolist())) < agent.size:
                raise ValueError(f"two types of {agent.name} value the good alike: rising hierarchies tell them apart")

    @cached_property
    def owner(self) -> IntArray:
        """The class of each agent (n,)."""
        result = np.zeros(len(self.environment.agents), dtype=np.int64)
        for c, members in enumerate(self.classes):
            result[list(members)] = c
        return result

    @cached_property
    def steps(self) -> tuple[Steps, ...]:
        """How each class's utility rises from type to type."""
        first, found = 0, []
        for members, brought in zip(self.classes, self.delivered(), strict=True):
            agent = self.environment.agents[members[0]]
            promised = np.asarray(self.utility)[first : first + agent.size]
            found.append(Steps.of(agent.float_values[:, 0], brought[:, 0], promised))
            first += agent.size
        return tuple(found)

    def payments(self, profiles: IntArray, allocation: FloatArray) -> FloatArray:
        """The payments (R, n) at type profiles (R, n) with that allocation (R, n)."""
        paid = np.zeros(profiles.shape)
        for i, agent in enumerate(self.environment.agents):
            steps, own = self.steps[self.owner[i]], profiles[:, i]
            size = max(1, CHUNK // agent.size)
            for start in range(0, len(profiles), size):
                part = slice(start, start + size)
                utility = steps.utilities(self.menu(i, profiles[part]))
                reached = utility[np.arange(len(utility)), own[part]]
                paid[part, i] = agent.float_values[own[part], 0] * allocation[part, i] - reached
        return paid

    def menu(self, i: int, profiles: IntArray) -> FloatArray:
        """What agent i would win by each report (R, K), the others' types being those in the profiles (R, n)."""
        first, size = int(self.start[i]), self.environment.agents[i].size
        others = np.delete(np.arange(profiles.shape[1]), i)
        place = (self.start + profiles)[:, others]
        won = np.zeros((len(profiles), size))
        for share in self.shares:
            for probability, level in zip(share.probability, share.level, strict=True):
                mine, theirs = level[first : first + size], level[place]
                top = theirs.max(axis=1, initial=0)
                tied = (theirs == top[:, None]).sum(axis=1)
                alone, equal = mine > top[:, None], (mine == top[:, None]) & (mine > 0)
                chance = alone + equal / (1.0 + tied[:, None])
                won += probability * share.units * chance * share.split[first : first + size, 0]
        return won

    def restate(self) -> dict[str, Any]:
        """As hierarchies, of another kind."""
        return super().restate() | {"kind": RISING, "certain_utility": False}


@dataclass(frozen=True, eq=False)
class Steps:
    """The claim's steps for one class: `order` (K,) its types from the lowest value, `rise` (K - 1,) what neighbours'
    values differ by, `share` (K - 1,) the λ, `lowest` the lowest type's utility."""

    order: IntArray
    rise: FloatArray
    share: FloatArray
    lowest: float

    @classmethod
    def of(cls, values: FloatArray, brought: FloatArray, promised: FloatArray) -> Steps:
        """With λ that meet the promised utilities (K,) of the interim allocation `brought` (K,) as nearly as can be."""
        order = np.argsort(values, kind="stable")
        rise, q, wanted = np.diff(values[order]), brought[order], np.diff(promised[order])
        least, most = rise * q[:-1], rise * q[1:]
        share = np.full(len(rise), 0.5)
        np.divide(wanted - least, most - least, out=share, where=most - least > FLAT * rise)
        return cls(order, rise, np.clip(share, 0, 1), float(promised[order[0]]))

    def utilities(self, won: FloatArray) -> FloatArray:
        """The utility of each type (R, K) that wins so much (R, K)."""
        ordered = won[:, self.order]
        gained = self.rise * ((1 - self.share) * ordered[:, :-1] + self.share * ordered[:, 1:])
        result = np.empty_like(won)
        result[:, self.order] = self.lowest + np.concatenate(
            [np.zeros((len(won), 1)), np.cumsum(gained, axis=1)], axis=1
        )
        return result
