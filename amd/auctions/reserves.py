"""The reserve of greatest expected revenue in a standard format, for like bidders.

Risk neutral, or where truth is dominant: the price p of Myerson (1981), in an all-pay auction the least bid
p·F(p)^{n−1}, which keeps out the values below p. Otherwise it is found by trying reserves and then between the best
one's neighbours, each with the bids of its own equilibrium. In a first-price auction risk-averse bidders shade less,
and the best reserve is lower than the risk-neutral one (Riley and Samuelson, 1981).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from amd.auctions.equilibrium import bidding
from amd.auctions.formats import Format
from amd.classics.continuous import Prior, best_reserve

TRIED = 40
DIGITS = 9


def optimal_reserve(form: Format, prior: Prior, bidders: int, risk_aversion: float = 0.0, wealth: float = 0.0) -> float:
    """The best reserve, to nine digits when risk neutral and else to about 1e-5 of the highest value.

    Raises ValueError as `bidding` does.
    """
    if form.truthful or not risk_aversion or bidders == 1:
        price = best_reserve(prior, bidders)
        share = float(prior.cdf(np.array([price]))[0]) if form is Format.ALL_PAY else 1.0
        return round(price * share ** (bidders - 1), DIGITS)

    def lost(reserve: float) -> float:
        return -bidding(form, [prior] * bidders, reserve, risk_aversion, wealth).revenue

    top = min(prior.high, wealth) if form is Format.ALL_PAY else prior.high
    tried = np.linspace(0.0, top, TRIED + 1)[:-1]
    best = int(np.argmin([lost(float(reserve)) for reserve in tried]))
    around = float(tried[max(best - 1, 0)]), float(tried[best] + top / TRIED * (1 - 1e-6))
    return round(float(minimize_scalar(lost, bounds=around, method="bounded", options={"xatol": 1e-7 * top}).x), DIGITS)
