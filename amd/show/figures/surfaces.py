"""Interim surfaces: what each type with two parameters expects, as heat maps over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.model.environment import Environment
from amd.show.figures.canvas import HEAT, INK, MONEY, NORMAL, SMALL, label, panels, sheet
from amd.show.figures.missing import NoPictureError
from amd.show.figures.scales import Scale, grid_scale
from amd.show.interim import Interim, audience
from amd.show.numbers import listing

AnyMechanism = Mechanism | InterimMechanism
MOST_PANELS = 6
PANEL = (5.6, 4.6)
NAMES = {"utility": f"interim utility ({MONEY})", "pays": f"expected payment ({MONEY})"}


@dataclass(frozen=True, eq=False)
class Surface:
    """One agent (or one of a group that are alike) with its interim view, and the scales of its two parameters."""

    name: str
    view: Interim
    x: Scale
    y: Scale


def agent_position(environment: Environment, name: str) -> int:
    """The position of the agent, or of the first of the group, with this name. NoPictureError where there is none."""
    for i, agent in enumerate(environment.agents):
        if name in (agent.name, agent.group):
            return i
    raise NoPictureError(f"there is no agent '{name}'; there are {listing(a.name for a in environment.agents)}")


def surface(mechanism: AnyMechanism, agent: str | None = None) -> Surface | None:
    """The surface of the agent named, or of the first that knows something; None where that is not two parameters."""
    environment = mechanism.environment
    wanted = None if agent is None else environment.agents[agent_position(environment, agent)].group
    for view, title in audience(mechanism):
        one = environment.agents[view.agent]
        if one.size == 1 or (wanted is not None and one.group != wanted):
            continue
        if len(one.types.grids) != 2:
            return None
        x, y = (grid_scale(name, grid) for name, grid in zip(one.types.parameters, one.types.grids, strict=True))
        return Surface(title, view, x, y)
    return None


def draw_surfaces(mechanism: AnyMechanism, flat: Surface, columns: Sequence[str], *, ax: Axes | None = None) -> Figure:
    """Heat maps of some of what each type expects; with `ax`, of the first."""
    if not columns:
        raise NoPictureError("there are too many outcomes for maps: see the kind 'payments' or 'utility'")
    shown = list(columns)[: 1 if ax is not None else MOST_PANELS]
    if ax is not None or len(shown) == 1:
        figure, place = sheet(ax)
        grid = [place]
    else:
        figure, grid = panels(len(shown), PANEL)
    shape = mechanism.environment.agents[flat.view.agent].types.shape
    for place, column in zip(grid, shown, strict=True):
        values = flat.view.expected[:, flat.view.columns.index(column)].reshape(shape)
        what = column.replace("\n", " ")
        _heat(place, flat, values, NAMES.get(column, f"interim: {what}"), f"{flat.name}: {what}")
    return figure


def _heat(
    ax: Axes, flat: Surface, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], what: str, title: str
) -> None:
    mesh = ax.pcolormesh(
        flat.x.edges,
        flat.y.edges,
        values.T,
        cmap=HEAT,
        edgecolors="face",
        linewidth=0.3,
        rasterized=values.size > 900,
    )
    bar = ax.get_figure(root=True).colorbar(mesh, ax=ax)  # type: ignore[union-attr]
    bar.set_label(what, fontsize=NORMAL, color=INK)
    bar.ax.tick_params(labelsize=SMALL, labelcolor=INK)
    bar.outline.set_visible(False)
    label(ax, flat.x.label, flat.y.label, title)
    flat.x.ticks(ax, "x")
    flat.y.ticks(ax, "y")
