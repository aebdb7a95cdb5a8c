"""What the module answers: a status, sentences for people, one JSON object, and the file that `check` reads."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from amd.pictures import Reported
from solvers import Status


@dataclass(frozen=True, eq=False)
class MatchingResult(Reported):
    """`answer`: the matching or exchange, in names, as it is written to a file; None where there is none.

    `summary`: sentences; `notes`: what was dropped from the input, by line; `details`: what else is known; `holds`
    (for `check`): whether nothing was violated; `task`: the problem that was solved, for its pictures.
    """

    status: Status
    title: str
    method: str
    summary: tuple[str, ...]
    answer: dict[str, Any] | None
    details: dict[str, Any] = field(default_factory=dict)
    audit: dict[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    task: Any = field(default=None, repr=False)

    @property
    def holds(self) -> bool:
        """No violation was found by the audit."""
        return not any(self.audit.values())

    @property
    def exit_status(self) -> int:
        """0 answered, 1 there is none, 3 a limit or a failure."""
        return {Status.OPTIMAL: 0, Status.INFEASIBLE: 1, Status.UNBOUNDED: 1}.get(self.status, 3)

    def to_json(self) -> dict[str, Any]:
        """One object of plain types."""
        return {
            "status": self.status.name.lower(),
            "method": self.method,
            **(self.answer or {}),
            "details": self.details,
            "audit": self.audit,
            "notes": list(self.notes),
            "seconds": self.seconds,
            "problem": {"title": self.title, "sha256": self.digest},
        }

    def text(self) -> str:
        """The summary in words, a sentence a line."""
        lines = [self.title, *self.summary] if self.title else list(self.summary)
        return "\n".join([*lines, *(f"note: {note}" for note in few(self.notes))])


def few(sentences: tuple[str, ...] | list[str], most: int = 8) -> list[str]:
    """The first sentences, and how many more there are."""
    shown = list(sentences[:most])
    return [*shown, f"… and {len(sentences) - most} more"] if len(sentences) > most else shown


class Clock:
    """Seconds of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def stamp(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now
