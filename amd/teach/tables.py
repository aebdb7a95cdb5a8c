"""Results in words and tables, as a terminal shows them, without the times that differ from run to run."""

from __future__ import annotations

from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.result import Result
from amd.show.mechanism import mechanism_parts
from amd.show.page import to_text
from amd.show.result import answer_parts


def show(solved: Result | Mechanism | InterimMechanism) -> None:
    """Prints a mechanism, or the answer of a result in a sentence with its mechanism."""
    parts = answer_parts(solved) if isinstance(solved, Result) else []
    mechanism = solved.mechanism if isinstance(solved, Result) else solved
    if parts:
        print(to_text(parts))
    if mechanism is not None:
        print(("\n" if parts else "") + to_text(mechanism_parts(mechanism)))
