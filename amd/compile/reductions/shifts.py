"""What would stop payments from being shifted between profiles: rows about the payments of single profiles."""

from __future__ import annotations

from amd.model.design import MONEY, Design
from amd.model.environment import Environment


def restricted_payments(environment: Environment, design: Design) -> dict[str, bool]:
    """Each way in which the payments of a single profile can be restricted, in words, and whether it is used."""
    worst = (quantity for quantity in design.quantities if quantity.worst)
    return {
        "an agent's budget caps its payment in every profile": any(a.budget is not None for a in environment.agents),
        "the budget must hold in every profile": design.budget is not None and design.budget.ex_post,
        "a worst case has payments in it": any(q.name in MONEY or q.name == "surplus" for q in worst),
    }
