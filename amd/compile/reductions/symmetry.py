"""R5, symmetry: agents and goods that can be exchanged are treated alike.

Claim. Lotteries; let a permutation of agents (copies) or of goods, with the types it moves, leave the environment
and the
design as they are: values, supplies, costs, outside options, the prior (correlated or not), and every wish. Then some
optimal mechanism is invariant under it, since the average of an optimal one over the group generated is feasible
(every constraint is convex, and its permuted copy is a constraint, too) and as good (the wish is linear and
invariant; ``worst`` is concave). So columns that the group exchanges may be one column, and of the rows it
exchanges one
is kept. A type that the group leaves fixed then has a fixed allocation by itself.

It is refused for deterministic mechanisms (averages are lotteries) and with them for ``onto`` and
``nondictatorial``. A wish
that names one copy or one good, or participation that differs between copies, is not invariant: the exchange is
left out.

Exchanges of two neighbouring copies generate all permutations of a class; the exchanges of two goods that are
symmetries
generate the permutations of each set of goods they connect.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from amd.compile.families.exchange import exchanged_columns
from amd.compile.orbits import Exchange, Symmetry
from amd.compile.plan import Plan, Verdict
from amd.compile.reduced.classes import classes
from amd.compile.remember import remembered
from amd.model.design import Design
from amd.model.environment import Agent, AllocationKind, Environment
from amd.model.numbers import IntArray, distinct

NAME = "symmetry"


def find_symmetry(environment: Environment, design: Design) -> Symmetry:
    """Every exchange of neighbouring copies and of two goods that leaves the problem as it is."""
    return Symmetry(environment, (*_agent_exchanges(environment, design), *good_exchanges(environment, design)))


def applies(environment: Environment, design: Design) -> Verdict:
    """Lotteries, and something that can be exchanged."""
    if design.deterministic:
        return Verdict(False, "the mechanism is to be deterministic: the average of two is not")
    if environment.interdependent:
        return Verdict(False, "values are interdependent")
    symmetry = find_symmetry(environment, design)
    if not symmetry.exchanges:
        return Verdict(False, "no two agents and no two goods can be exchanged")
    agents = sum((one.agents != np.arange(len(one.agents))).any() for one in symmetry.exchanges)
    goods = len(symmetry.exchanges) - agents
    moved = " and ".join(what for count, what in ((agents, "agents"), (goods, "goods")) if count)
    return Verdict(True, f"{moved} can be exchanged without changing the problem")


def apply(plan: Plan, environment: Environment, design: Design) -> Plan:
    """Columns and rows one for each orbit."""
    return replace(plan, symmetry=find_symmetry(environment, design))


def _agent_exchanges(environment: Environment, design: Design) -> list[Exchange]:
    n = len(environment.agents)
    found = []
    for group in classes(environment, design):
        for first, second in zip(group.members, group.members[1:], strict=False):
            swapped = np.arange(n)
            swapped[[first, second]] = second, first
            if (
                environment.joint is not None
                and (np.swapaxes(environment.joint, first, second) != environment.joint).any()
            ):
                continue
            columns = exchanged_columns(environment.allocation, first, second, n)
            found.append(Exchange(swapped, columns, tuple(np.arange(agent.size) for agent in environment.agents)))
    return found


def good_exchanges(environment: Environment, design: Design) -> list[Exchange]:
    """Exchanges of two goods of marginal allocations, where no wish names a good."""
    allocation = environment.allocation
    if any(quantity.target is not None for quantity in design.quantities):
        return []
    if allocation.kind is not AllocationKind.MARGINALS or environment.joint is not None:
        return []
    goods, n = len(allocation.goods), len(environment.agents)
    found = []
    for g in range(goods):
        for h in range(g + 1, goods):
            order = np.arange(goods)
            order[[g, h]] = h, g
            if not _same_goods(environment, g, h):
                continue
            types = _exchanged_types(environment, order)
            if types is not None:
                columns = (np.arange(n)[:, None] * goods + order[None, :]).reshape(-1)
                found.append(Exchange(np.arange(n), columns, types))
    return found


def _same_goods(environment: Environment, g: int, h: int) -> bool:
    """Same supply, cost and limits."""
    allocation = environment.allocation
    one, other = allocation.goods[g], allocation.goods[h]
    swap = {g: h, h: g}
    limits = {(frozenset(limit.goods), limit.at_most) for limit in allocation.limits}
    moved = {(frozenset(swap.get(x, x) for x in goods), most) for goods, most in limits}
    return one.supply == other.supply and one.cost == other.cost and limits == moved


def _exchanged_types(environment: Environment, order: IntArray) -> tuple[IntArray, ...] | None:
    """For each agent the type that values the goods the other way round, or None where there is none."""
    seen: dict[tuple[int, ...], IntArray | None] = {}  # copies share what they are made of
    found = []
    for agent in environment.agents:
        key = (id(agent.values), id(agent.types), id(agent.outside))
        if key not in seen:
            seen[key] = _exchanged(agent, tuple(order.tolist()))
        types = seen[key]
        if types is None:
            return None
        found.append(types)
    return tuple(found)


@remembered
def _exchanged(agent: Agent, order: tuple[int, ...]) -> IntArray | None:
    goods = len(order)
    values = np.full((agent.size, goods), 0, dtype=object)
    values[:, agent.features.indices % goods] = agent.values
    _, prices = distinct(values)
    _, others = distinct(np.stack([agent.outside, np.array(agent.types.probability, dtype=object)], axis=1))
    rows = np.concatenate([prices, others], axis=1)
    moved = np.concatenate([prices[:, list(order)], others], axis=1)
    place, image = np.lexsort(rows.T), np.lexsort(moved.T)
    sorted_rows = rows[place]
    if (sorted_rows[1:] == sorted_rows[:-1]).all(axis=1).any() or (sorted_rows != moved[image]).any():
        return None  # two types alike, or one without a counterpart
    found = np.empty(agent.size, dtype=np.int64)
    found[image] = place
    return found
