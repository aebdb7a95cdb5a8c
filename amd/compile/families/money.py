"""Payments: one column per agent and profile, or (R1) per agent and own type."""

from __future__ import annotations

import numpy as np

from amd.compile.context import Context
from amd.compile.families.allocation import profile_name


def add_payments(context: Context) -> None:
    """Free payment columns, at most the agent's `budget` where it has one; none where there is no money."""
    if not context.design.transfers:
        return
    if context.plan.interim_payments:
        for i, agent in enumerate(context.agents):
            context.interim_payments[i] = context.builder.add_columns(
                "interim payment", (agent.size,), -np.inf, np.inf, lambda at, i=i: f"m[{context.label(i)}]@{at[0]}"
            )
        return
    exact = context.builder.exact
    caps = [np.inf if one.budget is None else (one.budget if exact else float(one.budget)) for one in context.agents]
    context.payments = context.builder.add_columns(
        "payment",
        (context.environment.profile_count, len(caps)),
        -np.inf,
        np.array(caps, dtype=object if exact else float)[None, :],
        lambda at: f"payment[{context.label(at[1])}]@{profile_name(context, at[0])}",
    )
