"""The audit of an interim mechanism: incentives, participation, expected budgets, and whether it can be lifted."""

from __future__ import annotations

import numpy as np

from amd.mechanism.audit.border import border_witnesses, delivery_witnesses
from amd.mechanism.audit.incentive import BLOCK
from amd.mechanism.audit.result import Audit, Check, UnseenError, Witness, check, shown, who, witnesses
from amd.mechanism.audit.rising import falling_witnesses, staying_witnesses, utility_witnesses
from amd.mechanism.interim import InterimMechanism, InterimReport
from amd.mechanism.reports import type_label
from amd.mechanism.rising import RisingRule
from amd.mechanism.rows import Number
from amd.model.design import Design, Incentive, Participation

_UNSEEN = ("deterministic", "efficient", "anonymous", "unanimous", "pareto", "onto", "nondictatorial")


def audit_interim(mechanism: InterimMechanism, design: Design) -> Audit:
    """The worst violations of each kind. UnseenError where the design asks for something only profiles can show."""
    _refuse(mechanism, design)
    rule = rising_rule(mechanism) if design.incentive is Incentive.DOMINANT else None
    found = falling_witnesses(mechanism, rule) if rule is not None else []
    if design.incentive is not Incentive.NONE:
        for agent in _unlike(mechanism):
            found += _gains(mechanism, agent)
    losses = [_losses(mechanism, agent, stage) for agent, stage in enumerate(design.participation)]
    delivered = delivery_witnesses(mechanism)
    if rule is not None:
        losses.append(staying_witnesses(mechanism, rule, design.participation))
        delivered += utility_witnesses(mechanism, rule)
    report = InterimReport(mechanism)
    return Audit(
        incentive=check(found),
        participation=check(witness for each in losses for witness in each),
        budget=_budget(report, design),
        feasibility=check([*border_witnesses(mechanism), *delivered, *_bounds(report, design)]),
    )


def rising_rule(mechanism: InterimMechanism) -> RisingRule | None:
    """The rule where it is one of rising hierarchies, from which dominant incentives can be told."""
    rule = mechanism.lift.hierarchies()
    return rule if isinstance(rule, RisingRule) else None


def _refuse(mechanism: InterimMechanism, design: Design) -> None:
    environment = mechanism.environment
    asked = [flag for flag in _UNSEEN if getattr(design, flag)]
    dominant = design.incentive is Incentive.DOMINANT
    if not dominant or rising_rule(mechanism) is None:
        asked += ["dominant incentives"] if dominant else []
        asked += ["ex post participation"] if Participation.EX_POST in design.participation else []
    asked += ["an ex post budget"] if design.budget is not None and design.budget.ex_post else []
    asked += ["agents' budgets"] if any(agent.budget is not None for agent in environment.agents) else []
    asked += ["worst"] if any(quantity.worst for bound in design.bounds for _, quantity in bound.linear.terms) else []
    if asked:
        raise UnseenError(f"{', '.join(asked)} cannot be told from an interim mechanism")


def _unlike(mechanism: InterimMechanism) -> list[int]:
    """One agent of each set that shares types, values and promises: what one gains by lying, all do."""
    agents = mechanism.environment.agents
    keys = [
        (id(one.types), id(one.values), id(held), id(paid))
        for one, held, paid in zip(agents, mechanism.allocation, mechanism.payments, strict=True)
    ]
    return sorted({key: i for i, key in reversed(list(enumerate(keys)))}.values())


def _gains(mechanism: InterimMechanism, agent: int) -> list[Witness]:
    """The largest gains of types of positive probability, over all reports."""
    environment = mechanism.environment
    one = environment.agents[agent]
    offers = np.column_stack([mechanism.allocation[agent], mechanism.payments[agent]]).T
    wishes = np.column_stack([one.float_values, np.full(one.size, -1.0)])
    possible = np.flatnonzero(one.types.float_probability > 0)
    gains = np.zeros(len(possible))
    size = max(1, BLOCK // one.size)
    for start in range(0, len(possible), size):
        part = possible[start : start + size]
        utility = wishes[part] @ offers
        gains[start : start + size] = utility.max(axis=1) - utility[np.arange(len(part)), part]

    def describe(amount: Number, position: int) -> Witness:
        k = int(possible[position])
        lie = int((wishes[k] @ offers).argmax())
        said = type_label(environment, agent, lie)
        sentence = f"{who(environment, agent, k)} gains {shown(amount)} by saying {said}"
        return Witness("incentive", amount, sentence, agent, k, lie)

    return witnesses(gains, describe)


def _losses(mechanism: InterimMechanism, agent: int, stage: Participation) -> list[Witness]:
    """What types (or the agent before it knows its type) lose by taking part."""
    one = mechanism.environment.agents[agent]
    utility = (one.float_values * mechanism.allocation[agent]).sum(axis=1) - mechanism.payments[agent]
    loss, mass = one.float_outside - utility, one.types.float_probability
    if stage is Participation.NONE:
        return []
    if stage is Participation.EX_ANTE:
        text = f"{one.name}, before knowing its type, loses {{}} by taking part"
        expected = np.array([mass @ loss])
        return witnesses(expected, lambda a, _: Witness("participation", a, text.format(shown(a)), agent))

    def describe(amount: Number, k: int) -> Witness:
        sentence = f"{who(mechanism.environment, agent, k)} loses {shown(amount)} by taking part"
        return Witness("participation", amount, sentence, agent, k)

    return witnesses(np.where(mass > 0, loss, 0), describe)


def _budget(report: InterimReport, design: Design) -> Check:
    """The expected budget."""
    if design.budget is None:
        return Check()
    short = report.cost - float(design.budget.subsidy) - float(report.paid.sum())
    if short > 0:
        return Check((Witness("budget", short, f"expected payments fall short of the cost by {shown(short)}"),))
    if design.budget.balanced and short < 0:
        return Check((Witness("budget", -short, f"expected payments exceed the cost by {shown(-short)}"),))
    return Check()


def _bounds(report: InterimReport, design: Design) -> list[Witness]:
    found = []
    for bound in design.bounds:
        value = report.linear(bound.linear)
        short = abs(value) if bound.sense == "==" else -value if bound.sense == ">=" else value
        if short > 0:
            text = f"the requirement {bound.text or bound.sense} is missed by {shown(short)}"
            found.append(Witness("bound", short, text))
    return found
