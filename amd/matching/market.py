"""The one market type: two sides, their preference lists as compressed integer arrays, and capacities.

An *applicant* gets at most one place, a *program* admits up to its capacity; stable marriage is the case of capacity
one everywhere. A list holds *entries*, best first. An entry has a *tier*, the rank its owner gave it (0 is best);
entries of one tier are tied. Lists may be incomplete: who is not listed is not acceptable. The two sides agree on who
is acceptable to whom (`amd.matching.clean` makes them agree and reports what that cost).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray: TypeAlias = NDArray[np.int64]
EntryArray: TypeAlias = NDArray[np.int32]
BoolArray: TypeAlias = NDArray[np.bool_]

UNMATCHED = -1
NO_TIER = np.iinfo(np.int32).max  # the tier of being unmatched: worse than every entry


class MarketError(ValueError):
    """The market, or a request about it, is wrong; the message says what and what would be right."""


@dataclass(frozen=True, eq=False)
class Lists:
    """Preference lists of one side. Owner i's entries are `start[i]:start[i + 1]`.

    `start` (n + 1,) offsets; `choice` (k,) whom the entry names; `tier` (k,) its rank, 0 best, never decreasing within
    a list. Raises MarketError when the arrays do not describe lists.
    """

    start: IntArray
    choice: EntryArray
    tier: EntryArray

    def __post_init__(self) -> None:
        if self.start.ndim != 1 or not self.start.size or self.start[0] != 0 or self.start[-1] != self.choice.size:
            raise MarketError("the offsets of the lists do not run from 0 to the number of entries")
        if (np.diff(self.start) < 0).any():
            raise MarketError("the offsets of the lists decrease")
        if self.tier.shape != self.choice.shape:
            raise MarketError(f"{self.choice.size} entries but {self.tier.size} tiers")
        if self._neighbours(np.less).any():
            raise MarketError("a list's tiers decrease: entries are ordered best first")

    @property
    def count(self) -> int:
        """How many lists there are."""
        return self.start.size - 1

    @property
    def entries(self) -> int:
        return self.choice.size

    @cached_property
    def owner(self) -> EntryArray:
        """(k,): whose list each entry stands on."""
        return np.repeat(np.arange(self.count, dtype=np.int32), np.diff(self.start))

    def _neighbours(self, compare: Callable[[EntryArray, EntryArray], BoolArray]) -> BoolArray:
        """(k - 1,): where an entry's tier compares so with that of the entry before it on the same list."""
        found = compare(self.tier[1:], self.tier[:-1])
        inner = self.start[1:-1]
        found[inner[(inner > 0) & (inner < self.entries)] - 1] = False
        return found

    @cached_property
    def is_strict(self) -> bool:
        return self.tied_owner() is None

    def of(self, owner: int) -> EntryArray:
        """Whom `owner` lists, best first."""
        return self.choice[self.start[owner] : self.start[owner + 1]]

    def tiers_of(self, owner: int) -> EntryArray:
        return self.tier[self.start[owner] : self.start[owner + 1]]

    def tied_owner(self) -> int | None:
        """Somebody whose list has a tie, or None."""
        tied = self._neighbours(np.equal)
        return int(np.searchsorted(self.start, int(tied.argmax()), side="right") - 1) if tied.any() else None

    def keep(self, kept: BoolArray) -> Lists:
        """The lists without the entries where `kept` (k,) is false; the others keep their tiers."""
        running = np.concatenate([[0], np.cumsum(kept)])
        return Lists(running[self.start], self.choice[kept], self.tier[kept])


def lists_from(rows: Sequence[Sequence[int]]) -> Lists:
    """Strict lists from plain sequences of indices, best first."""
    lengths = [len(row) for row in rows]
    choice = np.fromiter((item for row in rows for item in row), np.int32, sum(lengths))
    tier = np.concatenate([np.arange(length, dtype=np.int32) for length in lengths] or [np.empty(0, np.int32)])
    return Lists(_offsets(lengths), choice, tier)


def tied_lists_from(rows: Sequence[Sequence[Sequence[int]]]) -> Lists:
    """Lists with ties: each row is a sequence of tiers, each tier a sequence of indices."""
    flat = [(item, rank) for row in rows for rank, tier in enumerate(row) for item in tier]
    lengths = [sum(len(tier) for tier in row) for row in rows]
    choice = np.array([item for item, _ in flat], np.int32)
    return Lists(_offsets(lengths), choice, np.array([rank for _, rank in flat], np.int32))


def lists_from_matrix(matrix: ArrayLike) -> Lists:
    """Strict lists from an integer array (n, k); negative numbers at the end of a row mean a shorter list."""
    table = np.asarray(matrix)
    if table.ndim != 2:
        raise MarketError(f"a table of choices has two dimensions, this one {table.ndim}")
    rank = np.broadcast_to(np.arange(table.shape[1], dtype=np.int32), table.shape)
    if table.size and table.min() >= 0:
        return Lists(_offsets([table.shape[1]] * len(table)), table.astype(np.int32, copy=False).ravel(), rank.ravel())
    listed = table >= 0
    if (listed[:, 1:] & ~listed[:, :-1]).any():
        raise MarketError("a row of choices goes on after its first empty place")
    return Lists(_offsets(listed.sum(1)), table[listed].astype(np.int32), rank[listed])


def _offsets(lengths: ArrayLike) -> IntArray:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.asarray(lengths, np.int64))])


@dataclass(frozen=True, eq=False)
class Market:
    """A two-sided market in which acceptability is mutual.

    `applicants`: n lists over programs; `programs`: m lists over applicants; `capacity` (m,) at least 1. Names are
    optional. Raises MarketError when sizes disagree, a capacity is below 1, somebody is listed twice on one list or
    an entry has no counterpart on the other side.
    """

    applicants: Lists
    programs: Lists
    capacity: IntArray
    applicant_names: Sequence[str] | None = None
    program_names: Sequence[str] | None = None
    aligned: IntArray | None = None  # `align(applicants, programs)`, where the caller has it already

    def __post_init__(self) -> None:
        if self.capacity.shape != (self.program_count,):
            raise MarketError(f"{self.program_count} programs but capacities of shape {self.capacity.shape}")
        if self.capacity.size and self.capacity.min() < 1:
            raise MarketError(f"{self.program(int(self.capacity.argmin()))} has no place: its capacity is below 1")
        for names, count in ((self.applicant_names, self.applicant_count), (self.program_names, self.program_count)):
            if names is not None and len(names) != count:
                raise MarketError(f"{count} lists but {len(names)} names")
        require_in_range(self.applicants, self.program_count, "program")
        require_in_range(self.programs, self.applicant_count, "applicant")
        _ = self.cross

    @property
    def applicant_count(self) -> int:
        return self.applicants.count

    @property
    def program_count(self) -> int:
        return self.programs.count

    @property
    def is_strict(self) -> bool:
        return self.applicants.is_strict and self.programs.is_strict

    def applicant(self, index: int) -> str:
        return self.applicant_names[index] if self.applicant_names is not None else f"applicant {index + 1}"

    def program(self, index: int) -> str:
        return self.program_names[index] if self.program_names is not None else f"program {index + 1}"

    @cached_property
    def cross(self) -> IntArray:
        """(k,): for each entry of the applicants' lists, the entry of the same pair on the program's list."""
        cross = align(self.applicants, self.programs) if self.aligned is None else self.aligned
        if cross.size != self.programs.entries or (cross < 0).any():
            raise MarketError("acceptability is not mutual, the two sides list different pairs: use amd.matching.clean")
        return cross

    @cached_property
    def cross_back(self) -> IntArray:
        """(k,): the other way round, for each entry of the programs' lists."""
        back = np.empty_like(self.cross)
        back[self.cross] = np.arange(back.size)
        return back

    @cached_property
    def priority(self) -> EntryArray:
        """(k,): at each entry of the applicants' lists, the tier in which the program holds that applicant."""
        return self.programs.tier[self.cross]

    @cached_property
    def standing(self) -> EntryArray:
        """(k,): at each entry of the programs' lists, the tier in which the applicant holds that program."""
        return self.applicants.tier[self.cross_back]

    def require_strict(self) -> None:
        """Raise MarketError, naming a list with a tie, unless all lists are strict."""
        for lists, name in ((self.applicants, self.applicant), (self.programs, self.program)):
            owner = lists.tied_owner()
            if owner is not None:
                raise MarketError(f"the list of {name(owner)} has a tie: break ties first, by a lottery for example")

    def entry_at(self, assignment: IntArray) -> IntArray:
        """(n,): the entry of each applicant's list that `assignment` (n,) gives, -1 for unmatched or off the list."""
        entry = np.full(self.applicant_count, UNMATCHED, np.int64)
        hits = np.flatnonzero(self.applicants.choice == assignment[self.applicants.owner])
        entry[self.applicants.owner[hits]] = hits
        return entry

    def tier_at(self, assignment: IntArray) -> EntryArray:
        """(n,): the tier of each applicant's place; a number above every tier for those without a listed place."""
        entry = self.entry_at(assignment)
        return np.where(entry >= 0, _padded(self.applicants.tier)[entry], NO_TIER).astype(np.int32)

    def load(self, assignment: IntArray) -> IntArray:
        """(m,): how many applicants each program gets."""
        return np.bincount(assignment[assignment >= 0], minlength=self.program_count).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Matching:
    """Who goes where: `assignment` (n,) holds each applicant's program, -1 for none; `method` says how it was found."""

    assignment: IntArray
    method: str

    @property
    def matched(self) -> int:
        return int((self.assignment >= 0).sum())


def _padded(tier: EntryArray) -> EntryArray:
    """So that index -1 is legal on an empty array too."""
    return np.append(tier, np.int32(NO_TIER))


def require_in_range(lists: Lists, count: int, what: str) -> None:
    if lists.entries and not (lists.choice.min() >= 0 and lists.choice.max() < count):
        raise MarketError(f"a list names {what} {int(lists.choice.max())}, but they run from 0 to {count - 1}")


def align(applicants: Lists, programs: Lists) -> IntArray:
    """(k,): the entry of the programs' lists that answers each entry of the applicants', -1 where there is none.

    Raises MarketError when a list names somebody twice. By a table of all pairs where most of them are listed,
    else by sorting the pairs.
    """
    dense = applicants.count * programs.count <= 4 * max(applicants.entries, programs.entries)
    return _align_dense(applicants, programs) if dense else _align_sparse(applicants, programs)


def _align_dense(applicants: Lists, programs: Lists) -> IntArray:
    table = np.full((programs.count, applicants.count), UNMATCHED, np.int64 if programs.entries > 2**31 else np.int32)
    for rows, entries, cell in _blocks(programs, applicants.count):
        table[rows].reshape(-1)[cell] = np.arange(entries.start, entries.stop)
    cross = np.empty(applicants.entries, np.int64)
    listed = 0
    for rows, entries, cell in _blocks(applicants, programs.count):
        part = table[:, rows].T.copy().reshape(-1)
        cross[entries] = part[cell]
        part[cell] = -2
        listed += int(np.count_nonzero(part == -2))
    if listed < applicants.entries or np.count_nonzero(table >= 0) < programs.entries:
        raise _twice(applicants, programs)
    return cross


def _blocks(lists: Lists, width: int, size: int = 64) -> Iterator[tuple[slice, slice, IntArray]]:
    """Blocks of lists small enough for the cache: the owners, their entries, and the cells of these entries in a
    table of `width` columns whose first row is the block's first owner."""
    for first in range(0, lists.count, size):
        last = min(first + size, lists.count)
        entries = slice(int(lists.start[first]), int(lists.start[last]))
        lengths = np.diff(lists.start[first : last + 1])
        cell = np.repeat(np.arange(last - first, dtype=np.int64) * width, lengths)
        yield slice(first, last), entries, cell + lists.choice[entries]


def _align_sparse(applicants: Lists, programs: Lists) -> IntArray:
    n = applicants.count
    our_keys = applicants.choice.astype(np.int64) * n + applicants.owner
    their_keys = programs.owner.astype(np.int64) * n + programs.choice
    ours, theirs = np.argsort(our_keys), np.argsort(their_keys)
    our_keys, their_keys = our_keys[ours], their_keys[theirs]
    if (np.diff(our_keys) == 0).any() or (np.diff(their_keys) == 0).any():
        raise _twice(applicants, programs)
    cross = np.full(applicants.entries, UNMATCHED, np.int64)
    if np.array_equal(our_keys, their_keys):
        cross[ours] = theirs
        return cross
    place = np.searchsorted(their_keys, our_keys)
    found = np.append(their_keys, -1)[place] == our_keys
    cross[ours[found]] = theirs[place[found]]
    return cross


def _twice(applicants: Lists, programs: Lists) -> MarketError:
    """The error that names somebody who stands twice on one list."""
    for lists, side in ((applicants, "applicant"), (programs, "program")):
        order = np.lexsort((lists.choice, lists.owner))
        same = (np.diff(lists.owner[order]) == 0) & (np.diff(lists.choice[order]) == 0)
        if same.any():
            entry = order[int(same.argmax())]
            return MarketError(
                f"the list of {side} {int(lists.owner[entry]) + 1} names number {int(lists.choice[entry]) + 1} twice"
            )
    raise RuntimeError("two entries of one list were counted as one, yet no list names anybody twice")
