"""R7, budget in expectation: a budget that holds on average can be met in every profile.

Claim. Bayesian incentives (or none), n >= 2 independent agents with private values, interim payments free (R1
applies but for the budget), participation at most interim. Then an ex post budget, balanced or without deficit,
with outcome costs and a constant subsidy, may be replaced by its expectation.

Proof (the expected externality idea of d'Aspremont and Gérard-Varet, 1979; Börgers and Norman, 2009). Start from
payments m_i(θ_i). Let s = E[Σ m - cost] + subsidy be the expected surplus (0 when balanced, >= 0 without deficit) and
d(θ) = cost(Q(θ)) - subsidy + s - Σ m_i(θ_i), so that E[d] = 0. Add d - E[d | θ_1] to agent 1's payment and
E[d | θ_1] to agent 2's. Every profile then collects cost - subsidy + s. Agent 1's interim payment is unchanged, and
so is agent 2's, because θ_1 is independent of θ_2 and E[d] = 0.

With one agent there is nobody to carry E[d | θ_1]; ex post participation or a cap would restrict the payments of a
profile; ``anonymous`` would ask to treat agents 1 and 2 like the others. It is refused there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from amd.compile.plan import Plan, Verdict
from amd.compile.reductions import interim_payments
from amd.model.design import Design, Participation
from amd.model.environment import Environment
from amd.model.numbers import FloatArray

NAME = "expected-budget"


def applies(environment: Environment, design: Design) -> Verdict:
    """An ex post budget, two agents or more, and R1 but for the budget."""
    if design.budget is None or not design.budget.ex_post:
        return Verdict(False, "there is no ex post budget")
    if len(environment.agents) < 2:
        return Verdict(False, "there is only one agent")
    if Participation.EX_POST in design.participation:
        return Verdict(False, "participation must hold in every profile")
    if design.anonymous:
        return Verdict(False, "the lift treats two agents differently, and the design is to be anonymous")
    without = interim_payments.applies(environment, replace(design, budget=None))
    if not without.applies:
        return without
    return Verdict(True, "independent agents can insure each other: what balances on average can balance always")


def apply(plan: Plan) -> Plan:
    """One expected budget row; payments become interim."""
    return replace(plan, expected_budget=True, interim_payments=True)


def lift(environment: Environment, design: Design, allocation: FloatArray, interim: list[FloatArray]) -> FloatArray:
    """Payments (P, n) that balance in every profile, from the allocation (P, C) and the interim payments."""
    shape, n = environment.shape, len(environment.agents)
    grid = np.indices(shape).reshape(n, -1)
    payments = np.stack([interim[i][grid[i]] for i in range(n)], axis=1)
    subsidy = 0.0 if design.budget is None else float(design.budget.subsidy)
    short = allocation @ environment.allocation.float_cost - subsidy - payments.sum(axis=1)
    prior = environment.float_prior.reshape(-1)
    short -= prior @ short
    expected = (short.reshape(shape[0], -1) @ _others(environment))[grid[0]]
    payments[:, 0] += short - expected
    payments[:, 1] += expected
    return payments


def _others(environment: Environment) -> FloatArray:
    """The probability of each profile of the agents after the first, (S,)."""
    belief = np.ones(1)
    for agent in environment.agents[1:]:
        belief = np.multiply.outer(belief, agent.types.float_probability).reshape(-1)
    return belief
