"""Exchange: the compatibility graph with the chosen cycles and chains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch

from amd.matching.exchange.pool import Pool
from amd.show.figures.canvas import DASHES, INK, LINES, PALE, bare, label, legend, note, plain, sheet
from amd.show.figures.missing import NoPictureError
from amd.show.numbers import count

MOST_NODES = 300
MOST_ARCS = 1500  # of those not chosen: beyond that a grey blot tells nothing
NAMED = 60


def draw_exchange(
    pool: Pool, cycles: Sequence[Sequence[str]], chains: Sequence[Sequence[str]], *, ax: Axes | None = None
) -> Figure:
    """Pairs and altruists around a circle, the members of a cycle side by side; chosen transplants in colour.

    An arrow says whose donor gives to whose patient. Squares are altruists.
    """
    if pool.count > MOST_NODES:
        raise NoPictureError(f"a graph of {pool.count:,} pairs cannot be seen (the most is {MOST_NODES})")
    figure, ax = sheet(ax, (7.4, 5.6))
    at = _places(pool, [*cycles, *chains])
    if pool.arcs <= MOST_ARCS:
        for u, v in zip(pool.source.tolist(), pool.target.tolist(), strict=True):
            _arrow(ax, at[u], at[v], PALE, 0.7, 0.35, 0.1)
    position = {pool.name(v): v for v in range(pool.count)}
    handles, names = [], []
    for number, part in enumerate([*cycles, *chains]):
        closed = number < len(cycles)
        colour, dash = LINES[number % len(LINES)], DASHES[0 if closed else 1]
        steps = list(zip(part, [*part[1:], part[0]] if closed else part[1:], strict=False))
        for giver, taker in steps:
            _arrow(ax, at[position[giver]], at[position[taker]], colour, 3.0, 0.95, 0.18, dash)
        if number < 8:
            handles.append(Line2D([], [], color=colour, linewidth=3, linestyle=dash))
            names.append(f"{'cycle' if closed else 'chain'} of {len(part) if closed else len(steps)}")
    _nodes(ax, pool, at)
    ax.set_aspect("equal")
    ax.set_xlim(-1.3, 2.0)  # with room for the legend
    ax.set_ylim(-1.22, 1.22)
    bare(ax)
    given = sum(len(cycle) for cycle in cycles) + sum(len(chain) - 1 for chain in chains)
    label(ax, "", "", f"{count(given, 'transplant')}: {count(len(cycles), 'cycle')}, {count(len(chains), 'chain')}")
    if handles:
        legend(ax, handles, names, loc="upper right")
    return figure


def _places(pool: Pool, parts: list[Sequence[str]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Around a circle, those in one exchange next to each other, the others after them."""
    position = {pool.name(v): v for v in range(pool.count)}
    order = list(dict.fromkeys([position[name] for part in parts for name in part] + list(range(pool.count))))
    angle = np.pi / 2 - 2 * np.pi * np.arange(pool.count) / max(1, pool.count)
    at = np.empty((pool.count, 2))
    at[order] = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return at


def _nodes(ax: Axes, pool: Pool, at: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    size = 90 if pool.count <= NAMED else 24
    for marker, kind in (("o", ~pool.altruist), ("s", pool.altruist)):
        ax.scatter(at[kind, 0], at[kind, 1], s=size, marker=marker, color=INK, zorder=5)
    if pool.count <= NAMED:
        for v in range(pool.count):
            x, y = at[v] * (1.1 if pool.count <= 30 else 1.08)
            note(ax, float(x), float(y), plain(pool.name(v), 8), ha="center", va="center")


def _arrow(
    ax: Axes,
    start: np.ndarray[tuple[int], np.dtype[np.float64]],
    end: np.ndarray[tuple[int], np.dtype[np.float64]],
    colour: str,
    width: float,
    alpha: float,
    bend: float,
    dash: object = "-",
) -> None:
    ax.add_patch(
        FancyArrowPatch(
            (float(start[0]), float(start[1])),
            (float(end[0]), float(end[1])),
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle=f"-|>,head_length={3 + 2 * width},head_width={1.5 + 1.2 * width}",
            mutation_scale=1.0,
            linewidth=width,
            linestyle=dash,
            color=colour,
            alpha=alpha,
            shrinkA=6,
            shrinkB=7,
            zorder=2 if width < 1 else 4,
        )
    )
