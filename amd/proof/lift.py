"""The direct mechanism of an exact solution, in rationals: the lifts of R1 and R7 (see `amd.compile.reductions`).

R1: p_i(θ) = v_i(θ_i, Q(θ)) − u_i(θ_i) has the interim payments m_i. R7: with d(θ) = cost − subsidy + s − Σ m_i,
whose mean is 0, agent 1 also pays d − E[d | θ_1] and agent 2 pays E[d | θ_1], so that every profile collects
cost − subsidy + s.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from amd.compile.context import Context
from amd.model.numbers import ExactArray, exact_zeros


def lift(context: Context, x: ExactArray) -> tuple[ExactArray, ExactArray | None]:
    """Allocation (P, C) and payments (P, n), None without money."""
    allocation = x[context.allocation.index]
    if context.payments is not None:
        return allocation, x[context.payments.index]
    if not context.interim_payments:
        return allocation, None
    interim = [x[context.interim_payments[i].index] for i in range(len(context.agents))]
    if context.plan.expected_budget:
        return allocation, _balanced(context, allocation, interim)
    return allocation, _utility_in_every_profile(context, allocation, interim)


def _utility_in_every_profile(context: Context, allocation: ExactArray, interim: list[ExactArray]) -> ExactArray:
    payments = exact_zeros((len(allocation), len(interim)))
    for i, paid in enumerate(interim):
        profiles = context.profiles(i)
        value = (allocation[profiles][:, :, context.support(i)] * context.worth(i)).sum(axis=2)
        utility = value @ context.beliefs(i)[0] - paid
        payments[profiles, i] = value - utility[:, None]
    return payments


def _balanced(context: Context, allocation: ExactArray, interim: list[ExactArray]) -> ExactArray:
    budget = context.design.budget
    subsidy: Any = Fraction(0) if budget is None else budget.subsidy
    grid = np.indices(context.environment.shape).reshape(len(interim), -1)
    payments = np.stack([paid[grid[i]] for i, paid in enumerate(interim)], axis=1)
    short = allocation @ context.environment.allocation.cost - subsidy - payments.sum(axis=1)
    short = short - (context.prior * short).sum()
    expected = (short[context.profiles(0)] @ context.beliefs(0)[0])[grid[0]]
    payments[:, 0] = payments[:, 0] + short - expected
    payments[:, 1] = payments[:, 1] + expected
    return payments
