"""Why nothing meets a design: a smallest conflict, verified, and its prices.

1. List the requirements one by one (`clauses`).
2. Find a smallest set of them that conflicts (`smallest`), asking a solver about each candidate.
3. Verify: the set alone is impossible, and with any one dropped it is possible; in rational arithmetic where the
   programs are small (`Conflict.proven`).
4. Price each: how far it would have to be relaxed (`prices`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from amd.model.design import Design
from amd.model.environment import Environment
from amd.model.task import Task
from amd.proof.conflict.clauses import Asked, Clause, clauses_of, without
from amd.proof.conflict.prices import Price, price
from amd.proof.conflict.programs import is_small, program_of
from amd.proof.conflict.smallest import FEW, Subset, smallest_conflict, some_conflict
from solvers import Settings

if TYPE_CHECKING:
    from amd.proof.certificate import NotProven
    from amd.proof.conflict.certificate import ConflictCertificate

QUICK = 6_000  # nonzeros of a program whose conflict is found in passing
SECONDS = 20.0  # for each price of a deterministic design, where no time limit was given

Say = Callable[[str], None]


class UnknownError(RuntimeError):
    """The solver could not tell whether some of the requirements can be met together."""


@dataclass(frozen=True, eq=False)
class Conflict:
    """Requirements that cannot be met together, though they can with any one of them dropped.

    `clauses` are all of the design's, `conflict` those that conflict: no smaller set does where `least`. `proven` says
    whether both halves were established in rational arithmetic. `prices` are those of single clauses, then those of
    all incentives (or all participation) of the design at once, where the conflict has some.
    """

    task: Task
    clauses: tuple[Clause, ...]
    conflict: tuple[Clause, ...]
    least: bool
    proven: bool
    prices: tuple[Price, ...] = ()

    @property
    def superfluous(self) -> tuple[Clause, ...]:
        """The requirements that the conflict does not need."""
        return tuple(clause for clause in self.clauses if clause not in self.conflict)

    def summary(self) -> str:
        """What ``amd why`` prints: the conflict and the prices in words."""
        from amd.show.conflict import summary  # shows results, so it stands above them

        return summary(self)

    __str__ = summary

    def certificate(self, settings: Settings = Settings()) -> ConflictCertificate | NotProven:
        """Its certificate, accepted by the verifier: a contradiction, and a mechanism for each one dropped."""
        from amd.proof.conflict.certificate import conflict_certificate

        return conflict_certificate(self, settings)

    def to_json(self) -> dict[str, Any]:
        """The object that ``amd why --json`` prints."""
        from amd.show.conflict import conflict_json

        return conflict_json(self)


def why_infeasible(
    task: Task, settings: Settings = Settings(), priced: bool = True, say: Say = lambda message: None
) -> Conflict | None:
    """The conflict of a design that nothing meets; None where something meets it.

    Raises ValueError where the task has no design, TooLargeError where the program would not fit in memory,
    UnknownError where the solver reached a limit.
    """
    if task.design is None:
        raise ValueError("the problem has no `design`: it does not say what is wanted")
    search = _Search(task.environment, replace(task.design, objective=None), settings, say)
    if search.possible(frozenset(range(len(search.clauses)))):
        return None
    found = search.conflict()
    proven = search.proven(found)
    conflict = tuple(search.clauses[k] for k in sorted(found))
    prices = tuple(search.prices(conflict)) if priced else ()
    return Conflict(task, search.clauses, conflict, len(search.clauses) <= FEW, proven, prices)


def quick_conflict(task: Task) -> Conflict | None:
    """The conflict without prices, where it takes a fraction of a second to find; else None."""
    design = task.design
    if design is None or design.deterministic or not is_small(Asked(task.environment, design), QUICK):
        return None
    try:
        return why_infeasible(task, priced=False)
    except UnknownError:
        return None


class _Search:
    """Asks solvers about sets of requirements, each at most once."""

    def __init__(self, environment: Environment, design: Design, settings: Settings, say: Say) -> None:
        self.environment, self.design, self.settings, self.say = environment, design, settings, say
        self.clauses = clauses_of(environment, design)
        self.small = is_small(Asked(environment, design))
        self.exact = self.small and not design.deterministic  # integer programs are searched in floats
        self.known: dict[Subset, bool] = {}

    def asked(self, kept: Subset) -> Asked:
        dropped = [clause for k, clause in enumerate(self.clauses) if k not in kept]
        return without(self.environment, self.design, dropped)

    def possible(self, kept: Subset) -> bool:
        """Whether these requirements can be met together. Raises UnknownError."""
        if kept not in self.known:
            self.say(f"trying {len(kept)} of {len(self.clauses)} requirements")
            self.known[kept] = self._ask(kept, self.exact)
        return self.known[kept]

    def _ask(self, kept: Subset, exact: bool) -> bool:
        answer = program_of(self.asked(kept), exact)[1].indifferent().solve(self.settings)
        if answer.possible is None:
            raise UnknownError("the solver could not tell whether some of the requirements can be met together")
        return answer.possible

    def conflict(self) -> Subset:
        count = len(self.clauses)
        return (smallest_conflict if count <= FEW else some_conflict)(count, self.possible)

    def proven(self, found: Subset) -> bool:
        """Whether exact arithmetic confirms that the set is impossible, and possible with any one dropped."""
        if self.exact:
            return True
        if not self.small:
            return False
        self.say("verifying the conflict in rational arithmetic")
        sides = [found, *(found - {one} for one in found)]
        try:
            return all(self._ask(side, exact=True) == self.known.get(side, self.possible(side)) for side in sides)
        except UnknownError:
            return False

    def prices(self, conflict: tuple[Clause, ...]) -> Iterable[Price]:
        """The price of each clause, and of all of a kind at once."""
        settings = self.settings
        if self.design.deterministic and settings.time_limit is None:
            settings = replace(settings, time_limit=SECONDS)
        parts: list[tuple[Clause, ...]] = [(clause,) for clause in conflict]
        for kind in ("incentive", "participation"):
            alike = tuple(clause for clause in self.clauses if clause.kind == kind)
            parts += [alike] if len(alike) > 1 and any(clause in conflict for clause in alike) else []
        inside = without(self.environment, self.design, [c for c in self.clauses if c not in conflict])
        for part in parts:
            self.say("pricing a requirement")
            whole = price(Asked(self.environment, self.design), part, self.small, settings)
            alone = whole or price(inside, part, self.small, settings)
            if alone is not None:
                yield alone if whole else replace(alone, within="conflict")
