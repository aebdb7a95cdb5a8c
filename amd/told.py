"""The answer of a kind that is told in words: a status, sentences, one JSON object, and what `check` reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from solvers import Status

_EXITS = {Status.OPTIMAL: 0, Status.INFEASIBLE: 1}


@dataclass(frozen=True, eq=False)
class ToldResult:
    """`answer`: what was found, as it is written to a file; None where there is nothing.

    `lines`: the answer in words; `details`: what else is known; `audit`: what `check` found against each requirement;
    `digest` of the problem; `seconds` of each stage.
    """

    status: Status
    title: str
    lines: tuple[str, ...]
    answer: dict[str, Any] | None
    details: dict[str, Any] = field(default_factory=dict)
    audit: dict[str, list[str]] = field(default_factory=dict)
    digest: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the audit found nothing."""
        return not any(self.audit.values())

    @property
    def exit_status(self) -> int:
        """0 answered, 1 there is no such thing, 3 a limit was reached or the solver failed."""
        return _EXITS.get(self.status, 3)

    def to_json(self) -> dict[str, Any]:
        """One object of plain types."""
        return {
            "status": self.status.name.lower(),
            **(self.answer or {}),
            **self.details,
            "audit": self.audit,
            "seconds": self.seconds,
            "problem": {"title": self.title, "sha256": self.digest},
        }

    def text(self) -> str:
        """The answer in words."""
        return "\n".join(([self.title, ""] if self.title else []) + list(self.lines))

    summary = text
