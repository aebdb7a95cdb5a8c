"""Payments: one column per agent and profile, or (R1) per agent and own type."""

from __future__ import annotations

from functools import partial

import numpy as np

from amd.compile.context import Context
from amd.compile.families.allocation import profile_name


def add_payments(context: Context) -> None:
    """Free payment columns, at most the agent's `budget` where it has one; none where there is no money."""
    if not context.design.transfers:
        return
    if context.plan.interim_payments:
        _add_interim(context)
        return
    exact = context.builder.exact
    caps = [np.inf if one.budget is None else (one.budget if exact else float(one.budget)) for one in context.agents]
    context.payments = context.builder.add_columns(
        "payment",
        (context.environment.profile_count, len(caps)),
        -np.inf,
        np.array(caps, dtype=object if exact else float)[None, :],
        lambda at: f"payment[{context.label(at[1])}]@{profile_name(context, at[0])}",
        orbits=None if context.plan.symmetry is None else context.plan.symmetry.payment_orbits(),
    )


def _add_interim(context: Context) -> None:
    """A column a type for each agent that has rows; agents exchanged with it share its columns."""
    symmetry = context.plan.symmetry
    for i in context.actors.tolist():
        context.interim_payments[i] = context.builder.add_columns(
            "interim payment",
            (context.agents[i].size,),
            -np.inf,
            np.inf,
            partial(_interim_name, context.label(i)),
            orbits=None if symmetry is None else symmetry.type_orbits(i),
        )
    if symmetry is not None:
        for i, first in enumerate(symmetry.agent_orbits().tolist()):
            context.interim_payments[i] = context.interim_payments[first]


def _interim_name(agent: str, at: tuple[int, ...]) -> str:
    return f"m[{agent}]@{at[0]}"
