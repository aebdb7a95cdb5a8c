"""Core payments of generated auctions against plain integer programs and the least total that those lead to."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from amd.auctions import combinatorial_auction, standing
from amd.auctions.answer import solve_task
from amd.auctions.core import core_payments
from amd.auctions.generate import DISTRIBUTIONS
from amd.auctions.tasks import CombinatorialTask
from amd.auctions.vickrey import vcg_payments
from amd.auctions.winner import determine_winners
from solvers import Settings

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


THREE = [("first", "A", 80), ("second", "B", 60), ("both", "AB", 100)]


def told(auction, settings=Settings()):
    """The answer to an auction with core payments, in words and with its exit status."""
    result = solve_task(CombinatorialTask("", "", auction, "core", 0), settings)
    return result.text(), result.exit_status


def test_core_payments_are_told_beside_vcg():
    text, status = told(combinatorial_auction("AB", THREE))
    assert status == 0
    assert text.splitlines()[2].split() == ["first", "A", "80", "40", "60"]
    assert "VCG would collect 60; what is paid above that keeps one coalition (both) from offering" in text
    assert "Proved optimal. That no coalition blocks is proved too." in text
    assert "it is in the core" in told(combinatorial_auction("A", THREE[:1]))[0]


def test_a_limit_is_told():
    """Without proved winners there is no word of the core but that it is missing, and cents are cents."""
    text, status = told(DISTRIBUTIONS["arbitrary"](30, 140, 0), Settings(time_limit=1e-3))
    assert status == 3 and "Not proved: a limit was reached" in text
    assert "since core payments need winners that are proved" in text
    assert "Proved" not in text and "in the core" not in text and "/" not in text
