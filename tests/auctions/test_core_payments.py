"""Core payments of generated auctions against plain integer programs and the least total that those lead to."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from amd.auctions import standing
from amd.auctions.core import core_payments
from amd.auctions.generate import DISTRIBUTIONS
from amd.auctions.vickrey import vcg_payments
from amd.auctions.winner import determine_winners

CLOSE = 1e-3  # prices are around 10 to 100 and in cents


def best(auction, charge):
    """(value, bids) of the textbook integer program with goods and bidders as rows, each bidder's bids charged."""
    bidders = (auction.owner[None, :] == np.arange(len(auction.bidders))[:, None]).astype(float)
    rows = LinearConstraint(np.vstack([auction.units.toarray().T, bidders]), -np.inf, 1)
    worth = auction.float_gain - charge[auction.owner]
    found = milp(-worth, constraints=rows, bounds=Bounds(0, 1), integrality=np.ones(len(worth)))
    return -found.fun, np.flatnonzero(found.x > 0.5)


def least_total(auction, low, high):
    """The least total of payments in the core, coalition by coalition; `low` and `high` (N,), 0 for losers."""
    payments, pays, least = low.copy(), [], []
    while True:
        value, bids = best(auction, high - payments)
        if value - payments.sum() <= CLOSE / 10:
            return payments.sum()
        outside = np.setdiff1d(np.arange(len(low)), auction.owner[bids])
        pays.append(np.isin(np.arange(len(low)), outside).astype(float))
        least.append(auction.float_gain[bids].sum() - high.sum() + high[outside].sum())
        limits = list(zip(low, high, strict=True))
        payments = linprog(np.ones(len(low)), A_ub=-np.array(pays), b_ub=-np.array(least), bounds=limits).x


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize(("name", "seed"), [("arbitrary", 3), ("regions", 1), ("scheduling", 1), ("decay", 1)])
def test_least_core_payments(monkeypatch, name, seed, in_parts):
    """Nobody blocks, by an integer program of another making, and the seller gets no more than that takes.

    Searched on the whole, or part by part with what is remembered of earlier payments.
    """
    monkeypatch.setattr(standing, "TIGHT", -1.0 if in_parts else 10.0)
    auction = DISTRIBUTIONS[name](25, 100, seed)
    winners = determine_winners(auction)
    vickrey = vcg_payments(auction, winners)
    core = core_payments(auction, winners, vickrey)
    low, high = vickrey.payments.astype(float), np.zeros(len(auction.bidders))
    np.add.at(high, auction.owner[winners.bids], auction.float_gain[winners.bids])
    assert core.proven and core.coalitions
    assert best(auction, high - core.payments)[0] <= core.payments.sum() + CLOSE
    assert core.payments.sum() == pytest.approx(least_total(auction, low, high), abs=CLOSE)
    assert core.payments.sum() > low.sum() + 10 * CLOSE
