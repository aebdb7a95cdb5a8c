"""R1, interim payments: one payment column per own type instead of one per profile.

Claim. Types independent, values private, incentives Bayesian (or none), no cap on payments, no ``worst`` of a
quantity with payments in it, no ex post budget (unless R7 meets it). Then only the interim payments m_i(k) enter the
program, and for any values of them the payments

    p_i(θ) = v_i(θ_i, Q(θ)) - u_i(θ_i),    u_i(k) = E[v_i(k, Q) | k] - m_i(k),

have exactly these interim payments, since the expectation of the right-hand side over θ_{-i} is
E[v_i] - u_i = m_i. They give agent i the utility u_i(θ_i) in *every* profile, so ex post participation holds as
soon as u_i(k) is at least the outside option, for every type k. (Independence: the expectation over θ_{-i} does
not depend on θ_i. With correlated types a lie changes beliefs, and the interim payment is no longer one number.)

An ex post budget or a cap restricts payments profile by profile, where this choice has no freedom left: R1 is
refused there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from amd.compile.plan import Plan, Verdict
from amd.model.design import MONEY, Design, Incentive
from amd.model.environment import Environment
from amd.model.numbers import FloatArray

NAME = "interim-payments"


def applies(environment: Environment, design: Design) -> Verdict:
    """The conditions, in the order in which a reader would ask."""
    obstacles = {
        "there is no money": not design.transfers,
        "dominant incentives look at every profile": design.incentive is Incentive.DOMINANT,
        "types are correlated": not environment.independent,
        "values are interdependent": environment.interdependent,
        "an agent's budget caps its payment in every profile": any(a.budget is not None for a in environment.agents),
        "the budget must hold in every profile": design.budget is not None and design.budget.ex_post,
        "a worst case has payments in it": any(
            q.worst and (q.name in MONEY or q.name == "surplus") for q in design.quantities
        ),
    }
    reason = next((why for why, holds in obstacles.items() if holds), None)
    if reason is not None:
        return Verdict(False, reason)
    return Verdict(True, "types are independent and nothing restricts payments profile by profile")


def apply(plan: Plan) -> Plan:
    """One payment column per own type."""
    return replace(plan, interim_payments=True)


def lift(environment: Environment, design: Design, allocation: FloatArray, interim: list[FloatArray]) -> FloatArray:
    """Payments (P, n) from the allocation (P, C) and the interim payments m_i (K_i,).

    Agents without values pay m_i in every profile.
    """
    shape = environment.shape
    payments = np.empty((environment.profile_count, len(environment.agents)))
    for i, agent in enumerate(environment.agents):
        profiles = np.moveaxis(np.arange(environment.profile_count).reshape(shape), i, 0).reshape(agent.size, -1)
        held = (agent.features @ allocation.T).T[profiles]  # (K, S, A)
        value = np.einsum("ka,ksa->ks", agent.float_values, held)
        others = np.ones(1)
        for j, other in enumerate(environment.agents):
            if j != i:
                others = np.multiply.outer(others, other.types.float_probability).reshape(-1)
        utility = value @ others - interim[i]
        payments[profiles, i] = value - utility[:, None]
    return payments
