"""Equilibrium bids in the standard formats with independent private values.

*Like bidders* (Riley and Samuelson, 1981; Krishna, 2010, chapters 2 to 4), utility x^ρ with ρ = 1 − relative risk
aversion:

    first price:  b(x) = x − ∫_r^x F(y)^{(n−1)/ρ} dy / F(x)^{(n−1)/ρ}
    all-pay:      b(x) = x F(x)^{n−1} − ∫_{v0}^x F(y)^{n−1} dy,  v0 F(v0)^{n−1} = r  (risk neutral)

*Unlike bidders*, first price (Lebrun, 1999): the inverse bids φ_i solve Σ_{j≠i} (log F_j(φ_j))' = ρ/(φ_i − b) with
φ_i(b̄) at the top of each support; b̄ is found by bisection, since too high a b̄ makes some φ_i meet the diagonal
before the reserve. Two bidders may have different tops; more must share one.

*Two unlike bidders*, all-pay, no reserve (Amann and Leininger, 1996): the values that bid the same satisfy G_1 = G_2
with G_i(x) = ∫_x f_i(t)/t dt up to the top, and bid ∫ φ_1 φ_2 dG from there down to the least common end; whoever has
values left over below it bids 0 with them. `Bidding.loss` tests the result: what the
best other bid would gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from scipy.integrate import cumulative_simpson, solve_ivp
from scipy.optimize import brentq

from amd.auctions.formats import Format
from amd.classics.continuous import Prior
from amd.model.numbers import FloatArray
from amd.pictures import Pictured

POINTS = 4001
BISECTIONS = 44
LEAST_SHARE = 1e-8  # of types: those below bid next to nothing in an all-pay auction
CLOSE = 1e-9  # relative to the range of values: an inverse bid this near the diagonal has met it


@dataclass(frozen=True, eq=False)
class Bidding(Pictured):
    """Everyone's bid function on a table of values: `values[i]` and `bids[i]`, rising; no bid (NaN) below the first."""

    form: Format
    priors: tuple[Prior, ...]
    values: tuple[FloatArray, ...]
    bids: tuple[FloatArray, ...]
    risk_aversion: float = 0.0

    def bid(self, bidder: int, value: FloatArray) -> FloatArray:
        """The bids of a bidder at these values."""
        table, bids = self.values[bidder], self.bids[bidder]
        return np.asarray(np.where(np.asarray(value) >= table[0], np.interp(value, table, bids), np.nan))

    @cached_property
    def loss(self) -> float:
        """The most that any bidder would gain in expected utility by another bid, on 60 values × 400 bids each.

        An upper limit on how far the numerical solution is from an equilibrium, at those points; 0 where truth is
        dominant.
        """
        return 0.0 if self.form.truthful else max(self._loss(i) for i in range(len(self.priors)))

    def _loss(self, i: int) -> float:
        values = np.linspace(self.values[i][0], self.values[i][-1], 60)
        top = max(float(bids[-1]) for bids in self.bids)
        tried = np.linspace(float(self.bids[i][0]), top, 400)
        own = self.bid(i, values)
        best = self._utility(i, values[:, None], tried[None, :]).max(axis=1)
        return float((best - self._utility(i, values, own)).max())

    def _utility(self, i: int, value: FloatArray, bid: FloatArray) -> FloatArray:
        win = np.ones(np.broadcast_shapes(np.shape(value), np.shape(bid)))
        for j, prior in enumerate(self.priors):
            if j != i:
                reached = np.interp(bid, self.bids[j], self.values[j], left=self.values[j][0])
                win = win * prior.cdf(reached)
        if self.form is Format.ALL_PAY:
            return np.asarray(win * value - bid)
        gain = np.maximum(value - bid, 0.0)
        return np.asarray(win * gain ** (1 - self.risk_aversion))


def bidding(form: Format, priors: Sequence[Prior], reserve: float = 0.0, risk_aversion: float = 0.0) -> Bidding:
    """Equilibrium bid functions, one prior a bidder (the same object for like bidders).

    `risk_aversion` is relative, in [0, 1). Raises ValueError where no formula or method here covers the case: all-pay
    with risk aversion, with more than two unlike bidders or with a reserve for unlike ones, or more than two unlike
    first-price bidders without a common top value.
    """
    if not priors or not 0 <= risk_aversion < 1:
        raise ValueError("there must be a bidder, and relative risk aversion must lie in [0, 1)")
    everyone = tuple(priors)
    like = all(prior is everyone[0] for prior in everyone)
    if form.truthful:
        values = tuple(_table(prior, max(reserve, prior.low)) for prior in everyone)
        return Bidding(form, everyone, values, values, risk_aversion)
    if form is Format.ALL_PAY:
        if risk_aversion or (not like and (len(everyone) > 2 or reserve > 0)):
            raise ValueError("all-pay bids are known for risk-neutral bidders who are alike, or two without a reserve")
        if not like:
            return Bidding(form, everyone, *_unlike_all_pay(everyone))
        values_, bids_ = _all_pay(everyone[0], len(everyone), reserve)
    elif like:
        values_, bids_ = _first_price(everyone[0], len(everyone), reserve, 1 - risk_aversion)
    else:
        tables = _unlike(everyone, reserve, 1 - risk_aversion)
        return Bidding(form, everyone, *tables, risk_aversion)
    return Bidding(form, everyone, (values_,) * len(everyone), (bids_,) * len(everyone), risk_aversion)


def _table(prior: Prior, start: float) -> FloatArray:
    """Values from `start` to the top, denser near the start."""
    if start >= prior.high:
        raise ValueError("the reserve leaves no value to bid")
    return np.asarray(start + (prior.high - start) * np.linspace(0, 1, POINTS) ** 2)


def _first_price(prior: Prior, n: int, reserve: float, rho: float) -> tuple[FloatArray, FloatArray]:
    x = _table(prior, max(reserve, prior.low))
    if n == 1:
        return x, np.full(len(x), x[0])
    win = np.asarray(prior.cdf(x)) ** ((n - 1) / rho)
    shade = cumulative_simpson(win, x=x, initial=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        bids = x - np.where(win > 0, shade / win, 0.0)
    return x, np.maximum.accumulate(bids)


def _all_pay(prior: Prior, n: int, reserve: float) -> tuple[FloatArray, FloatArray]:
    def excess(v: float) -> float:
        return v * float(prior.cdf(np.array([v]))[0]) ** (n - 1) - reserve

    if excess(prior.high) <= 0:
        raise ValueError("the reserve leaves no value to bid")
    start = prior.low if excess(prior.low) >= 0 else float(brentq(excess, prior.low, prior.high, xtol=1e-14))
    x = _table(prior, start)
    win = np.asarray(prior.cdf(x)) ** (n - 1)
    return x, np.maximum.accumulate(x * win - cumulative_simpson(win, x=x, initial=0))


def _unlike_all_pay(priors: tuple[Prior, ...]) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    """(values, bids) of two bidders, each on a table of its own."""
    share = np.concatenate([np.linspace(1, 0.01, POINTS), np.geomspace(0.01, LEAST_SHARE, POINTS)[1:]])
    values = np.stack([np.maximum(prior.quantile(share), 1e-300) for prior in priors])
    pull = np.stack([cumulative_simpson(1 / row, x=-share, initial=0) for row in values])  # G, from the top downward
    level = np.unique(np.concatenate([*pull, [pull[:, -1].min()]]))
    level = level[level <= pull[:, -1].min()]
    paired = np.stack([np.interp(level, own, row) for own, row in zip(pull, values, strict=True)])
    above = cumulative_simpson(paired[0] * paired[1], x=level, initial=0)
    bids = np.maximum.accumulate((above[-1] - above)[::-1])
    tables = []
    for prior, row in zip(priors, paired, strict=True):
        rising = np.maximum.accumulate(row[::-1])
        idle = rising[0] > prior.low
        tables.append((np.append([prior.low], rising), np.append([0.0], bids)) if idle else (rising, bids))
    return (tables[0][0], tables[1][0]), (tables[0][1], tables[1][1])


@lru_cache(maxsize=16)
def _unlike(
    priors: tuple[Prior, ...], reserve: float, rho: float
) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    tops = np.array([prior.high for prior in priors])
    start = max(reserve, *(prior.low for prior in priors))
    if len(priors) > 2 and np.ptp(tops) > 0:
        raise ValueError("more than two unlike first-price bidders must share their highest value")
    if start > reserve and len({prior.low for prior in priors}) > 1:
        raise ValueError("unlike first-price bidders must share their lowest value, or the reserve must be above them")
    low, high = start, float(tops.min())
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if _shoot(priors, middle, start, rho, sketch=True).t[-1] > start:
            high = middle
        else:
            low = middle
    path = _shoot(priors, low, start, rho)
    b, inverse = path.t[::-1], _values(priors, path.y)[:, ::-1]
    values = tuple(np.maximum.accumulate(np.maximum(row, b)) for row in inverse)
    return values, tuple(b for _ in priors)


def _shoot(priors: tuple[Prior, ...], top: float, start: float, rho: float, sketch: bool = False) -> Any:
    """The inverse bids from the highest bid downward, in log F; ends early where one meets the diagonal.

    A `sketch` only tells how far it comes.
    """
    n = len(priors)
    scale = max(prior.high for prior in priors) - start

    def slope(b: float, log: FloatArray) -> FloatArray:
        pull = rho / np.maximum(_values(priors, log[:, None])[:, 0] - b, CLOSE * scale)
        return np.asarray(pull.sum() / (n - 1) - pull)

    def meets(b: float, log: FloatArray) -> float:
        return float((_values(priors, log[:, None])[:, 0] - b).min() - 2 * CLOSE * scale)

    meets.terminal = True  # type: ignore[attr-defined]
    grid = None if sketch else start + (top - start) * np.linspace(1, 0, 2001) ** 2
    return solve_ivp(slope, (top, start), np.zeros(n), events=meets, t_eval=grid, rtol=1e-8, atol=1e-11)


def _values(priors: tuple[Prior, ...], log: FloatArray) -> FloatArray:
    return np.stack([prior.quantile(np.exp(np.minimum(row, 0.0))) for prior, row in zip(priors, log, strict=True)])
