"""Money: a payment, or utility, for each agent and profile, or (R1) a payment for each agent and own type."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from amd.compile.builder import Columns, Numbers
from amd.compile.context import Context
from amd.compile.families.allocation import profile_name
from amd.model.design import Participation


def add_payments(context: Context) -> None:
    """Free payment columns, at most the agent's `budget` where it has one; none where there is no money."""
    if not context.design.transfers:
        return
    if context.plan.interim_payments:
        _add_interim(context)
        return
    if context.plan.utilities:
        context.utilities = _each_profile(context, "utility", _least_utilities(context), np.inf)
        return
    exact = context.builder.exact
    caps = [np.inf if one.budget is None else (one.budget if exact else float(one.budget)) for one in context.agents]
    context.payments = _each_profile(
        context, "payment", -np.inf, np.array(caps, dtype=object if exact else float)[None, :]
    )


def _least_utilities(context: Context) -> Numbers:
    """Ex post participation as lower bounds of the utilities, (P, n).

    Where a type is worst off, its bound implies the others' (`reductions.worst_off`); they cost nothing.
    """
    exact = context.builder.exact
    least = np.full((context.environment.profile_count, len(context.agents)), -np.inf, dtype=object if exact else float)
    for i, stage in enumerate(context.design.participation):
        if stage is Participation.EX_POST or i in context.plan.worst_off:
            least[context.profiles(i), i] = context.numbers(context.agents[i].outside)[:, None]
    return least


def _each_profile(context: Context, name: str, lower: Any, upper: Any) -> Columns:
    return context.builder.add_columns(
        name,
        (context.environment.profile_count, len(context.agents)),
        lower,
        upper,
        lambda at: f"{name}[{context.label(at[1])}]@{profile_name(context, at[0])}",
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
