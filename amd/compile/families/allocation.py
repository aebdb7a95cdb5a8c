"""What can be decided: the allocation columns of every profile and the rows that keep them feasible."""

from __future__ import annotations

import numpy as np

from amd.compile.builder import terms
from amd.compile.context import Context


def add_allocation(context: Context) -> None:
    """Columns x (P, C), 0 <= x <= cap, and ``matrix @ x[p] <= upper`` (== for lotteries) in every profile p."""
    allocation = context.environment.allocation
    profiles = context.environment.profile_count
    cap = allocation.cap.astype(object) if context.builder.exact else allocation.cap
    context.allocation = context.builder.add_columns(
        "allocation",
        (profiles, allocation.size),
        0,
        cap[None, :],
        lambda at: f"x[{column_name(context, at[1])}]@{profile_name(context, at[0])}",
        integer=context.design.deterministic,
        orbits=None if context.plan.symmetry is None else context.plan.symmetry.allocation_orbits(),
    )
    coo = allocation.matrix.tocoo()
    rows, listed = len(allocation.upper), context.listed
    each = np.arange(len(listed))[:, None]
    value = coo.data.astype(np.int64).astype(object) if context.builder.exact else coo.data.astype(float)
    part = terms(each * rows + coo.row, context.allocation[listed[:, None], coo.col], value)
    index = np.column_stack([np.repeat(listed, rows), np.tile(np.arange(rows), len(listed))])
    upper = np.tile(allocation.upper.astype(object if context.builder.exact else float), len(listed))
    lower = np.where(np.tile(allocation.equal, len(listed)), upper, -np.inf)
    context.builder.add_rows(
        "allocation", index, [part], lower, upper, lambda at: f"feasible{at[1]}@{profile_name(context, at[0])}"
    )


def profile_name(context: Context, profile: int) -> str:
    """The type numbers of a profile, such as ``3,2``."""
    return ",".join(str(part) for part in np.unravel_index(profile, context.environment.shape))


def column_name(context: Context, column: int) -> str:
    """The outcome, or who gets what."""
    allocation = context.environment.allocation
    if allocation.names:
        return allocation.names[column]
    if allocation.units is not None:
        return f"decision{column}"
    agent, good = divmod(column, len(allocation.goods))
    return f"{context.agents[agent].name}:{allocation.goods[good].name}"
