"""A column of a sweep's table against its first parameter, one line for each setting of the others."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

from amd.sweep.grid import Axis, SweepError
from amd.sweep.table import columns

Lines = dict[str, tuple[list[float], list[float]]]


def plot(rows: Sequence[dict[str, Any]], axes: list[Axis], quantity: str, table: Path) -> Path:
    """Writes ``TABLE.QUANTITY.png`` and returns its path. SweepError where the column, numbers or matplotlib are
    missing, or the lines are too many to be told apart."""
    names = [axis.name for axis in axes]
    lines = lines_of(rows, names, quantity)
    require_pictures()
    figures, draw = import_module("amd.show.figures"), import_module("amd.show.figures.lines")
    try:
        figure = draw.draw_lines(lines, names[0], quantity)
    except figures.NoPictureError as error:
        raise SweepError(f"{error}; vary fewer parameters") from None
    name = "".join(letter if letter.isalnum() else "-" for letter in quantity).strip("-")
    path = table.with_name(f"{table.stem}.{name}.png")
    figures.save(figure, path)
    return path


def require_pictures() -> None:
    """Raise SweepError with the remedy where pictures cannot be drawn."""
    try:
        import_module("amd.show.figures.missing").require_matplotlib()
    except ImportError as error:
        raise SweepError(str(error)) from None


def lines_of(rows: Sequence[dict[str, Any]], axes: Sequence[str], quantity: str) -> Lines:
    """The points of each line, sorted by the first parameter; rows without a number are left out. SweepError where
    there is no such column, or none of its entries is a number."""
    if quantity not in columns(rows):
        raise SweepError(f"there is no column '{quantity}'; there are {', '.join(columns(rows))}")
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        value = row.get(quantity)
        if isinstance(value, (int, float)):
            label = ", ".join(f"{name} = {row[name]}" for name in axes[1:])
            found.setdefault(label, []).append((_position(axes[0], row[axes[0]]), float(value)))
    if not found:
        raise SweepError(f"no point has a number in the column '{quantity}'")
    pairs = {label: sorted(line) for label, line in found.items()}
    return {label: ([x for x, _ in line], [y for _, y in line]) for label, line in pairs.items()}


def _position(name: str, text: str) -> float:
    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        raise SweepError(f"{name} = {text} is not a number, so it has no place on an axis") from None
