"""The worst-off type: with dominant incentives its participation is everybody's.

Claim. Dominant incentives, private values. Let type k0 of agent i value every good or outcome at most as highly as any
other type k does, v(k0) <= v(k) column by column, and have the best outside option, outside(k0) >= outside(k). Then

(a) ex post participation of k0 implies that of every type. Proof: truth beats reporting k0 and allocations are not
    negative, so u(k, s) >= u(k0, s) + (v(k) - v(k0))·x(k0, s) >= u(k0, s) >= outside(k0) >= outside(k).

(b) If types are independent, there is money, k0 has positive probability, and no row restricts the payments of single
    profiles (ex post budget, caps, worst cases of money), then *interim* participation may be replaced by ex post
    participation of k0. Proof: add c(s) = u(k0, s) - E[u(k0, ·)] to the payment of agent i in every profile with s the
    types of the others. Its incentives do not change, as c does not depend on its report, nor does any expectation,
    as E[c] = 0 whatever its own type; and now u(k0, s) = E[u(k0, ·)] >= outside(k0) in every profile, and (a) applies.
    The exchange of agents or goods leaves k0 and so the shifted mechanism as it was: it does no harm to symmetry,
    nor to ``anonymous``.

A row for each profile of the others replaces one of each type that spans them all.

It is wrong without its conditions. With correlated types interim participation permits side bets on the types of
the others that extract the whole surplus (Crémer and McLean, Econometrica 56, 1988), where E[c] depends on the own
type. Without a worst-off type, no single shift serves every type. With a cap on payments the shift may not be payable.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from amd.compile.plan import Plan, Verdict
from amd.compile.reductions.shifts import restricted_payments
from amd.model.design import Design, Incentive, Participation
from amd.model.environment import Agent, Environment

NAME = "worst-off"


def applies(environment: Environment, design: Design) -> Verdict:
    """Whether some agent's participation can be read off one type."""
    if design.incentive is not Incentive.DOMINANT:
        return Verdict(False, "incentives are not dominant")
    if environment.interdependent:
        return Verdict(False, "values are interdependent")
    if all(stage in (Participation.NONE, Participation.EX_ANTE) for stage in design.participation):
        return Verdict(False, "no type may walk away by itself")
    found = worst_off(environment, design)
    if not found:
        return Verdict(False, why_not(environment, design))
    names = ", ".join(environment.agents[i].name for i in list(found)[:4]) + (", …" if len(found) > 4 else "")
    return Verdict(True, f"one type values everything least and has the best outside option, for {names}")


def apply(plan: Plan, environment: Environment, design: Design) -> Plan:
    """Participation rows of the worst-off type only."""
    return replace(plan, worst_off=worst_off(environment, design))


def worst_off(environment: Environment, design: Design) -> dict[int, int]:
    """The agents of whom the claim speaks, with their worst-off types."""
    found = {}
    for i, (agent, stage) in enumerate(zip(environment.agents, design.participation, strict=True)):
        lowest = lowest_type(agent)
        fits = stage is Participation.EX_POST or (
            stage is Participation.INTERIM and _shiftable(environment, design) is None
        )
        if lowest is not None and fits and _has_beliefs(agent, lowest, stage):
            found[i] = lowest
    return found


def lowest_type(agent: Agent) -> int | None:
    """The type k0 of the claim, exactly compared; None where there is none."""
    if agent.types.orders is not None or agent.interdependent:
        return None
    values, outside = agent.values, agent.outside
    lowest = int(np.argmin(values.sum(axis=1)))
    fits = (values >= values[lowest]).all() and (outside <= outside[lowest]).all()
    return lowest if fits else None


def _has_beliefs(agent: Agent, lowest: int, stage: Participation) -> bool:
    return stage is Participation.EX_POST or agent.types.probability[lowest] > 0


def _shiftable(environment: Environment, design: Design) -> str | None:
    """Why payments cannot be shifted between the profiles of the others, or None."""
    obstacles = {
        "there is no money": not design.transfers,
        "types are correlated": not environment.independent,
    } | restricted_payments(environment, design)
    return next((why for why, holds in obstacles.items() if holds), None)


def why_not(environment: Environment, design: Design) -> str:
    """What keeps every agent out."""
    if all(lowest_type(agent) is None for agent in environment.agents):
        return "no type values everything least and has the best outside option"
    return _shiftable(environment, design) or "the types that value everything least have probability zero"
