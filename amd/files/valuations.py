"""What agents are worth: the expressions of a file worked out over all types, or over all type profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from amd.files.context import Context, large
from amd.files.decisions import Decisions
from amd.files.evaluate import Attributes, Scope
from amd.files.expressions import Expression, ExpressionError
from amd.files.faults import suggest
from amd.files.nodes import Mapping, child
from amd.files.roster import Party, Roster
from amd.files.shapes import Item
from amd.files.trees import OTHERS, free_owners
from amd.model.numbers import ExactArray, exact_array
from amd.model.types import TypeSpace

MAX_AXES = 60  # agents, one axis each, in an array over type profiles


def columns(types: TypeSpace) -> dict[str, ExactArray]:
    """Each parameter's value at every type, (K,)."""
    table = list(zip(*types.points, strict=True)) if types.points else []
    return {name: exact_array(values) for name, values in zip(types.parameters, table, strict=True)}


@dataclass
class Valuer:
    """Works out expressions for the agents of a complete roster."""

    roster: Roster
    context: Context
    _columns: dict[int, dict[str, ExactArray]] = field(default_factory=dict)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The number of types of each agent."""
        return tuple(party.types.size for party in self.roster.parties if party.types for _ in range(party.count))

    def own(self, party: Party) -> dict[str, ExactArray]:
        """The party's parameters over its own types, (K,)."""
        if party.start not in self._columns:
            self._columns[party.start] = {} if party.types is None else columns(party.types)
        return self._columns[party.start]

    def along(self, party: Party, position: int) -> dict[str, ExactArray]:
        """The parameters of the agent at `position`, each along its own axis of the type profiles."""
        axes = [1] * len(self.shape)
        axes[position] = self.shape[position]
        return {name: values.reshape(axes) for name, values in self.own(party).items()}

    def private(self, item: Item[Expression], expression: Expression, party: Party) -> ExactArray | None:
        """The values over the own types, (K,)."""
        return self._work_out(item, expression, Scope(self.own(party)), (self.shape[party.start],))

    def profiles(self, item: Item[Expression], expression: Expression, party: Party, copy: int) -> ExactArray | None:
        """The values of one copy over all type profiles."""
        position = party.start + copy
        owners = {owner: self._speakers(owner, party, position) for owner, _ in expression.members}
        own = {name: value for name, value in self.along(party, position).items() if name in expression.names}
        return self._work_out(item, expression, Scope(own, owners), self.shape)

    def _speakers(self, owner: str, party: Party, position: int) -> Sequence[Attributes]:
        """The agents that a name speaks of, each with its parameters along its axis."""
        if owner == OTHERS:
            return [self.along(party, other) for other in party.positions if other != position]
        named, positions = self.roster.by_name[owner]
        return [self.along(named, other) for other in positions]

    def _work_out(
        self, item: Item[Expression], expression: Expression, scope: Scope, shape: tuple[int, ...]
    ) -> ExactArray | None:
        try:
            value: Any = expression.evaluate(scope)
        except ExpressionError as error:
            item.blame(self.context.faults, str(error))
            return None
        return np.broadcast_to(np.asarray(value, dtype=object), shape)

    def depends(self, expression: Expression, party: Party, position: int) -> bool:
        """Whether the expression really uses a parameter of another agent than the one at `position`."""
        for owner, _ in expression.members:
            named = party.positions if owner == OTHERS else self.roster.by_name[owner][1]
            if any(other != position for other in named):
                return True
        return False

    def fits(self, item: Item[Any], shape: tuple[int, ...], count: int) -> bool:
        """Whether `count` numbers for every entry of `shape` still fit; a fault with the estimate where not."""
        if len(shape) > MAX_AXES:
            most = f"at most {MAX_AXES} agents may have values that depend on each other"
            item.blame(self.context.faults, f"names another agent's type among {len(shape)} agents; {most}")
            return False
        what = "type profiles, since a value names another agent's type" if len(shape) > 1 else "types"
        return self.context.fits(
            item, prod(shape) * count, f"needs {count} numbers for each of {large(prod(shape))} {what}"
        )


def check_value(
    item: Item[Expression] | None, party: Party, roster: Roster, context: Context, private: bool = False
) -> Expression | None:
    """An expression in the own type (and, unless `private`, in types of others) with the parameters put in."""
    if item is None:
        return None
    if party.parameters is None:
        return None
    expression = context.resolved(item, known=party.parameters)
    if expression is None:
        return None
    problems = [_member_problem(owner, name, party, roster, private) for owner, name in sorted(expression.members)]
    for problem in filter(None, problems):
        item.blame(context.faults, problem)
    if any(problems) or not all(_known(owner, roster) for owner, _ in expression.members):
        return None
    loose = [owner for owner in sorted(free_owners(expression.tree)) if _plural(owner, roster)]
    for owner in loose:
        item.blame(context.faults, f"'{owner}.…' speaks of several agents: put it inside sum, max, min or mean")
    return None if loose else expression


def _known(owner: str, roster: Roster) -> bool:
    return owner == OTHERS or owner in roster.by_name


def _plural(owner: str, roster: Roster) -> bool:
    return owner == OTHERS or len(roster.by_name[owner][1]) > 1


def _member_problem(owner: str, name: str, party: Party, roster: Roster, private: bool) -> str:
    """What is wrong with ``owner.name``; empty when nothing is."""
    if private:
        return f"'{owner}.{name}' names an agent; only the own type, by its bare name, and parameters may stand here"
    if not _known(owner, roster):
        return roster.unknown(owner) if roster.named else ""
    named = party if owner == OTHERS else roster.by_name[owner][0]
    if named.parameters is None or name in named.parameters:
        return ""
    return f"'{named.name}' has no type parameter '{name}'{suggest(name, named.parameters)}"


def stacked(arrays: Sequence[ExactArray], shape: tuple[int, ...]) -> ExactArray:
    """Arrays of one shape side by side on a new last axis."""
    result = np.empty((*shape, len(arrays)), dtype=object)
    for position, array in enumerate(arrays):
        result[..., position] = array
    return result


Prices = dict[str, Item[Expression] | None]


def positions_of(prices: Item[Prices], decisions: Decisions, context: Context) -> dict[int, Item[Expression] | None]:
    """The expressions by the index of their outcome or good; a name that does not exist is at fault at its key."""
    found: dict[int, Item[Expression] | None] = {}
    if isinstance(prices.node, Mapping):
        for entry in prices.node.entries:
            name = entry.key.text
            position = decisions.position(Item(name, entry.key, child(prices.path, name)), context)
            if position is not None:
                found[position] = prices.value[name]
    return found
