"""All-pay equilibrium bids with independent private values, for a `Utility` u, with the least bid (reserve) r.

Who bids b and wins with probability w has w u(x − b) + (1 − w) u(−b). Since u is increasing and concave this has
increasing differences in (x, b) wherever w does not fall, so first-order conditions suffice.

*Like bidders*, G = F^{n−1}. The least value v0 that bids has G u(v0 − r) + (1 − G) u(−r) = 0, and above it

    db/dG = (u(x − b) − u(−b)) / (G u'(x − b) + (1 − G) u'(−b)),  b(v0) = r,

for risk-neutral bidders b(x) = x G(x) − ∫_{v0}^x G(y) dy with v0 G(v0) = r (Krishna, 2010, chapter 3; Fibich, Gavious
and Sela, 2006, have risk aversion without a reserve). A risk-averse bidder can lose, so it needs wealth.

*Two unlike bidders* (Amann and Leininger, 1996, who are risk neutral and have no reserve). The shares y_j = F_j(φ_j) of
those that bid less satisfy, downward from y = (1, 1) at the highest bid b̄,

    dy_j/db = (y_j u'(φ_i − b) + (1 − y_j) u'(−b)) / (u(φ_i − b) − u(−b)),

until a bidder i gains nothing: its value φ_i is the least that bids, and b must be r there. The other, j, may have
values left over. With r > 0 those with F_i(φ_i) u(x − r) + (1 − F_i(φ_i)) u(−r) ≥ 0 bid exactly r and win when i stays
out; with r = 0 they bid 0. b̄ is found by bisection (Brent's method). For risk-neutral bidders b cancels: the pairs
satisfy G_1 = G_2 with G_i(x) = ∫_x f_i(t)/t dt up to the top, and bid r + ∫ φ_1 φ_2 dG from where a bidder gains
nothing: φ_i F_j(φ_j) = r.

*Three and more unlike bidders* are refused: their bids need not be continuous, some values of a bidder stay out of
whole intervals of bids (Parreiras and Rubinchik, 2010), and no general method is known to us.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.integrate import cumulative_simpson, solve_ivp
from scipy.optimize import brentq

from amd.auctions.first_price import POINTS, Tables, spread
from amd.classics.continuous import Prior
from amd.classics.utility import Utility
from amd.model.numbers import FloatArray

LEAST_SHARE = 1e-8  # of types: those below bid next to nothing
ACCURACY = 1e-10  # of bids relative to the range of values, in differential equations


def like_all_pay(prior: Prior, n: int, reserve: float, utility: Utility) -> tuple[FloatArray, FloatArray]:
    """(values, bids) of n like bidders; one alone pays the reserve. Raises ValueError where nobody bids, or where
    bids would exceed wealth.
    """
    _need_wealth(utility, reserve)
    if n == 1:
        x = spread(prior, max(reserve, prior.low))
        return x, np.full(len(x), reserve)
    x = spread(prior, _least_value(prior, n, reserve, utility))
    win = np.asarray(prior.cdf(x)) ** (n - 1)
    if not utility.neutral:
        return x, _averse(prior, n, win, reserve, utility)
    # from the last share that bids up: equal to r at the least value
    bids = reserve + (x * win - x[0] * win[0]) - cumulative_simpson(win, x=x, initial=0)
    return x, np.maximum.accumulate(bids)


def _need_wealth(utility: Utility, reserve: float) -> None:
    if not utility.neutral and not utility.wealth:
        raise ValueError(
            "risk-averse bidders can lose money in an all-pay auction, and utility without wealth says nothing of "
            "losses: their 'wealth' is wanted"
        )
    if reserve >= utility.floor:
        raise ValueError("the reserve is as much as bidders own")


def _least_value(prior: Prior, n: int, reserve: float, utility: Utility) -> float:
    def gain(v: float) -> float:
        return _payoff(utility, float(prior.cdf(np.array([v]))[0]) ** (n - 1), v, reserve)

    if prior.high <= reserve:
        raise ValueError("no value exceeds the reserve, so nobody bids")
    return prior.low if gain(prior.low) >= 0 else float(brentq(gain, prior.low, prior.high, xtol=1e-14))


def _payoff(utility: Utility, win: float, value: float, bid: float) -> float:
    gains, losses = utility.of(np.array([value - bid, -bid]))
    return float(win * gains + (1 - win) * losses)


def _averse(prior: Prior, n: int, win: FloatArray, reserve: float, utility: Utility) -> FloatArray:
    """The bids of values that win with the probabilities `win`."""

    def slope(share: float, bid: FloatArray) -> FloatArray:
        value = prior.quantile(np.full(1, share ** (1 / (n - 1))))
        wins, loses = utility.slope(value - bid), utility.slope(-bid)
        return np.asarray((utility.of(value - bid) - utility.of(-bid)) / (share * wins + (1 - share) * loses))

    def broke(share: float, bid: FloatArray) -> float:
        return float(utility.wealth * (1 - 1e-9) - bid[0])

    broke.terminal = True  # type: ignore[attr-defined]
    places = np.unique(np.append(win, 1.0))
    path = solve_ivp(
        slope,
        (float(places[0]), 1.0),
        np.array([reserve]),
        t_eval=places,
        events=broke,
        rtol=ACCURACY,
        atol=ACCURACY * prior.high,
        max_step=0.05,
    )
    if len(path.t) < len(places):
        raise ValueError("bidders would bid all that they own: this method needs more 'wealth'")
    return np.maximum.accumulate(np.interp(win, path.t, path.y[0]))


def unlike_all_pay(priors: tuple[Prior, ...], reserve: float, utility: Utility) -> Tables:
    """(values, bids) of two bidders, each on a table of its own. Raises ValueError for more of them."""
    if len(priors) > 2:
        raise ValueError("all-pay bids of more than two unlike bidders need not be continuous; no method here has them")
    _need_wealth(utility, reserve)
    paired, bids = _neutral_pairs(priors, reserve) if utility.neutral else _averse_pairs(priors, reserve, utility)
    rising = np.maximum.accumulate(paired, axis=1)
    tables = [_with_rest(priors, i, rising, bids, reserve, utility) for i in range(2)]
    return (tables[0][0], tables[1][0]), (tables[0][1], tables[1][1])


def _with_rest(
    priors: tuple[Prior, ...], i: int, paired: FloatArray, bids: FloatArray, reserve: float, utility: Utility
) -> tuple[FloatArray, FloatArray]:
    """A bidder's table with the values left over, which all bid the reserve."""
    first, prior = float(paired[i, 0]), priors[i]
    other = float(priors[1 - i].cdf(paired[1 - i, :1])[0])

    def gain(v: float) -> float:
        return _payoff(utility, other, v, reserve)

    if reserve == 0 or gain(prior.low) >= 0:
        least = prior.low
    elif gain(first) <= 0:
        least = first
    else:
        least = float(brentq(gain, prior.low, first, xtol=1e-14))
    if least >= first:
        return paired[i], bids
    return np.append([least], paired[i]), np.append([reserve], bids)


def _neutral_pairs(priors: tuple[Prior, ...], reserve: float) -> tuple[FloatArray, FloatArray]:
    """Values that bid the same (2, M), rising, and those bids, for risk-neutral bidders."""
    share = np.concatenate([np.linspace(1, 0.01, POINTS), np.geomspace(0.01, LEAST_SHARE, POINTS)[1:]])
    values = np.stack([np.maximum(prior.quantile(share), 1e-300) for prior in priors])
    pull = np.stack([cumulative_simpson(1 / row, x=-share, initial=0) for row in values])  # G, from the top downward
    last = pull[:, -1].min()
    level = np.unique(np.concatenate([*pull, [last]]))
    level = level[level <= last]
    if reserve > 0:
        level = _until_nothing_is_gained(level, pull, values, share, reserve)
    paired = np.stack([np.interp(level, own, row) for own, row in zip(pull, values, strict=True)])
    above = cumulative_simpson(paired[0] * paired[1], x=level, initial=0)
    return paired[:, ::-1], reserve + np.maximum.accumulate((above[-1] - above)[::-1])


def _until_nothing_is_gained(
    level: FloatArray, pull: FloatArray, values: FloatArray, share: FloatArray, reserve: float
) -> FloatArray:
    """The levels down to where a bidder's value times its chance to win is the reserve."""

    def left(at: float) -> float:
        value = [float(np.interp(at, own, row)) for own, row in zip(pull, values, strict=True)]
        chance = [float(np.interp(at, own, share)) for own in pull]
        return min(value[0] * chance[1], value[1] * chance[0]) - reserve

    if left(float(level[-1])) >= 0:  # a reserve so small that next to everybody bids it
        return level
    end = float(brentq(left, 0.0, float(level[-1]), xtol=1e-14))
    return np.append(level[level < end], [end])


def _averse_pairs(priors: tuple[Prior, ...], reserve: float, utility: Utility) -> tuple[FloatArray, FloatArray]:
    """As `_neutral_pairs`, for risk-averse bidders."""
    most = min(prior.high for prior in priors)
    high = min(most, utility.wealth) * (1 - 1e-9)

    def end(top: float) -> float:
        return float(_descend(priors, top, reserve, utility).y[0, -1]) - reserve

    if end(high) < 0:
        raise ValueError("bidders would bid all that they own: this method needs more 'wealth'")
    top = float(brentq(end, reserve, high, xtol=1e-13 * most, rtol=1e-14))
    path = _descend(priors, top, reserve, utility, dense=True)
    bids, shares = path.y[0, ::-1], path.y[1:, ::-1]
    bids[0] = reserve  # by the choice of the highest bid, up to the last digits
    paired = np.stack([prior.quantile(np.clip(row, 0, 1)) for prior, row in zip(priors, shares, strict=True)])
    return paired, np.maximum.accumulate(np.maximum(bids, reserve))


def _descend(priors: tuple[Prior, ...], top: float, reserve: float, utility: Utility, dense: bool = False) -> Any:
    """(b, y_1, y_2) from the highest bid downward until a bidder gains nothing, in a time in which that is soon."""

    def parts(state: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        bid, shares = state[0], np.clip(state[1:], 0.0, 1.0)
        values = np.array([float(prior.quantile(shares[i : i + 1])[0]) for i, prior in enumerate(priors)])
        return values, shares, utility.of(values - bid), utility.of(np.full(2, -bid))

    def slope(_: float, state: FloatArray) -> FloatArray:
        values, shares, wins, loses = parts(state)
        gap = np.maximum(wins - loses, 1e-300)
        other = shares[::-1]
        push = other * utility.slope(values - state[0]) + (1 - other) * utility.slope(np.full(2, -state[0]))
        # dy_j/db = push_i / gap_i, times −gap_1 gap_2 / (gap_1 + gap_2)
        return np.append([-gap[0] * gap[1]], -(push * gap[::-1])[::-1]) / gap.sum()

    def gains(time: float, state: FloatArray) -> float:
        _, shares, wins, loses = parts(state)
        rest = float(state[1:].min()) - LEAST_SHARE
        least = float((shares[::-1] * wins + (1 - shares[::-1]) * loses).min())
        return min(rest, least) if reserve > 0 else rest

    gains.terminal = True  # type: ignore[attr-defined]
    tiny = 1e-12 * np.array([max(prior.high for prior in priors), 1.0, 1.0])
    return solve_ivp(
        slope,
        (0.0, 1000.0),
        np.array([top, 1.0, 1.0]),
        events=gains,
        rtol=1e-9,
        atol=tiny,
        max_step=0.002 if dense else np.inf,
    )
