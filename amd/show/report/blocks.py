"""What a report is made of, before it is HTML: plain texts, numbers and pictures in sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.console import RenderableType
from rich.table import Table as RichTable
from rich.text import Text

_NUMBER = re.compile(r"\s*[-+−]?[\d,]*\.?\d+(?:e[-+]?\d+)?\s*%?\s*", re.IGNORECASE)
_FRACTION = re.compile(r"\s*([-+]?\d+)/(\d+)\s*")


@dataclass(frozen=True)
class Words:
    """A paragraph; `strong` for the answer itself, `verdict` one of "", good, bad."""

    text: str
    strong: bool = False
    verdict: str = ""


@dataclass(frozen=True)
class Pre:
    """Text whose lines matter."""

    text: str


@dataclass(frozen=True)
class Lines:
    """Short lines, one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Pairs:
    """Names and what they mean."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """`sort` orders the rows where the column holds numbers."""

    text: str
    sort: float | None = None


@dataclass(frozen=True)
class Table:
    """A table that can be sorted by any column; `right` are the columns of numbers, `left_out` rows not shown."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: frozenset[int] = frozenset()
    left_out: int = 0


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG that is safe to embed, with what it shows for those who cannot see it."""

    svg: str
    caption: str
    about: str
    wide: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str


Block = Words | Pre | Lines | Pairs | Table | Drawing | Heading


@dataclass(frozen=True)
class Section:
    """A section of the page; `key` is its anchor."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """The whole report. `verdict` is one of good, bad, open; `facts` are shown at the top."""

    title: str
    source: str
    answer: str
    verdict: str
    sections: tuple[Section, ...]
    facts: tuple[tuple[str, str], ...] = ()
    notes: str = ""
    made: tuple[tuple[str, str], ...] = field(default=())


def sections(*entries: tuple[str, str, Sequence[Block]]) -> tuple[Section, ...]:
    """Sections that have something to say."""
    return tuple(Section(key, heading, tuple(blocks)) for key, heading, blocks in entries if blocks)


def cell(text: str) -> Cell:
    """A cell, with its number where it holds one."""
    return Cell(text, value_of(text))


def value_of(text: str) -> float | None:
    """The number that a text says, or None."""
    fraction = _FRACTION.fullmatch(text)
    if fraction and int(fraction[2]):
        return int(fraction[1]) / int(fraction[2])
    if not _NUMBER.fullmatch(text):
        return None
    return float(text.replace(",", "").replace("−", "-").replace("%", ""))


def table(
    caption: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    right: Iterable[int] = (),
    left_out: int = 0,
) -> Table:
    """A table of texts."""
    return Table(
        caption,
        tuple(header.replace("\n", " ") for header in headers),
        tuple(tuple(cell(text) for text in row) for row in rows),
        frozenset(right),
        left_out,
    )


def from_rich(parts: Iterable[RenderableType], caption: str) -> list[Block]:
    """Words and tables for the terminal as blocks; the first heading is left to the section."""
    blocks: list[Block] = []
    for part in parts:
        if isinstance(part, Text):
            blocks += _text(part)
        elif isinstance(part, RichTable):
            blocks.append(_table(part, caption))
    return blocks


def _text(part: Text) -> list[Block]:
    text = part.plain.strip()
    if not text:
        return []
    return [Heading(text)] if str(part.style) == "bold" else [Words(text)]


def _table(part: RichTable, caption: str) -> Block:
    columns = [[_plain(entry) for entry in column.cells] for column in part.columns]
    rows = list(zip(*columns, strict=True))
    if part.show_header and part.box is not None:
        right = [c for c, column in enumerate(part.columns) if column.justify == "right"]
        title = _plain(part.title) if part.title else caption
        return table(title, [_plain(column.header) for column in part.columns], rows, right)
    return Pairs(tuple((" ".join(row[:-1]).strip(), row[-1]) for row in rows))


def _plain(part: object) -> str:
    return part.plain if isinstance(part, Text) else str(part)
