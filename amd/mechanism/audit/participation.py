"""Participation: what an agent loses by taking part, against its outside option.

*Ex post*: at each type profile, in expectation over the lottery. *Interim*: under the belief of each type of positive
probability. *Ex ante*: before the agent knows its type. Agents with preference orders are exempt.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from amd.mechanism.audit.belief import belief_of, own_first
from amd.mechanism.audit.result import Check, Witness, check, profile_at, shown, when, who, witnesses
from amd.mechanism.rows import Array, Number, Rows
from amd.model.design import Participation


def participation_check(rows: Rows, stages: Sequence[Participation]) -> Check:
    """The largest losses from taking part, over agents and types (and profiles where ex post)."""
    found: list[Witness] = []
    for agent, stage in enumerate(stages):
        if stage is Participation.NONE or rows.environment.agents[agent].types.orders is not None:
            continue
        found += _STAGES[stage](rows, agent)
    return check(found)


def _outside(rows: Rows, agent: int) -> Array:
    one = rows.environment.agents[agent]
    return one.outside if rows.exact else one.float_outside


def loss(rows: Rows, agent: int) -> Array:
    """The agent's outside option less its utility in each row (R,)."""
    return np.asarray(_outside(rows, agent)[rows.types(agent)] - (rows.value[:, agent] - rows.payments[:, agent]))


def _ex_post(rows: Rows, agent: int) -> list[Witness]:
    environment = rows.environment

    def describe(amount: Number, position: int) -> Witness:
        profile = profile_at(environment, position)
        context = when(environment, profile, skip=agent)
        sentence = f"{who(environment, agent, profile[agent])} loses {shown(amount)} by taking part{context}"
        return Witness("participation", amount, sentence, agent, profile[agent], profile=profile)

    return witnesses(loss(rows, agent), describe)


def interim_loss(rows: Rows, agent: int) -> tuple[Array, Array]:
    """The expected loss of each type under its own belief (K,), and the probability of each type (K,)."""
    belief = belief_of(rows, agent)
    losses = own_first(loss(rows, agent), rows.environment.shape, agent)
    if belief.common is not None:
        return np.asarray(losses @ belief.common), belief.marginal
    return np.asarray((losses * belief.conditional).sum(axis=1)), belief.marginal


def _interim(rows: Rows, agent: int) -> list[Witness]:
    losses, marginal = interim_loss(rows, agent)

    def describe(amount: Number, k: int) -> Witness:
        sentence = f"{who(rows.environment, agent, k)} loses {shown(amount)} by taking part"
        return Witness("participation", amount, sentence, agent, k)

    return witnesses(np.where(marginal > 0, losses, 0), describe)


def _ex_ante(rows: Rows, agent: int) -> list[Witness]:
    losses, marginal = interim_loss(rows, agent)
    name = rows.environment.agents[agent].name

    def describe(amount: Number, _: int) -> Witness:
        sentence = f"{name}, before knowing its type, loses {shown(amount)} by taking part"
        return Witness("participation", amount, sentence, agent)

    return witnesses(np.array([(losses * marginal).sum()]), describe)


_STAGES = {Participation.EX_POST: _ex_post, Participation.INTERIM: _interim, Participation.EX_ANTE: _ex_ante}
