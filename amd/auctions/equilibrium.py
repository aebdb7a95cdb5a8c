"""Equilibrium bids in the standard formats with independent private values, and the test that they are one.

In the second-price and English auctions truth is dominant. `amd.auctions.first_price` and `amd.auctions.all_pay` have
the others, each for like and unlike bidders, with a reserve, risk neutral or with constant relative risk aversion
(`amd.classics.utility`). A bidder whose top value is not above the reserve never bids, and the others bid as if it were
not there. `Bidding.loss` tests the result by the definition of an equilibrium: what the best other bid would gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from amd.auctions.all_pay import like_all_pay, unlike_all_pay
from amd.auctions.first_price import Tables, like_first_price, spread, unlike_first_price
from amd.auctions.formats import Format
from amd.classics.continuous import Prior
from amd.classics.utility import Utility
from amd.model.numbers import FloatArray
from amd.pictures import Pictured

TESTED_VALUES, TESTED_BIDS = 60, 400


@dataclass(frozen=True, eq=False)
class Bidding(Pictured):
    """Everyone's bid function on a table of values: `values[i]` and `bids[i]`, rising; no bid (NaN) below the first."""

    form: Format
    priors: tuple[Prior, ...]
    values: tuple[FloatArray, ...]
    bids: tuple[FloatArray, ...]
    risk_aversion: float = 0.0
    wealth: float = 0.0
    reserve: float = 0.0

    def bid(self, bidder: int, value: FloatArray) -> FloatArray:
        """The bids of a bidder at these values."""
        table, bids = self.values[bidder], self.bids[bidder]
        return np.asarray(np.where(np.asarray(value) >= table[0], np.interp(value, table, bids), np.nan))

    def all_bids(self, values: FloatArray) -> FloatArray:
        """(R, n): everyone's bids in R rounds of values."""
        return np.stack([self.bid(i, values[:, i]) for i in range(values.shape[1])], axis=1)

    @cached_property
    def loss(self) -> float:
        """The most that any bidder would gain in expected utility by another bid, on 60 values × 400 bids each.

        Values that do not bid are tested too, and nobody is held to bid. An upper limit on how far the numerical
        solution is from an equilibrium, at those points; 0 where truth is dominant.
        """
        return 0.0 if self.form.truthful else max(self._loss(i) for i in range(len(self.priors)))

    def _loss(self, i: int) -> float:
        values = np.linspace(self.priors[i].low, self.priors[i].high, TESTED_VALUES)
        top = max(float(bids[-1]) for bids in self.bids)
        tried = np.linspace(self.reserve, max(top, self.reserve), TESTED_BIDS)
        own = self.bid(i, values)
        best = np.maximum(self._utility(i, values[:, None], tried[None, :]).max(axis=1), 0.0)
        held = np.where(np.isnan(own), 0.0, self._utility(i, values, np.where(np.isnan(own), 0.0, own)))
        return float((best - held).max())

    def _utility(self, i: int, value: FloatArray, bid: FloatArray) -> FloatArray:
        """Expected utility, where a tie with a bidder who bids the least with many values is won."""
        utility, win = Utility(self.risk_aversion, self.wealth), self._win(i, bid)
        if self.form is Format.ALL_PAY:
            return np.asarray(win * utility.of(value - bid) + (1 - win) * utility.of(-bid))
        return np.asarray(win * utility.of(np.maximum(value - bid, 0.0)))

    def _win(self, i: int, bid: FloatArray) -> FloatArray:
        """The chance that nobody else bids more than `bid`."""
        win = np.ones(np.shape(bid))
        for j, prior in enumerate(self.priors):
            if j != i:
                reached = np.interp(bid, self.bids[j], self.values[j], left=self.values[j][0])
                win = win * prior.cdf(reached)
        return win

    @cached_property
    def revenue(self) -> float:
        """Expected revenue, by the trapezoidal rule on the tables (an error of about 1e-7 of the highest value)."""
        if self.form.truthful:
            return self._second()
        paid = 0.0
        for i, prior in enumerate(self.priors):
            bids = self.bids[i] if self.form is Format.ALL_PAY else self.bids[i] * self._win(i, self.bids[i])
            paid += float(np.diff(prior.cdf(self.values[i])) @ (bids[1:] + bids[:-1])) / 2
        return paid

    def _second(self) -> float:
        """r·Pr(only one bids) + ∫_r t dS(t), S the distribution of the second-highest value."""
        grid = np.unique(np.concatenate([[self.reserve], *self.values]))
        share = np.stack([prior.cdf(grid) for prior in self.priors])
        nobody = share.prod(axis=0)
        second = nobody + sum((1 - share[i]) * np.delete(share, i, axis=0).prod(axis=0) for i in range(len(share)))
        alone = self.reserve * float(second[0] - nobody[0])
        return alone + float(np.diff(second) @ (grid[1:] + grid[:-1])) / 2


def bidding(
    form: Format,
    priors: Sequence[Prior],
    reserve: float = 0.0,
    risk_aversion: float = 0.0,
    wealth: float = 0.0,
) -> Bidding:
    """Equilibrium bid functions, one prior a bidder (the same object for like bidders).

    `risk_aversion` is relative: in [0, 1), of the gain; or at least 0, of `wealth` and gain, with `wealth` above 0.
    Raises ValueError where no formula or method here covers the case: all-pay with risk aversion and no wealth or too
    little, or with more than two unlike bidders; more than two unlike first-price bidders whose lowest values differ
    above the reserve; a reserve that no value exceeds.
    """
    if not priors:
        raise ValueError("there must be a bidder")
    utility, everyone = Utility(risk_aversion, wealth), tuple(priors)
    there = [i for i, prior in enumerate(everyone) if prior.high > reserve]
    if not there:
        raise ValueError("no value exceeds the reserve, so nobody bids")
    tables = _tables(form, tuple(everyone[i] for i in there), reserve, utility)
    values, bids = ([np.array([max(prior.high, reserve)]) for prior in everyone] for _ in range(2))
    for place, i in enumerate(there):
        values[i], bids[i] = tables[0][place], tables[1][place]
    return Bidding(form, everyone, tuple(values), tuple(bids), risk_aversion, wealth, reserve)


def _tables(form: Format, priors: tuple[Prior, ...], reserve: float, utility: Utility) -> Tables:
    like, n = all(prior is priors[0] for prior in priors), len(priors)
    if form.truthful:
        values = tuple(spread(prior, max(reserve, prior.low)) for prior in priors)
        return values, values
    if not like:
        method = unlike_all_pay if form is Format.ALL_PAY else unlike_first_price
        return method(priors, reserve, utility)
    rule = like_all_pay if form is Format.ALL_PAY else like_first_price
    x, b = rule(priors[0], n, reserve, utility)
    return (x,) * n, (b,) * n
