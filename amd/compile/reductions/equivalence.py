"""R8, equivalence: in one dimension dominant incentives cost nothing beyond Bayesian ones.

Claim (Gershkov, Goeree, Kushnir, Moldovanu and Shi, Econometrica 81, 2013; for one good Manelli and Vincent,
Econometrica 78, 2010). Let types be independent and of positive probability, values private and of the form h(k)·α(a)
+ β(a) + γ(k) with all h of an agent different, allocations lotteries that may be chosen alike in every profile, and
payments free in every single profile. Then for every Bayesian incentive compatible mechanism there is a dominant one
with the same interim utilities and the same probability of every outcome (or expected units of each good for each
agent). So a design that speaks of nothing else may be solved with Bayesian incentives and be lifted.

Proof. Write s_i(θ) = α_i·Q(θ). Among the allocations with the given E[s_i | θ_i] for every agent and type and the
given E[Q], take one with the least E[Σ_i s_i²]. Suppose s_i(l, t) < s_i(k, t) for types h(l) > h(k) and others t.
Bayesian incentives give E[s_i | l] >= E[s_i | k], so s_i(l, t') > s_i(k, t') at some t'. Move a little of the lottery
at (l, t) towards that at (k, t) and back, in the ratio of the probabilities of l and k, and likewise at t', the
amounts such that E[s_i | l] and E[s_i | k] stay. At every t the sum over agent i's types stays, so E[Q] and the
others' E[s_j | θ_j] stay; and the sum of squares falls, which contradicts the choice. So s_i rises with h in every
profile. Payments follow from

    u(k + 1, t) = u(k, t) + (h(k + 1) - h(k)) ((1 - λ) s(k, t) + λ s(k + 1, t)) + γ(k + 1) - γ(k),

with the λ in [0, 1], the same for every t, that meets the interim utilities, from a constant u(k0, ·): neighbouring
rows then hold in every profile, and with rising s all rows (R3). k0 is the worst-off type, if there is one, whose ex
post participation is everybody's.

The lift (`equivalence_lift`) is a linear program: rising s in every profile, E[s_i | θ_i] and E[Q] given. The claim
says that it is feasible.

It fails for correlated types, several dimensions, and deterministic mechanisms (the proof moves lotteries); where
allocations are restricted profile by profile (efficiency, unanimity); where payments are (an ex post budget, caps):
forgetting that would contradict Green and Laffont (1977), by whom no efficient dominant rule balances; and for worst
cases. Equal h are refused: interim utilities between equal types need not be reached in every profile.
"""

from __future__ import annotations

from dataclasses import replace

from amd.compile.plan import Plan, Verdict
from amd.compile.reductions.adjacent import find_ladder, ladders
from amd.compile.reductions.shifts import restricted_payments
from amd.compile.reductions.worst_off import lowest_type
from amd.model.design import Design, Incentive, Participation
from amd.model.environment import Environment

NAME = "equivalence"
CONTAINED = ("interim-payments", "interim-allocation", "adjacent")  # R1 to R3, which it brings along


def applies(environment: Environment, design: Design) -> Verdict:
    """The conditions of the claim, in words."""
    per_profile = ("efficient", "anonymous", "unanimous", "pareto", "onto", "nondictatorial")
    asked = [name for name in per_profile if getattr(design, name)]
    obstacles = {
        "incentives are not dominant": design.incentive is not Incentive.DOMINANT,
        "there is no money": not design.transfers,
        "types are correlated": not environment.independent,
        "values are interdependent": environment.interdependent,
        "the mechanism is to be deterministic": design.deterministic,
        f"'{', '.join(asked)}' speaks of single profiles": bool(asked),
        "a type has probability zero": any(
            not all(environment.agents[i].types.probability) for i in _unlike(environment)
        ),
    } | restricted_payments(environment, design)
    obstacles["a worst case looks at every profile"] = any(quantity.worst for quantity in design.quantities)
    reason = next((why for why, holds in obstacles.items() if holds), None) or _not_one_dimension(environment)
    reason = reason or _no_worst_off_type(environment, design)
    if reason is not None:
        return Verdict(False, reason)
    return Verdict(True, "independent types of one dimension: what Bayesian incentives permit, dominant ones do, too")


def _unlike(environment: Environment) -> list[int]:
    """One agent of each set that shares types, values and outside options: there may be a thousand copies."""
    keys = [(id(one.types), id(one.values), id(one.outside)) for one in environment.agents]
    return sorted({key: i for i, key in reversed(list(enumerate(keys)))}.values())


def _not_one_dimension(environment: Environment) -> str | None:
    for agent in (environment.agents[i] for i in _unlike(environment)):
        ladder = find_ladder(agent, environment.allocation.kind)
        if ladder is None:
            return f"the values of {agent.name} do not have the form h(type)·α(outcome) + β(outcome) + γ(type)"
        if any(len(rung) > 1 for rung in ladder.rungs):
            return f"two types of {agent.name} value every change alike"
    return None


def _no_worst_off_type(environment: Environment, design: Design) -> str | None:
    bound = {
        (id(agent.values), id(agent.outside)): agent
        for agent, stage in zip(environment.agents, design.participation, strict=True)
        if stage is Participation.EX_POST
    }
    for agent in bound.values():
        if lowest_type(agent) is None:
            return f"participation is ex post, and no type of {agent.name} is worst off in every profile"
    return None


def apply(plan: Plan, environment: Environment) -> Plan:
    """The Bayesian program, with R1, R2 and R3, which apply as well."""
    ladder = ladders(environment)
    return replace(plan, equivalence=True, interim_payments=True, interim_allocation=True, ladders=ladder)


def relaxed(design: Design) -> Design:
    """The design with Bayesian incentives."""
    return replace(design, incentive=Incentive.BAYESIAN)
