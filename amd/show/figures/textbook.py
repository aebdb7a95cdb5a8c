"""Pictures of the closed forms: optimal auctions, menus, taxes, trade, risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from amd.classics.ambiguity import RobustAuction
from amd.classics.bilateral import LinearDoubleAuction
from amd.classics.myerson import OptimalAuction
from amd.classics.risk import RiskAverseAuction
from amd.classics.screening import Menu
from amd.classics.taxation import Tax
from amd.model.numbers import FloatArray, to_float
from amd.show.figures.canvas import (
    BLUE,
    DASHES,
    FILLS,
    GREEN,
    HEAT,
    INK,
    LINES,
    MARKERS,
    MONEY,
    NORMAL,
    NOTHING,
    ORANGE,
    SMALL,
    VERMILLION,
    frame,
    label,
    legend,
    note,
    sheet,
    ticks,
)
from amd.show.figures.missing import NoPictureError
from amd.show.figures.scales import midpoints
from amd.show.numbers import number

MOST_CURVES = 6


def floats(array: Any) -> FloatArray:
    """Fractions or floats as floats."""
    found = np.asarray(array)
    return to_float(found) if found.dtype == object else np.asarray(found, dtype=np.float64)


def draw_curves(
    ax: Axes | None,
    x: Any,
    series: Mapping[str, Any],
    labels: tuple[str, str, str],
    place: str = "best",
) -> Figure:
    """Several quantities over the same types, marked where these are few."""
    figure, ax = sheet(ax)
    at, handles = floats(x), []
    for position, values in enumerate(series.values()):
        handles += ax.plot(
            at,
            floats(values),
            color=LINES[position % len(LINES)],
            linestyle=DASHES[position % len(DASHES)],
            marker=MARKERS[position % len(MARKERS)] if len(at) <= 40 else None,
            markersize=6,
            linewidth=2.2,
        )
    label(ax, *labels)
    frame(ax)
    if len(handles) > 1:
        legend(ax, handles, list(series), loc=place)
    return figure


def draw_winners(auction: OptimalAuction, *, ax: Axes | None = None) -> Figure:
    """Who wins at each pair of values, for two bidders."""
    if len(auction.bidders) != 2:
        raise NoPictureError("a map of winners needs two bidders: see the kind 'interim'")
    allocation, _ = auction.rule()
    shares = floats(allocation)
    figure, ax = sheet(ax)
    won = np.where(shares[..., 0] > 0.5, 1, np.where(shares[..., 1] > 0.5, 2, 0))
    colours = (NOTHING, FILLS[0], FILLS[1])
    rgb = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in colours])
    x, y = (midpoints(floats(bidder.values)) for bidder in auction.bidders)
    ax.pcolormesh(x, y, rgb[won].transpose(1, 0, 2))
    for place, reserve in enumerate(auction.reserves):
        if reserve is not None:
            (ax.axvline if place == 0 else ax.axhline)(float(reserve), color=INK, linewidth=1.4, linestyle="--")
    label(ax, f"value of bidder 1 ({MONEY})", f"value of bidder 2 ({MONEY})", "Who wins in the optimal auction")
    patches = [Patch(facecolor=colour, edgecolor=INK, linewidth=0.6) for colour in colours]
    legend(ax, patches, ["unsold", "bidder 1", "bidder 2"], beside=True)
    return figure


def draw_auction_interim(auction: OptimalAuction, *, ax: Axes | None = None) -> Figure:
    """The chance to win of each bidder's values."""
    figure, ax = sheet(ax)
    handles: list[Any] = []
    names: list[str] = []
    seen: list[Any] = []
    for i, bidder in enumerate(auction.bidders):
        if any(bidder is other for other in seen) and len(auction.bidders) > 2:
            continue
        seen.append(bidder)
        if len(handles) == MOST_CURVES:
            break
        chance = floats(auction.interim(i)[0])
        place = len(handles)
        few = len(chance) <= 40
        handles += ax.plot(
            floats(bidder.values),
            chance,
            color=LINES[place],
            linestyle=DASHES[place],
            marker=MARKERS[place] if few else None,
            linewidth=2.2,
        )
        names.append(f"bidder {i + 1}")
    label(ax, f"value ({MONEY})", "interim chance to win", "Optimal auction")
    frame(ax)
    legend(ax, handles, names, loc="upper left")
    return figure


def draw_menu(menu: Menu, *, ax: Axes | None = None) -> Figure:
    """Quality beside the efficient one; the gap is the distortion that screening costs."""
    series = {"efficient quality": menu.efficient, "quality in the menu": menu.quality, "price": menu.price}
    labels = (f"type θ ({MONEY} per unit of quality)", f"quality (units), price ({MONEY})", "Screening menu")
    return draw_curves(ax, menu.types, series, labels, "upper left")


def draw_tariff(menu: Menu, *, ax: Axes | None = None) -> Figure:
    """The menu as the buyer sees it: the price of each quality."""
    labels = ("quality (units)", f"price ({MONEY})", "Menu: price of each quality")
    return draw_curves(ax, menu.quality, {"price": menu.price}, labels)


def draw_tax(tax: Tax, *, ax: Axes | None = None) -> Figure:
    """Marginal tax rates by ability."""
    labels = ("ability w (output per unit of effort)", "marginal tax rate", "Optimal marginal tax")
    return draw_curves(ax, tax.ability, {"marginal tax rate": tax.marginal}, labels)


def draw_tax_schedule(tax: Tax, *, ax: Axes | None = None) -> Figure:
    """Tax and consumption against earnings."""
    series = {"consumption": tax.consumption, "tax paid": tax.tax}
    labels = ("earnings (units of consumption)", "units of consumption", "Tax schedule")
    return draw_curves(ax, tax.earnings, series, labels, "upper left")


def draw_risk(auction: RiskAverseAuction, *, ax: Axes | None = None) -> Figure:
    """Payments with and without the good: risk-averse bidders are insured at a price."""
    series = {"pays on winning": auction.if_wins, "pays on losing": auction.if_loses, "chance to win": auction.win}
    labels = (f"value ({MONEY})", f"payment ({MONEY}), chance", "Optimal auction for risk-averse bidders")
    return draw_curves(ax, auction.values, series, labels, "upper left")


def draw_double_auction(auction: LinearDoubleAuction, *, ax: Axes | None = None) -> Figure:
    """Where trade happens and where it should: the strip between the lines is lost."""
    slope, intercept = (float(part) for part in auction.trade_line)
    figure, ax = sheet(ax)
    v = np.linspace(0, 1, 201)
    line = np.clip(slope * v + intercept, 0, 1)
    ax.fill_between(v, 0, np.minimum(line, v), color=FILLS[0], linewidth=0)
    ax.fill_between(v, np.minimum(line, v), v, color=ORANGE, alpha=0.55, linewidth=0)
    ax.plot([0, 1], [0, 1], color=INK, linewidth=1.4)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    label(ax, f"buyer's value v ({MONEY})", f"seller's cost c ({MONEY})", "Linear equilibrium of the double auction")
    frame(ax)
    patches = [Patch(facecolor=FILLS[0]), Patch(facecolor=ORANGE, alpha=0.55)]
    legend(ax, patches, ["trade", "gains from trade that are lost"], loc="upper left")
    return figure


def draw_trade(
    trade: Any, values: Any, costs: Any, *, ax: Axes | None = None, title: str = "Probability of trade"
) -> Figure:
    """A trade rule over values and costs; above the line v = c trade would lose."""
    figure, ax = sheet(ax)
    chance = floats(trade)
    v, c = floats(values), floats(costs)
    mesh = ax.pcolormesh(midpoints(v), midpoints(c), chance.T, cmap=HEAT, vmin=0, vmax=1)
    bar = figure.colorbar(mesh, ax=ax)
    bar.set_label("probability of trade", fontsize=NORMAL, color=INK)
    bar.ax.tick_params(labelsize=SMALL)
    low, high = max(v.min(), c.min()), min(v.max(), c.max())
    ax.plot([low, high], [low, high], color=VERMILLION, linewidth=2.0, linestyle="--")
    box = {"facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
    note(ax, high, high, "v = c", color=INK, ha="right", va="top", bbox=box)
    label(ax, f"buyer's value v ({MONEY})", f"seller's cost c ({MONEY})", title)
    return figure


def draw_bars(
    names: Sequence[str],
    heights: Any,
    labels: tuple[str, str, str],
    *,
    ax: Axes | None = None,
    line: tuple[str, float] | None = None,
) -> Figure:
    """Bars with their numbers, and a level beside them."""
    figure, ax = sheet(ax)
    tall = floats(heights)
    bars = ax.bar(range(len(tall)), tall, color=BLUE, width=0.7)
    if len(tall) <= 12:
        for bar, height in zip(bars, tall, strict=True):
            note(
                ax,
                bar.get_x() + bar.get_width() / 2,
                max(height, 0.0),
                number(float(height), 3),
                ha="center",
                va="bottom",
            )
    if line is not None:
        handle = ax.axhline(line[1], color=GREEN, linewidth=2.2, linestyle=(0, (5, 2)))
        legend(ax, [handle], [f"{line[0]} {number(line[1], 4)}"], loc="upper right")
    ax.axhline(0, color=INK, linewidth=0.8)
    low, high = min(0.0, float(tall.min())), max(0.0, float(tall.max()))
    ax.set_ylim(low, high + 0.3 * max(high - low, 1e-12))
    label(ax, *labels)
    ticks(ax, "x", list(range(len(tall))), list(names), 14)
    frame(ax, "y")
    return figure


def draw_robust(auction: RobustAuction, *, ax: Axes | None = None) -> Figure:
    """Revenue under each prior that is thought possible, above what is guaranteed."""
    names = [f"prior {p + 1}" for p in range(len(auction.under))]
    labels = ("", f"expected revenue ({MONEY})", "A robust auction under each prior")
    return draw_bars(names, auction.under, labels, ax=ax, line=("guaranteed", auction.revenue))


def draw_least_favourable(auction: RobustAuction, *, ax: Axes | None = None) -> Figure:
    """The mixture of priors against which nothing earns more."""
    names = [f"prior {p + 1}" for p in range(len(auction.mixture))]
    return draw_bars(names, auction.mixture, ("", "weight in the mixture", "Least favourable mixture of priors"), ax=ax)
