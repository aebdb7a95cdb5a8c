"""Auctions: bids by goods with the winners, equilibrium bids, one round's bids and payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.equilibrium import Bidding
from amd.auctions.result import shown
from amd.show.figures.canvas import (
    BLUE,
    DASHES,
    FILLS,
    GREEN,
    INK,
    LINES,
    MONEY,
    NOTHING,
    ON_COLOUR,
    ORANGE,
    PALE,
    SIZE,
    frame,
    label,
    legend,
    note,
    plain,
    sheet,
    ticks,
)
from amd.show.figures.missing import NoPictureError

MOST_GOODS = 24
MOST_BIDS = 36
MOST_BARS = 16


def draw_bundles(
    auction: CombinatorialAuction, awards: Sequence[Mapping[str, Any]], *, ax: Axes | None = None
) -> Figure:
    """Bids (rows) by goods (columns): each bundle a bar of its bidder, winning ones in colour with what is paid.

    Where there are more bids than fit, the winning ones are shown with the best of the others.
    """
    if len(auction.goods) > MOST_GOODS:
        raise NoPictureError(f"{len(auction.goods)} goods do not fit (the most is {MOST_GOODS})")
    winning = {bid: award for award in awards for bid in award["bids"]}
    rows = _rows(auction, winning)
    if not rows:
        raise NoPictureError("there are no bids")
    figure, ax = sheet(ax, (max(SIZE[0], 4.4 + 0.42 * len(auction.goods)), max(3.2, 1.6 + 0.3 * len(rows))))
    bidders = list(dict.fromkeys(int(auction.owner[bid]) for bid in rows if bid in winning))
    for place, bid in enumerate(rows):
        y = len(rows) - 1 - place
        owner = int(auction.owner[bid])
        colour = FILLS[bidders.index(owner) % len(FILLS)] if bid in winning else NOTHING
        for good, units in auction.bundle(bid).items():
            _bundle(ax, auction.goods.index(good), y, colour, units, bid in winning)
        _price(ax, len(auction.goods) - 0.3, y, float(auction.price[bid]), winning.get(bid), bid)
    ax.set_xlim(-0.6, len(auction.goods) + 2.3)
    ax.set_ylim(-0.7, len(rows) + 0.1)
    note(ax, len(auction.goods) - 0.3, len(rows) - 0.45, "bid → pays", va="bottom", color=PALE)
    left = f" ({len(rows)} of {len(auction.owner)} bids)" if len(rows) < len(auction.owner) else ""
    label(ax, "good", "", f"Bids and winners{left}")
    goods = [
        good if units == 1 else f"{good} ×{units}"
        for good, units in zip(auction.goods, auction.supply.tolist(), strict=True)
    ]
    ticks(ax, "x", list(range(len(goods))), goods, 12)
    ticks(ax, "y", list(range(len(rows))), [auction.bidders[int(auction.owner[bid])] for bid in rows][::-1], 16)
    ax.tick_params(length=0)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return figure


def _rows(auction: CombinatorialAuction, winning: Mapping[int, Any]) -> list[int]:
    """Which bids are shown, those of a bidder together, winners' bids first."""
    bids = list(range(len(auction.owner)))
    if len(bids) > MOST_BIDS:
        losing = sorted((bid for bid in bids if bid not in winning), key=lambda bid: -auction.price[bid])
        first = sorted(winning)[:MOST_BIDS]
        bids = [*first, *losing[: max(0, MOST_BIDS - len(first))]]
    wins = {int(auction.owner[bid]) for bid in winning}
    return sorted(bids, key=lambda bid: (int(auction.owner[bid]) not in wins, int(auction.owner[bid]), bid))


def _bundle(ax: Axes, x: int, y: int, colour: str, units: int, wins: bool) -> None:
    edge, width = (INK, 1.6) if wins else (PALE, 0.6)
    ax.add_patch(Rectangle((x - 0.42, y - 0.36), 0.84, 0.72, facecolor=colour, edgecolor=edge, linewidth=width))
    if units > 1:
        note(ax, x, y, f"{units}", ha="center", va="center", color=ON_COLOUR)


def _price(ax: Axes, x: float, y: int, price: float, award: Mapping[str, Any] | None, bid: int) -> None:
    """The bid, and beside a bidder's first winning bid what it pays for all it wins."""
    words = shown(price)
    if award is not None and award["bids"][0] == bid:
        words += f" → {shown(float(award['payment']))}"
    note(ax, x, y, words, va="center", weight="bold" if award is not None else "normal")


def draw_bidding(rule: Bidding, bidders: Sequence[str] = (), *, ax: Axes | None = None) -> Figure:
    """Equilibrium bids against values; like bidders share a curve."""
    figure, ax = sheet(ax)
    handles: list[Any] = []
    names: list[str] = []
    top = 0.0
    for i, prior in enumerate(rule.priors):
        if any(prior is other for other in rule.priors[:i]):
            continue
        alike = sum(prior is other for other in rule.priors)
        own = bidders[i] if i < len(bidders) else f"bidder {i + 1}"
        place = len(handles) % len(LINES)
        handles += ax.plot(rule.values[i], rule.bids[i], color=LINES[place], linestyle=DASHES[place], linewidth=2.4)
        names.append(own if alike == 1 else f"each of {alike} like bidders")
        top = max(top, float(rule.values[i][-1]))
    handles += ax.plot([0, top], [0, top], color=PALE, linewidth=1.2, linestyle=(0, (1, 1.5)))
    names.append("bid = value")
    label(ax, f"value ({MONEY})", f"bid ({MONEY})", f"Equilibrium bids: {rule.form.value}")
    frame(ax)
    legend(ax, handles, names, loc="upper left")
    return figure


def draw_paid(
    offered: Mapping[str, float | None],
    payments: Mapping[str, float],
    *,
    ax: Axes | None = None,
    what: str = "bid",
    title: str = "Bids and payments",
    reserve: float | None = None,
) -> Figure:
    """For each bidder a bar of what it offers and one of what it pays."""
    names = list(payments)[:MOST_BARS]
    if not names:
        raise NoPictureError("there are no bidders")
    figure, ax = sheet(ax)
    at = np.arange(len(names))
    bids = [0.0 if (bid := offered.get(name)) is None else float(bid) for name in names]
    paid = [float(payments[name]) for name in names]
    ax.bar(at - 0.2, bids, 0.38, color=BLUE)
    ax.bar(at + 0.2, paid, 0.38, color=ORANGE, edgecolor=INK, linewidth=0.6)
    handles: list[Any] = [Patch(facecolor=BLUE), Patch(facecolor=ORANGE, edgecolor=INK, linewidth=0.6)]
    words = [what, "pays"]
    if reserve:
        ax.axhline(reserve, color=GREEN, linewidth=1.8, linestyle=(0, (5, 2)))
        handles.append(Line2D([], [], color=GREEN, linewidth=1.8, linestyle=(0, (5, 2))))
        words.append(f"reserve {shown(reserve)}")
    low, high = min(0.0, *bids, *paid), max(0.0, *bids, *paid)
    if len(names) <= 8:
        for x, value in [*zip(at - 0.2, bids, strict=True), *zip(at + 0.2, paid, strict=True)]:
            note(ax, x, max(value, 0.0), shown(value), ha="center", va="bottom")
    ax.set_ylim(low, high + 0.32 * max(high - low, 1e-12))
    ax.axhline(0, color=INK, linewidth=0.8)
    more = f" (first {len(names)} of {len(payments)})" if len(names) < len(payments) else ""
    label(ax, "", f"amount ({MONEY})", title + more)
    ticks(ax, "x", at.tolist(), [plain(name, 14) for name in names], 14)
    frame(ax, "y")
    legend(ax, handles, words, loc="upper right", ncols=len(words))
    return figure
