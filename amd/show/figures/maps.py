"""Maps: what a mechanism decides and collects over two agents' types, or over one agent's two parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from amd.model.numbers import FloatArray
from amd.show.figures.canvas import (
    FILLS,
    GREEN,
    HEAT,
    INK,
    MONEY,
    NORMAL,
    NOTHING,
    PAPER,
    SMALL,
    folded,
    label,
    legend,
    note,
    panels,
    readable,
    sheet,
)
from amd.show.figures.missing import NoPictureError
from amd.show.figures.plane import AnyMechanism, Plane, plane
from amd.show.numbers import listing, number

MOST_PANELS = 6
PANEL = (5.6, 4.6)
MOST_VECTORS = 900  # cells of a map; larger ones are drawn as one image
SEAMLESS: dict[str, Any] = {"edgecolors": "face", "linewidth": 0.3}  # no hairlines between cells
WRITTEN = 49  # cells up to which the number is written into each


def draw_regions(mechanism: AnyMechanism, *, ax: Axes | None = None, agents: Sequence[int] | None = None) -> Figure:
    """Who gets what where, each in its colour; lotteries are mixtures of colours."""
    view = plane(mechanism, agents)
    names, colours, shares = _mixture(mechanism, view)
    figure, ax = sheet(ax)
    mixed = np.clip(np.nan_to_num(shares) @ np.array([to_rgb(colour) for colour in colours]), 0, 1)
    mixed[np.isnan(shares).any(axis=-1)] = to_rgb(PAPER)
    ax.pcolormesh(
        view.x.edges, view.y.edges, mixed.transpose(1, 0, 2), rasterized=shares[..., 0].size > MOST_VECTORS, **SEAMLESS
    )
    _axes(ax, view, "What is decided" + _average(view))
    used = [t for t in range(len(names)) if np.nanmax(shares[..., t]) > 1e-6]
    patches = [Patch(facecolor=colours[t], edgecolor=INK, linewidth=0.6) for t in used]
    legend(ax, patches, [names[t] for t in used], beside=True)
    return figure


def _mixture(mechanism: AnyMechanism, view: Plane) -> tuple[list[str], list[str], FloatArray]:
    """(names, colours, shares (Kx, Ky, T + 1)) of what the plane is made of."""
    environment, share = mechanism.environment, view.chance / view.units
    alone = len(environment.agents) == 1 and len(environment.allocation.goods) == 2
    if alone:
        a, b = np.clip(share[..., 0], 0, 1), np.clip(share[..., 1], 0, 1)
        one, other = view.things
        parts = np.stack([(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b], axis=-1)
        return ["nothing", one, other, f"{one} and {other}"], [NOTHING, *FILLS[:2], GREEN], parts
    active = [t for t in range(len(view.things)) if t not in view.idle]
    if environment.allocation.goods and len(environment.allocation.goods) > 1:
        raise NoPictureError("several goods for several agents overlap in one map: see the kind 'allocation'")
    if len(active) > len(FILLS):
        raise NoPictureError(f"a map of {len(active)} colours cannot be read: see the kind 'allocation'")
    rest = np.clip(1 - share[..., active].sum(axis=-1), 0, 1)
    nothing = view.things[view.idle[0]] if view.idle else "nobody"
    parts = np.concatenate([rest[..., None], share[..., active]], axis=-1)
    return [nothing, *(view.things[t] for t in active)], [NOTHING, *FILLS[: len(active)]], parts


def draw_allocation(
    mechanism: AnyMechanism,
    *,
    ax: Axes | None = None,
    agents: Sequence[int] | None = None,
    of: str | None = None,
) -> Figure:
    """The chance of each thing (or that named `of`) as heat maps; expected units where there are several."""
    view = plane(mechanism, agents)
    shown = _chosen(view, of)
    if ax is not None or len(shown) == 1:
        figure, ax = sheet(ax)
        _heat(ax, view, shown[0])
        return figure
    figure, grid = panels(len(shown), PANEL)
    for place, t in zip(grid, shown, strict=True):
        _heat(place, view, t)
    return figure


def _chosen(view: Plane, of: str | None) -> list[int]:
    """Which things are shown."""
    if of is not None:
        if of not in view.things:
            raise NoPictureError(f"there is no '{of}'; there are {listing(view.things)}")
        return [view.things.index(of)]
    moving = [t for t in range(len(view.things)) if t not in view.idle and np.nanmax(view.chance[..., t]) > 1e-9]
    return (moving or [0])[:MOST_PANELS]


def _heat(ax: Axes, view: Plane, t: int) -> None:
    most = float(view.units[t])
    what = "probability" if most == 1 else f"expected units (of {most:g})"
    mesh = _mesh(ax, view, view.chance[..., t], vmin=0.0, vmax=most)
    _bar(ax, mesh, what)
    _axes(ax, view, view.things[t] + _average(view))


def draw_payment_map(
    mechanism: AnyMechanism, *, ax: Axes | None = None, agents: Sequence[int] | None = None, of: str | None = None
) -> Figure:
    """What each agent (or that named `of`) pays, as heat maps."""
    view = plane(mechanism, agents)
    if view.payments is None:
        raise NoPictureError("this mechanism has no payments")
    names = [agent.name for agent in mechanism.environment.agents]
    if of is not None and of not in names:
        raise NoPictureError(f"there is no agent '{of}'; there are {listing(names)}")
    paid = view.payments
    shown = [names.index(of)] if of is not None else [i for i in range(len(names)) if _moves(paid[..., i])]
    shown = (shown or [0])[: 1 if ax is not None else MOST_PANELS]
    figure, grid = (sheet(ax)[0], [ax]) if ax is not None else panels(len(shown), PANEL)
    low, high = float(np.nanmin(paid[..., shown])), float(np.nanmax(paid[..., shown]))
    for place, i in zip(grid, shown, strict=True):
        mesh = _mesh(place, view, paid[..., i], vmin=low, vmax=high if high > low else low + 1)
        _bar(place, mesh, f"payment ({MONEY})")
        _axes(place, view, f"{names[i]} pays" + _average(view))
    return figure


def _moves(paid: FloatArray) -> bool:
    return bool(np.nanmax(np.abs(paid)) > 1e-9)


def _mesh(ax: Axes, view: Plane, values: FloatArray, **limits: Any) -> QuadMesh:
    """A heat map, with its numbers where they are few."""
    mesh = ax.pcolormesh(
        view.x.edges, view.y.edges, values.T, cmap=HEAT, rasterized=values.size > MOST_VECTORS, **SEAMLESS, **limits
    )
    ax.set_facecolor("#ffffff")
    if values.size <= WRITTEN and max(values.shape) <= 8:
        for (a, b), value in np.ndenumerate(values):
            if not np.isnan(value):
                colour = readable(mesh.to_rgba(np.array([value]))[0, :3].tolist())
                x, y = (view.x.edges[a] + view.x.edges[a + 1]) / 2, (view.y.edges[b] + view.y.edges[b + 1]) / 2
                note(ax, x, y, number(float(value), 3, scale=1.0), color=colour, ha="center", va="center")
    return mesh


def _bar(ax: Axes, mesh: Any, what: str) -> None:
    bar = ax.get_figure(root=True).colorbar(mesh, ax=ax)  # type: ignore[union-attr]
    bar.set_label(folded(what, 36), fontsize=NORMAL, color=INK)
    bar.ax.tick_params(labelsize=SMALL, labelcolor=INK)
    bar.outline.set_visible(False)


def _axes(ax: Axes, view: Plane, title: str) -> None:
    label(ax, view.x.label, view.y.label, title)
    view.x.ticks(ax, "x")
    view.y.ticks(ax, "y")


def _average(view: Plane) -> str:
    return f", averaged over {listing(view.averaged, most=3)}" if view.averaged else ""
