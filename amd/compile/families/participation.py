"""Participation: nobody is worse off than outside, when the design lets them still walk away.

Interim: each type of positive probability, on average over the others. Ex post: in every profile. Ex ante: on
average over everything. It does not apply to agents whose types are orders.

With dominant incentives one type may stand for all (`reductions.worst_off`): it then has its rows ex post. Where the
columns are utilities (`reductions.utilities`), ex post participation is their lower bound.

With interim payments (R1) the lift gives every type its interim utility in every profile, so ex post participation
is the interim row of every type, those of probability zero included.
"""

from __future__ import annotations

import numpy as np

from amd.compile.builder import Terms
from amd.compile.context import Context
from amd.compile.utility import ex_post_utility, interim_utility
from amd.model.design import Participation
from amd.model.numbers import IntArray


def add_participation(context: Context) -> None:
    """The rows that each agent's stage asks for."""
    for agent in context.actors.tolist():
        stage = context.design.participation[agent]
        if context.agents[agent].types.orders is not None:
            continue
        if context.plan.utilities and (agent in context.plan.worst_off or stage is Participation.EX_POST):
            continue  # a bound of the utility columns
        if agent in context.plan.worst_off:
            _ex_post(context, agent, np.array([context.plan.worst_off[agent]]))
        elif stage is Participation.INTERIM:
            _interim(context, agent, np.intersect1d(context.possible(agent), context.truths(agent)))
        elif stage is Participation.EX_POST and context.plan.interim_payments:
            _interim(context, agent, context.truths(agent))
        elif stage is Participation.EX_POST:
            _ex_post(context, agent, np.arange(context.agents[agent].size))
        elif stage is Participation.EX_ANTE:
            _ex_ante(context, agent)


def _interim(context: Context, agent: int, types: IntArray) -> None:
    outside = context.numbers(context.agents[agent].outside)[types]
    parts = interim_utility(context, agent, types, types)
    name = context.label(agent)
    context.builder.add_rows(
        "participation", types[:, None], parts, outside, np.inf, lambda at: f"participation[{name}]@{at[0]}", agent
    )


def _ex_post(context: Context, agent: int, types: IntArray) -> None:
    row, s = np.nonzero(context.written(agent)[types])
    k = types[row]
    outside = context.numbers(context.agents[agent].outside)[k]
    name = context.label(agent)
    context.builder.add_rows(
        "participation ex post",
        np.stack([k, s], axis=1),
        ex_post_utility(context, agent, k, k, s),
        outside,
        np.inf,
        lambda at: f"participation[{name}]@{at[0]},{at[1]}",
        agent,
    )


def _ex_ante(context: Context, agent: int) -> None:
    types = context.possible(agent)
    mass = context.marginal(agent)[types]
    parts = [part.scaled(mass) for part in interim_utility(context, agent, types, types)]
    summed = [Terms(np.zeros_like(part.row), part.column, part.value) for part in parts]
    outside = (mass * context.numbers(context.agents[agent].outside)[types]).sum()
    name = context.label(agent)
    context.builder.add_rows(
        "participation ex ante",
        np.zeros((1, 0), dtype=int),
        summed,
        outside,
        np.inf,
        lambda at: f"participation[{name}]",
        agent,
    )
