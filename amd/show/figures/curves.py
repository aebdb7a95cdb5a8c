"""Interim curves: what each type expects to get, to pay and to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amd.mechanism.audit.belief import belief_of
from amd.mechanism.audit.incentive import stake
from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.model.environment import Environment
from amd.model.numbers import FloatArray
from amd.show.figures.canvas import (
    DASHES,
    INK,
    LINES,
    MARKERS,
    MONEY,
    PALE,
    SMALL,
    frame,
    label,
    legend,
    note,
    panels,
    sheet,
)
from amd.show.figures.missing import NoPictureError
from amd.show.figures.plane import idle_outcomes
from amd.show.figures.scales import Scale, type_scale
from amd.show.figures.surfaces import agent_position, draw_surfaces, surface
from amd.show.interim import Interim, audience
from amd.show.numbers import listing, number
from amd.show.types import value_scale

AnyMechanism = Mechanism | InterimMechanism
MONEY_COLUMNS = ("value", "pays", "utility")
MOST_CURVES = 6
MARKED = 40  # types up to which each has a marker
OPTIONS = 14  # of a menu that are drawn as lines
TOLD = 3  # slopes that are written beside the utility


@dataclass(frozen=True, eq=False)
class Curve:
    """One agent (or one of a group that are alike) with its interim view."""

    name: str
    view: Interim
    scale: Scale


def curves(mechanism: AnyMechanism, agent: str | None = None) -> list[Curve]:
    """The curves of all agents that know one thing, or of that named; alike copies are shown once.

    NoPictureError where there are none: agents with several parameters have surfaces instead (`surfaces`).
    """
    environment = mechanism.environment
    found = [
        Curve(title, view, type_scale(environment, view.agent))
        for view, title in audience(mechanism)
        if environment.agents[view.agent].size > 1 and len(environment.agents[view.agent].types.grids) < 2
    ]
    if agent is not None:
        position = agent_position(environment, agent)
        group = environment.agents[position].group
        found = [
            curve
            for curve in found
            if curve.view.agent == position or environment.agents[curve.view.agent].group == group
        ][:1]
    if not found:
        raise NoPictureError("no such agent has several types along one axis, so there is nothing to draw against them")
    return found


def draw_interim(mechanism: AnyMechanism, *, ax: Axes | None = None, agent: str | None = None) -> Figure:
    """The chance of each type to get what there is; over a plane where types have two parameters."""
    flat = surface(mechanism, agent)
    if flat is not None:
        wanted = [name for name in flat.view.columns if name not in MONEY_COLUMNS]
        return draw_surfaces(mechanism, flat, wanted, ax=ax)
    found = curves(mechanism, agent)
    names = mechanism.environment.allocation.names
    idle = [names[t] for t in idle_outcomes(mechanism.environment)] or list(names[1:] if len(names) == 2 else ())
    handed = [(curve, column) for curve in found for column in _got(curve, idle)]
    if not handed:
        raise NoPictureError("there are too many outcomes for curves: see the kind 'payments' or 'utility'")
    figure, ax = sheet(ax)
    single = len(handed) == len({curve.name for curve, _ in handed})
    handles, titles = [], []
    for position, (curve, column) in enumerate(handed[:MOST_CURVES]):
        what = curve.view.columns[column].replace("\n", " ")
        handles.append(_line(ax, curve, curve.view.expected[:, column], position))
        titles.append(curve.name if single else f"{curve.name}: {what}")
    one = {curve.view.columns[column].replace("\n", " ") for curve, column in handed}
    what = f"expected: {next(iter(one))}" if len(one) == 1 else "expected units, or chance"
    if len(one) == 1 and next(iter(one)).startswith("chance"):
        what = f"interim {next(iter(one))}"
    elif len(one) == 1:
        what = f"interim allocation: {next(iter(one)).replace('gets', 'units of')}"
    _finish(ax, mechanism.environment, found, what, "Interim allocation", handles, titles, len(handed) - MOST_CURVES)
    return figure


def _got(curve: Curve, idle: Sequence[str]) -> list[int]:
    """The columns of what a type may get; not those of outcomes that are worth nothing to anybody."""
    skipped = {*MONEY_COLUMNS, *(f"chance of\n{name}" for name in idle)}
    return [c for c, name in enumerate(curve.view.columns) if name not in skipped]


def draw_payments(mechanism: AnyMechanism, *, ax: Axes | None = None, agent: str | None = None) -> Figure:
    """The expected payment of each type."""
    flat = surface(mechanism, agent)
    if flat is not None and "pays" in flat.view.columns:
        return draw_surfaces(mechanism, flat, ["pays"], ax=ax)
    return _money(mechanism, "pays", "expected payment", "Interim payments", ax, agent)


def _money(mechanism: AnyMechanism, column: str, what: str, title: str, ax: Axes | None, agent: str | None) -> Figure:
    found = [curve for curve in curves(mechanism, agent) if column in curve.view.columns]
    if not found:
        raise NoPictureError("this mechanism has no payments" if column == "pays" else "orders have no utility")
    figure, ax = sheet(ax)
    shown = found[:MOST_CURVES]
    handles = [
        _line(ax, curve, curve.view.expected[:, curve.view.columns.index(column)], position)
        for position, curve in enumerate(shown)
    ]
    names = [curve.name for curve in shown]
    _finish(ax, mechanism.environment, shown, f"{what} ({MONEY})", title, handles, names, len(found) - len(shown))
    return figure


def draw_utility(mechanism: AnyMechanism, *, ax: Axes | None = None, agent: str | None = None) -> Figure:
    """Interim utility as the upper envelope of what each report brings: convex, with the allocation as its slope.

    A thin line is what the types would get from one report; truth is best where the thick line lies on top of all.
    """
    flat = surface(mechanism, agent)
    if flat is not None and "utility" in flat.view.columns:
        return draw_surfaces(mechanism, flat, ["utility"], ax=ax)
    found = [curve for curve in curves(mechanism, agent) if utility_column(curve.view) is not None]
    if not found:
        raise NoPictureError("preference orders have no utility")
    if agent is None and ax is None and len(found) > 1:
        figure, grid = panels(min(len(found), 4), (5.6, 4.6))
        for place, curve in zip(grid, found, strict=False):
            _envelope(place, mechanism, curve)
        return figure
    figure, ax = sheet(ax)
    _envelope(ax, mechanism, found[0])
    return figure


def _envelope(ax: Axes, mechanism: AnyMechanism, curve: Curve) -> None:
    environment = mechanism.environment
    utility = curve.view.expected[:, utility_column(curve.view)].copy()
    worth = value_scale(environment)
    utility[np.abs(utility) <= 1e-9 * worth] = 0.0  # what a solver leaves where nothing is left
    scale = type_scale(environment, curve.view.agent, always_numbers=True)
    rising = not scale.names
    if rising:
        curve = Curve(curve.name, curve.view, scale)
        rising = _reports(ax, mechanism, curve, utility, worth)
    handle = _line(ax, curve, utility, 0, linewidth=3.0)
    handles, names = [handle], ["truth: utility U"]
    if rising:
        handles.append(ax.plot([], [], color=PALE, linewidth=1.0)[0])
        names.append("what one report brings every type")
    label(ax, curve.scale.label, f"interim utility ({MONEY})", f"Interim utility of {curve.name}")
    curve.scale.ticks(ax, "x")
    frame(ax)
    legend(ax, handles, names, loc="upper left" if _rises(utility) else "upper right")


def utility_column(view: Interim) -> int | None:
    """The column of what the agent keeps: its utility, or without money its value; None for orders."""
    return next((view.columns.index(name) for name in ("utility", "value") if name in view.columns), None)


def _rises(values: FloatArray) -> bool:
    kept = values[~np.isnan(values)]
    return len(kept) < 2 or bool(kept[-1] >= kept[0])


def _reports(ax: Axes, mechanism: AnyMechanism, curve: Curve, utility: FloatArray, worth: float) -> bool:
    """The lines of single reports and the slopes of some of them; whether there are such lines."""
    brought = report_values(mechanism, curve.view.agent)
    if brought is None:
        return False
    K = len(utility)
    at = curve.scale.at
    span = max(float(np.nanmax(utility) - np.nanmin(utility)), 0.05 * worth)
    for report in np.unique(np.linspace(0, K - 1, min(K, OPTIONS)).round().astype(int)):
        ax.plot(at, brought[:, report], color=PALE, linewidth=0.9, alpha=0.75, zorder=1)
    low, high = float(np.nanmin(utility)), float(np.nanmax(utility))
    room = 0.28 * span
    ax.set_ylim(low - 0.12 * span - (0.05 * span), high + room)
    _slopes(ax, brought, at, utility)
    return True


def _slopes(ax: Axes, brought: FloatArray, at: FloatArray, utility: FloatArray) -> None:
    """``slope 0.75`` at a few types, where what a report brings is straight in the type."""
    K = len(at)
    if K < 3 or not _straight(brought, at):
        return
    slope = (brought[-1] - brought[0]) / (at[-1] - at[0])
    rises = _rises(utility)
    for share in (0.3, 0.6, 0.9) if rises else (0.1, 0.4, 0.7):
        k = round(share * (K - 1))
        if np.isnan(utility[k]):
            continue
        note(
            ax,
            at[k],
            utility[k],
            f"slope {number(float(slope[k]), 3, scale=1.0)}",
            ha="left" if rises else "right",
            va="top",
            bbox={"facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
            transform=_shifted(ax, 8 if rises else -8, -8),
        )
        ax.plot([at[k]], [utility[k]], marker="o", color=INK, markersize=6, zorder=4)


def _shifted(ax: Axes, right: float, up: float) -> Any:
    """The data's coordinates, moved by points."""
    from matplotlib.transforms import ScaledTranslation

    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure")
    return ax.transData + ScaledTranslation(right / 72, up / 72, figure.dpi_scale_trans)


def _straight(brought: FloatArray, at: FloatArray) -> bool:
    """Whether every report's line is straight."""
    slopes = np.diff(brought, axis=0) / np.diff(at)[:, None]
    return bool(np.allclose(slopes, slopes[:1], rtol=1e-6, atol=1e-6 * max(1.0, float(np.abs(slopes).max()))))


def report_values(mechanism: AnyMechanism, agent: int) -> FloatArray | None:
    """(K, K): what type k expects from report r; None where values are interdependent or types correlated."""
    environment = mechanism.environment
    one = environment.agents[agent]
    if one.interdependent or not environment.independent or one.types.orders is not None:
        return None
    if isinstance(mechanism, InterimMechanism):
        return np.asarray(one.float_values @ mechanism.allocation[agent].T - mechanism.payments[agent][None, :])
    rows = mechanism.rows()
    side, belief = stake(rows, agent), belief_of(rows, agent)
    if belief.common is None:
        return None
    menus = np.tensordot(side.menus, belief.common, axes=(1, 0))
    return np.asarray(side.wishes[:, :, 0] @ menus)


def _line(ax: Axes, curve: Curve, values: FloatArray, position: int, **options: Any) -> Any:
    """One curve, its types marked where they are few."""
    few = len(values) <= MARKED
    settings: dict[str, Any] = {
        "color": LINES[position % len(LINES)],
        "linestyle": DASHES[position % len(DASHES)],
        "marker": MARKERS[position % len(MARKERS)] if few else None,
        "markersize": 6 if len(values) <= 20 else 4,
        "linewidth": 2.2,
        "zorder": 3,
    }
    return ax.plot(curve.scale.at, values, **{**settings, **options})[0]


def _finish(
    ax: Axes,
    environment: Environment,
    found: list[Curve],
    what: str,
    title: str,
    handles: list[Any],
    names: list[str],
    left_out: int,
) -> None:
    labels = dict.fromkeys(curve.scale.label for curve in found[:MOST_CURVES])
    x = next(iter(labels)) if len(labels) == 1 else "type: " + listing(labels, most=3)
    same = len({curve.scale.names for curve in found[:MOST_CURVES]}) == 1
    label(ax, x, what, f"{title} of {names[0]}" if len(names) == 1 else title)
    if same:
        found[0].scale.ticks(ax, "x")
    frame(ax)
    if len(names) > 1:
        legend(ax, handles, names, loc="best", beside=len(names) > 3 or max(map(len, names)) > 30)
    if left_out > 0:
        ax.annotate(
            f"{left_out} more not shown", (0.99, 0.01), xycoords="axes fraction", ha="right", fontsize=SMALL, color=PALE
        )
