"""The bundled problems, subject by subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from amd.show.tables import pairs


def catalogue_parts(problems: Sequence[tuple[str, str]]) -> list[RenderableType]:
    """Names, as commands take them, with their titles; `problems` are (subject/name, title), sorted."""
    width = max((len(short_name(name, problems)) for name, _ in problems), default=0)
    parts: list[RenderableType] = []
    for subject, members in groupby(problems, key=lambda problem: problem[0].partition("/")[0]):
        rows = [(f"  {short_name(name, problems):<{width}}", title) for name, title in members]
        parts += [Text(subject, style="bold"), pairs(rows), Text("")]
    return [*parts, Text("amd show NAME prints a problem, amd solve NAME solves it; copy one to begin your own.")]


def short_name(name: str, problems: Iterable[tuple[str, str]]) -> str:
    """The part after the subject, where no other problem has it."""
    stem = name.rpartition("/")[2]
    alike = sum(other.rpartition("/")[2] == stem for other, _ in problems)
    return stem if alike == 1 else name
