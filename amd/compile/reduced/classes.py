"""Classes of agents that a symmetric mechanism may treat alike (R5).

Claim. Lotteries; agents of one group with the same types, values, outside options and stage of participation; an
independent prior; every wish sums over all of a class or over none of it. Then some optimal mechanism treats the
members of a class alike: average an optimal one over all permutations of the members. The averages satisfy every
constraint, since each is convex and its permuted copies are constraints of the program, too.

A wish that names one copy sets it apart: it becomes a class of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from amd.model.design import Design
from amd.model.environment import Agent, Environment


@dataclass(frozen=True)
class AgentClass:
    """Agents treated alike; `first` stands for them."""

    members: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.members[0]

    @property
    def size(self) -> int:
        return len(self.members)


def classes(environment: Environment, design: Design) -> tuple[AgentClass, ...]:
    """The coarsest classes that the design allows."""
    named = [frozenset(quantity.agents) for quantity in design.quantities if quantity.agents is not None]
    found: dict[Any, list[int]] = {}
    for i, agent in enumerate(environment.agents):
        key = (agent.group, design.participation[i], tuple(i in members for members in named))
        for rank in range(len(environment.agents)):
            same = found.setdefault((key, rank), [])
            if not same or _alike(environment.agents[same[0]], agent):
                same.append(i)
                break
    return tuple(AgentClass(tuple(members)) for members in found.values())


def _alike(one: Agent, other: Agent) -> bool:
    """Same types, probabilities, values and outside options."""
    if one.types is not other.types and (
        one.types.points != other.types.points or one.types.probability != other.types.probability
    ):
        return False
    same_values = one.values is other.values or np.array_equal(one.values, other.values)
    return same_values and (one.outside is other.outside or np.array_equal(one.outside, other.outside))
