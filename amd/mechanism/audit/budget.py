"""Budgets: what payments fall short of (or exceed) the cost of the outcome, and what agents can pay."""

from __future__ import annotations

import numpy as np

from amd.mechanism.audit.result import Check, Witness, check, profile_at, shown, when, who, witnesses
from amd.mechanism.rows import Array, Number, Rows
from amd.model.design import Budget


def budget_check(rows: Rows, budget: Budget | None) -> Check:
    """The worst missing or surplus money of the design's budget, and the worst excess over an agent's own."""
    found = [] if budget is None else _budget(rows, budget)
    for agent, one in enumerate(rows.environment.agents):
        if one.budget is not None:
            found += _cap(rows, agent, one.budget if rows.exact else float(one.budget))
    return check(found)


def _budget(rows: Rows, budget: Budget) -> list[Witness]:
    """Payments against cost − subsidy: at least that, or exactly that where balanced."""
    subsidy = budget.subsidy if rows.exact else float(budget.subsidy)
    short = rows.cost - subsidy - rows.payments.sum(axis=1)
    if not budget.ex_post:
        prior = rows.environment.exact_prior if rows.exact else rows.environment.float_prior
        short = np.array([prior.reshape(-1) @ short])
    found = witnesses(short, lambda amount, p: _money(rows, budget, amount, p, "fall short of"))
    if budget.balanced:
        found += witnesses(-short, lambda amount, p: _money(rows, budget, amount, p, "exceed"))
    return found


def _money(rows: Rows, budget: Budget, amount: Number, position: int, verb: str) -> Witness:
    less = f" less the subsidy of {shown(budget.subsidy)}" if budget.subsidy else ""
    sentence = f"payments {verb} the cost{less} by {shown(amount)}"
    if not budget.ex_post:
        return Witness("budget", amount, f"expected {sentence}")
    profile = profile_at(rows.environment, position)
    return Witness("budget", amount, sentence + when(rows.environment, profile), profile=profile)


def _cap(rows: Rows, agent: int, most: Number) -> list[Witness]:
    """What the agent pays beyond the most it can ever pay, in any type profile."""
    environment = rows.environment

    def describe(amount: Number, position: int) -> Witness:
        profile = profile_at(environment, position)
        context = when(environment, profile, skip=agent)
        payer = who(environment, agent, profile[agent])
        sentence = f"{payer} pays {shown(amount)} more than its budget of {shown(most)}{context}"
        return Witness("cap", amount, sentence, agent, profile[agent], profile=profile)

    excess: Array = rows.payments[:, agent] - most
    return witnesses(excess, describe)
