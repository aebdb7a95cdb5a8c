"""Tables: aligned columns under a thin line, long ones with their middle left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

MOST_ROWS = 13  # of a long table: the first and the last half of them are shown

Row = Sequence[str]


def table(headers: Sequence[str], rows: Sequence[Row], right: Sequence[int] = (), title: str = "") -> Table:
    """A table of texts; the columns in `right` hold numbers and are aligned at the right."""
    made = Table(
        box=box.SIMPLE_HEAD,
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        header_style="bold",
        pad_edge=False,
        show_edge=False,
        padding=(0, 1),
    )
    for position, header in enumerate(headers):
        made.add_column(
            Text(header), justify="right" if position in right else "left", overflow="fold", vertical="bottom"
        )
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def elided(count: int, row: Callable[[int], Row], most: int = MOST_ROWS) -> list[Row]:
    """Rows 0 to count - 1, the middle of a long table replaced by one row of dots; left-out rows are never made."""
    if count <= most:
        return [row(position) for position in range(count)]
    half = (most - 1) // 2
    first = [row(position) for position in range(half)]
    last = [row(position) for position in range(count - (most - 1 - half), count)]
    return [*first, ["..."] * len(first[0]), *last]


def pairs(rows: Sequence[tuple[str, str]], style: str = "") -> Table:
    """Names at the left, their words at the right, without lines."""
    made = Table.grid(padding=(0, 2), pad_edge=False)
    made.add_column(no_wrap=True, style=style)
    made.add_column(overflow="fold")
    for name, words in rows:
        made.add_row(Text(name), Text(words))
    return made
