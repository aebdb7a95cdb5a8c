"""What is scarce: goods that are handed out independently of each other, or together up to a limit.

A resource is a set of goods of which one agent at a time, in effect, gets each of `capacity` units. Goods without
limits are
resources of their own. Disjoint limits that bind before the supplies do make one resource of their goods: whoever
wins
the resource may have it in any grade.
"""

from __future__ import annotations

from dataclasses import dataclass

from amd.model.environment import AllocationKind, Environment


@dataclass(frozen=True)
class Resource:
    """`capacity` units in all of the goods with these positions."""

    goods: tuple[int, ...]
    capacity: int


def resources(environment: Environment) -> tuple[Resource, ...] | None:
    """The resources, or None where goods or agents are tied together in another way (demands, overlapping limits)."""
    allocation = environment.allocation
    if allocation.kind is not AllocationKind.MARGINALS:
        return None
    limited: set[int] = set()
    found = []
    for limit in allocation.limits:
        short = any(allocation.goods[good].supply < limit.at_most for good in limit.goods)
        if short or limited & set(limit.goods):
            return None
        limited |= set(limit.goods)
        found.append(Resource(limit.goods, limit.at_most))
    found += [Resource((g,), good.supply) for g, good in enumerate(allocation.goods) if g not in limited]
    total = sum(resource.capacity for resource in found)
    if any(agent.demand is not None and agent.demand < total for agent in environment.agents):
        return None
    return tuple(found)
