"""Couples exactly, by an integer program: a stable matching, the proof that none exists, the fewest blocking.

Columns: x for a single at a program, y for a couple in an option; s, running counts of the admitted along a program's
list, so that rows stay short; f for a member a at a program p: p is full of others better than a (partner left out),
hence refuses a; g for a couple at one program: it is full, but for one seat, of others better than the worse member.
No single blocks: c (x of programs at least as good) + (admitted better than a) ≥ c. No couple blocks with an option:
the couple has one at least as good, or a program of it refuses. A column z may excuse a row: the sum of z counts what
blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amd.matching.couples import Couple, CouplesBlocking, CouplesMarket, couples_blocking, couples_validity
from amd.matching.market import UNMATCHED, IntArray, Matching
from amd.matching.program_parts import Rows, solve
from solvers import LinearProgram, Settings, SolverError, Status

Terms = list[tuple[int, float]]


@dataclass(frozen=True, eq=False)
class ExactCouples:
    """`matching` is None where no stable matching exists (`proven`) or a limit came first (not `proven`). `blocking` is
    what blocks the matching, `least` the proven least number of blocking singles and couples' options."""

    matching: Matching | None
    blocking: tuple[CouplesBlocking, ...]
    proven: bool
    least: int


def exact_couples(case: CouplesMarket, settings: Settings = Settings()) -> ExactCouples:
    """A largest stable matching, or the proof, by exhausting the branches of the program, that there is none."""
    return _solved(case, _Program(case, excused=False), settings)


def fewest_blocking(case: CouplesMarket, settings: Settings = Settings()) -> ExactCouples:
    """A matching blocked by as few as possible."""
    return _solved(case, _Program(case, excused=True), settings)


def _solved(case: CouplesMarket, model: _Program, settings: Settings) -> ExactCouples:
    solution = solve(model.program(), settings)
    if solution.status is Status.INFEASIBLE:
        return ExactCouples(None, (), True, 1)
    if solution.x is None:
        if solution.status is Status.LIMIT:
            return ExactCouples(None, (), False, 0)
        raise SolverError(f"no answer on couples: {solution.status.value}; {solution.message}")
    assignment = model.assignment(solution.x)
    blocking = tuple(couples_blocking(case, assignment))
    least = 0 if not model.excused else int(np.ceil((solution.bound or solution.objective or 0.0) - 1e-6))
    faults = couples_validity(case, assignment)
    if faults or (blocking and not model.excused):
        raise SolverError("the program's answer is no stable matching: " + "; ".join(faults))
    method = "largest stable matching with couples" if not model.excused else "fewest blocking, with couples"
    return ExactCouples(Matching(assignment, method), blocking, solution.status is Status.OPTIMAL, least)


class _Program:
    def __init__(self, case: CouplesMarket, excused: bool) -> None:
        self.case, self.excused = case, excused
        self.rows, self.columns = Rows(), 0
        self.cost: list[float] = []
        self.integer: list[bool] = []
        self.upper: list[float] = []
        self.single = {(a, p): self.column(1.0) for a in case.singles for p in case.wishes[a]}
        self.option = {
            (c, o): self.column(float((o[0] >= 0) + (o[1] >= 0)))
            for c, couple in enumerate(case.couples)
            for o in couple.options
        }
        self.at = self._at()
        self.ahead = self._running_counts()
        self._choose_one()
        self._singles()
        self._couples()

    def column(self, matched: float = 0.0, excuse: float = 0.0, upper: float = 1.0, integer: bool = True) -> int:
        self.cost.append(excuse if self.excused else matched)
        self.upper.append(upper)
        self.integer.append(integer)
        self.columns += 1
        return self.columns - 1

    def program(self) -> LinearProgram:
        return LinearProgram(
            np.array(self.cost),
            self.rows.matrix(self.columns),
            np.array(self.rows.lower),
            np.array(self.rows.upper),
            np.zeros(self.columns),
            np.array(self.upper),
            integer=np.array(self.integer, np.bool_),
            maximize=not self.excused,
        )

    def assignment(self, x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> IntArray:
        where = np.full(self.case.market.applicant_count, UNMATCHED, np.int64)
        for (a, p), column in self.single.items():
            if x[column] > 0.5:
                where[a] = p
        for (c, option), column in self.option.items():
            if x[column] > 0.5:
                where[list(self.case.couples[c].members)] = option
        return where

    def _at(self) -> dict[tuple[int, int], list[int]]:
        """(applicant, program) → the columns that put it there."""
        at = {key: [column] for key, column in self.single.items()}
        for (c, option), column in self.option.items():
            for a, p in zip(self.case.couples[c].members, option, strict=True):
                if p >= 0:
                    at.setdefault((a, p), []).append(column)
        return at

    def _running_counts(self) -> dict[tuple[int, int], Terms]:
        """(applicant, program) → how many admitted stand above the applicant on the program's list, as terms."""
        ahead: dict[tuple[int, int], Terms] = {}
        for p in range(self.case.market.program_count):
            before: Terms = []
            for a in self.case.market.programs.of(p).tolist():
                ahead[a, p] = before
                count = self.column(upper=float(self.case.market.capacity[p]), integer=False)
                here = [(column, -1.0) for column in self.at.get((a, p), [])]
                self.rows.add([(count, 1.0), *[(k, -v) for k, v in before], *here], 0.0, 0.0)
                before = [(count, 1.0)]
        return ahead

    def _choose_one(self) -> None:
        for a in self.case.singles:
            self.rows.add([(self.single[a, p], 1.0) for p in self.case.wishes[a]], upper=1.0)
        for c, couple in enumerate(self.case.couples):
            self.rows.add([(self.option[c, o], 1.0) for o in couple.options], upper=1.0)

    def _excuse(self, weight: float) -> Terms:
        return [(self.column(excuse=1.0), weight)] if self.excused else []

    def _singles(self) -> None:
        for a in self.case.singles:
            own: Terms = []
            for p in self.case.wishes[a]:
                places = float(self.case.market.capacity[p])
                own.append((self.single[a, p], places))
                scaled = [(column, places) for column, _ in own]
                self.rows.add([*scaled, *self.ahead[a, p], *self._excuse(places)], lower=places)

    def _couples(self) -> None:
        for c, couple in enumerate(self.case.couples):
            refusals: dict[tuple[int, ...], int] = {}
            own: Terms = []
            for option in couple.options:
                own.append((self.option[c, option], 1.0))
                wanted = [(a, p) for a, p in zip(couple.members, option, strict=True) if p >= 0]
                terms = own + [(column, 1.0) for column in self._refusal(couple, wanted, refusals)]
                self.rows.add([*terms, *self._excuse(1.0)], lower=1.0)

    def _refusal(self, couple: Couple, wanted: list[tuple[int, int]], known: dict[tuple[int, ...], int]) -> list[int]:
        if len(wanted) == 2 and wanted[0][1] == wanted[1][1]:
            program = wanted[0][1]
            worse = max(couple.members, key=self.case.rank[program].__getitem__)
            return [self._refuses(couple, worse, program, 1, known)]
        return [self._refuses(couple, a, p, 0, known) for a, p in wanted]

    def _refuses(self, couple: Couple, a: int, p: int, spare: int, known: dict[tuple[int, ...], int]) -> int:
        """The column that may be 1 only if `capacity - spare` others better than a are admitted to p."""
        if (a, p, spare) not in known:
            column = known[a, p, spare] = self.column()
            partner = couple.members[1] if couple.members[0] == a else couple.members[0]
            rank = self.case.rank[p]
            mine = self.at.get((partner, p), []) if partner in rank and rank[partner] < rank[a] else []
            seats = float(self.case.market.capacity[p] - spare)
            others = [*self.ahead[a, p], *[(k, -1.0) for k in mine]]
            self.rows.add([(column, -seats), *others], lower=0.0)
        return known[a, p, spare]
