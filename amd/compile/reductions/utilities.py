"""Utilities for payments: with dominant incentives the columns are what agents gain, not what they pay.

Claim. Private values, money. The map p_i(θ) -> u_i(θ) = v_i(θ_i, Q(θ)) - p_i(θ) is linear and one to one for every
allocation Q, so a program in (Q, u) has the same optimum as the one in (Q, p), and its mechanism is p = v(Q) - u.
Nothing is assumed of the prior or of the design.

Why. The row "type k does not gain by saying l against s" reads

    in payments    v(k)·x(k, s) - p(k, s) - v(k)·x(l, s) + p(l, s) >= 0,
    in utilities   u(k, s) - u(l, s) - (v(k) - v(l))·x(l, s) >= 0,

whose last sum runs over the goods on which k and l differ: one, for neighbours in a grid. Three goods: three entries
instead of eight, and ex post participation is the sign of a column. (The same change serves Rochet and Choné,
Econometrica 66, 1998, who optimise over convex utility functions.)

It is not taken where payments are restricted profile by profile (an ex post budget, caps, worst cases of money):
there the payments are the short way to write things, and a row of theirs would become a row of everything.
"""

from __future__ import annotations

from dataclasses import replace

from amd.compile.plan import Plan, Verdict
from amd.compile.reductions.shifts import restricted_payments
from amd.model.design import Design, Incentive
from amd.model.environment import Environment
from amd.model.numbers import FloatArray

NAME = "utilities"


def applies(environment: Environment, design: Design) -> Verdict:
    """Money, private values, dominant incentives, and payments that no row restricts by themselves."""
    obstacles = {
        "there is no money": not design.transfers,
        "interim utilities are no shorter than interim payments": design.incentive is not Incentive.DOMINANT,
        "values are interdependent": environment.interdependent,
        "types are preference orders": any(agent.types.orders is not None for agent in environment.agents),
    } | restricted_payments(environment, design)
    reason = next((why for why, holds in obstacles.items() if holds), None)
    if reason is not None:
        return Verdict(False, reason)
    return Verdict(True, "what a lie changes is short in utilities, and payments follow from them")


def apply(plan: Plan) -> Plan:
    """A utility column per agent and profile, no payment columns."""
    return replace(plan, utilities=True)


def lift(environment: Environment, allocation: FloatArray, utilities: FloatArray) -> FloatArray:
    """Payments (P, n): the value of the allocation (P, C) less the utilities (P, n)."""
    shape, n = environment.shape, len(environment.agents)
    payments = -utilities
    for i, agent in enumerate(environment.agents):
        held = (agent.features @ allocation.T).T.reshape(*shape, -1)
        own = agent.float_values.reshape([agent.size if axis == i else 1 for axis in range(n)] + [-1])
        payments[:, i] += (own * held).sum(axis=-1).reshape(-1)
    return payments
