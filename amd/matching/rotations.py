"""Rotations: the smallest steps between stable matchings, and the order in which they can be taken.

In a stable matching M, s(a) is the next program on a's list, after its own, that is full and prefers a to its worst
admitted applicant, and next(a) is that worst applicant. A *rotation* is a cycle of `next`; *eliminating* it sends each
of its applicants to s(a). Every stable matching is the applicants' best one after eliminating a set of rotations that
holds the predecessors of its members, and each such closed set gives another one (Irving and Leather 1986; Gusfield
and Irving 1989, theorem 2.5.7; for programs with several places Bansal, Agrawal and Malhotra 2007). Strict lists.

One rotation precedes another when
* both take place at one program (the rotations of a program stand in line), or
* the second sends an applicant past a program whose door the first one closed.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from amd.matching.deferred import deferred_acceptance
from amd.matching.market import IntArray, Market, MarketError


@dataclass(frozen=True)
class Rotation:
    """`applicants[i]` moves from the entry `leaves[i]` of its list to the entry `joins[i]`."""

    applicants: tuple[int, ...]
    leaves: tuple[int, ...]
    joins: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class RotationPoset:
    """All rotations of a market, in an order in which they can be eliminated one after the other.

    `best`, `worst` (n,): the stable assignments that applicants like best and least. `before[i]` holds the immediate
    predecessors of rotation i, all smaller than i (some may also be implied by others).
    """

    market: Market
    best: IntArray
    worst: IntArray
    rotations: tuple[Rotation, ...]
    before: tuple[frozenset[int], ...]

    @cached_property
    def down(self) -> list[int]:
        """Each rotation with everything before it, as the bits of a number."""
        down: list[int] = []
        for i, before in enumerate(self.before):
            bits = 1 << i
            for j in before:
                bits |= down[j]
            down.append(bits)
        return down

    @cached_property
    def up(self) -> list[int]:
        """Each rotation with everything after it, as the bits of a number."""
        up = [1 << i for i in range(len(self.before))]
        for i in reversed(range(len(self.before))):
            for j in self.before[i]:
                up[j] |= up[i]
        return up

    def eliminate(self, closed: int) -> IntArray:
        """(n,): the stable assignment of a closed set, given as bits. Raises MarketError when it is not closed."""
        assignment = self.best.copy()
        choice = self.market.applicants.choice
        for i in bits_of(closed):
            if self.down[i] & ~closed:
                raise MarketError(f"rotation {i} cannot be eliminated before those it depends on")
            rotation = self.rotations[i]
            assignment[list(rotation.applicants)] = choice[list(rotation.joins)]
        return assignment

    def closed_sets(self) -> Iterator[int]:
        """Every closed set once, the empty one first, as bits. There may be exponentially many: this is a stream."""
        everything = (1 << len(self.before)) - 1
        stack = [(0, 0)]
        while stack:
            inside, outside = stack.pop()
            free = everything & ~(inside | outside)
            if not free:
                yield inside
                continue
            i = (free & -free).bit_length() - 1
            stack.append((inside | self.down[i], outside))
            stack.append((inside, outside | self.up[i]))


def bits_of(number: int) -> Iterator[int]:
    """The positions of the ones, lowest first."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


def all_stable_matchings(market: Market) -> Iterator[IntArray]:
    """Every stable assignment (n,) once, the applicants' best first: a stream, since there may be exponentially many
    (a market of n and n can have more than 2.28ⁿ; Thurber 2002). Raises MarketError when a list has a tie."""
    poset = find_rotations(market)
    for closed in poset.closed_sets():
        yield poset.eliminate(closed)


def find_rotations(market: Market) -> RotationPoset:
    """All rotations with their order, in time linear in the lists. Raises MarketError when a list has a tie."""
    best = deferred_acceptance(market).assignment
    worst = deferred_acceptance(market, "programs").assignment
    search = _Search(market, best)
    for applicant in np.flatnonzero(best != worst).tolist():
        search.descend(applicant, int(worst[applicant]))
    return RotationPoset(market, best, worst, tuple(search.rotations), tuple(search.before))


class _Search:
    """Eliminates rotations from the applicants' best matching down, each once."""

    def __init__(self, market: Market, best: IntArray) -> None:
        self.choice: list[int] = market.applicants.choice.tolist()
        self.end: list[int] = market.applicants.start[1:].tolist()
        self.priority: list[int] = market.priority.tolist()
        self.entry: list[int] = market.entry_at(best).tolist()  # of each applicant's present place
        self.pointer: list[int] = [e + 1 for e in self.entry]
        self.roster: list[list[tuple[int, int]]] = [[] for _ in range(market.program_count)]
        for applicant, e in enumerate(self.entry):
            if e >= 0:
                insort(self.roster[self.choice[e]], (self.priority[e], applicant))
        self.full = [len(r) == c for r, c in zip(self.roster, market.capacity.tolist(), strict=True)]
        # For each program, its rotations so far and the priority of its worst applicant after each (before any first).
        self.history: list[tuple[list[int], list[int]]] = [([r[-1][0]] if r else [-1], [-1]) for r in self.roster]
        self.rotations: list[Rotation] = []
        self.before: list[frozenset[int]] = []

    def descend(self, applicant: int, target: int) -> None:
        """Eliminate rotations until `applicant` is at program `target`, its worst stable place."""
        path, place = [applicant], {applicant: 0}
        while self.choice[self.entry[applicant]] != target:
            program = self.choice[self.step(path[-1])]
            following = self.roster[program][-1][1]
            if following not in place:
                place[following] = len(path)
                path.append(following)
                continue
            cut = place[following]
            self.eliminate(path[cut:])
            for gone in path[cut:]:
                del place[gone]
            del path[cut:]
            if not path:
                path, place = [applicant], {applicant: 0}

    def step(self, applicant: int) -> int:
        """The entry of s(applicant). Doors only ever close, so the pointer never turns back."""
        e = self.pointer[applicant]
        while e < self.end[applicant] and not self.accepts(e):
            e += 1
        self.pointer[applicant] = e
        if e == self.end[applicant]:
            raise RuntimeError("an applicant above its worst stable place has no next one")
        return e

    def accepts(self, e: int) -> bool:
        program = self.choice[e]
        return self.full[program] and self.priority[e] < self.roster[program][-1][0]

    def eliminate(self, cycle: list[int]) -> None:
        leaves = [self.entry[a] for a in cycle]
        joins = [self.pointer[a] for a in cycle]
        number = len(self.rotations)
        before = {self.closed_by(e) for leave, join in zip(leaves, joins, strict=True) for e in range(leave + 1, join)}
        before |= {self.history[self.choice[e]][1][-1] for e in leaves}
        for e in leaves:
            self.roster[self.choice[e]].pop()
        for a, e in zip(cycle, joins, strict=True):
            insort(self.roster[self.choice[e]], (self.priority[e], a))
            self.entry[a], self.pointer[a] = e, e + 1
        for e in joins:
            worst, numbers = self.history[self.choice[e]]
            worst.append(self.roster[self.choice[e]][-1][0])
            numbers.append(number)
        self.rotations.append(Rotation(tuple(cycle), tuple(leaves), tuple(joins)))
        self.before.append(frozenset(before - {-1}))

    def closed_by(self, e: int) -> int:
        """The rotation that made the program of entry e prefer its worst applicant to e's owner, -1 for none."""
        worst, numbers = self.history[self.choice[e]]
        if not self.full[self.choice[e]]:
            return -1
        low, high = 0, len(worst) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if worst[middle] < self.priority[e] else (middle + 1, high)
        return numbers[low]
