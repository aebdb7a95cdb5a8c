"""One-dimensional continuous priors: virtual value, regularity, reserve, revenue as a function of the reserve, ironing.

A `Prior` is a distribution function, a density and a quantile function on a bounded interval, in double precision;
integrals state the error of their quadrature. The exact discrete twins are in `amd.classics.virtual`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from amd.model.numbers import FloatArray
from amd.pictures import Pictured

Function = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Prior(Pictured):
    """A continuous distribution on [low, high]: vectorised `cdf`, `density` and `quantile`."""

    low: float
    high: float
    cdf: Function
    density: Function
    quantile: Function

    def virtual(self, x: FloatArray) -> FloatArray:
        """x − (1 − F(x))/f(x), −∞ where the density vanishes below the top."""
        x = np.asarray(x, dtype=np.float64)
        tail, density = 1 - self.cdf(x), self.density(x)
        with np.errstate(divide="ignore", invalid="ignore"):
            rent = np.where(tail > 0, tail / density, 0.0)
        return np.asarray(x - rent)

    def is_regular(self, points: int = 4097) -> bool:
        """Whether the virtual value rises at each of `points` equally spaced points (a test, not a proof)."""
        inner = np.linspace(self.low, self.high, points + 2)[1:-1]
        with np.errstate(invalid="ignore"):  # −∞ throughout a gap, where the answer is no
            return bool((np.diff(self.virtual(inner)) >= -1e-12 * (self.high - self.low)).all())


def uniform(low: float = 0.0, high: float = 1.0) -> Prior:
    """The uniform distribution on [low, high]."""
    width = high - low
    return Prior(
        low,
        high,
        cdf=lambda x: np.clip((np.asarray(x) - low) / width, 0.0, 1.0),
        density=lambda x: np.full(np.shape(x), 1 / width),
        quantile=lambda p: low + width * np.asarray(p),
    )


def power(exponent: float, high: float = 1.0) -> Prior:
    """F(x) = (x/high)^exponent on [0, high]."""
    return Prior(
        0.0,
        high,
        cdf=lambda x: np.clip(np.asarray(x) / high, 0.0, 1.0) ** exponent,
        density=lambda x: exponent / high * (np.asarray(x) / high) ** (exponent - 1),
        quantile=lambda p: high * np.asarray(p) ** (1 / exponent),
    )


def reserve_price(prior: Prior, own_value: float = 0.0) -> float:
    """The price p with p − (1 − F(p))/f(p) = own value, for a regular prior (Myerson, 1981).

    The lowest value when even that has enough virtual value; the highest when none has. Raises ValueError for an
    irregular prior, whose price comes from `iron`.
    """
    if not prior.is_regular():
        raise ValueError("the prior is not regular: use iron() for its reserve price")

    def excess(x: float) -> float:
        return float(prior.virtual(np.array([x]))[0]) - own_value

    step = (prior.high - prior.low) * 1e-12
    low, high = prior.low + step, prior.high - step
    if excess(low) >= 0:
        return prior.low
    return prior.high if excess(high) <= 0 else float(brentq(excess, low, high, xtol=1e-14, rtol=1e-14))


def posted_price_profit(prior: Prior, price: float, own_value: float = 0.0) -> float:
    """p(1 − F(p)) + x0·F(p): what one take-it-or-leave-it price leaves a seller who values the good at x0."""
    unsold = float(prior.cdf(np.array([price]))[0])
    return price * (1 - unsold) + own_value * unsold


def revenue_at_reserve(prior: Prior, bidders: int, reserve: float) -> tuple[float, float]:
    """Expected revenue of any standard auction with this reserve and n like bidders, with its quadrature error.

    r(1 − F(r)^n) + ∫_r (1 − S) dx with S = F^n + n(1 − F) F^{n−1} the distribution of the second-highest value: whoever
    wins pays the reserve, and what the second-highest value is above it.
    """
    if bidders < 1:
        raise ValueError("an auction needs at least one bidder")
    n, below = bidders, float(prior.cdf(np.array([reserve]))[0])
    least = reserve * (1 - below**n)
    if n == 1:
        return least, 0.0

    def above(x: float) -> float:
        F = float(prior.cdf(np.array([x]))[0])
        return 1 - F**n - n * (1 - F) * F ** (n - 1)

    # full_output: the error is returned rather than warned of
    more, error = quad(above, reserve, prior.high, epsabs=1e-12, epsrel=1e-12, limit=200, full_output=1)[:2]
    return least + more, error


def best_reserve(prior: Prior, bidders: int, points: int = 20_000) -> float:
    """The reserve of greatest expected revenue in a standard auction with n like bidders.

    With a regular prior it is `reserve_price`, whatever n (Riley and Samuelson, 1981; Myerson, 1981). Otherwise revenue
    can have several peaks in the reserve and the best one depends on n: its slope is n F^{n−1}(1 − F − r f), so that
    with J(r) = r(1 − F(r)) it is −∫_r n F^{n−1} dJ up to a constant, here compared at `points` quantiles.
    """
    if prior.is_regular():
        return reserve_price(prior)
    share = np.linspace(0.0, 1.0, points + 1)
    price = np.asarray(prior.quantile(share), dtype=np.float64)
    weight = share ** (bidders - 1)
    gains = (weight[1:] + weight[:-1]) / 2 * np.diff(price * (1 - share))
    return float(price[int(np.argmax(np.concatenate([[0.0], np.cumsum(gains)])))])


def uniform_revenue_at_reserve(bidders: int, reserve: Any) -> Any:
    """The same on U[0, 1] in closed form, exact for a Fraction.

    n r^n (1 − r) + n(n − 1)[(1 − r^n)/n − (1 − r^{n+1})/(n + 1)].
    """
    n, r = bidders, reserve
    return n * r**n * (1 - r) + n * (n - 1) * ((1 - r**n) / n - (1 - r ** (n + 1)) / (n + 1))


@dataclass(frozen=True, eq=False)
class Ironing:
    """A continuous revenue curve ironed at sample points.

    `quantity` (M + 1,) rises from 0 to 1, `price` the value sold to with that probability, `revenue` the curve and
    `ironed` its concave majorant at those points, `marginal` (M,) the ironed slopes. The true majorant lies between
    `ironed` and `ironed + error`.
    """

    quantity: FloatArray
    price: FloatArray
    revenue: FloatArray
    ironed: FloatArray
    marginal: FloatArray
    error: float

    def reserve(self, own_value: float = 0.0) -> float:
        """The price at the last quantity whose ironed marginal revenue is at least `own_value`."""
        return float(self.price[int(np.searchsorted(-self.marginal, -own_value, side="right"))])

    def optimal_profit(self, bidders: int, own_value: float = 0.0) -> tuple[float, float]:
        """(lower, upper) bound on the best profit from n like bidders.

        The optimum is ∫ w(q) (R̄'(q) − x0)⁺ dq with w = n(1 − q)^{n−1}; w falls from n, so an understatement of R̄ by
        at most ε moves it by at most nε.
        """
        weight = -np.diff((1 - self.quantity) ** bidders)
        value = float(weight @ np.maximum(self.marginal - own_value, 0.0))
        return value, value + bidders * self.error


def iron(prior: Prior, points: int = 20_000) -> Ironing:
    """The concave majorant of R(q) = q·F⁻¹(1 − q) from `points` equal steps of quantity, with a bound on its error.

    Between samples q_i < q_{i+1} the price falls, so R ≤ q_{i+1}·F⁻¹(1 − q_i); the greatest excess of that over the
    majorant of the samples bounds the error. It is of first order in the step and needs no derivative of the prior.
    """
    q = np.linspace(0.0, 1.0, points + 1)
    price = np.asarray(prior.quantile(1 - q), dtype=np.float64)
    revenue = q * price
    hull = _upper_hull(q, revenue)
    ironed = np.interp(q, q[hull], revenue[hull])
    marginal = np.repeat(np.diff(revenue[hull]) / np.diff(q[hull]), np.diff(hull))
    over = q[1:] * price[:-1] - np.minimum(ironed[1:], ironed[:-1])
    return Ironing(q, price, revenue, ironed, marginal, float(over.max()))


def _upper_hull(x: FloatArray, y: FloatArray) -> list[int]:
    hull: list[int] = []
    for i in range(len(x)):
        while len(hull) > 1 and _turns_up(x, y, hull[-2], hull[-1], i):
            hull.pop()
        hull.append(i)
    return hull


def _turns_up(x: FloatArray, y: FloatArray, a: int, b: int, c: int) -> bool:
    return bool((y[b] - y[a]) * (x[c] - x[b]) <= (y[c] - y[b]) * (x[b] - x[a]))
