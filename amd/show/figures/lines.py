"""Lines through points: sweeps and frontiers, brackets of bounds, confidence intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amd.show.figures.canvas import (
    BLUE,
    DASHES,
    GREEN,
    INK,
    LINES,
    MARKERS,
    SIZE,
    SKY,
    VERMILLION,
    frame,
    label,
    legend,
    sheet,
    ticks,
)
from amd.show.figures.missing import NoPictureError
from amd.show.numbers import number

if TYPE_CHECKING:
    from amd.proof.bounds import Bounds

MOST_LINES = 12
MOST_INTERVALS = 14
CONFIDENCE = 1.959963984540054  # the 97.5 % quantile of the normal distribution: 95 % intervals

Line = tuple[Sequence[float], Sequence[float]]


def draw_lines(lines: Mapping[str, Line], x: str, y: str, *, ax: Axes | None = None, title: str = "") -> Figure:
    """One line with its points for each name; NoPictureError for more than can be told apart."""
    if not lines:
        raise NoPictureError("there are no points to draw")
    if len(lines) > MOST_LINES:
        raise NoPictureError(f"a plot of {len(lines)} lines could not be read (the most is {MOST_LINES})")
    figure, ax = sheet(ax)
    handles = []
    for position, (at, value) in enumerate(lines.values()):
        style: Any = DASHES[(position // len(LINES) + position) % len(DASHES)]
        marker = MARKERS[position % len(MARKERS)] if len(at) <= 60 else None
        colour = LINES[position % len(LINES)]
        handles += ax.plot(at, value, color=colour, linestyle=style, marker=marker, markersize=6, linewidth=2.2)
    label(ax, x, y, title)
    frame(ax)
    if len(lines) > 1:
        legend(ax, handles, list(lines), beside=len(lines) > 4, loc="best")
    return figure


def draw_bracket(
    brackets: Sequence[Bounds], *, ax: Axes | None = None, title: str = "What is proven about the continuum"
) -> Figure:
    """Lower and upper bounds against the number of cells: the optimum lies in the shaded band."""
    known = sorted(brackets, key=lambda one: one.cells)
    low = _side([(one.cells, one.lower) for one in known])
    high = _side([(one.cells, one.upper) for one in known])
    if not low[0] and not high[0]:
        reasons = next((one.reasons for one in known if one.reasons), ("there are none",))
        raise NoPictureError(f"no bounds are known: {'; '.join(reasons)}")
    figure, ax = sheet(ax)
    handles, names = [], []
    for (at, value), colour, marker, words in (
        (high, VERMILLION, "v", "no mechanism does better"),
        (low, BLUE, "^", "some mechanism does this well"),
    ):
        if at:
            handles += ax.plot(at, value, color=colour, marker=marker, markersize=8, linewidth=2.0)
            names.append(f"{words} ({number(value[-1], 6)})")
    if low[0] == high[0]:
        ax.fill_between(low[0], low[1], high[1], color=SKY, alpha=0.25, linewidth=0)
    cells = sorted({*low[0], *high[0]})
    if len(cells) == 1:
        ax.set_xlim(cells[0] - 1, cells[0] + 1)
    elif cells[-1] > 20 * cells[0] > 0:
        ax.set_xscale("log")
    if len(cells) <= 10:
        ax.minorticks_off()
        ticks(ax, "x", cells, [f"{count:,.0f}" for count in cells])
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, top + 0.42 * (top - bottom))
    label(ax, "cells per parameter", "value of the wish (its own units)", title)
    frame(ax)
    legend(ax, handles, names, loc="upper right")
    return figure


def _side(points: Sequence[tuple[int, Any]]) -> tuple[list[float], list[float]]:
    kept = [(float(cells), float(value)) for cells, value in points if value is not None]
    return [cells for cells, _ in kept], [value for _, value in kept]


def draw_intervals(
    means: Mapping[str, float],
    errors: Mapping[str, float],
    *,
    expected: Mapping[str, float] | None = None,
    ax: Axes | None = None,
    x: str = "mean and 95 % interval (in the quantity's units)",
    title: str = "Simulation",
    zero: bool = True,
) -> Figure:
    """A dot and a 95 % interval for each name, beside what was expected where that is known."""
    names = list(means)[:MOST_INTERVALS]
    if not names:
        raise NoPictureError("nothing was simulated")
    figure, ax = sheet(ax, (SIZE[0], max(2.4, 1.7 + 0.32 * len(names))))
    at = np.arange(len(names))[::-1]
    middle = np.array([means[name] for name in names])
    reach = CONFIDENCE * np.array([errors[name] for name in names])
    handle = ax.errorbar(
        middle, at, xerr=reach, fmt="o", color=BLUE, markersize=6, capsize=5, linewidth=2.0, elinewidth=2.0
    )
    handles: list[Any] = [handle]
    words = ["simulated, with 95 % interval"]
    known = [(expected[name], place) for name, place in zip(names, at, strict=True) if expected and name in expected]
    if known:
        marks = ax.scatter(
            [value for value, _ in known],
            [place for _, place in known],
            marker="|",
            s=420,
            linewidths=2.2,
            color=GREEN,
            zorder=4,
        )
        handles.append(marks)
        words.append("expected exactly")
    if zero:
        ax.axvline(0, color=INK, linewidth=0.8)
    label(ax, x, "", title)
    ticks(ax, "y", at.tolist(), names, 26)
    ax.set_ylim(-0.7, len(names) - 0.3 + 0.45 * len(handles))
    frame(ax, "x")
    legend(ax, handles, words, loc="upper right", ncols=1)
    return figure
