"""Improvements by trade: Pareto improvements of an assignment, and coalitions that do better with what they own.

Both are cycles in a graph "whoever is here would weakly rather be there" with at least one strict step; an edge lies on
a cycle exactly when its ends lie in one strongly connected component.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from amd.matching.audit import require_assignment
from amd.matching.market import NO_TIER, BoolArray, IntArray, Lists, Market, MarketError


@dataclass(frozen=True, eq=False)
class Moves:
    """Who moves from where to where, -1 for no place; nobody loses and at least one gains."""

    applicant: IntArray
    source: IntArray
    target: IntArray

    def apply(self, assignment: IntArray) -> IntArray:
        """The assignment after the moves."""
        after = assignment.copy()
        after[self.applicant] = self.target
        return after


def pareto_improvement(market: Market, assignment: IntArray) -> Moves | None:
    """Moves after which no applicant is worse off and some are better off, or None where there are none.

    Only pairs that list each other count. Whoever moves leaves a seat to the next; the cycle closes, or ends at a free
    seat, which gives way to anybody.
    """
    require_assignment(market, assignment)
    lists, m = market.applicants, market.program_count
    tier = market.tier_at(assignment)[lists.owner]
    now = assignment[lists.owner]
    entry = np.flatnonzero((lists.tier <= tier) & (lists.choice != now))
    nowhere, hub = m, m + 1  # "no place" is a place with endless room; the hub stands for free seats
    source = np.where(now[entry] < 0, nowhere, now[entry])
    free = np.flatnonzero(market.load(assignment) < market.capacity)
    heads = np.concatenate([source, free, np.full(m + 1, hub)])
    tails = np.concatenate([lists.choice[entry], np.full(free.size, hub), np.arange(m + 1)])
    strict = np.concatenate([lists.tier[entry] < tier[entry], np.zeros(free.size + m + 1, np.bool_)])
    cycle = improving_cycle(m + 2, heads, tails, strict)
    if cycle is None:
        return None
    used = entry[[edge for edge in cycle if edge < entry.size]]
    owner = lists.owner[used].astype(np.int64)
    return Moves(owner, assignment[owner], lists.choice[used].astype(np.int64))


def blocking_coalition(wishes: Lists, received: IntArray) -> IntArray | None:
    """In a market where agent i owns object i (Shapley and Scarf 1974): agents (c,), each taking the next one's object,
    none worse off than with what it `received` (n,) and some better off; None in the strict core.

    Objects off an agent's list are worse than everything on it. Raises MarketError on wrong shapes.
    """
    if received.shape != (wishes.count,) or (np.sort(received) != np.arange(wishes.count)).any():
        raise MarketError("in a market of owners everybody receives one object")
    hits = np.flatnonzero(wishes.choice == received[wishes.owner])
    now = np.full(wishes.count, NO_TIER, np.int64)
    now[wishes.owner[hits]] = wishes.tier[hits]
    weakly = np.flatnonzero(wishes.tier <= now[wishes.owner])
    heads, tails = wishes.owner[weakly].astype(np.int64), wishes.choice[weakly].astype(np.int64)
    cycle = improving_cycle(wishes.count, heads, tails, wishes.tier[weakly] < now[heads])
    return None if cycle is None else heads[cycle]


def improving_cycle(nodes: int, heads: IntArray, tails: IntArray, strict: BoolArray) -> list[int] | None:
    """The edges, in order, of a simple cycle with a strict edge, that edge first; None where there is no such cycle."""
    graph = csr_array((np.ones(heads.size, np.int8), (heads, tails)), shape=(nodes, nodes))
    _, component = connected_components(graph, connection="strong")
    good = np.flatnonzero(strict & (component[heads] == component[tails]))
    if not good.size:
        return None
    first = int(good[0])
    if heads[first] == tails[first]:
        return [first]
    _, before = breadth_first_order(graph, int(tails[first]), return_predecessors=True)
    edge_of = {(int(h), int(t)): i for i, (h, t) in enumerate(zip(heads.tolist(), tails.tolist(), strict=True))}
    path, node = [], int(heads[first])
    while node != tails[first]:
        path.append(edge_of[int(before[node]), node])
        node = int(before[node])
    return [first, *reversed(path)]
