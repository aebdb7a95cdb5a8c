"""The graph of binding incentives: types as nodes, temptations as arrows as thick as their multipliers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch

from amd.model.environment import Environment
from amd.model.numbers import FloatArray
from amd.result import Result
from amd.show.figures.canvas import (
    BLUE,
    HEAT,
    INK,
    MONEY,
    NORMAL,
    PALE,
    PURPLE,
    SMALL,
    VERMILLION,
    bare,
    folded,
    frame,
    label,
    legend,
    note,
    plain,
    sheet,
)
from amd.show.figures.flows import Flows, flows
from amd.show.figures.missing import NoPictureError
from amd.show.figures.scales import Scale, grid_scale, type_scale
from amd.show.figures.surfaces import agent_position
from amd.show.numbers import number
from amd.show.types import type_text

THICK = 6.0  # points of the strongest arrow
CROWD = 60  # types beyond which arrows grow thinner
TOLD = 12  # arrows up to which each has its multiplier beside it
MOST_NODES = 900
MOST_ARROWS = 700  # more would be a blot: the strongest are drawn
Point = tuple[float, float]

MOST_ROUND = 24  # nodes of a circle


def draw_binding(result: Result, *, ax: Axes | None = None, agent: str | None = None) -> Figure:
    """Which types are held back from which reports, how strongly, and the information rent that this leaves.

    An arrow from a type to another says that the first is on the brink of reporting the second; its thickness is the
    multiplier, the gain in the objective if that temptation could be ruled out for free by one unit.
    """
    environment = result.task.environment
    position = _first(environment) if agent is None else agent_position(environment, agent)
    known = flows(result, position)
    types = environment.agents[position].types
    if types.size > MOST_NODES:
        raise NoPictureError(f"a graph of {types.size:,} types cannot be seen (the most is {MOST_NODES})")
    figure, ax = sheet(ax)
    if len(types.grids) > 2 and types.size > MOST_ROUND:
        raise NoPictureError("types with more than two parameters have no place in a plane")
    if len(types.grids) == 2:
        _over_plane(ax, environment, known)
    elif np.isnan(known.rent).all():
        _round(ax, environment, known)
    else:
        _over_line(ax, environment, known)
    return figure


def _first(environment: Environment) -> int:
    return next((i for i, agent in enumerate(environment.agents) if agent.size > 1), 0)


def _title(environment: Environment, known: Flows) -> str:
    return f"Binding incentives of {environment.agents[known.agent].group}"


def _over_line(ax: Axes, environment: Environment, known: Flows) -> None:
    """Types along their axis, at the height of their information rents."""
    scale: Scale = type_scale(environment, known.agent)
    rent = np.nan_to_num(known.rent)
    span = max(float(rent.max() - rent.min()), 1e-3 * max(1.0, float(np.abs(rent).max())))
    if span < 1e-9 * max(1.0, float(np.abs(rent).max())) or rent.max() - rent.min() < 1e-9:
        span = 1.0
    ground = float(rent.min()) - 0.42 * span
    for k in np.flatnonzero(known.out > 0):
        _arrow(ax, (scale.at[k], rent[k]), (scale.at[k], ground), known.out[k], _most(known), VERMILLION, 0.0)
    few = len(rent) <= 40
    ax.scatter(scale.at, rent, s=70 if few else 14, color=INK, zorder=5)
    ax.axhline(ground, color=PALE, linewidth=1.2, linestyle=(0, (4, 3)))
    ax.set_ylim(ground - 0.18 * span, float(rent.max()) + 0.55 * span)
    margin = 0.06 * max(float(np.ptp(scale.at)), 1.0 if scale.names else 1e-9)
    ax.set_xlim(float(scale.at.min()) - margin, float(scale.at.max()) + margin)
    _arrows(ax, known, np.stack([scale.at, rent], axis=1), bend=0.45)
    note(ax, float(scale.at.max()) + 0.9 * margin, ground - 0.03 * span, "outside option", ha="right", va="top")
    label(ax, scale.label, f"information rent U ({MONEY})", _title(environment, known))
    scale.ticks(ax, "x")
    frame(ax)
    _legend(ax, known, loc="upper left")


def _over_plane(ax: Axes, environment: Environment, known: Flows) -> None:
    """Types at their two parameters, coloured by their information rents."""
    types = environment.agents[known.agent].types
    scales = [grid_scale(name, grid) for name, grid in zip(types.parameters, types.grids, strict=True)]
    x, y = np.meshgrid(scales[0].at, scales[1].at, indexing="ij")
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    _arrows(ax, known, places, bend=0.12)
    size = float(np.clip(9000 / len(places), 14, 160))
    rings = [VERMILLION if known.out[k] > 0 else INK for k in range(len(places))]
    nodes = ax.scatter(
        places[:, 0],
        places[:, 1],
        c=np.nan_to_num(known.rent),
        cmap=HEAT,
        s=size,
        edgecolors=rings,
        linewidths=np.where(known.out > 0, 2.4, 0.8).tolist(),
        zorder=5,
    )
    bar = ax.get_figure(root=True).colorbar(nodes, ax=ax)  # type: ignore[union-attr]
    bar.set_label(f"information rent U ({MONEY})", fontsize=NORMAL, color=INK)
    bar.ax.tick_params(labelsize=SMALL, labelcolor=INK)
    ax.margins(0.09)
    label(ax, scales[0].label, scales[1].label, _title(environment, known))
    for which, scale in zip("xy", scales, strict=True):
        scale.ticks(ax, which)
    frame(ax)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.34 * (high - low))
    _legend(ax, known, ring=True, loc="upper left", ncols=1)


def _round(ax: Axes, environment: Environment, known: Flows) -> None:
    """Types without rents, such as preference orders, around a circle."""
    K = len(known.rent)
    if K > MOST_ROUND:
        raise NoPictureError(f"a circle of {K} types cannot be read (the most is {MOST_ROUND})")
    angle = np.pi / 2 - 2 * np.pi * np.arange(K) / K
    places = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    _arrows(ax, known, places, bend=0.12)
    ax.scatter(places[:, 0], places[:, 1], s=70, color=INK, zorder=5)
    for k, (x, y) in enumerate(places):
        side = "left" if x > 0.15 else "right" if x < -0.15 else "center"
        up = "bottom" if y > 0.9 else "top" if y < -0.9 else "center"
        name = folded(plain(type_text(environment, known.agent, k)), 18)
        note(ax, 1.1 * x, 1.1 * y, name, ha=side, va=up)
    ax.set_aspect("equal")
    ax.set_xlim(-2.0, 2.0)
    ax.set_ylim(-1.4, 1.75)
    bare(ax)
    label(ax, "", "", _title(environment, known))
    _legend(ax, known, loc="upper left")


def _most(known: Flows) -> float:
    return max(float(known.arcs.max()), float(known.out.max()), 1e-300)


def _arrows(ax: Axes, known: Flows, places: FloatArray, bend: float) -> None:
    """The arrows between types, the strongest last and on top."""
    who, whom = np.nonzero(known.arcs)
    order = np.argsort(known.arcs[who, whom])[-MOST_ARROWS:]
    most = _most(known)
    thick = THICK * min(1.0, (CROWD / len(places)) ** 0.5)
    told = known.priced and len(order) <= TOLD and not np.isnan(known.rent).all()
    for k, report in zip(who[order], whom[order], strict=True):
        weight = known.arcs[k, report] if known.priced else 0.25 * most
        text = number(float(known.arcs[k, report]), 3) if told else ""
        colour = PURPLE if _upward(known, int(k), int(report)) else BLUE
        _arrow(ax, _point(places[k]), _point(places[report]), weight, most, colour, bend, text, thick)


def _point(place: FloatArray) -> Point:
    return float(place[0]), float(place[1])


def _upward(known: Flows, k: int, report: int) -> bool:
    """Whether the temptation is to pass for a type with a greater rent."""
    return bool(known.rent[report] > known.rent[k] + 1e-9 * max(1.0, float(np.abs(known.rent).max())))


def _arrow(
    ax: Axes,
    start: Point,
    end: Point,
    weight: float,
    most: float,
    colour: str,
    bend: float,
    text: str = "",
    thick: float = THICK,
) -> None:
    least = min(0.8, thick / 4)
    width = least + (thick - least) * weight / most
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle=f"-|>,head_length={0.5 * thick + 0.75 * width},head_width={0.3 * thick + 0.5 * width}",
            mutation_scale=1.0,
            linewidth=width,
            color=colour,
            alpha=0.85,
            shrinkA=4 * thick / THICK,
            shrinkB=5 * thick / THICK,
            zorder=2 + weight / most,
        )
    )
    if text:
        _beside(ax, start, end, bend, text)


def _beside(ax: Axes, start: Point, end: Point, bend: float, text: str) -> None:
    """The multiplier at the top of the arrow's bow, whose height is told from the usual size of a picture."""
    scale = np.array([5.4, 3.8]) * 72 / np.array([np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())])
    run, rise = (np.array(end) - np.array(start)) * scale
    if np.hypot(run, rise) < 16 + 7.5 * len(text):  # there is no room for it
        return
    ax.annotate(
        text,
        ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2),
        xytext=(bend * rise / 2, -bend * run / 2),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=SMALL,
        color=INK,
        zorder=6,
        bbox={"facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.85, "pad": 0.8},
    )


def _legend(ax: Axes, known: Flows, *, ring: bool = False, **options: Any) -> None:
    """What the arrows are."""
    rows: list[tuple[Any, str]] = []
    pairs = list(zip(*(part.tolist() for part in np.nonzero(known.arcs)), strict=True))
    for colour, up, words in ((BLUE, False, "incentive"), (PURPLE, True, "incentive, upward")):
        found = [float(known.arcs[pair]) for pair in pairs if _upward(known, *pair) is up]
        if found:
            much = f", at most {number(max(found), 3)}" if known.priced else " that binds"
            rows.append((Line2D([], [], color=colour, linewidth=4), words + much))
    if (known.out > 0).any():
        ringed = {
            "marker": "o",
            "linestyle": "none",
            "markersize": 9,
            "markerfacecolor": "none",
            "markeredgewidth": 2.4,
        }
        handle = Line2D([], [], color=VERMILLION, **(ringed if ring else {"linewidth": 4}))
        rows.append((handle, f"participation, at most {number(float(known.out.max()), 3)}"))
    legend(ax, [handle for handle, _ in rows], [words for _, words in rows], **options)
