"""First-price (and Dutch) equilibrium bids with independent private values, for a `Utility` u.

*Like bidders* (Riley and Samuelson, 1981; Krishna, 2010, chapters 2 and 4): with G = F^{n−1} and the reserve r,

    db/d log G = u(x − b)/u'(x − b),  b(r) = r,

which for utility x^ρ is b(x) = x − ∫_r^x G(y)^{1/ρ} dy / G(x)^{1/ρ}.

*Unlike bidders* (Lebrun, 1999): the inverse bids φ_i solve Σ_{j≠i} (log F_j(φ_j))' = u'(φ_i − b)/u(φ_i − b) downward
from the highest bid b̄, which is found by bisection: too high a b̄ makes some φ_i meet the diagonal before the lowest
bid. A bidder whose top value is lower than that of two others would rather bid less as long as the left side is below
the right one at its top; on the way down it joins where they are equal. *Two* bidders may also differ in their lowest
values a < c: the one that is at least c bids from b* = argmax_b u(c − b) F(b) up, F of the other, whose values below b*
are bid and lose (Maskin and Riley, 2000; Kaplan and Zamir, 2012). With three or more such bidders who is still there at
the lowest bid is itself a part of the equilibrium; they are refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from scipy.integrate import cumulative_simpson, solve_ivp

from amd.classics.continuous import Prior
from amd.classics.utility import Utility
from amd.model.numbers import FloatArray

POINTS = 4001
BISECTIONS = 44
DEEP = 40.0  # −log G where like bidders start: what is bid there is forgotten as exp(−DEEP)
CLOSE = 1e-9  # relative to the range of values: an inverse bid this near the diagonal has met it
Tables = tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]


def spread(prior: Prior, start: float) -> FloatArray:
    """Values from `start` to the top, denser near the start. Raises ValueError where there are none."""
    if start >= prior.high:
        raise ValueError("no value exceeds the reserve, so nobody bids")
    return np.asarray(start + (prior.high - start) * np.linspace(0, 1, POINTS) ** 2)


def like_first_price(prior: Prior, n: int, reserve: float, utility: Utility) -> tuple[FloatArray, FloatArray]:
    """(values, bids) of n like bidders; one alone bids the reserve."""
    x = spread(prior, max(reserve, prior.low))
    if n == 1:
        return x, np.full(len(x), reserve)
    if not utility.neutral and utility.wealth:
        return x, _with_wealth(prior, n, x, utility)
    win = np.asarray(prior.cdf(x)) ** ((n - 1) / (1 - utility.aversion))
    shade = cumulative_simpson(win, x=x, initial=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        bids = x - np.where(win > 0, shade / win, 0.0)
    return x, np.maximum.accumulate(bids)


def _with_wealth(prior: Prior, n: int, x: FloatArray, utility: Utility) -> FloatArray:
    """The bids of the values x, by s = log G upward: what is bid at the start fades as exp(−s)."""
    with np.errstate(divide="ignore"):
        log = (n - 1) * np.log(prior.cdf(x))
    known = np.maximum(log, max(-DEEP, float(log[0])))

    def slope(s: float, bid: FloatArray) -> FloatArray:
        gain = prior.quantile(np.exp(np.full(1, s) / (n - 1))) - bid
        return np.asarray(1 / utility.pull(np.maximum(gain, 1e-300)))

    start, places = float(known[0]), np.unique(known)
    path = solve_ivp(slope, (start, 0.0), np.array([float(x[0])]), t_eval=places, rtol=1e-9, atol=1e-12 * float(x[-1]))
    return np.maximum.accumulate(np.minimum(np.interp(known, path.t, path.y[0]), x))


@lru_cache(maxsize=16)
def unlike_first_price(priors: tuple[Prior, ...], reserve: float, utility: Utility) -> Tables:
    """(values, bids), a table a bidder, for tops above the reserve. Raises ValueError where no method covers it."""
    start = _least_bid(priors, reserve, utility)
    low, high = start, sorted(prior.high for prior in priors)[-2]
    if start >= high:  # the stronger of two outbids every value of the other
        return _outbid(priors, start, reserve)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if _shoot(priors, middle, start, utility, sketch=True).t[-1] > start:
            high = middle
        else:
            low = middle
    path = _shoot(priors, low, start, utility)
    b, inverse = path.t[::-1], _values(priors, path.y)[:, ::-1]
    tables = [_table(prior, b, row, reserve) for prior, row in zip(priors, inverse, strict=True)]
    return tuple(values for values, _ in tables), tuple(bids for _, bids in tables)


def _least_bid(priors: tuple[Prior, ...], reserve: float, utility: Utility) -> float:
    """The least bid with a chance to win."""
    lows = [prior.low for prior in priors]
    if reserve >= max(lows) or len(set(lows)) == 1:
        return max(reserve, *lows)
    if len(priors) > 2:
        raise ValueError(
            "more than two unlike first-price bidders must share their lowest value, or the reserve must be above them"
        )
    weak, strong = sorted(priors, key=lambda prior: prior.low)
    tried = np.linspace(max(reserve, weak.low), min(strong.low, weak.high), 20001)
    for _ in range(3):  # a grid, then finer ones around its best point
        best = int(np.argmax(weak.cdf(tried) * utility.of(strong.low - tried)))
        found = float(tried[best])
        tried = np.linspace(tried[max(best - 1, 0)], tried[min(best + 1, len(tried) - 1)], 1001)
    return found


def _outbid(priors: tuple[Prior, ...], start: float, reserve: float) -> Tables:
    tables = [
        (np.array([prior.low, prior.high]), np.array([start, start]))
        if prior.low >= start
        else (np.array([max(prior.low, reserve), prior.high]),) * 2
        for prior in priors
    ]
    return tuple(values for values, _ in tables), tuple(bids for _, bids in tables)


def _table(prior: Prior, b: FloatArray, row: FloatArray, reserve: float) -> tuple[FloatArray, FloatArray]:
    """One bidder's values and bids, up to the bid of its top value; values below the least bid are bid and lose."""
    rising = np.maximum.accumulate(np.maximum(row, b))
    last = int(np.argmax(rising >= prior.high * (1 - 1e-15)))
    values, bids = (rising[: last + 1], b[: last + 1]) if rising[-1] >= prior.high * (1 - 1e-15) else (rising, b)
    least = max(prior.low, reserve)
    if least < values[0]:
        values, bids = np.append([least], values), np.append([min(least, float(b[0]))], bids)
    return values, bids


def _shoot(priors: tuple[Prior, ...], top: float, start: float, utility: Utility, sketch: bool = False) -> Any:
    """The inverse bids from the highest bid downward, in log F; ends early where one meets the diagonal.

    A `sketch` only tells how far it comes.
    """
    n = len(priors)
    scale = max(prior.high for prior in priors) - start

    def slope(b: float, log: FloatArray) -> FloatArray:
        pull = utility.pull(np.maximum(_values(priors, log[:, None])[:, 0] - b, CLOSE * scale))
        if n == 2:
            return pull[::-1]
        order = np.argsort(pull)
        total, count = np.cumsum(pull[order])[1:], np.arange(1, n)
        active = 2 + int((pull[order][2:] <= (total / count)[:-1]).cumprod().sum())
        found = np.zeros(n)
        found[order[:active]] = total[active - 2] / (active - 1) - pull[order[:active]]
        return found

    def meets(b: float, log: FloatArray) -> float:
        gap = _values(priors, log[:, None])[:, 0] - b
        return float(gap[log < 0].min(initial=scale) - 2 * CLOSE * scale)

    meets.terminal = True  # type: ignore[attr-defined]
    grid = None if sketch else start + (top - start) * np.linspace(1, 0, 2001) ** 2
    return solve_ivp(slope, (top, start), np.zeros(n), events=meets, t_eval=grid, rtol=1e-8, atol=1e-11)


def _values(priors: tuple[Prior, ...], log: FloatArray) -> FloatArray:
    return np.stack([prior.quantile(np.exp(np.minimum(row, 0.0))) for prior, row in zip(priors, log, strict=True)])
