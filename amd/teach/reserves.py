"""The reserve price and the virtual value: what excluding the low types costs, and what it brings."""

from __future__ import annotations

import numpy as np

from amd.classics.continuous import Prior, iron, power, reserve_price, revenue_at_reserve, uniform
from amd.model.numbers import FloatArray
from amd.teach.sketch import BLUE, GREEN, ORANGE, PALE, RED, Beside, Sketch, beside

PRIORS = {"uniform": 1.0, "strong (x²)": 2.0, "very strong (x⁴)": 4.0}
STEPS = 60


def prior_named(name: str, top: float) -> Prior:
    """One of PRIORS on [0, top]. ValueError for another name."""
    if name not in PRIORS:
        raise ValueError(f"there is no prior '{name}'; choose among {', '.join(PRIORS)}")
    return uniform(0.0, top) if name == "uniform" else power(PRIORS[name], top)


def reserve_explorer(reserve: float = 0.5, bidders: int = 2, top: float = 1.0, prior: str = "uniform") -> Beside:
    """The virtual value with the excluded types shaded, beside expected revenue as a function of the reserve; `reserve`
    is a share of `top`."""
    law = prior_named(prior, top)
    chosen, best = reserve * top, reserve_price(law)
    grid = np.linspace(0.0, top, STEPS + 1)
    revenue = np.array([_revenue(law, bidders, float(r)) for r in grid])
    here, most = _revenue(law, bidders, chosen), _revenue(law, bidders, best)
    left = Sketch((0, top), (-top, top), ("value θ", "virtual value ψ(θ)"), "Who is excluded")
    inner = grid[1:]
    left.band(0, chosen, RED, "excluded").line(inner, law.virtual(inner), BLUE, "ψ(θ) = θ − (1 − F)/f").level(0)
    left.upright(best, f"ψ = 0 at {best:.3g}", GREEN)
    right = Sketch((0, top), (0, 1.1 * float(revenue.max())), ("reserve price", "expected revenue"), "Revenue")
    right.corner = "s"
    right.line(grid, revenue, BLUE, f"{bidders} bidder{'s' if bidders > 1 else ''}")
    right.dots([best], [most], GREEN, f"best: {most:.4g} at {best:.3g}", 7)
    right.dots([chosen], [here], ORANGE, f"chosen: {here:.4g} at {chosen:.3g}", 7)
    return beside(left, right)


def _revenue(law: Prior, bidders: int, reserve: float) -> float:
    return revenue_at_reserve(law, bidders, reserve)[0]


def marginal_revenue_explorer(own_value: float = 0.0, prior: str = "uniform", top: float = 1.0) -> Beside:
    """A buyer as a market: demand, and its marginal revenue, which is the virtual value; the best price for a seller
    who values the good herself."""
    law = prior_named(prior, top)
    sold = np.linspace(0.001, 0.999, 200)
    price = law.quantile(1 - sold)
    at = reserve_price(law, own_value)
    share = float(1 - law.cdf(np.array([at]))[0])
    left = Sketch((0, 1), (-top, top * 1.05), ("probability of a sale q", "price"), "Demand and marginal revenue")
    left.corner = "ne"
    left.line(sold, price, BLUE, "demand P(q)").line(sold, law.virtual(price), ORANGE, "marginal revenue = ψ(P(q))")
    left.line([0, 1], [own_value, own_value], PALE, "worth to the seller", dash=True)
    left.upright(share).dots([share], [at], GREEN, f"price {at:.3g}", 7)
    curve = sold * price
    right = Sketch(
        (0, 1), (0, 1.15 * float((curve + (1 - sold) * own_value).max())), ("probability of a sale q", "profit")
    )
    right.title, right.corner = "What the seller gets", "s"
    profit = curve + (1 - sold) * own_value
    right.line(sold, profit, BLUE, "q P(q) + (1 − q) own value")
    right.dots([share], [share * at + (1 - share) * own_value], GREEN, "best", 7)
    return beside(left, right)


def mixture(share: float, gap: float) -> Prior:
    """Students, uniform on [0, 1], and a `share` of collectors, uniform on [gap, gap + 1]: irregular when far apart."""
    weights, top = (1 - share, share), gap + 1

    def cdf(x: FloatArray) -> FloatArray:
        return np.asarray(weights[0] * np.clip(x, 0, 1) + weights[1] * np.clip(x - gap, 0, 1))

    def density(x: FloatArray) -> FloatArray:
        low, high = (x <= 1) * weights[0], ((x >= gap) & (x <= top)) * weights[1]
        return np.asarray(low + high, dtype=np.float64)

    knots = np.unique([0.0, 1.0, gap, top])

    def quantile(u: FloatArray) -> FloatArray:
        return np.interp(u, cdf(knots), knots)

    return Prior(0.0, top, cdf, density, quantile)


def ironing_explorer(share: float = 0.3, gap: float = 1.0) -> Beside:
    """The revenue curve of a mixed market with its concave hull, and the marginal revenue before and after ironing."""
    ironed = iron(mixture(share, gap), 400)
    q, curve, hull = ironed.quantity, ironed.revenue, ironed.ironed
    raw = np.diff(curve) / np.diff(q)
    middle = (q[1:] + q[:-1]) / 2
    left = Sketch((0, 1), (0, 1.2 * float(hull.max())), ("probability of a sale q", "revenue R(q)"), "Revenue curve")
    left.corner = "s"
    left.line(q, hull, ORANGE, "concave hull").line(q, curve, BLUE, "R(q)")
    spread = float(np.abs(ironed.marginal).max())
    right = Sketch((0, 1), (-spread * 1.1, spread * 1.2), ("probability of a sale q", "marginal revenue"))
    right.title, right.corner = "Virtual values, ironed", "ne"
    right.line(middle, raw, BLUE, "virtual value R′(q)", dash=True).line(
        middle, ironed.marginal, ORANGE, "ironed"
    ).level(0)
    pooled = float(np.mean(np.abs(hull - curve) > 1e-9 * float(hull.max())))
    words = f"ironed on {pooled:.0%} of the quantities" if pooled > 0.01 else "regular: nothing to iron"
    return beside(left, right, words=words)
