"""The pictures of auctions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amd.auctions.answer import task_bidding, task_reserve
from amd.auctions.equilibrium import Bidding
from amd.auctions.result import AuctionResult
from amd.auctions.tasks import ChoiceTask, CombinatorialTask, FormatTask
from amd.show.figures.canvas import MONEY
from amd.show.figures.kind import listed
from amd.show.figures.lines import draw_intervals
from amd.show.figures.missing import NoPictureError
from amd.show.figures.sales import draw_bidding, draw_bundles, draw_paid
from amd.show.figures.virtual import draw_reserve, draw_virtual


def _format(result: AuctionResult) -> FormatTask:
    if not isinstance(result.task, FormatTask):
        raise NoPictureError("this picture is of a standard format: solve the problem with solve_file or solve_text")
    return result.task


def _bundles(result: AuctionResult, *, ax: Axes | None = None) -> Figure:
    if not isinstance(result.task, CombinatorialTask) or result.answer is None:
        raise NoPictureError("only combinatorial auctions have bundles")
    return draw_bundles(result.task.auction, result.answer["awards"], ax=ax)


def _bids(result: AuctionResult, *, ax: Axes | None = None) -> Figure:
    task = _format(result)
    rule = task_bidding(task, task_reserve(task))
    if rule is None:
        raise NoPictureError("without a prior there are no equilibrium bids")
    return draw_bidding(rule, task.bidders, ax=ax)


def _payments(result: AuctionResult, *, ax: Axes | None = None) -> Figure:
    """Bids, or values of the choice, beside payments."""
    task, answer = result.task, result.answer or {}
    if "payments" not in answer:
        raise NoPictureError("nobody pays anything")
    paid = {name: float(Fraction(amount)) for name, amount in answer["payments"].items()}
    if isinstance(task, ChoiceTask):
        best = task.outcomes.index(answer["outcome"])
        worth = {name: float(task.worth[i, best]) for i, name in enumerate(task.bidders)}
        title = f"The choice is {answer['outcome']}"
        return draw_paid(worth, paid, ax=ax, what=f"value of {answer['outcome']}", title=title)
    offered = result.details.get("offered", {})
    return draw_paid(offered, paid, ax=ax, reserve=result.details.get("reserve"))


def _reserve(result: AuctionResult, *, ax: Axes | None = None, **options: Any) -> Figure:
    task = _format(result)
    if task.affiliation is not None or not task.priors or any(prior is not task.priors[0] for prior in task.priors):
        raise NoPictureError("revenue against the reserve needs like bidders with a prior")
    return draw_reserve(task.priors[0], ax=ax, **{"bidders": len(task.priors), **options})


def _virtual(result: AuctionResult, *, ax: Axes | None = None, bidder: int = 0) -> Figure:
    task = _format(result)
    if not task.priors or task.affiliation is not None:
        raise NoPictureError("virtual values need the prior of independent values")
    return draw_virtual(task.priors[bidder], ax=ax, title=f"Virtual values of {task.bidders[bidder]}")


def _intervals(result: AuctionResult, *, ax: Axes | None = None) -> Figure:
    """Mean revenue of each format with its interval, beside its expectation."""
    formats = result.details.get("formats")
    if not formats:
        raise NoPictureError("nothing was simulated")
    means = {name: float(one["revenue"]) for name, one in formats.items()}
    errors = {name: float(one["standard_error"]) for name, one in formats.items()}
    known = {name: float(one["expected"]) for name, one in formats.items() if "expected" in one}
    title = f"{result.details['rounds']:,} rounds of each format"
    return draw_intervals(
        means, errors, expected=known, ax=ax, x=f"mean revenue and 95 % interval ({MONEY})", title=title, zero=False
    )


AUCTION = listed(
    ("intervals", "mean revenue of each format, simulated, with 95 % intervals", _intervals),
    ("bundles", "bids by goods, the winning ones in colour", _bundles),
    ("payments", "what each bidder offers and pays", _payments),
    ("bids", "equilibrium bids against values", _bids),
    ("virtual-values", "values, virtual values and ironing", _virtual),
    ("reserve", "expected revenue by the reserve price", _reserve),
)


def _bidding(rule: Bidding, **options: Any) -> Figure:
    return draw_bidding(rule, **options)


def _margins(rule: Bidding, *, ax: Axes | None = None) -> Figure:
    """How much is shaded: value less bid."""
    from amd.show.figures.textbook import draw_curves

    at = np.linspace(float(rule.values[0][0]), float(rule.values[0][-1]), 200)
    series = {"value less bid": at - rule.bid(0, at)}
    labels = (f"value ({MONEY})", f"value less bid ({MONEY})", f"Bid shading: {rule.form.value}")
    return draw_curves(ax, at, series, labels)


BIDDING = listed(
    ("bids", "equilibrium bids against values", _bidding),
    ("shading", "value less bid, against values", _margins),
)
