"""The agents of a file: groups, their copies, their types, and what a name in the file speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from amd.files.context import MAX_AGENTS, Context
from amd.files.decisions import Decisions
from amd.files.faults import suggest
from amd.files.records import Fields
from amd.files.shapes import Item
from amd.files.trees import OTHERS
from amd.files.typespaces import read_types
from amd.model.types import TypeSpace


@dataclass(frozen=True)
class Party:
    """One entry under `agents`: `count` copies, the first at `start` among all agents. `types` None: at fault."""

    name: str
    count: int
    start: int
    types: TypeSpace | None
    fields: Fields

    @property
    def positions(self) -> tuple[int, ...]:
        return tuple(range(self.start, self.start + self.count))

    def copy_name(self, copy: int) -> str:
        """The name of a copy, counted from 0."""
        return self.name if self.count == 1 else f"{self.name}[{copy + 1}]"

    @property
    def parameters(self) -> tuple[str, ...] | None:
        """The names of its type's parameters, also where their distributions are at fault; None where unknown."""
        if self.types is not None or not self.fields.has("types"):
            return () if self.types is None else self.types.parameters
        item = self.fields.get("types")
        return tuple(item.value) if item is not None and isinstance(item.value, dict) else None

    @property
    def ranks(self) -> bool:
        """Whether its types are orders."""
        types = self.fields.get("types")
        return types is not None and isinstance(types.value, tuple) and types.value[0] == "orders"


@dataclass(frozen=True)
class Roster:
    """All parties. `complete` is False when some agent is at fault; `named` when that leaves its copies unknown, and so
    which names there are."""

    parties: Sequence[Party]
    complete: bool
    named: bool

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Party, tuple[int, ...]]]:
        """Every name that may be used, with its party and the positions it speaks of."""
        names: dict[str, tuple[Party, tuple[int, ...]]] = {}
        for party in self.parties:
            for copy, position in enumerate(party.positions):
                names[f"{party.name}[{copy + 1}]"] = (party, (position,))
        return names | {party.name: (party, party.positions) for party in self.parties}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of every agent, in order."""
        return tuple(party.copy_name(copy) for party in self.parties for copy in range(party.count))

    @property
    def ranking(self) -> Party | None:
        """A party with orders, if there is one."""
        return next((party for party in self.parties if party.ranks), None)

    def find(self, name: str) -> tuple[int, ...] | None:
        """The positions that a name speaks of."""
        found = self.by_name.get(name)
        return None if found is None else found[1]

    def unknown(self, name: str) -> str:
        """What to say of a name that nobody has."""
        return f"there is no agent '{name}'{suggest(name, [*(party.name for party in self.parties), *self.names[:50]])}"


def read_roster(item: Item[Any] | None, decisions: Decisions, joint: bool, context: Context) -> Roster:
    """The parties of `agents`."""
    if item is None:
        return Roster((), complete=False, named=False)
    parties: list[Party] = []
    complete, named, start = True, True, 0
    for name, below in item.value.items():
        if below is None:
            complete = named = False
            continue
        fields = below.value
        if name == OTHERS:
            below.blame(context.faults, f"'{OTHERS}' is a reserved name; call the agent otherwise")
        count = _read_count(fields, context)
        types = read_types(fields.get("types"), decisions, joint, context)
        at_fault = count is None or types is None or (fields.has("types") and fields.get("types") is None)
        complete &= not at_fault
        named &= count is not None
        parties.append(Party(name, count or 1, start, None if at_fault else types, fields))
        start += count or 1
    roster = Roster(tuple(parties), complete and start <= MAX_AGENTS, named)
    _check_names(roster, item, context)
    if start > MAX_AGENTS:
        item.blame(context.faults, f"there are {start:,} agents; at most {MAX_AGENTS:,} are handled")
    return roster


def _read_count(fields: Fields, context: Context) -> int | None:
    if not fields.has("count"):
        return 1
    return context.whole(fields.get("count"), 1, MAX_AGENTS, "a number of copies")


def _check_names(roster: Roster, item: Item[Any], context: Context) -> None:
    """A copy's name may not be that of another entry."""
    own = {party.name for party in roster.parties}
    for party in roster.parties:
        clash = own & {party.copy_name(copy) for copy in range(party.count)} - {party.name}
        for name in sorted(clash):
            item.value[name].blame(context.faults, f"'{name}' is also the name of a copy of '{party.name}'")
