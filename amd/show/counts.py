"""How many rows each family of the textbook program has, counted without building it.

Python integers, so that programs that could never be built are counted too. `tests/show` compares the counts with
programs that are built.
"""

from __future__ import annotations

import numpy as np

from amd.model.design import Design, Incentive, Participation
from amd.model.environment import AllocationKind, Environment


def full_rows(environment: Environment, design: Design) -> dict[str, int]:
    """Rows of each family of the full program that has any, by the family's kind."""
    profiles = environment.profile_count
    counts = {
        "allocation": profiles * len(environment.allocation.upper),
        "incentive": sum(incentive_rows(environment, design, i) for i in range(len(environment.agents))),
        **_participation(environment, design),
        **_budget(profiles, design),
        "efficient": _efficient(environment, design),
        "anonymous": _anonymous(environment, design),
        "onto": environment.allocation.size if design.onto else 0,
        "nondictatorial": len(environment.agents) if design.nondictatorial else 0,
        "bound": len(design.bounds),
        "worst": profiles * len({quantity.label for quantity in design.quantities if quantity.worst}),
    }
    return {kind: count for kind, count in counts.items() if count}


def full_columns(environment: Environment, design: Design) -> dict[str, int]:
    """Columns of each block of the full program."""
    profiles = environment.profile_count
    payments = profiles * len(environment.agents) if design.transfers else 0
    worst = len({quantity.label for quantity in design.quantities if quantity.worst})
    counts = {"allocation": profiles * environment.allocation.size, "payment": payments, "worst": worst}
    return {name: count for name, count in counts.items() if count}


def incentive_rows(environment: Environment, design: Design, i: int) -> int:
    """One for each true type (of positive probability if Bayesian), other report, profile of the others (dominant) and
    upper set (orders)."""
    agent = environment.agents[i]
    if design.incentive is Incentive.NONE:
        return 0
    dominant = design.incentive is Incentive.DOMINANT
    truths = agent.size if dominant else _possible(environment, i)
    upper_sets = 1 if agent.types.orders is None else len(agent.types.orders[0]) - 1
    others = environment.profile_count // agent.size if dominant else 1
    return truths * (agent.size - 1) * others * upper_sets


def _possible(environment: Environment, i: int) -> int:
    """How many types of the agent have positive probability."""
    return int(np.count_nonzero(environment.marginal(i)))


def _participation(environment: Environment, design: Design) -> dict[str, int]:
    counts = {"participation": 0, "participation ex post": 0, "participation ex ante": 0}
    for i, stage in enumerate(design.participation):
        if environment.agents[i].types.orders is not None:
            continue
        counts["participation"] += _possible(environment, i) if stage is Participation.INTERIM else 0
        counts["participation ex post"] += environment.profile_count if stage is Participation.EX_POST else 0
        counts["participation ex ante"] += stage is Participation.EX_ANTE
    return counts


def _budget(profiles: int, design: Design) -> dict[str, int]:
    if design.budget is None:
        return {}
    return {"budget": profiles} if design.budget.ex_post else {"expected budget": 1}


def _efficient(environment: Environment, design: Design) -> int:
    """Outcomes and decisions are fixed at zero and need no rows; marginals need at most one
    for each profile, or for each profile and good where goods go their own ways."""
    if not design.efficient or environment.allocation.kind is not AllocationKind.MARGINALS:
        return 0
    tied = any(agent.demand is not None for agent in environment.agents) or environment.allocation.limits
    return environment.profile_count * (1 if tied else len(environment.allocation.goods))


def _anonymous(environment: Environment, design: Design) -> int:
    """At most half of the columns for each neighbouring pair of copies."""
    if not design.anonymous:
        return 0
    exchanges = sum(len(group.members) - 1 for group in environment.groups)
    return exchanges * sum(full_columns(environment, design)[name] for name in _exchanged(design)) // 2


def _exchanged(design: Design) -> tuple[str, ...]:
    return ("allocation", "payment") if design.transfers else ("allocation",)


AT_MOST = frozenset({"efficient", "anonymous"})  # kinds whose count is an upper bound
