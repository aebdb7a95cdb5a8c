"""The program that was solved: its size, what was reduced and why, and where the time went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rich.console import RenderableType
from rich.text import Text

from amd.compile.size import in_words
from amd.result import Formulation
from amd.show.numbers import count, seconds
from amd.show.sizes import Counted
from amd.show.tables import pairs

NOTABLE = 0.005  # seconds


class Sized(Protocol):
    """Anything with the size of a program."""

    @property
    def rows(self) -> int: ...
    @property
    def columns(self) -> int: ...
    @property
    def nonzeros(self) -> int: ...


def size_words(size: Sized) -> str:
    """``1,200 rows × 900 columns, 8,000 nonzeros``."""
    return f"{count(size.rows, 'row')} × {count(size.columns, 'column')}, {count(size.nonzeros, 'nonzero')}"


def formulation_parts(formulation: Formulation, full: Counted) -> list[RenderableType]:
    """The program's size and the reductions in use with their reasons; `full` is the textbook program."""
    rows = [("solved", size_words(formulation))]
    if formulation.rounds:
        rows.append(("rounds", f"{formulation.rounds} of solving and adding the rows that were violated"))
    if formulation.reductions:
        rows.append(("in full", f"{'' if full.exact else 'about '}{size_words(full.size)}; made smaller by:"))
    rows += [(name, formulation.reasons[name].why) for name in formulation.reductions if name in formulation.reasons]
    return [Text("Program", style="bold"), pairs(rows)]


def time_line(spent: Mapping[str, float], solver: tuple[str, str], memory: int | None = None) -> Text:
    """``Time  0.31 s  (read 0.02 s, ...)  memory: 120 MB  solver: highs 1.10.0``; steps too short to matter are left
    out. The memory is the most that the process has held."""
    steps = ", ".join(f"{step} {seconds(amount)}" for step, amount in spent.items() if amount >= NOTABLE)
    by = " ".join(part for part in solver if part)
    detail = f"  ({steps})" if steps else ""
    held = "" if memory is None else f"  memory: {in_words(memory)}"
    return Text.assemble(("Time", "bold"), f"  {seconds(sum(spent.values()))}{detail}{held}  solver: {by}")
