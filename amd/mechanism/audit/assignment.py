"""The greatest total value of a whole assignment of goods, in whole numbers and so exactly."""

from __future__ import annotations

import numpy as np

from amd.mechanism.lottery import Network
from amd.mechanism.rows import Array
from amd.model.environment import Environment, TooLargeError
from amd.model.goods import enumerate_decisions

LISTED = 5_000  # assignments that are compared one by one
BLOCK = 1 << 22  # entries of (profiles, assignments) held at once


def greatest_value(environment: Environment, weights: Array) -> Array:
    """The best whole assignment's value in each row of `weights` (R, n·m), whole numbers, as (R,)."""
    goods = environment.allocation.goods
    cube = weights.reshape(len(weights), -1, len(goods))
    every = sum(good.supply for good in goods)
    if all(agent.demand is None or agent.demand >= every for agent in environment.agents):
        return _without_demand(environment, cube.max(axis=1))
    decisions = _listed(environment)
    if decisions is None:
        network = Network.of(environment)
        return np.array([best_flow(network, row) for row in weights.tolist()], dtype=weights.dtype)
    size = max(1, BLOCK // len(decisions))
    parts = [(weights[start : start + size] @ decisions.T).max(axis=1) for start in range(0, len(weights), size)]
    return np.concatenate(parts)


def _without_demand(environment: Environment, best: Array) -> Array:
    """Every unit to whoever values it most (R, m); nested limits make taking the best goods first optimal.

    Units allowed by nested or disjoint limits are a polymatroid, where the greedy algorithm is optimal (Edmonds, 1970).
    """
    allocation = environment.allocation
    room = np.tile([limit.at_most for limit in allocation.limits], (len(best), 1)).astype(np.int64)
    inside = np.array([[g in limit.goods for limit in allocation.limits] for g in range(len(allocation.goods))])
    supply = np.array([good.supply for good in allocation.goods])
    total = np.zeros(len(best), dtype=best.dtype)
    for good in np.argsort(-best, axis=1, kind="stable").T:
        value = np.take_along_axis(best, good[:, None], axis=1)[:, 0]
        units = supply[good]
        if allocation.limits:
            allowed = np.where(inside[good], room, supply.sum())
            units = np.where(value > 0, np.minimum(units, allowed.min(axis=1)), 0)
            room -= np.where(inside[good], units[:, None], 0)
        total += np.maximum(value, 0) * units
    return total


def _listed(environment: Environment) -> Array | None:
    """Every whole assignment (D, n·m), or None if there are too many."""
    allocation = environment.allocation
    supply = np.array([good.supply for good in allocation.goods], dtype=np.int64)
    limits = [(limit.goods, limit.at_most) for limit in allocation.limits]
    try:
        decisions = enumerate_decisions(supply, limits, [agent.demand for agent in environment.agents])
    except TooLargeError:
        return None
    return decisions.reshape(len(decisions), -1) if len(decisions) <= LISTED else None


def best_flow(network: Network, weights: list[int]) -> int:
    """The greatest weight of a whole assignment: successive heaviest paths (textbook), exact for whole numbers.

    Units are sent one path at a time from the root back to the root along the path that adds most, also backwards
    along edges already used, until none adds anything.
    """
    flow = [0] * len(network.tail)
    gain = weights + [0] * (len(network.tail) - len(weights))
    total = 0
    while True:
        path, value = _heaviest_path(network, flow, gain)
        if value <= 0:
            return total
        step = min(network.upper[e] - flow[e] if sign > 0 else flow[e] for e, sign in path)
        for e, sign in path:
            flow[e] += sign * step
        total += step * value


def _heaviest_path(network: Network, flow: list[int], gain: list[int]) -> tuple[list[tuple[int, int]], int]:
    """The residual path from the root back to it that adds most (Bellman and Ford); the root is both its ends."""
    sink = -1
    best: dict[int, int] = {0: 0}
    came: dict[int, tuple[int, int, int]] = {}
    changed = True
    while changed:
        changed = False
        for e, (tail, head) in enumerate(zip(network.tail, network.head, strict=True)):
            end = sink if head == 0 else head
            for start, stop, sign, open_ in (
                (tail, end, 1, flow[e] < network.upper[e]),
                (end, tail, -1, flow[e] > 0),
            ):
                if not open_ or start not in best or stop == 0 or start == sink:
                    continue
                value = best[start] + sign * gain[e]
                if stop not in best or value > best[stop]:
                    best[stop], came[stop], changed = value, (start, e, sign), True
    path, node = [], sink
    while node != 0 and node in came:
        node, e, sign = came[node]
        path.append((e, sign))
    return path, best.get(sink, 0)
