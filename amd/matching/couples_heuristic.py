"""A matching with couples in the manner of Roth and Peranson (1999): singles first, then couples one at a time.

Whoever is placed takes the best place it can get; whoever is displaced (with its partner, if it has one) is placed
again, and so are those to whom a seat given up now is open. There is no guarantee: the process may cycle, and the
answer says, after an audit of its own, whether it is stable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
)
from amd.matching.market import UNMATCHED, Matching


@dataclass(frozen=True, eq=False)
class CouplesAnswer:
    """The matching found and what blocks it: stable if nothing does. `steps`: how many placements it took."""

    matching: Matching
    blocking: tuple[CouplesBlocking, ...]
    steps: int

    @property
    def is_stable(self) -> bool:
        return not self.blocking


def place_couples(case: CouplesMarket, attempts: int = 20, seed: int = 0, patience: int = 50) -> CouplesAnswer:
    """Try up to `attempts` orders of the couples, the given one first and then seeded random ones, each for at most
    `patience` placements per participant; the first stable matching, else the one with the fewest blocking."""
    rng = np.random.default_rng(seed)
    answers = []
    for attempt in range(attempts):
        order = np.arange(len(case.couples)) if attempt == 0 else rng.permutation(len(case.couples))
        answers.append(_attempt(case, order.tolist(), patience))
        if answers[-1].is_stable:
            break
    return min(answers, key=lambda answer: len(answer.blocking))


def _attempt(case: CouplesMarket, order: list[int], patience: int) -> CouplesAnswer:
    run = _Run(case, patience * (len(case.couples) + case.market.applicant_count))
    run.settle(list(reversed(case.singles)))
    for c in order:
        run.settle([-1 - c])
    assignment = np.array(run.where, np.int64)
    faults = couples_validity(case, assignment)
    if faults:
        raise RuntimeError("the heuristic gave an invalid matching: " + "; ".join(faults))
    blocking = tuple(couples_blocking(case, assignment))
    return CouplesAnswer(Matching(assignment, "couples by a Roth-Peranson heuristic"), blocking, run.steps)


class _Run:
    """Rosters and the stack of those to be placed: a single by its number a ≥ 0, couple c as -1 - c."""

    def __init__(self, case: CouplesMarket, limit: int) -> None:
        self.case, self.limit, self.steps = case, limit, 0
        self.where = [UNMATCHED] * case.market.applicant_count
        self.roster: list[set[int]] = [set() for _ in range(case.market.program_count)]
        self.vacated: list[int] = []

    def settle(self, stack: list[int]) -> None:
        """Place everybody on the stack and whom that upsets, until all rest or patience ends."""
        while self.steps < self.limit:
            if not stack and not self.vacated:
                return
            if not stack:
                stack += self.tempted(self.vacated.pop())
                continue
            self.steps += 1
            stack += self.place(stack.pop())

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
