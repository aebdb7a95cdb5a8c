"""From a problem to its continuum `Setting`, or to the sentence that says why there is none.

Refused: joint priors (the relations need independence), interdependent values, values that are not affine in the
agent's own parameters, values of bundles, preference orders, problems without money, finite types beside continuous
ones. Requirements that only weaken the bound from above when left out are left out and named.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from amd.model.design import Budget, Design, Incentive, Participation, Quantity
from amd.model.environment import Agent, AllocationKind, Environment
from amd.model.task import Task
from amd.proof.continuum.relations import NoBoundError
from amd.proof.continuum.setting import ContinuousAgent, Need, Setting
from amd.proof.wish import Row, Wish, nothing, quantity_wish, units_of, wish_of

ZERO, ONE = Fraction(0), Fraction(1)
OUTSIDE = ""  # the key of the outside option among an agent's formulas: no outcome has an empty name


def has_continuum(task: Task) -> bool:
    """Whether some agent's types were cut from a continuous law."""
    return any(grid.law is not None for agent in task.environment.agents for grid in agent.types.grids)


def read_setting(task: Task) -> Setting:
    """The continuum problem of a task. Raises NoBoundError, in words, where the relations do not apply."""
    design, environment = _supported(task)
    agents = tuple(_agent(environment, i, design.participation[i]) for i in range(len(environment.agents)))
    needs = [*_budget(environment, design.budget), *_bounds(environment, design)]
    objective = design.objective
    wish = wish_of(environment, objective) if objective is not None else nothing(environment)
    return Setting(
        agents,
        environment.allocation,
        wish.scaled(ONE if design.maximize else -ONE),
        tuple(needs),
        design.efficient,
        tuple(_weakened(environment, design)),
        tuple(_unproven(environment, design, agents)),
        design.maximize,
    )


def _supported(task: Task) -> tuple[Design, Environment]:
    environment, design = task.environment, task.design
    if design is None:
        raise NoBoundError("the problem does not say what is wanted (no design)")
    worst = [quantity.label for quantity in design.quantities if quantity.worst]
    reasons = {
        "types are correlated (a joint prior); the relations need independence": not environment.independent,
        "values are interdependent: the envelope relations need private values": environment.interdependent,
        "types are preference orders, not continuous": any(a.types.orders is not None for a in environment.agents),
        "there is no money: the relations speak of payments": not design.transfers,
        "without incentive constraints there is nothing to bound: the answer is the first best": design.incentive
        is Incentive.NONE,
        f"{', '.join(worst)} is a lowest value over all types; cell averages say nothing of it": bool(worst),
    }
    for reason, applies in reasons.items():
        if applies:
            raise NoBoundError(reason)
    return design, environment


def _agent(environment: Environment, i: int, stage: Participation) -> ContinuousAgent:
    agent = environment.agents[i]
    grids = agent.types.grids
    laws = tuple(grid.law for grid in grids if grid.law is not None)
    if (agent.size > 1 and not grids) or len(laws) < len(grids):
        raise NoBoundError(
            f"agent {agent.name} has finitely many types; the continuum bounds need a law for each parameter"
        )
    names = agent.types.parameters if laws else ()
    worth = _worth(environment, i, names)
    if environment.allocation.kind is AllocationKind.DECISIONS:
        _check_additive(agent, worth)
    outside = _affine(agent, OUTSIDE, names)
    slopes = tuple(tuple(row[1 + j] for row in worth) for j in range(len(names)))
    cells = tuple(len(grid.points) for grid in grids)
    return ContinuousAgent(agent.name, agent.group, laws, cells, slopes, tuple(row[0] for row in worth), outside, stage)


def _worth(environment: Environment, i: int, names: Sequence[str]) -> list[Row]:
    """(constant, slopes) of agent i's worth for one unit of each column."""
    agent, allocation = environment.agents[i], environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        return [_affine(agent, name, names) for name in allocation.names]
    units = units_of(allocation, len(environment.agents))[:, i, :]
    goods = [_affine(agent, good.name, names) for good in allocation.goods]
    strange = set(agent.formulas) - {good.name for good in allocation.goods} - {OUTSIDE}
    if strange:
        raise NoBoundError(f"agent {agent.name} values bundles; the bounds need values that add up over goods")
    width = 1 + len(names)
    return [
        tuple(sum((int(u) * good[c] for u, good in zip(row, goods, strict=True)), ZERO) for c in range(width))
        for row in units
    ]


def _check_additive(agent: Agent, worth: Sequence[Row]) -> None:
    """Refuse values of bundles: the worth of whole decisions is then not the sum of the listed expressions."""
    point = agent.types.points[-1]
    listed = [row[0] + sum((s * x for s, x in zip(row[1:], point, strict=False)), ZERO) for row in worth]
    actual = agent.features.T.toarray().astype(object) @ agent.values[-1]
    if agent.interdependent or list(actual) != listed:
        raise NoBoundError(f"agent {agent.name} values bundles; the bounds need values that add up over goods")


def _affine(agent: Agent, key: str, names: Sequence[str]) -> Row:
    """(constant, slopes) of a formula of the agent; zeros where there is none."""
    width = 1 + len(names)
    formula = agent.formulas.get(key)
    if formula is None:
        return (ZERO,) * width
    polynomial = formula.polynomial(*names)
    if polynomial is None or any(sum(exponents) > 1 for exponents in polynomial):
        raise NoBoundError(
            f"the value of '{key}' to agent {agent.name} ({formula}) is not linear in its parameters; "
            "make the value itself the parameter"
        )
    row = [ZERO] * width
    for exponents, coefficient in polynomial.items():
        row[1 + exponents.index(1) if 1 in exponents else 0] = Fraction(coefficient)
    return tuple(row)


def _budget(environment: Environment, budget: Budget | None) -> list[Need]:
    """Payments plus subsidy less cost: 0, or at least 0, in expectation."""
    if budget is None:
        return []
    profit = quantity_wish(environment, Quantity("profit", "profit"))
    wish = Wish(profit.payment, profit.value, profit.column, budget.subsidy)
    return [Need(wish, budget.balanced, "balanced budget, on average" if budget.balanced else "no deficit, on average")]


def _bounds(environment: Environment, design: Design) -> list[Need]:
    needs = []
    for bound in design.bounds:
        wish = wish_of(environment, bound.linear)
        needs.append(Need(wish.scaled(-ONE if bound.sense == "<=" else ONE), bound.sense == "==", bound.text))
    return needs


def _torn(agent: ContinuousAgent) -> bool:
    """Whether an agent's worth, net of its outside option, may rise with its type in one profile and fall in another.

    Where it only rises (falls), the lowest (highest) type is worst off whatever the others report.
    """
    return any(agent.outside[1:]) or any(min(row) < 0 < max(row) for row in agent.slopes)


def _weakened(environment: Environment, design: Design) -> list[str]:
    notes = []
    if design.budget is not None and design.budget.ex_post:
        notes.append("the budget is asked for in expectation only")
    if any(agent.budget is not None for agent in environment.agents):
        notes.append("the agents' caps on payments are left out")
    if design.deterministic:
        notes.append("lotteries are allowed")
    if design.anonymous:
        notes.append("anonymity is left out")
    return notes


def _unproven(environment: Environment, design: Design, agents: Sequence[ContinuousAgent]) -> list[str]:
    reasons = []
    torn = [agent.name for agent in agents if agent.participation is Participation.EX_POST and _torn(agent)]
    if design.incentive is Incentive.DOMINANT and torn:
        reasons.append(
            f"what {' and '.join(torn)} gains over the outside option may fall along the type, so that the type that "
            "is worst off depends on the reports of the others: with dominant incentives and participation in every "
            "profile, the mechanisms offered here charge too much"
        )
    if any(agent.budget is not None for agent in environment.agents):
        reasons.append("no mechanism is offered that keeps within the agents' caps on payments")
    if design.budget is not None and design.budget.ex_post:
        stages = set(design.participation)
        if design.incentive is Incentive.DOMINANT or Participation.EX_POST in stages or len(environment.agents) < 2:
            reasons.append(
                "a budget that holds in every profile follows from one in expectation only with Bayesian incentives, "
                "two or more agents and participation at the interim stage (R7)"
            )
    if design.deterministic and (design.anonymous or design.budget is not None or design.bounds):
        reasons.append("the mechanisms offered here break ties or mix by lot, which 'deterministic' forbids")
    return reasons
