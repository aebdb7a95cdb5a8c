"""Auditing an auction's answer that somebody else made: feasibility, optimality, payments."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from amd.auctions.answer import solve_task
from amd.auctions.bids import CombinatorialAuction
from amd.auctions.result import AuctionResult, shown
from amd.auctions.tasks import AuctionTask, CombinatorialTask
from amd.auctions.winner import determine_winners
from solvers import Settings

TOLERANCE = 1e-6  # relative to the amounts compared: answers hold doubles


def check_task(task: AuctionTask, data: dict[str, Any], settings: Settings = Settings()) -> AuctionResult:
    """The task's own result with what is wrong with the answer `data` in `audit`: `feasibility`, `optimality`,
    `payments`.

    Raises ValueError where the answer does not have the form that `solve` writes.
    """
    own = solve_task(task, settings)
    audit = _combinatorial(task, data, own, settings) if isinstance(task, CombinatorialTask) else _outcome(data, own)
    faults = [fault for found in audit.values() for fault in found]
    lines = tuple(faults) or ("The answer is feasible, optimal and priced by the rule.",)
    return replace(own, lines=lines, audit=audit)


def _combinatorial(
    task: CombinatorialTask, data: dict[str, Any], own: AuctionResult, settings: Settings
) -> dict[str, list[str]]:
    awards, auction = data.get("awards"), task.auction
    if not isinstance(awards, list) or not all(isinstance(award, dict) for award in awards):
        raise ValueError("an answer to this auction holds 'awards', a list of objects with 'bidder', 'bids', 'payment'")
    chosen: list[int] = []
    paid: dict[str, float] = {}
    for award in awards:
        bids, payment = award.get("bids"), award.get("payment")
        whole = isinstance(bids, list) and all(type(b) is int and 0 <= b < len(auction.owner) for b in bids)
        if not whole or type(payment) not in (int, float) or award.get("bidder") not in auction.bidders:
            raise ValueError(
                "an award needs a known 'bidder', the positions of its 'bids', and its 'payment', a number"
            )
        chosen += award["bids"]
        paid[award["bidder"]] = float(payment)
    feasibility = _feasibility(auction, awards, chosen)
    value = sum((auction.gain[b] for b in set(chosen)), Fraction(0))
    best = determine_winners(auction, task.seed, settings=settings)
    optimality = [] if value >= best.value else [f"the bids are worth {shown(value)}; {shown(best.value)} can be had"]
    payments: list[str] = []
    if not feasibility and not optimality and sorted(chosen) == best.bids.tolist():
        wanted = {award["bidder"]: award["payment"] for award in (own.answer or {})["awards"]}
        payments = _differences(paid, wanted)
    payments += _bounds(auction, awards)
    return {"feasibility": feasibility, "optimality": optimality, "payments": payments}


def _feasibility(auction: CombinatorialAuction, awards: list[dict[str, Any]], chosen: list[int]) -> list[str]:
    faults = ["a bid is accepted twice"] if len(set(chosen)) < len(chosen) else []
    used = np.asarray(auction.units[chosen].sum(axis=0)).ravel() if chosen else np.zeros(len(auction.goods))
    faults += [
        f"{int(used[g])} units of {auction.goods[g]} are handed out; there are {auction.supply[g]}"
        for g in np.flatnonzero(used > auction.supply)
    ]
    for award in awards:
        i = auction.bidders.index(award["bidder"])
        if any(auction.owner[b] != i for b in award["bids"]):
            faults.append(f"{award['bidder']} wins with a bid of somebody else")
        elif auction.exclusive[i] and len(award["bids"]) > 1:
            faults.append(f"{award['bidder']} wins {len(award['bids'])} bids, which exclude each other")
    return faults


def _bounds(auction: CombinatorialAuction, awards: list[dict[str, Any]]) -> list[str]:
    """Payments must lie between the reserve and the bid."""
    faults = []
    for award in awards:
        bid, least = (
            float(sum(column[b] for b in award["bids"])) for column in (auction.price, auction.bundle_reserve)
        )
        if award["payment"] > bid + TOLERANCE * max(bid, 1.0):
            faults.append(f"{award['bidder']} pays {shown(award['payment'])}, more than its bid of {shown(bid)}")
        elif award["payment"] < least - TOLERANCE * max(least, 1.0):
            faults.append(f"{award['bidder']} pays {shown(award['payment'])}, less than the reserve of {shown(least)}")
    return faults


def _differences(paid: dict[str, float], wanted: dict[str, Any]) -> list[str]:
    return [
        f"{name} pays {shown(paid.get(name, 0.0))}; the rule says {shown(float(amount))}"
        for name, amount in wanted.items()
        if abs(paid.get(name, 0.0) - float(amount)) > TOLERANCE * max(abs(float(amount)), 1.0)
    ]


def _outcome(data: dict[str, Any], own: AuctionResult) -> dict[str, list[str]]:
    """Of a format or a choice: the same winner or outcome, and the same payments."""
    if own.answer is None:
        raise ValueError("this problem has no outcome to check: it gives neither values nor bids")
    key = "winner" if "winner" in own.answer else "outcome"
    given = data.get("payments")
    if key not in data or not isinstance(given, dict):
        raise ValueError(f"an answer to this problem holds '{key}' and 'payments', an object of names and amounts")
    try:
        paid = {str(name): float(Fraction(amount)) for name, amount in given.items()}
    except (ValueError, TypeError, ZeroDivisionError):
        raise ValueError("the payments must be numbers, or rationals as text") from None
    wanted = {name: float(Fraction(amount)) for name, amount in own.answer["payments"].items()}
    choice = [] if data[key] == own.answer[key] else [f"the {key} is {data[key]}; by the rule it is {own.answer[key]}"]
    unknown = [f"{name} is not a bidder" for name in paid if name not in wanted]
    return {"feasibility": unknown, "optimality": choice, "payments": _differences(paid, wanted)}
