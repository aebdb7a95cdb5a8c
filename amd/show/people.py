"""An environment in words: the agents with their types, and what can be decided."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from amd.model.environment import AllocationKind, Environment, Good, Group, Limit
from amd.show.numbers import count, listing, number
from amd.show.tables import table
from amd.show.types import type_text

MOST_GROUPS = 10
FEW_TYPES = 4


def people_parts(environment: Environment) -> list[RenderableType]:
    """Who takes part, what they know, what can be decided."""
    shown = environment.groups[:MOST_GROUPS]
    rows = [
        [
            _names(environment, group),
            f"{environment.agents[group.members[0]].size:,}",
            types_in_words(environment, group.members[0]),
            *_terms_of(environment, group.members[0]),
        ]
        for group in shown
    ]
    left = len(environment.groups) - len(shown)
    more = [Text(f"and {count(left, 'group')} more")] if left else []
    headers = ["agent", "types", "which", "outside", "can pay"]
    keep = [c for c in range(len(headers)) if c < 3 or any(row[c] for row in rows)]
    made = table([headers[c] for c in keep], [[row[c] for c in keep] for row in rows], right=[1])
    return [made, *more, Text(""), Text(decision_in_words(environment)), Text(profiles_in_words(environment))]


def _names(environment: Environment, group: Group) -> str:
    """``buyer``; ``bidder[1], bidder[2]``; ``bidder[1], ..., bidder[9]``."""
    names = [environment.agents[member].name for member in group.members]
    return ", ".join(names if len(names) < 3 else [names[0], "...", names[-1]])


def _terms_of(environment: Environment, i: int) -> list[str]:
    """The outside options where they are not 0, and the budget where there is one."""
    agent = environment.agents[i]
    outside = sorted(set(agent.outside.tolist()))
    words = number(outside[0]) if len(outside) == 1 else f"{number(outside[0])} to {number(outside[-1])}"
    return [words if any(outside) else "", "" if agent.budget is None else f"at most {number(agent.budget)}"]


def types_in_words(environment: Environment, i: int) -> str:
    """``v: 10, 50``; ``v: 1/40, 3/40, ..., 39/40``; ``24 orders``."""
    types = environment.agents[i].types
    if types.orders is not None:
        return "preference orders: " + _few([type_text(environment, i, k) for k in _ends(types.size)], types.size, "; ")
    if not types.parameters:
        return "knows nothing of its own"
    if not types.grids:
        rows = [f"({type_text(environment, i, k)})" for k in _ends(types.size)]
        return f"({', '.join(types.parameters)}): {_few(rows, types.size, ' ')}"
    grids = [
        f"{name}: {_few([number(grid.points[k]) for k in _ends(len(grid.points))], len(grid.points))}"
        for name, grid in zip(types.parameters, types.grids, strict=True)
    ]
    return "; ".join(grids)


def _ends(size: int) -> list[int]:
    """All positions of a short list; the first ones and the last of a long one."""
    return list(range(size)) if size <= FEW_TYPES else [*range(FEW_TYPES - 1), size - 1]


def _few(texts: list[str], size: int, between: str = ", ") -> str:
    return between.join(texts if size <= FEW_TYPES else [*texts[:-1], "...", texts[-1]])


def decision_in_words(environment: Environment) -> str:
    """What can be decided."""
    allocation = environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        return f"To decide: one of {count(allocation.size, 'outcome')}: {listing(allocation.names)}."
    goods = listing(_good(good) for good in allocation.goods)
    ways = f", {count(allocation.size, 'way')} in all" if allocation.kind is AllocationKind.DECISIONS else ""
    limits = "".join(f"; {_limit(limit, allocation.goods)}" for limit in allocation.limits)
    demands = [f"{a.name} at most {a.demand}" for a in environment.agents if a.demand is not None]
    wanted = f"; demand: {listing(demands, most=6)}" if demands else ""
    return f"To decide: who gets {goods}{ways}{limits}{wanted}."


def _good(good: Good) -> str:
    return good.name if good.supply == 1 else f"{good.supply} units of {good.name}"


def _limit(limit: Limit, goods: tuple[Good, ...]) -> str:
    return f"at most {limit.at_most} of {listing(goods[g].name for g in limit.goods)} together"


def profiles_in_words(environment: Environment) -> str:
    """How many type profiles there are, and the prior."""
    prior = "types are independent" if environment.independent else "types are correlated"
    values = ", values interdependent" if environment.interdependent else ""
    return f"{count(environment.profile_count, 'type profile')} θ; {prior}{values}."
