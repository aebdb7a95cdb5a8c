"""A column of a sweep's table against its first parameter, one line for each setting of the others."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from amd.sweep.grid import Axis, SweepError
from amd.sweep.table import columns

MOST_LINES = 12


def plot(rows: Sequence[dict[str, Any]], axes: list[Axis], quantity: str, table: Path) -> Path:
    """Writes ``TABLE.QUANTITY.png`` and returns its path. SweepError where the column, numbers or matplotlib are
    missing."""
    if quantity not in columns(rows):
        raise SweepError(f"there is no column '{quantity}'; there are {', '.join(columns(rows))}")
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        raise SweepError("a plot takes matplotlib: pip install 'automated-mechanism-design[plot]'") from None
    figure, draw = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    try:
        lines = _lines(rows, axes, quantity)
        for label, (x, y) in lines.items():
            draw.plot(x, y, marker="o", markersize=4, label=label)
        draw.set_xlabel(axes[0].name)
        draw.set_ylabel(quantity)
        if len(axes) > 1:
            draw.legend()
        draw.grid(alpha=0.3)
        name = "".join(letter if letter.isalnum() else "-" for letter in quantity).strip("-")
        path = table.with_name(f"{table.stem}.{name}.png")
        figure.savefig(path, dpi=150)
    finally:
        pyplot.close(figure)
    return path


def _lines(
    rows: Sequence[dict[str, Any]], axes: list[Axis], quantity: str
) -> dict[str, tuple[list[float], list[float]]]:
    """The points of each line, sorted by the first parameter; rows without a number are left out."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        value = row.get(quantity)
        if isinstance(value, (int, float)):
            label = ", ".join(f"{axis.name} = {row[axis.name]}" for axis in axes[1:])
            found.setdefault(label, []).append((_position(axes[0].name, row[axes[0].name]), float(value)))
    if not found:
        raise SweepError(f"no point has a number in the column '{quantity}'")
    if len(found) > MOST_LINES:
        raise SweepError(
            f"a plot of {len(found)} lines could not be read (the most is {MOST_LINES}); vary fewer parameters"
        )
    pairs = {label: sorted(line) for label, line in found.items()}
    return {label: ([x for x, _ in line], [y for _, y in line]) for label, line in pairs.items()}


def _position(name: str, text: str) -> float:
    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        raise SweepError(f"{name} = {text} is not a number, so it has no place on an axis") from None
