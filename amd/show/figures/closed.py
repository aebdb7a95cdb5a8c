"""The pictures of closed forms."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amd.classics.bilateral import Market, SecondBest, TradeRule
from amd.classics.vcg import Vickrey
from amd.show.figures.canvas import MONEY
from amd.show.figures.kind import Kind, listed
from amd.show.figures.missing import NoPictureError
from amd.show.figures.textbook import (
    draw_auction_interim,
    draw_bars,
    draw_double_auction,
    draw_least_favourable,
    draw_menu,
    draw_risk,
    draw_robust,
    draw_tariff,
    draw_tax,
    draw_tax_schedule,
    draw_trade,
    draw_winners,
    floats,
)
from amd.show.figures.virtual import draw_marginal_revenue, draw_reserve, draw_revenue_curve, draw_virtual

PRIOR = listed(
    ("virtual-values", "values, virtual values and ironing", draw_virtual),
    ("revenue-curve", "revenue of one buyer by the chance of a sale", draw_revenue_curve),
    ("marginal-revenue", "demand and marginal revenue", draw_marginal_revenue),
    ("reserve", "expected revenue of an auction by its reserve price", draw_reserve),
)
OPTIMAL_AUCTION = listed(
    ("winners", "who wins at each pair of values", draw_winners),
    ("interim", "the chance to win of each value", draw_auction_interim),
)
MENU = listed(
    ("quality", "quality and price of each type, beside the efficient quality", draw_menu),
    ("tariff", "the price of each quality", draw_tariff),
)
TAX = listed(
    ("marginal", "marginal tax rates by ability", draw_tax),
    ("schedule", "tax and consumption by earnings", draw_tax_schedule),
)
RISK = listed(("payments", "what is paid on winning and on losing", draw_risk))
ROBUST = listed(
    ("revenue", "revenue under each prior", draw_robust),
    ("mixture", "the least favourable mixture of priors", draw_least_favourable),
)
DOUBLE_AUCTION = listed(("trade", "where trade happens, and where it is lost", draw_double_auction))


def _trade(rule: TradeRule | SecondBest, *, ax: Axes | None = None, market: Market | None = None) -> Figure:
    """The probability of trade; `market` says which values and costs the rule is for."""
    if market is None:
        raise NoPictureError("say for which market: plot('trade', market=market)")
    return draw_trade(rule.trade, market.values, market.costs, ax=ax)


TRADE = listed(("trade", "the probability of trade at each value and cost", _trade))


def _vickrey(outcome: Vickrey, *, ax: Axes | None = None, agents: tuple[str, ...] = ()) -> Figure:
    paid = floats(outcome.payments)
    names = [agents[i] if i < len(agents) else f"agent {i + 1}" for i in range(len(paid))]
    labels: tuple[str, str, str] = ("", f"payment ({MONEY})", "VCG payments")
    return draw_bars(names, paid, labels, ax=ax)


VICKREY = listed(("payments", "what each agent pays", _vickrey))

NONE: dict[str, Kind] = {}  # of answers that are told in words
