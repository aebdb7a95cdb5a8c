"""Would somebody do better by lying about its list? The search for a profitable misreport, with the report itself.

A list over at most `SHORT` programs is searched exhaustively: all orders of all subsets. Longer lists are truncated,
lose one entry, have two entries swapped, or have one moved to the top; against deferred acceptance a receiver need
look no further than truncations (Roth and Rothblum 1999), other rules may hide a gain elsewhere, and the answer says
whether the search was exhaustive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, permutations

import numpy as np

from amd.matching.clean import clean
from amd.matching.market import Lists, Market, MarketError, Matching

SHORT = 4

Rule = Callable[[Market], Matching]


@dataclass(frozen=True)
class Misreport:
    """`applicant` gains by reporting the list `report` (programs, best first): it gets `after` instead of `before`."""

    applicant: int
    report: tuple[int, ...]
    before: int
    after: int

    def sentence(self, market: Market) -> str:
        def place(program: int) -> str:
            return "no place" if program < 0 else market.program(program)

        words = " > ".join(market.program(p) for p in self.report) or "nobody"
        gain = f"gets {place(self.after)} instead of {place(self.before)}"
        return f"{market.applicant(self.applicant)} {gain} by reporting {words}"


@dataclass(frozen=True)
class MisreportSearch:
    """The first profitable misreport of each applicant that has one; `exhaustive` if all reports were tried."""

    found: tuple[Misreport, ...]
    exhaustive: bool


def profitable_misreports(market: Market, rule: Rule, applicants: Iterable[int] | None = None) -> MisreportSearch:
    """Search the `applicants` (default all) for reports after which `rule`, a deterministic one, gives them a place of
    a strictly better tier. Ties are kept in the truth; reports are strict."""
    honest = rule(market).assignment
    found, exhaustive = [], True
    for a in range(market.applicant_count) if applicants is None else applicants:
        exhaustive &= market.applicants.of(a).size <= SHORT
        gain = _first_gain(market, rule, a, int(honest[a]))
        if gain is not None:
            found.append(gain)
    return MisreportSearch(tuple(found), exhaustive)


def _first_gain(market: Market, rule: Rule, applicant: int, before: int) -> Misreport | None:
    wishes = market.applicants.of(applicant).tolist()
    tier = dict(zip(wishes, market.applicants.tiers_of(applicant).tolist(), strict=True))
    now = tier.get(before, len(wishes) + 1)
    for report in reports(wishes):
        after = int(rule(with_list(market, applicant, report)).assignment[applicant])
        if tier.get(after, len(wishes) + 1) < now:
            return Misreport(applicant, tuple(report), before, after)
    return None


def reports(wishes: list[int]) -> Iterator[list[int]]:
    """The misreports that are tried for a true list."""
    if len(wishes) <= SHORT:
        for size in range(len(wishes) + 1):
            yield from map(list, permutations(wishes, size))
        return
    for i in range(len(wishes)):
        yield wishes[:i]
        yield wishes[:i] + wishes[i + 1 :]
        yield [wishes[i], *wishes[:i], *wishes[i + 1 :]]
    for i, j in combinations(range(len(wishes)), 2):
        swapped = wishes.copy()
        swapped[i], swapped[j] = swapped[j], swapped[i]
        yield swapped


def with_list(market: Market, applicant: int, report: list[int]) -> Market:
    """The market in which one applicant's list is `report`, a strict order of programs on its true list."""
    if not set(report) <= set(market.applicants.of(applicant).tolist()):
        raise MarketError("a misreport names programs of the true list: others would not answer")
    lists = market.applicants
    first, last = int(lists.start[applicant]), int(lists.start[applicant + 1])
    start = lists.start.copy()
    start[applicant + 1 :] += len(report) - (last - first)
    choice = np.concatenate([lists.choice[:first], np.array(report, np.int32), lists.choice[last:]])
    tier = np.concatenate([lists.tier[:first], np.arange(len(report), dtype=np.int32), lists.tier[last:]])
    changed = Lists(start, choice, tier)
    return clean(changed, market.programs, market.capacity, market.applicant_names, market.program_names)[0]


def swapped(market: Market) -> Market:
    """The same market with the sides exchanged, to ask about the programs' misreports. One place each."""
    if (market.capacity != 1).any():
        raise MarketError("the sides can be exchanged only where every program has one place")
    places = np.ones(market.applicant_count, np.int64)
    return Market(market.programs, market.applicants, places, market.program_names, market.applicant_names)


def swapped_rule(rule: Rule) -> Rule:
    """A rule seen from the programs' side."""

    def other(market: Market) -> Matching:
        answer = rule(swapped(market))
        assignment = np.full(market.applicant_count, -1, np.int64)
        matched = np.flatnonzero(answer.assignment >= 0)
        assignment[answer.assignment[matched]] = matched
        return replace(Matching(answer.assignment, answer.method), assignment=assignment)

    return other
