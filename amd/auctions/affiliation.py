"""Affiliated signals: where the formats no longer earn the same (Milgrom and Weber, 1982; Krishna, 2010, chapter 6).

n bidders see X_i = S_i + T, their own draws S_i from a prior and a draw T that all share. The good is worth

    V_i = (1 − w) X_i + w · (X_1 + … + X_n)/n

to bidder i: its own signal for w = 0, the same for all for w = 1. If the density of S is logarithmically concave the
signals are affiliated: a high one makes high others more likely. Let Y_1 ≥ Y_2 ≥ … be the signals of the others,
g(y | x) and G(y | x) the density and the distribution of Y_1 given X_1 = x, and v(x, y) = E[V_1 | X_1 = x, Y_1 = y].
Risk neutral, without a reserve:

    second price:  β(x) = v(x, x)
    English:       a bidder stays as long as the price is below its V_i if all who are left had its own signal; who has
                   left has told its signal, so that the price is (1 − w) Y_1 + w (Y_1 + Y_1 + Y_2 + …)/n
    first price:   β'(x) = (v(x, x) − β(x)) g(x | x)/G(x | x)
    all-pay:       β(x) = ∫_low^x v(y, y) g(y | y) dy (Krishna and Morgan, 1997)

Expected revenue falls in the order English, second price, first price (the linkage principle). These three are
equilibria whenever signals are affiliated; English bids even without regret, whatever the others' signals are. All-pay
bids are one if v(x, y) g(y | x) rises in x, which strong affiliation prevents. `loss` tests every bid against others by
a quadrature of its own, and bids that fail are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy.integrate import cumulative_simpson

from amd.auctions.equilibrium import Bidding
from amd.auctions.formats import Format
from amd.classics.continuous import Prior
from amd.model.numbers import FloatArray

NODES = 64  # of Gauss-Legendre quadrature over the common part
STEPS = 1000  # of the table of bids
TESTED, EVERY = 25, 12  # signals at which the bids are tested, and among how many others
TOLERANCE = 1e-4  # of the range of signals: bids that lose more by staying in are no equilibrium
PARTS = 40  # in which the logarithmic concavity of the own part is tested
CONVEX = 1e-3  # relative: steps of a prior of 1,000 cells are no more than this


@cache
def _nodes(count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre quadrature on [−1, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return np.asarray(nodes), np.asarray(weights)


@dataclass(frozen=True, eq=False)
class Affiliation:
    """`bidders` who see a draw from `own` plus a common draw from `common`; `weight` w of the mean signal.

    Raises ValueError for fewer than two bidders, a weight outside [0, 1], or an own part whose density is not
    logarithmically concave.
    """

    own: Prior
    common: Prior
    weight: float
    bidders: int

    def __post_init__(self) -> None:
        if self.bidders < 2 or not 0 <= self.weight <= 1:
            raise ValueError("affiliation needs two bidders, and a weight of the mean signal in [0, 1]")
        mass = np.diff(self.own.cdf(np.linspace(self.own.low, self.own.high, PARTS + 1)))
        if (mass[1:-1] ** 2 < mass[:-2] * mass[2:] * (1 - CONVEX)).any():
            raise ValueError(
                "signals need not be affiliated: the density of the bidders' own part is not logarithmically concave"
            )

    @property
    def low(self) -> float:
        """The lowest signal."""
        return self.own.low + self.common.low

    @property
    def high(self) -> float:
        """The highest signal."""
        return self.own.high + self.common.high

    def draw(self, random: np.random.Generator, rounds: int) -> FloatArray:
        """Signals (rounds, n)."""
        own = self.own.quantile(random.random((rounds, self.bidders)))
        return np.asarray(own + self.common.quantile(random.random((rounds, 1))))

    def beliefs(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """g(y | x) and v(x, y), elementwise; where y is impossible the first is 0 and the second x."""
        n, seen = self.bidders, np.asarray(x, dtype=np.float64)
        own, other = np.broadcast_arrays(seen, np.asarray(y, dtype=np.float64))
        mass, rest = self._parts(own, other)
        F, f = self.own.cdf(rest), self.own.density(rest)
        one = mass * (n - 1) * f
        density = (one * F ** (n - 2)).sum(axis=-1)
        left = 0.0 if n == 2 else (one * self._area(rest) * F ** (n - 3)).sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            third = other - left / density
        value = (1 - self.weight) * own + self.weight / n * (own + other + (n - 2) * third if n > 2 else own + other)
        return density / self._parts(seen, None)[0].sum(axis=-1), np.where(density > 0, value, own)

    def lower(self, x: FloatArray) -> FloatArray:
        """G(x | x)."""
        mass, rest = self._parts(x, x)
        return np.asarray((mass * self.own.cdf(rest) ** (self.bidders - 1)).sum(axis=-1) / mass.sum(axis=-1))

    def _parts(self, x: FloatArray, y: FloatArray | None) -> tuple[FloatArray, FloatArray]:
        """(weight of each common part given x, y less that part), of those that y allows."""
        low = np.maximum(self.common.low, x - self.own.high)
        high = np.minimum(self.common.high, x - self.own.low)
        if y is not None:
            low, high = np.maximum(low, y - self.own.high), np.minimum(high, y - self.own.low)
        nodes, weights = _nodes(NODES)
        half = np.maximum(high - low, 0.0)[..., None] / 2
        t = low[..., None] + half * (1 + nodes)
        mass = half * weights * self.common.density(t) * self.own.density(x[..., None] - t)
        return mass, (x if y is None else y)[..., None] - t

    def _area(self, rest: FloatArray) -> FloatArray:
        """∫F up to the own part s; an own part that is at most s lies ∫F/F(s) below it on average."""
        s = np.linspace(self.own.low, self.own.high, 4 * STEPS + 1)
        return np.interp(rest, s, cumulative_simpson(self.own.cdf(s), x=s, initial=0))

    @cached_property
    def table(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Signals x, denser at both ends, with g(x | x) and v(x, x)."""
        near = np.geomspace(1e-8, 1e-3, STEPS // 6)
        inner = np.linspace(1e-3, 1 - 1e-3, STEPS)
        x = np.asarray(self.low + (self.high - self.low) * np.unique([*near, *inner, *(1 - near)]))
        return x, *self.beliefs(x, x)

    @cached_property
    def tested(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Signals y, with g(y | x) and v(x, y) at every `EVERY`th of them as x."""
        y = np.linspace(self.low, self.high, EVERY * TESTED + 1)[1:-1]
        return y, *self.beliefs(y[EVERY // 2 :: EVERY, None], y[None, :])

    def bidding(self, form: Format) -> LinkedBidding:
        """The symmetric equilibrium of a format. Raises ValueError where its bids are no equilibrium."""
        x = self.table[0]
        bids = x if form is Format.ENGLISH else self._bids(form)
        n = self.bidders
        values, rising = np.append([self.low], x), np.maximum.accumulate(np.append(bids[:1], bids))
        rule = LinkedBidding(form, (self.own,) * n, (values,) * n, (rising,) * n, affiliation=self)
        if rule.loss > TOLERANCE * (self.high - self.low):
            raise ValueError(
                f"signals are too strongly affiliated: at these bids a bidder would gain {rule.loss:.3g} by another"
            )
        return rule

    def _bids(self, form: Format) -> FloatArray:
        x, density, value = self.table
        if form is Format.SECOND_PRICE:
            return value
        if form is Format.ALL_PAY:
            return np.asarray(cumulative_simpson(value * density, x=x, initial=0))
        return self._first_price(x, density / self.lower(x), value)

    def _first_price(self, x: FloatArray, pull: FloatArray, value: FloatArray) -> FloatArray:
        """β = v − ∫ E dv / E with E = exp(∫ g/G); u·g/G is smooth in the distance u from the lowest signal."""
        u = x - self.low
        scaled = pull * u
        rise = (scaled[1:] + scaled[:-1]) / 2 * np.diff(np.log(u))
        grown = np.exp(-np.cumsum(rise[::-1])[::-1])
        E = np.append(grown, 1.0)
        shade = np.concatenate([[0.0], np.cumsum((E[1:] + E[:-1]) / 2 * np.diff(value))])
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(value - np.where(E > 0, shade / E, 0.0))


@dataclass(frozen=True, eq=False)
class LinkedBidding(Bidding):
    """Bids by signals. In the English auction `bids` is where a bidder leaves if nobody has left before it."""

    affiliation: Affiliation | None = None

    @property
    def source(self) -> Affiliation:
        """The signals. Raises ValueError where none were given."""
        if self.affiliation is None:
            raise ValueError("these bids need the affiliation that they come from")
        return self.affiliation

    def all_bids(self, signals: FloatArray) -> FloatArray:
        """(R, n): the bids of everyone's signals; in the English auction where each leaves, knowing who left before."""
        if self.form is not Format.ENGLISH:
            return super().all_bids(signals)
        n, w = self.source.bidders, self.source.weight
        order = signals.argsort(axis=1, kind="stable")
        rising = np.take_along_axis(signals, order, axis=1)
        gone = rising.cumsum(axis=1) - rising
        leaves = (1 - w) * rising + w / n * ((n - np.arange(n)) * rising + gone)
        bids = np.empty_like(leaves)
        np.put_along_axis(bids, order, leaves, axis=1)
        return bids

    @cached_property
    def loss(self) -> float:
        """The most that a bidder would gain by the bid of another signal, at 25 signals; English bids have no regret.

        E[(v(x, Y) − price) 1(Y < z)] for signal x that bids as z, with a quadrature that the bids did not use.
        """
        if self.form is Format.ENGLISH:
            return 0.0
        y, density, value = self.source.tested
        bid = self.bid(0, y)
        if self.form is Format.SECOND_PRICE:
            gain = cumulative_simpson((value - bid) * density, x=y, initial=0)
        else:
            gain = cumulative_simpson(value * density, x=y, initial=0)
            win = cumulative_simpson(density, x=y, initial=0)
            gain = gain - bid * (1.0 if self.form is Format.ALL_PAY else win)
        own = gain[np.arange(len(gain)), np.arange(EVERY // 2, len(y), EVERY)]
        return float(np.maximum(gain.max(axis=1) - own, -own if self.form is Format.ALL_PAY else 0.0).max())

    @cached_property
    def revenue(self) -> float:
        """Expected revenue, by Gauss-Legendre quadrature over the common part and an own part."""
        a, n = self.source, self.source.bidders
        nodes, weights = _nodes(4 * NODES)
        s, t = (prior.low + (prior.high - prior.low) * (1 + nodes) / 2 for prior in (a.own, a.common))
        ws, wt = (
            weights / 2 * (prior.high - prior.low) * prior.density(at) for prior, at in ((a.own, s), (a.common, t))
        )
        F, x = a.own.cdf(s), s[:, None] + t
        ws, wt = ws / ws.sum(), wt / wt.sum()
        top, second = ws * n * F ** (n - 1), ws * n * (n - 1) * (1 - F) * F ** (n - 2)
        if self.form is Format.ENGLISH:
            mean, one, two = (float(weight @ x @ wt) for weight in (ws, top, second))
            return (1 - a.weight) * two + a.weight / n * (two + n * mean - one)
        chosen = {Format.SECOND_PRICE: second, Format.ALL_PAY: n * ws}.get(self.form, top)
        return float(chosen @ self.bid(0, x) @ wt)
