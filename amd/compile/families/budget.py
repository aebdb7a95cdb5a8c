"""Budget: payments sum to the cost of the outcome less the subsidy (balanced), or to at least that (no deficit).

Ex post in every profile, those of probability zero too; ex ante on average.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from amd.compile.builder import Terms, terms
from amd.compile.context import Context
from amd.compile.families.allocation import profile_name
from amd.compile.families.quantities import expected


def add_budget(context: Context) -> None:
    """The rows of the design's budget, if it has one."""
    budget = context.design.budget
    if budget is None:
        return
    least: Any = -(budget.subsidy if context.builder.exact else float(budget.subsidy))
    most = least if budget.balanced else np.inf
    if budget.ex_post and not context.plan.expected_budget:
        profiles = context.listed
        context.builder.add_rows(
            "budget",
            profiles[:, None],
            _each_profile(context),
            least,
            most,
            lambda at: f"budget@{profile_name(context, at[0])}",
        )
        return
    parts = expected_balance(context)
    context.builder.add_rows("expected budget", np.zeros((1, 0), dtype=int), parts, least, most, lambda at: "budget")


def _each_profile(context: Context) -> list[Terms]:
    if context.payments is None:
        raise ValueError("an ex post budget takes payments in every profile")
    listed = context.listed
    row = np.arange(len(listed))[:, None]
    one = np.ones((1, len(context.agents)), dtype=object if context.builder.exact else float)
    cost = context.numbers(context.environment.allocation.cost)[None, :]
    return [terms(row, context.payments[listed], one), terms(row, context.allocation[listed], -cost)]


def expected_balance(context: Context) -> list[Terms]:
    """Expected payments minus expected cost, as one row."""
    cost = context.numbers(context.environment.allocation.cost)[None, :]
    one = np.ones(len(context.agents), dtype=object if context.builder.exact else float)
    return expected(context, np.broadcast_to(-cost, context.allocation.index.shape), one)
