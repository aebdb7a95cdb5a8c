"""Preference lists as their owners wrote them, with the line of every entry: the step before integer arrays.

Readers (YAML, CSV, PrefLib) fill a `Wishes`; `resolve` turns the names into indices, and records unknown names,
entries written twice and owners who list themselves, each by its line. Nothing is dropped here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from amd.files.faults import Faults, InputError, suggest
from amd.matching.market import Lists


@dataclass
class Wishes:
    """One side of a market. `origin` is the file, `path` what messages call the side; entries run along the owners'
    lists, best first, and `line` holds one line for each owner, or one for each entry (`entry_line`)."""

    origin: str
    path: str
    owners: list[str] = field(default_factory=list)
    owner_line: list[int | None] = field(default_factory=list)
    start: list[int] = field(default_factory=lambda: [0])
    named: list[str] = field(default_factory=list)
    tier: list[int] = field(default_factory=list)
    entry_line: list[int | None] | None = None
    capacity: dict[str, tuple[int, int | None]] = field(default_factory=dict)  # name → places, line
    unranked: bool = False  # objects without priorities: all who list one are equal

    def add(self, owner: str, line: int | None, tiers: list[list[str]]) -> None:
        """One list, as tiers of names."""
        self.owners.append(owner)
        self.owner_line.append(line)
        for rank, names in enumerate(tiers):
            self.named += names
            self.tier += [rank] * len(names)
        self.start.append(len(self.named))

    def line_of(self, entry: int) -> int | None:
        if self.entry_line is not None:
            return self.entry_line[entry]
        return self.owner_line[self.owner_of(entry)]

    def owner_of(self, entry: int) -> int:
        return int(np.searchsorted(self.start, entry, side="right")) - 1

    def place(self, entry: int) -> str:
        """`FILE:LINE: side.owner` of an entry."""
        line = self.line_of(entry)
        where = self.origin if line is None else f"{self.origin}:{line}"
        return f"{where}: {self.path}.{self.owners[self.owner_of(entry)]}"


def resolve(wishes: Wishes, known: list[str], faults: Faults) -> Lists:
    """The lists over the indices of `known`; whatever is wrong goes to `faults`, and such entries become 0."""
    index = {name: i for i, name in enumerate(known)}
    choice = np.array([index.get(name, -1) for name in wishes.named], np.int32)
    for entry in np.flatnonzero(choice < 0).tolist():
        name, owner = wishes.named[entry], wishes.owners[wishes.owner_of(entry)]
        message = "names its owner" if name == owner else f"'{name}' is unknown{suggest(name, known[:5000])}"
        faults.add(wishes.line_of(entry), f"{wishes.path}.{owner}", message)
    _find_repeats(wishes, faults)
    start = np.array(wishes.start, np.int64)
    return Lists(start, np.maximum(choice, 0), np.array(wishes.tier, np.int32))


def _find_repeats(wishes: Wishes, faults: Faults) -> None:
    seen: dict[str, int] = {}
    for owner, line in zip(wishes.owners, wishes.owner_line, strict=True):
        if owner in seen:
            faults.add(line, f"{wishes.path}.{owner}", f"stands twice, first on line {seen[owner]}; keep one")
        seen[owner] = line or 0
    for i, owner in enumerate(wishes.owners):
        first, last = wishes.start[i], wishes.start[i + 1]
        names = wishes.named[first:last]
        if len(set(names)) == len(names):
            continue
        for entry in range(first, last):
            if wishes.named[entry] in wishes.named[first:entry]:
                path = f"{wishes.path}.{owner}"
                faults.add(wishes.line_of(entry), path, f"'{wishes.named[entry]}' is listed twice; rank it once")


def refuse(origin: str, line: int | None, path: str, message: str) -> NoReturn:
    """Raise InputError with this one fault."""
    faults = Faults(origin)
    faults.add(line, path, message)
    raise InputError(faults.found, origin)
