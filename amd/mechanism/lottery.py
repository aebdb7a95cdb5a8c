"""From expected units to a lottery over whole decisions.

Claim. Let x >= 0 be expected units of goods for agents whose constraints are upper limits on two families of sets of
entries, each family nested or disjoint: entries, goods and limits on one side, agents' demands on the other. Then x is
a lottery over whole assignments that meet the same limits, in which every set holds its mean rounded down or up
(Budish, Che, Kojima and Milgrom, 2013, theorem 1).

Method. Both families together are a network in which x is a circulation: from the root through the agents to the
entries, on to goods and limits, and back. Fractional edges contain a cycle, because flow is conserved at every node;
pushing flow around cycles until no edge is fractional gives one whole assignment y with each edge rounded down or up.
Taking out as much of y as keeps the rest within the same rounding makes another edge whole, so there are at most as
many decisions as edges, plus one. Everything runs on whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TypeAlias

import numpy as np

from amd.mechanism.rows import Array, Number, number
from amd.model.environment import Agent, Allocation, AllocationKind, Environment
from amd.model.numbers import IntArray

Lottery: TypeAlias = list[tuple[Number, IntArray]]

# Floats are rounded to multiples of 1/SCALE: thirds, sevenths, tenths and so on stay what they are.
SCALE = 720720 * 10**6
INFEASIBLE = 1e-6  # an allocation that breaks a constraint by more than this is no lottery


def lottery(environment: Environment, columns: Array) -> Lottery:
    """Whole decisions with probabilities that sum to 1 and whose mean is `columns` (C,).

    Fractions give exact probabilities; floats are met to about 1e-12. ValueError if the allocation is not feasible.
    """
    if environment.allocation.kind is AllocationKind.MARGINALS:
        return _decompose(Network.of(environment), columns)
    used = np.flatnonzero(columns > 0)
    total = columns.sum()
    if abs(total - 1) > INFEASIBLE or min(columns) < -INFEASIBLE:
        raise ValueError(f"the probabilities {columns.tolist()} are not those of a lottery")
    one = np.eye(len(columns), dtype=np.int64)
    return [(number(columns[column] / columns[used].sum()), one[column]) for column in used.tolist()]


@dataclass(frozen=True, eq=False)
class Network:
    """The circulation that an allocation of goods is.

    Edge e runs from `tail[e]` to `head[e]`, carries the sum of the entries in `members[e]` and at most `upper[e]`;
    the first C edges are the entries themselves.
    """

    tail: tuple[int, ...]
    head: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    upper: tuple[int, ...]

    @classmethod
    def of(cls, environment: Environment) -> Network:
        """Root 0, agents 1 to n, then goods, then limits."""
        n, m = len(environment.agents), len(environment.allocation.goods)
        goods = environment.allocation.goods
        edges: list[tuple[int, int, tuple[int, ...], int]] = []
        for i in range(n):
            edges += [(1 + i, 1 + n + g, (i * m + g,), good.supply) for g, good in enumerate(goods)]
        for i, agent in enumerate(environment.agents):
            edges.append((0, 1 + i, tuple(range(i * m, i * m + m)), _demand(agent, environment.allocation)))
        for node, parent, inside, most in _tree(environment.allocation):
            entries = tuple(i * m + g for i in range(n) for g in inside)
            edges.append((1 + n + node, 0 if parent is None else 1 + n + parent, entries, most))
        tail, head, members, upper = zip(*edges, strict=True)
        return cls(tail, head, members, upper)

    def flow(self, entries: list[int]) -> list[int]:
        """What each edge carries."""
        return [sum(entries[entry] for entry in inside) for inside in self.members]


def _demand(agent: Agent, allocation: Allocation) -> int:
    every = sum(good.supply for good in allocation.goods)
    return every if agent.demand is None else min(agent.demand, every)


def _tree(allocation: Allocation) -> list[tuple[int, int | None, tuple[int, ...], int]]:
    """Goods, then limits by size, each with the smallest later set that holds it: (node, parent, goods, upper)."""
    sets: list[tuple[tuple[int, ...], int]] = [((g,), good.supply) for g, good in enumerate(allocation.goods)]
    sets += sorted(((limit.goods, limit.at_most) for limit in allocation.limits), key=lambda limit: len(set(limit[0])))
    nodes = []
    for node, (inside, upper) in enumerate(sets):
        later = range(max(node + 1, len(allocation.goods)), len(sets))
        parent = next((other for other in later if set(inside) <= set(sets[other][0])), None)
        nodes.append((node, parent, inside, upper))
    return nodes


def _decompose(network: Network, columns: Array) -> Lottery:
    entries, scale = _whole(network, columns)
    base = [flow // scale for flow in network.flow(entries)]
    rest = [flow % scale for flow in network.flow(entries)]
    weight, found = scale, Lottery()
    while weight:
        rounded = _round(network, rest, weight)
        step = min(part if up else weight - part for part, up in zip(rest, rounded, strict=True))
        rest = [part - step * up for part, up in zip(rest, rounded, strict=True)]
        weight -= step
        decision = np.array([base[e] + rounded[e] for e in range(len(entries))], dtype=np.int64)
        found.append((Fraction(step, scale), decision))
    return found if columns.dtype == object else _merged(found)


def _round(network: Network, rest: list[int], weight: int) -> list[int]:
    """Round every edge down (0) or up (1), from parts `rest` of `weight`, so that flow is conserved."""
    parts = list(rest)
    while True:
        cycle = _cycle(network, [e for e, part in enumerate(parts) if 0 < part < weight])
        if not cycle:
            return [1 if part == weight else 0 for part in parts]
        step = min(weight - parts[e] if sign > 0 else parts[e] for e, sign in cycle)
        for e, sign in cycle:
            parts[e] += sign * step


def _cycle(network: Network, fractional: list[int]) -> list[tuple[int, int]]:
    """A cycle of fractional edges, each with its direction (1 along, -1 against); empty when there are none.

    Flow is conserved, so a node on one fractional edge is on another, and a walk that never turns back closes.
    """
    if not fractional:
        return []
    at: dict[int, list[int]] = {}
    for e in fractional:
        at.setdefault(network.tail[e], []).append(e)
        at.setdefault(network.head[e], []).append(e)
    node, last = network.tail[fractional[0]], -1
    walk: list[tuple[int, int]] = []
    visited = {node: 0}
    while True:
        last = next(e for e in at[node] if e != last)
        along = network.tail[last] == node
        node = network.head[last] if along else network.tail[last]
        walk.append((last, 1 if along else -1))
        if node in visited:
            return walk[visited[node] :]
        visited[node] = len(walk)


def _whole(network: Network, columns: Array) -> tuple[list[int], int]:
    """The allocation as whole multiples of 1/scale that meet every constraint."""
    if columns.dtype == object:
        exact = [Fraction(value) for value in columns]
        scale = lcm(*(value.denominator for value in exact))
        entries = [int(value * scale) for value in exact]
        slack = 0
    else:
        scale, slack = SCALE, int(SCALE * INFEASIBLE)
        entries = np.rint(np.asarray(columns, dtype=np.float64) * scale).astype(np.int64).tolist()
    if min(entries) < -slack:
        raise ValueError("the allocation is negative somewhere, so it is no lottery over decisions")
    entries = [max(entry, 0) for entry in entries]
    for inside, upper in zip(network.members, network.upper, strict=True):
        excess = sum(entries[entry] for entry in inside) - upper * scale
        if excess > slack:
            raise ValueError("the allocation hands out more than there is, so it is no lottery over decisions")
        _take(entries, inside, excess)
    return entries, scale


def _take(entries: list[int], inside: tuple[int, ...], excess: int) -> None:
    """Take rounding noise out of the largest entries."""
    for entry in sorted(inside, key=lambda entry: -entries[entry]):
        taken = max(min(excess, entries[entry]), 0)
        entries[entry] -= taken
        excess -= taken


def _merged(found: Lottery) -> Lottery:
    """Floats, with what only rounding made added to the likeliest decision."""
    noise = Fraction(len(found[0][1]) + 4, SCALE)
    kept = [(float(probability), decision) for probability, decision in found if probability > noise]
    kept.sort(key=lambda pair: -pair[0])
    rest = 1.0 - sum(probability for probability, _ in kept)
    return [(kept[0][0] + rest, kept[0][1]), *kept[1:]]
