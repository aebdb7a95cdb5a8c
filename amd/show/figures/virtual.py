"""Marginal revenue: virtual values with ironing, the revenue curve with its concave hull, revenue against the reserve.

Bulow and Roberts (1989) read Myerson's auction as a monopolist's third-degree price discrimination: values are a
demand curve, the virtual value is its marginal revenue, and ironing takes the concave hull of the revenue curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amd.classics.continuous import Ironing, Prior, iron, posted_price_profit, revenue_at_reserve
from amd.classics.virtual import VirtualValues
from amd.model.numbers import FloatArray, to_float
from amd.show.figures.canvas import (
    BLUE,
    GREEN,
    INK,
    MONEY,
    NOTHING,
    ORANGE,
    PALE,
    VERMILLION,
    frame,
    label,
    legend,
    note,
    sheet,
)
from amd.show.figures.missing import NoPictureError
from amd.show.numbers import number

FEW = 40


@dataclass(frozen=True, eq=False)
class Schedule:
    """A revenue curve and its slopes, of finitely many values or of a continuous prior at sample points.

    Types in rising order: `value`, `virtual`, `ironed`, each (K,). The curve: `sold` rising from 0, `revenue`, `hull`.
    `pools` are ironed intervals of values.
    """

    value: FloatArray
    virtual: FloatArray
    ironed: FloatArray
    sold: FloatArray
    revenue: FloatArray
    hull: FloatArray
    pools: tuple[tuple[float, float], ...]
    reserve: float | None

    @property
    def few(self) -> bool:
        return len(self.value) <= FEW


def schedule(source: VirtualValues | Prior, own_value: float = 0.0) -> Schedule:
    """The schedule of a prior, finite or continuous."""
    return _finite(source, own_value) if isinstance(source, VirtualValues) else _continuous(source, own_value)


def _finite(source: VirtualValues, own_value: float) -> Schedule:
    value, virtual, ironed, sold, revenue, mass = (
        _floats(array)
        for array in (
            source.values,
            source.virtual,
            source.ironed,
            source.survival,
            source.revenue,
            source.probability,
        )
    )
    hull = np.cumsum((ironed * mass)[::-1])  # areas under the ironed slopes, from the highest value down
    reserve = source.reserve(own_value)
    return Schedule(
        value,
        virtual,
        ironed,
        np.append(0.0, sold[::-1]),
        np.append(0.0, revenue[::-1]),
        np.append(0.0, hull),
        tuple((float(value[a]), float(value[b])) for a, b in source.pools),
        None if reserve is None else float(reserve),
    )


def _floats(array: Any) -> FloatArray:
    return to_float(array) if array.dtype == object else np.asarray(array, dtype=np.float64)


def _continuous(prior: Prior, own_value: float, points: int = 2000) -> Schedule:
    known: Ironing = iron(prior, points)
    middle = (known.quantity[1:] + known.quantity[:-1]) / 2
    value = np.asarray(prior.quantile(1 - middle))[::-1]
    virtual = prior.virtual(value)
    ironed = known.marginal[::-1]
    flat = known.ironed - known.revenue > 1e-6 * max(1e-300, float(np.abs(known.revenue).max()))
    return Schedule(
        value,
        virtual,
        ironed,
        known.quantity,
        known.revenue,
        known.ironed,
        _intervals(flat, known.price),
        known.reserve(own_value),
    )


def _intervals(flat: Any, price: FloatArray) -> tuple[tuple[float, float], ...]:
    """Runs of True, as intervals of values."""
    edge = np.flatnonzero(np.diff(np.concatenate([[0], flat.astype(int), [0]])))
    last = len(price) - 1
    return tuple(
        (float(price[min(b, last)]), float(price[max(a - 1, 0)]))
        for a, b in zip(edge[::2], edge[1::2], strict=True)
        if b - a > 2
    )


def draw_virtual(
    source: VirtualValues | Prior,
    *,
    ax: Axes | None = None,
    own_value: float = 0.0,
    title: str = "Virtual values",
    priced: bool = True,
) -> Figure:
    """Values, virtual values and ironed virtual values, the pools shaded and, where `priced`, the reserve marked."""
    known = schedule(source, own_value)
    figure, ax = sheet(ax)
    handles: list[Any] = [ax.plot(known.value, known.value, color=PALE, linewidth=1.4, linestyle=(0, (1, 1.5)))[0]]
    names = ["value v"]
    marks: dict[str, Any] = {"marker": "o", "markersize": 5} if known.few else {}
    shown = np.where(np.isfinite(known.virtual), known.virtual, np.nan)
    handles.append(ax.plot(known.value, shown, color=BLUE, linewidth=2.2, **marks)[0])
    names.append("virtual value φ(v)")
    if known.pools:
        handles.append(ax.plot(known.value, known.ironed, color=VERMILLION, linewidth=2.8, linestyle=(0, (5, 2)))[0])
        names.append("ironed virtual value")
        handles += [ax.axvspan(a, b, color=NOTHING, alpha=0.7, zorder=0) for a, b in known.pools][:1]
        names.append("pooled (ironed) values")
    ax.axhline(own_value, color=INK, linewidth=1.0)
    if priced and known.reserve is not None:
        handles.append(ax.axvline(known.reserve, color=GREEN, linewidth=1.8, linestyle=(0, (3, 1, 1, 1))))
        names.append(f"reserve {number(known.reserve, 4)}")
    low = float(np.nanpercentile(shown, 2))
    high = float(known.value.max())
    room = 0.06 * max(high - low, 1e-12)
    ax.set_ylim(min(low, float(known.ironed.min()), own_value) - room, high + (3 + 2 * len(names)) * room)
    label(ax, f"value v ({MONEY})", f"marginal revenue ({MONEY})", title)
    frame(ax)
    legend(ax, handles, names, loc="upper left", ncols=2)
    return figure


def draw_revenue_curve(
    source: VirtualValues | Prior,
    *,
    ax: Axes | None = None,
    own_value: float = 0.0,
    title: str = "Revenue curve of one buyer",
    priced: bool = True,
) -> Figure:
    """R(q) = q·(price that sells with probability q), its concave hull, and, where `priced`, the best posted price."""
    known = schedule(source, own_value)
    figure, ax = sheet(ax)
    marks: dict[str, Any] = {"marker": "o", "markersize": 5} if known.few else {}
    handles = [ax.plot(known.sold, known.revenue, color=BLUE, linewidth=2.2, **marks)[0]]
    names = ["revenue R(q)"]
    if known.pools:
        handles.append(ax.plot(known.sold, known.hull, color=VERMILLION, linewidth=2.6, linestyle=(0, (5, 2)))[0])
        names.append("its concave hull")
        ax.fill_between(known.sold, known.revenue, known.hull, color=ORANGE, alpha=0.25, linewidth=0)
    gain = known.revenue - own_value * known.sold
    best = int(np.argmax(gain))
    if priced and known.sold[best] > 0:
        handles.append(ax.plot(known.sold[best], known.revenue[best], "*", color=GREEN, markersize=16)[0])
        price = float(known.revenue[best] / known.sold[best])
        names.append(f"best price {number(price, 4)}, revenue {number(float(known.revenue[best]), 4)}")
    top = max(float(known.hull.max()), float(known.revenue.max()))
    ax.set_ylim(min(0.0, float(known.revenue.min())), top * (1.25 + 0.09 * len(names)) if top > 0 else 1.0)
    ax.set_xlim(0, 1)
    label(ax, "quantity q = probability of a sale", f"expected revenue ({MONEY})", title)
    frame(ax)
    legend(ax, handles, names, loc="upper left")
    return figure


def draw_marginal_revenue(
    source: VirtualValues | Prior,
    *,
    ax: Axes | None = None,
    own_value: float = 0.0,
    title: str = "A buyer as a market: demand and marginal revenue",
    priced: bool = True,
) -> Figure:
    """Demand (price against the probability of a sale), marginal revenue (the virtual value) and its ironed version.

    The monopolist sells until marginal revenue falls to what the seller keeps; that is shaded where `priced`.
    """
    known = schedule(source, own_value)
    figure, ax = sheet(ax)
    price, slope, ironed = known.value[::-1], known.virtual[::-1], known.ironed[::-1]
    slope = np.where(np.isfinite(slope), slope, np.nan)
    handles = [
        ax.stairs(price, known.sold, baseline=None, color=PALE, linewidth=2.0),
        ax.stairs(slope, known.sold, baseline=None, color=BLUE, linewidth=2.4),
    ]
    names = ["demand: value v(q)", "marginal revenue = virtual value"]
    if known.pools:
        handles.append(ax.stairs(ironed, known.sold, baseline=None, color=VERMILLION, linewidth=2.4, linestyle="--"))
        names.append("ironed marginal revenue")
    ax.axhline(own_value, color=INK, linewidth=1.0)
    sells = float(known.sold[1:][ironed >= own_value].max(initial=0.0))
    low, high = float(np.nanpercentile(slope, 2)), float(price.max())
    if priced:
        ax.axvspan(0, sells, color=GREEN, alpha=0.12, zorder=0)
        note(ax, sells / 2, low, "sold" if sells > 0.12 else "", ha="center", va="bottom", color="#00664b")
    ax.set_xlim(0, 1)
    ax.set_ylim(low - 0.06 * (high - low), high + 0.25 * (high - low))
    label(ax, "quantity q = probability of a sale", f"price, marginal revenue ({MONEY})", title)
    frame(ax)
    legend(ax, handles, names, loc="upper right")
    return figure


def draw_reserve(
    source: VirtualValues | Prior,
    *,
    ax: Axes | None = None,
    bidders: int = 2,
    own_value: float = 0.0,
    title: str = "",
) -> Figure:
    """Expected revenue of an efficient-above-the-reserve auction against its reserve, for `bidders` like bidders.

    Of a continuous prior; of a finite one for every reserve among its values, with the optimal auction's beside it.
    """
    if bidders < 1:
        raise NoPictureError("an auction needs at least one bidder")
    figure, ax = sheet(ax)
    if isinstance(source, Prior):
        at = np.linspace(source.low, source.high, 61)
        profit = np.array([_profit(source, bidders, float(r), own_value) for r in at])
    else:
        at, profit = _floats(source.values), _finite_profit(source, bidders, own_value)
    best = int(np.argmax(profit))
    marks: dict[str, Any] = {"marker": "o", "markersize": 5} if len(at) <= FEW else {}
    handles = [ax.plot(at, profit, color=BLUE, linewidth=2.4, **marks)[0]]
    handles.append(ax.plot(at[best], profit[best], "*", color=GREEN, markersize=16)[0])
    names = [
        "with this reserve",
        f"best: {number(float(profit[best]), 4)} at reserve {number(float(at[best]), 4)}",
    ]
    low, high = float(profit.min()), float(profit.max())
    ax.set_ylim(low - 0.05 * (high - low), high + 0.3 * max(high - low, 1e-12))
    what = "expected revenue" if own_value == 0 else "expected profit"
    who = "1 bidder" if bidders == 1 else f"{bidders} bidders"
    label(ax, f"reserve price ({MONEY})", f"{what} ({MONEY})", title or f"Revenue against the reserve, {who}")
    frame(ax)
    legend(ax, handles, names, loc="upper left")
    return figure


def _profit(prior: Prior, bidders: int, reserve: float, own_value: float) -> float:
    """Revenue plus what the unsold good is worth to the seller, less that worth."""
    if bidders == 1:
        return posted_price_profit(prior, reserve, own_value) - own_value
    unsold = float(prior.cdf(np.array([reserve]))[0]) ** bidders
    return revenue_at_reserve(prior, bidders, reserve)[0] + own_value * (unsold - 1)


def _finite_profit(source: VirtualValues, bidders: int, own_value: float) -> FloatArray:
    """E[(φ of the highest value − own value); highest value ≥ reserve] for each reserve among the values (K,)."""
    virtual, mass = _floats(source.virtual), _floats(source.probability)
    below = np.cumsum(mass) ** bidders
    highest = np.diff(np.append(0.0, below))
    return np.cumsum(((virtual - own_value) * highest)[::-1])[::-1]
