"""Efficiency: in every profile only decisions of greatest total value less cost get probability.

Ties are decided in exact arithmetic (all values scaled to integers), and where total values tie the allocation is
left free. Listed outcomes and decisions: the others' columns are fixed at zero. Marginals without demands or
limits: each good by itself goes, in full, to those who value it most net of its cost. Marginals with demands or
limits: a row asks for the greatest total, found by listing the whole decisions.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amd.compile.builder import Terms, terms
from amd.compile.context import Context
from amd.compile.families.allocation import profile_name
from amd.model.environment import AllocationKind, Environment
from amd.model.goods import enumerate_decisions
from amd.model.numbers import IntArray, scaled_integers


def add_efficiency(context: Context) -> None:
    """Fixes the columns and adds the rows of an efficient design."""
    if not context.design.efficient:
        return
    environment = context.environment
    net, scale = net_values(environment)
    if environment.allocation.kind is not AllocationKind.MARGINALS:
        context.builder.fix_zero(context.allocation.index[net < net.max(axis=1, keepdims=True)])
    elif any(agent.demand is not None for agent in environment.agents) or environment.allocation.limits:
        _greatest_total(context, net, scale)
    else:
        _good_by_good(context, net)


def net_values(environment: Environment) -> tuple[NDArray[np.generic], int]:
    """Total value less cost of one unit of each column in each profile, (P, C), as integers over the common scale."""
    allocation = environment.allocation
    scaled, scale = scaled_integers(allocation.cost, *(agent.values for agent in environment.agents))
    shape = environment.shape
    total = np.zeros((*shape, allocation.size), dtype=scaled[0].dtype) - scaled[0]
    for i, agent in enumerate(environment.agents):
        worth = scaled[i + 1] @ agent.features.toarray().astype(scaled[0].dtype)
        if not agent.interdependent:
            worth = worth.reshape([agent.size if axis == i else 1 for axis in range(len(shape))] + [allocation.size])
        total = total + worth
    return total.reshape(environment.profile_count, allocation.size), scale


def _good_by_good(context: Context, net: NDArray[np.generic]) -> None:
    goods = context.environment.allocation.goods
    each: NDArray[Any] = net.reshape(len(net), len(context.agents), len(goods))
    best = each.max(axis=1)
    context.builder.fix_zero(context.allocation.index[((each < best[:, None, :]) | (each < 0)).reshape(net.shape)])
    profile, good = np.nonzero(best > 0)
    kept = np.isin(profile, context.listed)
    profile, good = profile[kept], good[kept]
    supply = np.array([one.supply for one in goods])
    columns = context.allocation.index.reshape(each.shape)[profile, :, good]
    unit = np.ones((1, 1), dtype=object if context.builder.exact else float)
    units = supply[good].astype(object if context.builder.exact else float)
    _add(context, np.stack([profile, good], axis=1), [terms(np.arange(len(profile))[:, None], columns, unit)], units)


def _greatest_total(context: Context, net: NDArray[np.generic], scale: int) -> None:
    listed = context.listed
    net = net[listed]
    best = greatest_totals(context.environment, net)
    exact = context.builder.exact
    value = net.astype(object) / Fraction(scale) if exact else net.astype(float) / scale
    right = best.astype(object) / Fraction(scale) if exact else best.astype(float) / scale
    row = np.arange(len(net))[:, None]
    _add(context, listed[:, None], [terms(row, context.allocation[listed], value)], right)


def greatest_totals(environment: Environment, net: NDArray[np.generic]) -> NDArray[np.generic]:
    """The greatest total of `net` (P, C) over all whole decisions, (P,)."""
    decisions = _decisions(environment)
    flat = decisions.reshape(len(decisions), -1).T.astype(net.dtype)
    step = max(1, 20_000_000 // len(decisions))
    parts = [(net[at : at + step] @ flat).max(axis=1) for at in range(0, len(net), step)]
    return np.concatenate(parts)


def _decisions(environment: Environment) -> IntArray:
    allocation = environment.allocation
    return enumerate_decisions(
        np.array([good.supply for good in allocation.goods]),
        [(limit.goods, limit.at_most) for limit in allocation.limits],
        [agent.demand for agent in environment.agents],
    )


def _add(context: Context, index: IntArray, parts: list[Terms], right: NDArray[np.generic]) -> None:
    context.builder.add_rows(
        "efficient",
        index,
        parts,
        right,
        np.inf,
        lambda at: f"efficient@{profile_name(context, at[0])}" + "".join(f":{part}" for part in at[1:]),
    )
