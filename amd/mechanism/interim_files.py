"""Mechanism files where profiles cannot be listed: the interim form, with the rule that lifts it.

`interim` is a list of `{agents, types}`, agents treated alike and an entry for each of their types,
`{report, allocation, payment}`: the expected units of each good and the expected payment. `rule` is
`{kind: hierarchies, certain_utility, shares}`. A share is `{goods, units, lottery, split}`: so many units of these
goods in all go to whoever's type stands highest, by a lottery of `{probability, levels}`; members of one entry on the
same level share, level 0 gets nothing, and no level is shared by types of two entries. `split` is how a winner of each
type has its units in the goods. Levels and splits are lists an entry, with an item a type. With `certain_utility` each
agent pays what its allocation is worth to it less its type's expected utility; else nobody pays. The kind
`rising-hierarchies`, without `certain_utility`, pays as `amd.mechanism.rising` says, which makes truth dominant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from amd.files.faults import Faults, suggest
from amd.mechanism.entries import Reader, kind, plain
from amd.mechanism.hierarchy_files import RuleReader
from amd.mechanism.interim import InterimMechanism, promised_units
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import FloatArray


def interim_text(mechanism: InterimMechanism) -> Iterator[str]:
    """The `interim` list and the `rule`, as JSON text in pieces that follow a header.

    ValueError if the rule is not a lottery over hierarchies.
    """
    rule = mechanism.lift.hierarchies()
    if rule is None:
        raise ValueError("the rule of this mechanism is not a lottery over hierarchies: a file cannot hold it")
    held = promised_units(mechanism)
    yield ', "interim": ['
    for c, members in enumerate(rule.classes):
        agent, paid = mechanism.environment.agents[members[0]], mechanism.payments[members[0]]
        types = [
            {"report": [plain(value) for value in point], "allocation": units, "payment": amount}
            for point, units, amount in zip(agent.types.points, held[members[0]].tolist(), paid.tolist(), strict=True)
        ]
        names = [mechanism.environment.agents[i].name for i in members]
        yield (",\n" if c else "\n") + json.dumps({"agents": names, "types": types}, allow_nan=False)
    yield '\n],\n"rule": ' + json.dumps(rule.restate(), allow_nan=False) + "}\n"


def read_interim(document: dict[str, Any], environment: Environment, faults: Faults) -> InterimMechanism:
    """The interim mechanism of a document. Raises InputError with every fault and its place."""
    allocation = environment.allocation
    if allocation.kind is not AllocationKind.MARGINALS or environment.interdependent or not environment.independent:
        faults.add(None, "interim", "is only for goods with additive private values and independent types")
        faults.check()
    classes, held, paid = _PromiseReader(environment, faults).entries(document["interim"])
    faults.check()
    rule = RuleReader(environment, faults).rule(document.get("rule"), classes, held, paid)
    faults.check()
    where = {i: c for c, members in enumerate(classes) for i in members}
    n, goods = len(environment.agents), len(allocation.goods)
    return InterimMechanism(
        environment,
        tuple(held[where[i]][:, environment.agents[i].features.indices % goods] for i in range(n)),
        tuple(paid[where[i]] for i in range(n)),
        rule,
    )


class _PromiseReader(Reader):
    """Reads what the types of each agent are promised."""

    def entries(self, entries: Any) -> tuple[list[tuple[int, ...]], list[FloatArray], list[FloatArray]]:
        """Agents treated alike, and what their types are promised (K, m) and pay (K,)."""
        classes: list[tuple[int, ...]] = []
        held: list[FloatArray] = []
        paid: list[FloatArray] = []
        for e, entry in enumerate(self.items(entries, "interim"), 1):
            if self.mapping(entry, {"agents", "types"}, f"interim[{e}]"):
                seen = {i for members in classes for i in members}
                members = self._members(entry["agents"], seen, f"interim[{e}].agents")
                if members:
                    own, payments = self._types(entry["types"], members[0], f"interim[{e}].types")
                    classes.append(members)
                    held.append(own)
                    paid.append(payments)
        missing = set(range(self.agents)) - {i for members in classes for i in members}
        if missing and not self.faults:
            self.fault("interim", f"says nothing of {self.environment.agents[min(missing)].name}")
        return classes, held, paid

    def _members(self, names: Any, seen: set[int], place: str) -> tuple[int, ...]:
        known = {agent.name: i for i, agent in enumerate(self.environment.agents)}
        found: list[int] = []
        for name in self.items(names, place):
            i = known.get(name) if isinstance(name, str) else None
            if i is None:
                self.fault(place, f"{kind(name)} is no agent" + (suggest(name, known) if isinstance(name, str) else ""))
            elif i in seen or i in found:
                self.fault(place, f"{name} is named twice")
            elif found and not self._alike(found[0], i):
                self.fault(place, f"{name} and {self.environment.agents[found[0]].name} do not have the same types")
            else:
                found.append(i)
        return tuple(found)

    def _alike(self, i: int, j: int) -> bool:
        one, other = self.environment.agents[i].types, self.environment.agents[j].types
        return one is other or (one.points == other.points and one.probability == other.probability)

    def _types(self, entries: Any, agent: int, place: str) -> tuple[FloatArray, FloatArray]:
        """What each type of the agent is promised (K, m) and pays (K,)."""
        size, goods = self.environment.agents[agent].size, len(self.goods)
        units, paid = np.zeros((size, goods)), np.zeros(size)
        seen: set[int] = set()
        for t, entry in enumerate(self.items(entries, place), 1):
            here = f"{place}[{t}]"
            if not self.mapping(entry, {"report", "allocation", "payment"}, here):
                continue
            k = self.type_of(agent, entry["report"], f"{here}.report")
            if k in seen:
                self.fault(f"{here}.report", "is the report of an earlier entry again")
            if k is not None:
                seen.add(k)
                units[k] = self.numbers(entry["allocation"], goods, f"{here}.allocation", "good")
                paid[k] = self.number(entry["payment"], f"{here}.payment")
        if len(seen) < size and not self.faults:
            self.fault(place, f"{size - len(seen):,} types have no entry")
        return units, paid
