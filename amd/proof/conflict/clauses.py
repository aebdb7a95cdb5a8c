"""The requirements of a design one by one, and the design without some of them.

A clause is what a person would drop or keep: incentive compatibility of one agent, participation of one agent, the
budget, efficiency, … What is physically feasible (supplies, limits, demands) is no clause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from amd.model.design import Design, Incentive, Participation
from amd.model.environment import Environment

MOST = 14  # clauses up to which each agent has its own; beyond that exchangeable agents share theirs
FLAGS = ("efficient", "anonymous", "unanimous", "pareto", "onto", "nondictatorial")


@dataclass(frozen=True)
class Clause:
    """One requirement. `kind`: incentive, participation, cap (all of `agents`), budget, money (there is none),
    deterministic, bound (the one at `position`), or a flag of `require`."""

    kind: str
    agents: tuple[int, ...] = ()
    position: int | None = None


@dataclass(frozen=True, eq=False)
class Asked:
    """What is left of a design: the incentives of the agents in `free` are not asked for."""

    environment: Environment
    design: Design
    free: frozenset[int] = frozenset()


def clauses_of(environment: Environment, design: Design) -> tuple[Clause, ...]:
    """All requirements of a design, those of agents first."""
    every = tuple(range(len(environment.agents)))
    groups = [group.members for group in environment.groups]
    single: list[tuple[int, ...]] = [(i,) for i in every]
    for parts in (single, groups, [every]):
        found = (*_agents(environment, design, parts), *_others(environment, design))
        if len(found) <= MOST:
            break
    return found


def _agents(environment: Environment, design: Design, parts: list[tuple[int, ...]]) -> Iterable[Clause]:
    def those(wanted: Callable[[int], bool], kind: str) -> Iterable[Clause]:
        kept = (tuple(i for i in part if wanted(i)) for part in parts)
        return (Clause(kind, part) for part in kept if part)

    agents = environment.agents
    if design.incentive is not Incentive.NONE:
        yield from those(lambda i: agents[i].size > 1, "incentive")
    stages = design.participation
    yield from those(lambda i: stages[i] is not Participation.NONE and not _ordinal(environment, i), "participation")
    if design.transfers:
        yield from those(lambda i: agents[i].budget is not None, "cap")


def _others(environment: Environment, design: Design) -> Iterable[Clause]:
    if design.budget is not None:
        yield Clause("budget")
    if not design.transfers and not all(_ordinal(environment, i) for i in range(len(environment.agents))):
        yield Clause("money")
    if design.deterministic and not (design.onto or design.nondictatorial):  # these make no sense for lotteries
        yield Clause("deterministic")
    yield from (Clause(flag) for flag in FLAGS if getattr(design, flag))
    yield from (Clause("bound", position=k) for k in range(len(design.bounds)))


def _ordinal(environment: Environment, agent: int) -> bool:
    return environment.agents[agent].types.orders is not None


def without(environment: Environment, design: Design, dropped: Iterable[Clause]) -> Asked:
    """The design without the dropped clauses."""
    asked = Asked(environment, design)
    gone = list(dropped)
    positions = {clause.position for clause in gone if clause.kind == "bound"}
    kept = tuple(bound for k, bound in enumerate(design.bounds) if k not in positions)
    asked = replace(asked, design=replace(design, bounds=kept))
    for clause in gone:
        asked = _dropped(asked, clause)
    return asked


def _dropped(asked: Asked, clause: Clause) -> Asked:
    environment, design = asked.environment, asked.design
    match clause.kind:
        case "incentive":
            return replace(asked, free=asked.free | set(clause.agents))
        case "participation":
            stages = [Participation.NONE if i in clause.agents else s for i, s in enumerate(design.participation)]
            return replace(asked, design=replace(design, participation=tuple(stages)))
        case "cap":
            agents = [replace(a, budget=None) if i in clause.agents else a for i, a in enumerate(environment.agents)]
            return replace(asked, environment=replace(environment, agents=tuple(agents)))
        case "budget":
            return replace(asked, design=replace(design, budget=None))
        case "money":
            return replace(asked, design=replace(design, transfers=True))
        case "deterministic":
            return replace(asked, design=replace(design, deterministic=False))
        case "bound":
            return asked
    flag: dict[str, Any] = {clause.kind: False}
    return replace(asked, design=replace(design, **flag))
