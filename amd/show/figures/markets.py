"""Matching: the rounds of deferred acceptance, who got which rank, and the matching in the table of preferences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from amd.matching.deferred import deferred_acceptance
from amd.matching.market import Market
from amd.show.figures.canvas import (
    BLUE,
    INK,
    NOTHING,
    ON_COLOUR,
    ORANGE,
    PALE,
    SIZE,
    SKY,
    VERMILLION,
    bare,
    frame,
    label,
    legend,
    note,
    plain,
    sheet,
    ticks,
)
from amd.show.figures.missing import NoPictureError
from amd.show.numbers import listing

MOST_ROUNDS = 14
MOST_RECEIVERS = 14
MOST_TABLE = 20

Pairs = Sequence[Sequence[str]]


def draw_rounds(
    rounds: Sequence[dict[str, Pairs]],
    receivers: Sequence[str],
    *,
    ax: Axes | None = None,
    proposers: str = "applicants",
    upto: int | None = None,
) -> Figure:
    """Deferred acceptance round by round: whom each receiver holds, who is new, who is rejected.

    `rounds` are mappings of ``proposals`` and ``rejections`` to pairs (proposer, receiver); `upto` shows the first
    rounds only.
    """
    shown = list(rounds)[: upto if upto is not None else MOST_ROUNDS]
    if len(receivers) > MOST_RECEIVERS:
        raise NoPictureError(f"{len(receivers)} receivers do not fit (the most is {MOST_RECEIVERS})")
    if not shown:
        raise NoPictureError("there are no rounds: nobody proposes")
    cells = _cells(shown, receivers)
    tall = [max(1, *(len(cell) for cell in row)) for row in cells]  # lines that each receiver takes
    top = sum(tall) - np.concatenate([[0], np.cumsum(tall)])
    figure, ax = sheet(ax, _paper(len(shown), sum(tall)))
    for r, row in enumerate(cells):
        for c, cell in enumerate(row):
            _cell(ax, c, float(top[r]), cell)
        ax.axhline(top[r + 1], color="#bbbbbb", linewidth=0.8, zorder=0)
    ax.set_xlim(-0.5, len(shown) - 0.5)
    ax.set_ylim(0, sum(tall))
    left = f" (first {len(shown)} of {len(rounds)} rounds)" if len(shown) < len(rounds) else ""
    label(ax, "round", "", f"Deferred acceptance, {proposers} propose{left}")
    ticks(ax, "x", list(range(len(shown))), [str(c + 1) for c in range(len(shown))])
    ticks(ax, "y", ((top[1:] + top[:-1]) / 2).tolist(), receivers, 16)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    kinds = [(SKY, "held on"), (ORANGE, "new, held"), (NOTHING, "rejected")]
    handles: list[Any] = [Patch(facecolor=colour, edgecolor=INK, linewidth=0.5) for colour, _ in kinds]
    handles[2] = Patch(facecolor=NOTHING, edgecolor=VERMILLION, linewidth=1.6)
    legend(ax, handles, [words for _, words in kinds], beside=True)
    return figure


def _paper(rounds: int, lines: int) -> tuple[float, float]:
    return max(SIZE[0], 3.1 + 0.95 * rounds), min(16.0, max(3.2, 1.4 + 0.36 * lines))


def _cells(rounds: Sequence[dict[str, Pairs]], receivers: Sequence[str]) -> list[list[list[tuple[str, str]]]]:
    """For each receiver and round, the proposers there: (name, ``held``, ``new`` or ``rejected``)."""
    cells: list[list[list[tuple[str, str]]]] = []
    for receiver in receivers:
        held: list[str] = []
        row = []
        for step in rounds:
            new = [who for who, whom in step["proposals"] if whom == receiver]
            out = {who for who, whom in step["rejections"] if whom == receiver}
            kept = [(who, "held") for who in held if who not in out]
            kept += [(who, "new") for who in new if who not in out]
            row.append([*kept, *((who, "rejected") for who in [*held, *new] if who in out)])
            held = [who for who, _ in kept]
        cells.append(row)
    return cells


def _cell(ax: Axes, x: int, top: float, cell: list[tuple[str, str]]) -> None:
    """The proposers at a receiver in one round, below `top`, a line each."""
    colours = {"held": SKY, "new": ORANGE, "rejected": NOTHING}
    for line, (name, state) in enumerate(cell):
        y, rejected = top - line - 0.5, state == "rejected"
        ax.add_patch(
            Rectangle(
                (x - 0.45, y - 0.42),
                0.9,
                0.84,
                facecolor=colours[state],
                edgecolor=VERMILLION if rejected else INK,
                linewidth=1.6 if rejected else 0.5,
            )
        )
        note(ax, x, y, plain(name, 9), ha="center", va="center", color=ON_COLOUR)
        if rejected:
            ax.plot([x - 0.38, x + 0.38], [y, y], color=VERMILLION, linewidth=1.4)


def market_rounds(market: Market, proposers: str) -> tuple[list[dict[str, Pairs]], list[str]]:
    """The rounds of deferred acceptance in names, and the receivers. MarketError for ties."""
    side: Any = proposers
    run = deferred_acceptance(market, side, trace=True)
    one, other = (market.applicant, market.program)
    count = market.program_count
    if proposers == "programs":
        one, other, count = other, one, market.applicant_count
    rounds: list[dict[str, Pairs]] = [
        {
            "proposals": [[one(a), other(b)] for a, b in step.proposals.tolist()],
            "rejections": [[one(a), other(b)] for a, b in step.rejections.tolist()],
        }
        for step in run.rounds or ()
    ]
    return rounds, [other(b) for b in range(count)]


def draw_preferences(
    market: Market, matched: dict[str, str | None], *, ax: Axes | None = None, blocking: Pairs = ()
) -> Figure:
    """Applicants by programs: each side's rank of the other in every cell, the matching framed, blocking pairs marked.

    A cell says ``applicant's rank / program's rank``, counted from 1; empty cells are pairs that are not acceptable.
    """
    n, m = market.applicant_count, market.program_count
    if n > MOST_TABLE or m > MOST_TABLE:
        raise NoPictureError(f"a table of {n:,} × {m:,} cannot be read: see the kind 'ranks'")
    figure, ax = sheet(ax, (max(SIZE[0], 2.6 + 0.62 * m), max(3.2, 1.7 + 0.36 * n)))
    ours = np.asarray(market.applicants.tier) + 1
    theirs = np.asarray(market.priority) + 1
    worst = max(int(ours.max(initial=1)), 2)
    for entry, (a, p) in enumerate(
        zip(market.applicants.owner.tolist(), market.applicants.choice.tolist(), strict=True)
    ):
        chosen = matched.get(market.applicant(a)) == market.program(p)
        blocks = [market.applicant(a), market.program(p)] in [list(pair) for pair in blocking]
        _square(ax, p, n - 1 - a, chosen, blocks, int(ours[entry]), worst)
        note(ax, p, n - 1 - a, f"{ours[entry]}/{theirs[entry]}", ha="center", va="center", zorder=4, color=ON_COLOUR)
    ax.set_xlim(-0.5, m - 0.5)
    ax.set_ylim(-0.5, n - 0.5)
    label(ax, "program", "applicant", "Ranks (applicant's/program's) and the matching")
    ticks(ax, "x", list(range(m)), [market.program(p) for p in range(m)], 14)
    ticks(ax, "y", list(range(n)), [market.applicant(a) for a in range(n)][::-1], 16)
    ax.tick_params(length=0)
    handles = [Patch(facecolor=SKY, edgecolor=BLUE, linewidth=2)]
    names = ["matched"]
    if blocking:
        handles.append(Patch(facecolor="none", edgecolor=VERMILLION, linewidth=2.4, linestyle="--"))
        names.append("blocking pair")
    legend(ax, handles, names, beside=True)
    return figure


def _square(ax: Axes, x: int, y: int, chosen: bool, blocks: bool, rank: int, worst: int) -> None:
    shade = 0.98 - 0.13 * (rank - 1) / (worst - 1)
    face = SKY if chosen else (shade, shade, shade)
    ax.add_patch(Rectangle((x - 0.47, y - 0.46), 0.94, 0.92, facecolor=face, edgecolor="none"))
    if chosen:
        ax.add_patch(Rectangle((x - 0.47, y - 0.46), 0.94, 0.92, fill=False, edgecolor=BLUE, linewidth=2.0, zorder=3))
    if blocks:
        ax.add_patch(
            Rectangle(
                (x - 0.42, y - 0.4),
                0.84,
                0.8,
                fill=False,
                edgecolor=VERMILLION,
                linewidth=2.4,
                linestyle="--",
                zorder=3,
            )
        )


def draw_ranks(market: Market, matched: dict[str, str | None], *, ax: Axes | None = None) -> Figure:
    """How many applicants got their first, second, … choice, and how many nothing."""
    place = {market.program(p): p for p in range(market.program_count)}
    assignment = np.array(
        [
            -1 if (program := matched.get(market.applicant(a))) is None else place[program]
            for a in range(market.applicant_count)
        ],
        dtype=np.int64,
    )
    entry = market.entry_at(assignment)
    ranks = np.asarray(market.applicants.tier)[entry[entry >= 0]] + 1
    shown = min(int(ranks.max(initial=1)), 12)
    counts = np.bincount(np.minimum(ranks, shown), minlength=shown + 1)[1:]
    later = int((ranks > shown).sum())
    heights = [*counts.tolist(), int((entry < 0).sum())]
    names = [str(rank + 1) for rank in range(shown)]
    names[-1] += "+" if later else ""
    figure, ax = sheet(ax)
    colours = [BLUE] * shown + [PALE]
    bars = ax.bar(range(shown + 1), heights, color=colours, width=0.75)
    for bar, height in zip(bars, heights, strict=True):
        note(ax, bar.get_x() + bar.get_width() / 2, height, f"{height:,}", ha="center", va="bottom")
    ax.set_ylim(0, max(heights) * 1.12 + 0.1)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    label(ax, "rank of the place on the applicant's own list", "number of applicants", "Who got which choice")
    ticks(ax, "x", list(range(shown + 1)), [*names, "none"])
    frame(ax, "y")
    return figure


def draw_partners(
    pairs: dict[str, str | None], cycles: Sequence[Sequence[str]] = (), *, ax: Axes | None = None
) -> Figure:
    """Roommates around a circle: who lives with whom; where there is no stable matching, the odd cycle."""
    names = list(pairs) or list(dict.fromkeys(name for cycle in cycles for name in cycle))
    if len(names) > 40:
        raise NoPictureError(f"a circle of {len(names)} cannot be read (the most is 40)")
    figure, ax = sheet(ax)
    angle = np.pi / 2 - 2 * np.pi * np.arange(len(names)) / max(1, len(names))
    at = {name: (float(np.cos(a)), float(np.sin(a))) for name, a in zip(names, angle, strict=True)}
    handles: dict[str, Line2D] = {}
    for name, partner in pairs.items():
        if partner is not None and partner in at:
            handles["partners"] = ax.plot(*zip(at[name], at[partner], strict=True), color=BLUE, linewidth=3)[0]
    for cycle in cycles:
        for name, other in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            ax.annotate(
                "", at[other], at[name], arrowprops={"arrowstyle": "-|>", "color": VERMILLION, "linewidth": 2.4}
            )
            handles["would rather leave for"] = Line2D([], [], color=VERMILLION, linewidth=2.4)
    for name, (x, y) in at.items():
        ax.scatter([x], [y], s=60, color=INK, zorder=4)
        side = "left" if x > 0.15 else "right" if x < -0.15 else "center"
        up = "bottom" if y > 0.9 else "top" if y < -0.9 else "center"
        note(ax, 1.1 * x, 1.1 * y, plain(name, 16), ha=side, va=up)
    ax.set_aspect("equal")
    ax.set_xlim(-1.9, 1.9)
    ax.set_ylim(-1.35, 1.35)
    label(ax, "", "", "Roommates" if not cycles else f"No stable matching: {listing(cycles[0], most=6)}")
    bare(ax)
    legend(ax, list(handles.values()), list(handles), loc="upper left")
    return figure
