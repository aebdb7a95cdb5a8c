"""What the module answers: a status, sentences for people, one JSON object, and the file that `check` reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from amd.pictures import Reported
from solvers import Status


@dataclass(frozen=True, eq=False)
class AuctionResult(Reported):
    """`answer`: the awards, in names, as they are written to a file; None where there are none.

    `lines`: the answer in words; `details`: what else is known; `audit`: what `check` found against each rule;
    `seconds` of each stage; `task`: the problem that was solved, for its pictures.
    """

    status: Status
    title: str
    method: str
    lines: tuple[str, ...]
    answer: dict[str, Any] | None
    details: dict[str, Any] = field(default_factory=dict)
    audit: dict[str, list[str]] = field(default_factory=dict)
    digest: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    task: Any = field(default=None, repr=False)

    @property
    def holds(self) -> bool:
        """Whether the audit found nothing."""
        return not any(self.audit.values())

    @property
    def exit_status(self) -> int:
        """0 answered, 3 a limit was reached or the solver failed."""
        return 0 if self.status is Status.OPTIMAL else 3

    def to_json(self) -> dict[str, Any]:
        """One object of plain types."""
        return {
            "status": self.status.name.lower(),
            "method": self.method,
            **(self.answer or {}),
            **self.details,
            "audit": self.audit,
            "seconds": self.seconds,
            "problem": {"title": self.title, "sha256": self.digest},
        }

    def text(self) -> str:
        """The answer in words, a sentence or a row a line."""
        return "\n".join(([self.title] if self.title else []) + list(self.lines))

    summary = text


def shown(value: Any) -> str:
    """A number for people: exact where that is short, else six significant digits."""
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return f"{value.numerator}"
        if len(str(value)) <= 7:
            return str(value)
    return f"{float(value):.6g}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in aligned columns, the first to the left and the others to the right."""
    widths = [max(len(row[c]) for row in [header, *rows]) for c in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        return "  " + "  ".join(cells).rstrip()

    return [line(header), *map(line, rows)]
