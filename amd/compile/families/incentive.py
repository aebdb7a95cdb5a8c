"""Incentive compatibility: truth is at least as good as any other report.

Bayesian (BIC): for every type k of positive probability and every report l, the interim utility of truth is at
least that of saying l. Dominant (DSIC; ex post when values are interdependent): the same in every profile of the
others, those of probability zero too. For orders truth must give at least the probability of every upper set
(stochastic dominance), Bayesian under the type's beliefs (ordinal Bayesian incentive compatibility, d'Aspremont
and Peleg, 1988).

A row is identified by (k, l), then s (the others' profile) if dominant, then t (the upper set) for orders.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from amd.compile.builder import Terms
from amd.compile.context import Context
from amd.compile.utility import ex_post_utility, interim_utility
from amd.model.design import Incentive
from amd.model.numbers import IntArray


def add_incentives(context: Context, pairs: dict[int, IntArray] | None = None) -> None:
    """All incentive rows, or those of the given pairs (k, l) for each agent."""
    if context.design.incentive is Incentive.NONE:
        return
    for agent in context.actors.tolist():
        chosen = all_pairs(context, agent) if pairs is None else pairs[agent]
        chosen = chosen[np.isin(chosen[:, 0], context.truths(agent))]
        add_incentive_rows(context, agent, expand(context, agent, chosen))


def all_pairs(context: Context, agent: int) -> IntArray:
    """Every (true type, other report), (rows, 2); true types without beliefs have no Bayesian row."""
    count = context.agents[agent].size
    truths = np.arange(count) if context.design.incentive is Incentive.DOMINANT else context.possible(agent)
    k, report = np.meshgrid(truths, np.arange(count), indexing="ij")
    return np.stack([k[k != report], report[k != report]], axis=1)


def expand(context: Context, agent: int, pairs: IntArray) -> IntArray:
    """One row for each pair, profile of the others (dominant) and upper set (orders)."""
    index = pairs
    if context.design.incentive is Incentive.DOMINANT:
        index = _cross(index, context.profiles(agent).shape[1])
        index = index[context.written(agent)[index[:, 0], index[:, 2]]]
    orders = context.agents[agent].types.orders
    return index if orders is None else _cross(index, len(orders[0]) - 1)


def _cross(index: IntArray, count: int) -> IntArray:
    return np.column_stack([np.repeat(index, count, axis=0), np.tile(np.arange(count), len(index))])


def incentive_terms(context: Context, agent: int, index: IntArray) -> list[Terms]:
    """Truth minus lie, row by row of `index`."""
    k, report = index[:, 0], index[:, 1]
    test = index[:, -1] if context.agents[agent].types.orders is not None else None
    if context.design.incentive is Incentive.DOMINANT:
        truth = ex_post_utility(context, agent, k, k, index[:, 2], test)
        lie = ex_post_utility(context, agent, k, report, index[:, 2], test)
    else:
        truth = interim_utility(context, agent, k, k, test)
        lie = interim_utility(context, agent, k, report, test)
    return [*truth, *(-part for part in lie)]


def add_incentive_rows(context: Context, agent: int, index: IntArray) -> None:
    """The rows of `index`, named after who would lie and how."""

    def parts(lines: IntArray) -> list[Terms]:
        return incentive_terms(context, agent, lines)

    context.builder.add_rows("incentive", index, parts, 0, np.inf, incentive_name(context, agent), agent)


def incentive_name(context: Context, agent: int) -> Callable[[tuple[int, ...]], str]:
    """Names such as ``incentive[buyer]@3->2``."""
    name = context.label(agent)
    return lambda at: f"incentive[{name}]@{at[0]}->{at[1]}" + "".join(f",{part}" for part in at[2:])
