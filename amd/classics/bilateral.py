"""Bilateral trade: a buyer of value V and a seller of cost C, independent (Myerson and Satterthwaite, 1983).

* *Double Vickrey*: trade iff V > C, the buyer pays C and the seller receives V. Dominant strategies, efficient, and a
  deficit of E[(V − C)⁺].
* *Posted price* p: trade iff V ≥ p ≥ C. Dominant strategies and a balanced budget.
* *Linear double auction* with price k·bid + (1 − k)·ask (Chatterjee and Samuelson, 1983): a linear equilibrium for U[0,
  1].
* *Second best*: greatest expected gains from trade with Bayesian incentives, interim participation and a balanced
  budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from amd.classics.arrays import Array, Number, Numbers, prior
from amd.classics.payments import is_monotone
from amd.classics.virtual import virtual_values
from amd.pictures import Pictured


@dataclass(frozen=True, eq=False)
class TradeRule(Pictured):
    """Trade on a grid: probability of `trade` (K_v, K_c), what the buyer `pays` and the seller `receives` likewise.

    `welfare` E[(v − c)·trade] and `deficit` E[receives − pays].
    """

    trade: Array
    pays: Array
    receives: Array
    welfare: Any
    deficit: Any


@dataclass(frozen=True, eq=False)
class Market:
    """The two priors: buyer's values and seller's costs, strictly increasing, with their probabilities."""

    values: Array
    value_probability: Array
    costs: Array
    cost_probability: Array

    @property
    def mass(self) -> Array:
        """(K_v, K_c): the probability of each pair."""
        return np.asarray(np.multiply.outer(self.value_probability, self.cost_probability))

    @property
    def gains(self) -> Array:
        """(K_v, K_c): v − c."""
        return np.asarray(np.subtract.outer(self.values, self.costs))

    def rule(self, trade: Array, pays: Array, receives: Array) -> TradeRule:
        mass = self.mass
        welfare, deficit = (mass * self.gains * trade).sum(), (mass * (receives - pays)).sum()
        return TradeRule(trade, pays, receives, welfare, deficit)


def market(
    values: Numbers,
    costs: Numbers,
    value_probability: Numbers | None = None,
    cost_probability: Numbers | None = None,
) -> Market:
    """The market of two finite priors. Raises ValueError where one is no prior."""
    return Market(*prior(values, value_probability), *prior(costs, cost_probability))


def double_vickrey(market: Market) -> TradeRule:
    """Trade iff v > c; the buyer pays c, the seller receives v. The deficit is the whole gain from trade."""
    zero = 0 * market.gains
    trade = np.where(market.gains > 0, 1 + zero, zero)
    return market.rule(trade, trade * market.costs[None, :], trade * market.values[:, None])


def posted_price(market: Market, price: Number) -> TradeRule:
    """Trade iff v ≥ price ≥ c, at that price."""
    zero = 0 * market.gains
    willing = (market.values >= price)[:, None] & (market.costs <= price)[None, :]
    trade = np.where(willing, 1 + zero, zero)
    return market.rule(trade, trade * price, trade * price)


def best_posted_price(market: Market) -> tuple[Any, TradeRule]:
    """The posted price of greatest expected gains; only prices at some value or cost need trying."""
    candidates = sorted({*market.values, *market.costs})
    rules = [(price, posted_price(market, price)) for price in candidates]
    return max(rules, key=lambda item: (item[1].welfare, -item[0]))


@dataclass(frozen=True)
class LinearDoubleAuction(Pictured):
    """The linear equilibrium on U[0, 1]: bid = slope·v + intercept where trade is possible, likewise the ask."""

    k: Any
    bid_slope: Any
    bid_intercept: Any
    ask_slope: Any
    ask_intercept: Any

    @property
    def trade_line(self) -> tuple[Any, Any]:
        """Trade iff c ≤ slope·v + intercept."""
        return self.bid_slope / self.ask_slope, (self.bid_intercept - self.ask_intercept) / self.ask_slope

    @property
    def welfare(self) -> Any:
        """E[(v − c)·trade] for V, C uniform on [0, 1], in closed form.

        With a = slope and b = intercept of the trade line (b < 0 < a, a + b ≤ 1) trade happens for v ≥ −b/a and
        c ≤ av + b, so the gain is ∫ v(av + b) − (av + b)²/2 dv over [−b/a, 1].
        """
        a, b = self.trade_line
        lowest = -b / a

        def primitive(v: Any) -> Any:
            return (a - a * a / 2) * v**3 / 3 + (b - a * b) * v**2 / 2 - b * b / 2 * v

        return primitive(1) - primitive(lowest)


def linear_double_auction(k: Any) -> LinearDoubleAuction:
    """The linear equilibrium of the k-double auction, 0 ≤ k ≤ 1, exact for a Fraction; k = 1/2 reaches the second best.

    bid(v) = v/(1 + k) + k(1 − k)/(2(1 + k)), ask(c) = c/(2 − k) + (1 − k)/2.
    """
    if not 0 <= k <= 1:
        raise ValueError(f"the weight k must lie between 0 and 1, not {k}")
    return LinearDoubleAuction(k, 1 / (1 + k), k * (1 - k) / (2 * (1 + k)), 1 / (2 - k), (1 - k) / 2)


@dataclass(frozen=True, eq=False)
class SecondBest(Pictured):
    """The best balanced trade: `trade` (K_v, K_c), its `welfare`, and the multiplier of the budget."""

    trade: Array
    welfare: Any
    multiplier: Any


def second_best(market: Market) -> SecondBest:
    """The second best on a grid of two regular priors, exactly.

    With binding neighbouring incentives the most the buyer pays less the least the seller takes is
    E[(φ(v) − ψ(c))·trade], φ the virtual value and ψ_l = c_l + (c_l − c_{l−1})F_{l−1}/f_l the virtual cost. So the
    second best maximises E[(v − c)·trade] subject to E[(φ − ψ)·trade] ≥ 0 and monotone interim trade: a fractional
    knapsack, filled by falling gain per unit of deficit. For regular priors its solution is monotone, so the omitted
    condition holds.

    Raises ValueError where the solution is not monotone (an irregular prior needs the linear program).
    """
    gain, budget = market.gains, _virtual_gains(market)
    zero = 0 * gain
    free = (gain >= 0) & (budget >= 0)
    trade = np.where(free, 1 + zero, zero)
    left = (market.mass * budget * trade).sum()
    multiplier = 0 * left
    for pairs in _levels(gain, budget, (gain > 0) & (budget < 0)):
        cost = -(market.mass * budget)[pairs].sum()
        share = min(left / cost, 1 + 0 * left)
        trade[pairs] = share
        left = left - share * cost
        if share < 1:
            multiplier = gain[pairs][0] / -budget[pairs][0]
            break
    _require_monotone(market, trade)
    return SecondBest(trade, (market.mass * gain * trade).sum(), multiplier)


def smallest_subsidy(market: Market) -> Any:
    """The least subsidy with which trade whenever v > c is incentive compatible and voluntary (trade at no tie)."""
    trade = np.where(market.gains > 0, 1 + 0 * market.gains, 0 * market.gains)
    return -(market.mass * _virtual_gains(market) * trade).sum()


def _virtual_gains(market: Market) -> Array:
    buyer = virtual_values(market.values, market.value_probability)
    seller = virtual_values(-market.costs[::-1], market.cost_probability[::-1])
    return np.asarray(np.add.outer(buyer.virtual, seller.virtual[::-1]))


def _levels(gain: Array, budget: Array, mask: Any) -> list[tuple[Any, Any]]:
    """Index arrays of the pairs in `mask`, grouped by equal gain per deficit, the greatest ratio first."""
    groups: dict[Any, list[tuple[int, int]]] = {}
    for row, column in zip(*np.nonzero(mask), strict=True):
        groups.setdefault(gain[row, column] / -budget[row, column], []).append((row, column))
    return [tuple(np.array(groups[ratio]).T) for ratio in sorted(groups, reverse=True)]


def _require_monotone(market: Market, trade: Array) -> None:
    buyer, seller = trade.dot(market.cost_probability), market.value_probability.dot(trade)
    if not (is_monotone(buyer) and is_monotone(seller[::-1])):
        raise ValueError("the priors are not regular enough: interim trade is not monotone; solve the linear program")
