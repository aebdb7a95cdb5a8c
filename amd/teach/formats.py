"""The auction simulator: four formats, the same bidders with the same values, as many rounds as one likes."""

from __future__ import annotations

import numpy as np

from amd.auctions.equilibrium import bidding
from amd.auctions.formats import Format
from amd.auctions.simulate import simulate
from amd.teach.reserves import prior_named
from amd.teach.sketch import BLUE, GREEN, ORANGE, PURPLE, Beside, Sketch, beside

FORMS = {Format.ENGLISH: GREEN, Format.SECOND_PRICE: BLUE, Format.DUTCH: PURPLE, Format.FIRST_PRICE: ORANGE}
NAMES = ["English", "2nd price", "Dutch", "1st price"]


def auction_simulator(
    bidders: int = 2, rounds: int = 100, risk_aversion: float = 0.0, prior: str = "uniform", seed: int = 1
) -> Beside:
    """Mean revenue of the four formats over `rounds`, with values on [0, 100], beside the equilibrium bids.

    `risk_aversion` ρ is relative: utility w^(1 − ρ). It changes what is bid where the winner pays its bid, not in the
    other two.
    """
    law = prior_named(prior, 100.0)
    played = simulate(list(FORMS), [law] * bidders, max(rounds, 2), seed, risk_aversion=risk_aversion)
    means = [played[form].revenue for form in FORMS]
    left = Sketch((-0.6, 3.6), (0, 115), ("", "mean revenue"), f"{max(rounds, 2)} rounds", width=500, names=NAMES)
    for place, (form, color) in enumerate(FORMS.items()):
        low, high = played[form].interval
        left.bars([means[place]], color, place=place)
        left.line([place + 0.27] * 2, [max(low, 0.0), min(high, 115.0)], "#1a1a1a")
    values = np.linspace(0, 100, 81)
    right = Sketch((0, 100), (0, 100), ("value", "equilibrium bid"), "Bids")
    right.line(values, values, BLUE, "second price, English: the value")
    rule = bidding(Format.FIRST_PRICE, [law] * bidders, 0.0, risk_aversion)
    right.line(values[1:], rule.bid(0, values[1:]), ORANGE, f"first price, Dutch (ρ = {risk_aversion:g})")
    spread = {form: played[form].deviation for form in (Format.SECOND_PRICE, Format.FIRST_PRICE)}
    words = (
        f"standard deviation of one round: second price {spread[Format.SECOND_PRICE]:.1f}, "
        f"first price {spread[Format.FIRST_PRICE]:.1f}; bars: mean, lines: 95 % interval"
    )
    return beside(left, right, words=words)
