"""Residents and programs with couples, who rank pairs of programs.

A couple's options are pairs (p, q), best first; either may be -1, no place for that member. Programs have responsive
preferences over individuals. A couple and an option it prefers block a matching when, with both members taken off every
program's roster, each program of the option would choose the newcomers: for p ≠ q each has a free seat or admits
somebody worse, for p = q both are among its best (Roth and Peranson 1999; Kojima, Pathak and Roth 2013). A stable
matching may not exist (Roth 1984), and to decide whether one does is NP-complete (Ronn 1990).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from amd.matching.clean import Cleaning, clean
from amd.matching.market import UNMATCHED, IntArray, Market, MarketError, lists_from

Option = tuple[int, int]
T = TypeVar("T")


@dataclass(frozen=True)
class Couple:
    """`members`: two applicants; `options`: pairs of programs, best first."""

    members: tuple[int, int]
    options: tuple[Option, ...]


@dataclass(frozen=True, eq=False)
class CouplesMarket:
    """`market` holds singles' lists and, for members of couples, the programs that occur in their options (their
    order there means nothing). Strict lists."""

    market: Market
    couples: tuple[Couple, ...]

    def __post_init__(self) -> None:
        self.market.require_strict()
        members = [a for couple in self.couples for a in couple.members]
        if len(set(members)) < len(members):
            twice = next(a for a in members if members.count(a) > 1)
            raise MarketError(f"{self.market.applicant(twice)} stands in two couples, or twice in one")

    @cached_property
    def couple_of(self) -> dict[int, int]:
        return {a: c for c, couple in enumerate(self.couples) for a in couple.members}

    @cached_property
    def singles(self) -> list[int]:
        return [a for a in range(self.market.applicant_count) if a not in self.couple_of]

    @cached_property
    def rank(self) -> list[dict[int, int]]:
        """For each program, applicant → rank."""
        return [
            dict(zip(self.market.programs.of(p).tolist(), self.market.programs.tiers_of(p).tolist(), strict=True))
            for p in range(self.market.program_count)
        ]

    @cached_property
    def places(self) -> list[int]:
        return [int(capacity) for capacity in self.market.capacity]

    @cached_property
    def wishes(self) -> list[list[int]]:
        return [self.market.applicants.of(a).tolist() for a in range(self.market.applicant_count)]


@dataclass(frozen=True)
class CouplesBlocking:
    """Somebody who would rather, and could, be elsewhere: `who` one applicant or the two of a couple, `where` as many
    programs (-1 for none)."""

    who: tuple[int, ...]
    where: tuple[int, ...]

    def sentence(self, market: Market) -> str:
        people = " and ".join(market.applicant(a) for a in self.who)
        places = " and ".join("no place" if p < 0 else market.program(p) for p in self.where)
        return f"{people} would rather have {places}, and could"


def couples_market(
    wishes: Sequence[Sequence[int]],
    couples: Sequence[Couple],
    programs: Sequence[Sequence[int]],
    capacity: Sequence[int],
    applicant_names: Sequence[str] | None = None,
    program_names: Sequence[str] | None = None,
) -> tuple[CouplesMarket, Cleaning, list[tuple[int, Option]]]:
    """The market of mutual pairs; what cleaning dropped; and the options (couple, pair) that can never happen, since a
    program in them is closed, does not list the member, or has too few places for both."""
    rows = [list(row) for row in wishes]
    for couple in couples:
        for position, a in enumerate(couple.members):
            if rows[a]:
                raise MarketError(f"applicant {a + 1} is in a couple and has a list of its own")
            rows[a] = list(dict.fromkeys(o[position] for o in couple.options if o[position] >= 0))
    market, report = clean(
        lists_from(rows), lists_from(programs), np.array(capacity, np.int64), applicant_names, program_names
    )
    listed = [set(market.programs.of(p).tolist()) for p in range(market.program_count)]
    kept, dropped = [], []
    for c, couple in enumerate(couples):
        possible = [o for o in couple.options if _possible(couple.members, o, listed, capacity)]
        dropped += [(c, o) for o in couple.options if o not in possible]
        if len(set(possible)) < len(possible):
            raise MarketError(f"couple {c + 1} names an option twice")
        kept.append(Couple(couple.members, tuple(possible)))
    return CouplesMarket(market, tuple(kept)), report, dropped


def _possible(members: tuple[int, int], option: Option, listed: list[set[int]], capacity: Sequence[int]) -> bool:
    if any(p >= 0 and a not in listed[p] for a, p in zip(members, option, strict=True)):
        return False
    return option[0] < 0 or option[0] != option[1] or capacity[option[0]] >= 2


def rosters(case: CouplesMarket, assignment: IntArray) -> list[set[int]]:
    """Who is admitted where."""
    found: list[set[int]] = [set() for _ in range(case.market.program_count)]
    for a, p in enumerate(assignment.tolist()):
        if p >= 0:
            found[p].add(a)
    return found


def admits(case: CouplesMarket, program: int, others: set[int], newcomers: set[int]) -> bool:
    """Would `program` choose all `newcomers`, with `others` (without them) on its roster?"""
    rank = case.rank[program]
    if not all(a in rank for a in newcomers):
        return False
    everybody = [rank[b] for b in others | newcomers]
    places = case.places[program]
    return all(sum(other < rank[a] for other in everybody) < places for a in newcomers)


def couple_can(case: CouplesMarket, roster: list[set[int]], couple: Couple, option: Option) -> bool:
    """Would the programs of `option` choose the couple, both members taken off their rosters first?"""
    members = set(couple.members)
    for p in {p for p in option if p >= 0}:
        newcomers = {a for a, q in zip(couple.members, option, strict=True) if q == p}
        if not admits(case, p, roster[p] - members, newcomers):
            return False
    return True


def couples_validity(case: CouplesMarket, assignment: IntArray) -> list[str]:
    """What is wrong with a matching as such, in words: programs off the lists or overfull, pairs no couple listed."""
    market = case.market
    lost = [a for a in case.singles if assignment[a] >= 0 and assignment[a] not in case.wishes[a]]
    faults = [f"{market.applicant(a)} is at a program it does not list, or that does not list it" for a in lost]
    for couple in case.couples:
        pair = (int(assignment[couple.members[0]]), int(assignment[couple.members[1]]))
        if pair not in couple.options and pair != (UNMATCHED, UNMATCHED):
            faults.append(" and ".join(map(market.applicant, couple.members)) + " have places that they do not list")
    over = np.flatnonzero(market.load(assignment) > market.capacity).tolist()
    return faults + [f"{market.program(p)} admits more than its {market.capacity[p]} places" for p in over]


def couples_blocking(case: CouplesMarket, assignment: IntArray) -> list[CouplesBlocking]:
    """Every single with a program, and every couple with an option, that block the matching."""
    roster = rosters(case, assignment)
    found = [
        CouplesBlocking((a,), (p,))
        for a in case.singles
        for p in better(case.wishes[a], int(assignment[a]))
        if admits(case, p, roster[p], {a})
    ]
    for couple in case.couples:
        now = (int(assignment[couple.members[0]]), int(assignment[couple.members[1]]))
        possible = [o for o in better(couple.options, now) if couple_can(case, roster, couple, o)]
        found += [CouplesBlocking(couple.members, option) for option in possible]
    return found


def better(wishes: Sequence[T], now: T) -> Sequence[T]:
    """The part of a list above `now`; all of it where `now` is not listed."""
    return wishes[: wishes.index(now)] if now in wishes else wishes
