"""What can be decided: named outcomes, or goods with their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from amd.files.context import Context
from amd.files.faults import listing, suggest
from amd.files.records import Fields
from amd.files.shapes import Item
from amd.model.environment import Good, Limit
from amd.model.numbers import ZERO

MAX_SUPPLY = 1_000_000
MAX_NAMES = 100_000


@dataclass(frozen=True)
class Decisions:
    """Outcomes with their costs, or goods with limits. `complete` is False when some part of it is at fault."""

    outcomes: tuple[str, ...] = ()
    cost: tuple[Fraction, ...] = ()
    goods: tuple[Good, ...] = ()
    limits: tuple[Limit, ...] = ()
    by_goods: bool = False
    complete: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names that values may be given for."""
        return tuple(good.name for good in self.goods) if self.by_goods else self.outcomes

    @property
    def thing(self) -> str:
        return "good" if self.by_goods else "outcome"

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def position(self, name: Item[str], context: Context) -> int | None:
        """The index of a named outcome or good; None, with a fault, where there is none."""
        if name.value in self._positions:
            return self._positions[name.value]
        if self.complete:
            name.blame(context.faults, f"there is no {self.thing} '{name.value}'{suggest(name.value, self.names)}")
        return None


def read_decisions(problem: Fields, context: Context) -> Decisions:
    """The outcomes or the goods of a problem."""
    problem.clash("outcomes", "goods", context.faults, "a problem has 'outcomes' or 'goods', not both")
    if problem.has("outcomes"):
        if problem.has("limits"):
            problem.blame("limits", context.faults, "limits are about goods, and this problem has outcomes")
        return _read_outcomes(problem.get("outcomes"), context)
    if problem.has("goods"):
        return _read_goods(problem, context)
    problem.blame("outcomes", context.faults, "is missing; say what can be decided by 'outcomes' or by 'goods'")
    return Decisions(complete=False)


def _read_outcomes(item: Item[Any] | None, context: Context) -> Decisions:
    if item is None:
        return Decisions(complete=False)
    if isinstance(item.value, dict):
        found = {name: _cost(below, context) for name, below in item.value.items()}
        complete = all(cost is not None for cost in found.values())
        return Decisions(tuple(found), tuple(cost or ZERO for cost in found.values()), complete=complete)
    names = _distinct(item.value, "outcome", context)
    return Decisions(names, (ZERO,) * len(names), complete=all(below is not None for below in item.value))


def _distinct(items: Sequence[Item[str] | None], thing: str, context: Context) -> tuple[str, ...]:
    """The names of a list; one that stands twice is at fault."""
    seen: dict[str, Item[str]] = {}
    for item in items:
        if item is None:
            continue
        if item.value in seen:
            item.blame(context.faults, f"the {thing} '{item.value}' is listed twice")
        elif not item.value.strip() or not item.value.isprintable():
            item.blame(context.faults, f"the name of an {thing} is empty or has characters that cannot be shown")
        seen.setdefault(item.value, item)
    return tuple(seen)


def _cost(item: Item[Fields] | None, context: Context) -> Fraction | None:
    """The cost in a record, 0 where it is left out, None where it is at fault."""
    if item is None:
        return None
    return context.number(item.value.get("cost")) if item.value.has("cost") else ZERO


def _read_goods(problem: Fields, context: Context) -> Decisions:
    item = problem.get("goods")
    if item is None:
        return Decisions(by_goods=True, complete=False)
    found = {name: _read_good(name, below, context) for name, below in item.value.items()}
    goods = tuple(good or Good(name, 1) for name, good in found.items())
    plain = Decisions(goods=goods, by_goods=True, complete=None not in found.values())
    limits = [_read_limit(below, plain, context) for below in problem.value("limits", [])]
    kept = tuple(limit for limit in limits if limit is not None)
    return Decisions(goods=goods, limits=kept, by_goods=True, complete=plain.complete)


def _read_good(name: str, item: Item[Any] | None, context: Context) -> Good | None:
    if item is None:
        return None
    if not isinstance(item.value, Fields):
        supply = context.whole(item, 0, MAX_SUPPLY, "a supply")
        return None if supply is None else Good(name, supply)
    supply = context.whole(item.value.get("supply"), 0, MAX_SUPPLY, "a supply")
    cost = _cost(item, context)
    return None if supply is None or cost is None else Good(name, supply, cost)


def _read_limit(item: Item[Fields] | None, decisions: Decisions, context: Context) -> Limit | None:
    if item is None:
        return None
    named = item.value.get("goods")
    at_most = context.whole(item.value.get("at_most"), 0, MAX_SUPPLY, "a limit")
    if named is None:
        return None
    _distinct(named.value, "good", context)
    positions = [decisions.position(name, context) for name in named.value if name is not None]
    known = tuple(dict.fromkeys(position for position in positions if position is not None))
    return Limit(known, at_most) if at_most is not None and len(known) == len(named.value) else None


def describe(decisions: Decisions) -> str:
    """What there is, for messages."""
    return f"the {decisions.thing}s are {listing(decisions.names)}"
