"""A matching with couples in the manner of Roth and Peranson (1999): singles first, then couples one at a time.

Whoever is placed takes the best place it can get; whoever is displaced (with its partner, if it has one) is placed
again, and so are those to whom a seat given up now is open. There is no guarantee: the process may cycle, and the
answer says, after an audit of its own, whether it is stable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amd.matching.clean import clean
from amd.matching.couples import (
    Couple,
    CouplesBlocking,
    CouplesMarket,
    Option,
    admits,
    better,
    couple_can,
    couples_blocking,
    couples_validity,
    rosters,
)
from amd.matching.deferred import deferred_acceptance
from amd.matching.market import UNMATCHED, IntArray, Matching

_ROUNDS = 3  # in which those who block after all arrivals are placed again


@dataclass(frozen=True, eq=False)
class CouplesAnswer:
    """The matching found and what blocks it: stable if nothing does. `steps`: how many placements it took."""

    matching: Matching
    blocking: tuple[CouplesBlocking, ...]
    steps: int

    @property
    def is_stable(self) -> bool:
        return not self.blocking


def place_couples(case: CouplesMarket, attempts: int = 10, seed: int = 0, patience: int = 1) -> CouplesAnswer:
    """Try up to `attempts` orders of the couples, the given one first and then seeded random ones; the first stable
    matching, else the one with the fewest blocking.

    A couple whose arrival is not settled within `patience` placements per participant is left for a second round, in
    which all who block are placed again.
    """
    rng = np.random.default_rng(seed)
    answers = []
    for attempt in range(attempts):
        order = np.arange(len(case.couples)) if attempt == 0 else rng.permutation(len(case.couples))
        answers.append(_attempt(case, order.tolist(), patience, None if attempt == 0 else rng))
        if answers[-1].is_stable:
            break
    return min(answers, key=lambda answer: len(answer.blocking))


def _attempt(case: CouplesMarket, order: list[int], patience: int, rng: np.random.Generator | None) -> CouplesAnswer:
    run = _Run(case, rng)
    budget = patience * (len(case.couples) + case.market.applicant_count)
    run.seat(singles_first(case))
    for c in order:
        run.settle([-1 - c], budget)
    for _ in range(_ROUNDS):
        left = couples_blocking(case, np.array(run.where, np.int64))
        if not left:
            break
        run.settle(list(dict.fromkeys(run.unit(b.who[0]) for b in left)), budget)
    assignment = np.array(run.where, np.int64)
    faults = couples_validity(case, assignment)
    if faults:
        raise RuntimeError("the heuristic gave an invalid matching: " + "; ".join(faults))
    blocking = tuple(couples_blocking(case, assignment))
    return CouplesAnswer(Matching(assignment, "couples by a Roth-Peranson heuristic"), blocking, run.steps)


def singles_first(case: CouplesMarket) -> IntArray:
    """(n,): the singles' best stable matching among themselves, couples left out."""
    market = case.market
    single = np.ones(market.applicant_count, np.bool_)
    single[list(case.couple_of)] = False
    ours = market.applicants.keep(single[market.applicants.owner])
    theirs = market.programs.keep(single[market.programs.choice])
    return deferred_acceptance(clean(ours, theirs, market.capacity)[0]).assignment


class _Run:
    """Rosters and the stack of those to be placed: a single by its number a ≥ 0, couple c as -1 - c."""

    def __init__(self, case: CouplesMarket, rng: np.random.Generator | None) -> None:
        self.case, self.rng, self.steps = case, rng, 0
        self.where = [UNMATCHED] * case.market.applicant_count
        self.roster: list[set[int]] = [set() for _ in range(case.market.program_count)]
        self.vacated: list[int] = []

    def settle(self, stack: list[int], budget: int) -> None:
        """Place everybody on the stack and whom that upsets, until all rest or `budget` placements are made."""
        last = self.steps + budget
        while self.steps < last:
            if not stack and not self.vacated:
                return
            if not stack:
                stack += self.tempted(self.take(self.vacated))
                continue
            self.steps += 1
            stack += self.place(self.take(stack))

    def take(self, items: list[int]) -> int:
        """Remove the last item, or one at random: a random path leaves a cycle that a fixed order runs for ever."""
        if self.rng is not None:
            i = int(self.rng.integers(len(items)))
            items[i], items[-1] = items[-1], items[i]
        return items.pop()

    def seat(self, assignment: IntArray) -> None:
        """Begin with this matching."""
        self.where = assignment.tolist()
        self.roster = rosters(self.case, assignment)

    def unit(self, applicant: int) -> int:
        couple = self.case.couple_of.get(applicant)
        return applicant if couple is None else -1 - couple

    def place(self, unit: int) -> list[int]:
        """Move one to the best place it can get now; who is displaced by that."""
        if unit >= 0:
            options = better(self.case.wishes[unit], self.where[unit])
            target = next((p for p in options if admits(self.case, p, self.roster[p], {unit})), None)
            return [] if target is None else self.move([unit], [target])
        couple = self.case.couples[-1 - unit]
        option = self.best_option(couple)
        return [] if option is None else self.move(list(couple.members), list(option))

    def best_option(self, couple: Couple) -> Option | None:
        now = (self.where[couple.members[0]], self.where[couple.members[1]])
        options = better(couple.options, now)
        return next((o for o in options if couple_can(self.case, self.roster, couple, o)), None)

    def move(self, people: list[int], places: list[int]) -> list[int]:
        for a in people:
            self.withdraw(a)
        for a, p in zip(people, places, strict=True):
            self.where[a] = p
            if p >= 0:
                self.roster[p].add(a)
        return [unit for p in set(places) if p >= 0 for unit in self.reject(p)]

    def withdraw(self, applicant: int) -> None:
        program = self.where[applicant]
        if program >= 0:
            self.roster[program].discard(applicant)
            self.where[applicant] = UNMATCHED
            self.vacated.append(program)

    def reject(self, program: int) -> list[int]:
        """Drop the worst until the program is within its places; partners leave with them."""
        dropped = []
        while len(self.roster[program]) > self.case.market.capacity[program]:
            worst = max(self.roster[program], key=self.case.rank[program].__getitem__)
            unit = self.unit(worst)
            self.roster[program].discard(worst)
            self.where[worst] = UNMATCHED
            for partner in self.case.couples[-1 - unit].members if unit < 0 else ():
                self.withdraw(partner)
            dropped.append(unit)
        return dropped

    def tempted(self, program: int) -> list[int]:
        """Who would now rather, and could, come to `program`."""
        units = dict.fromkeys(self.unit(a) for a in self.case.market.programs.of(program).tolist())
        return [unit for unit in reversed(units) if self.wants(unit, program)]

    def wants(self, unit: int, program: int) -> bool:
        if unit >= 0:
            above = program in better(self.case.wishes[unit], self.where[unit])
            return above and admits(self.case, program, self.roster[program], {unit})
        return self.best_option(self.case.couples[-1 - unit]) is not None
