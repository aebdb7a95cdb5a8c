"""Playing the formats many times: revenue equivalence, and where it fails. All formats see the same values (common
draws).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from amd.auctions.equilibrium import Bidding, bidding
from amd.auctions.formats import NOBODY, Format, play
from amd.classics.continuous import Prior
from amd.model.numbers import FloatArray

CHUNK = 200_000
CONFIDENCE = 1.959963984540054  # the 97.5 % quantile of the normal distribution: 95 % intervals


@dataclass(frozen=True)
class Played:
    """One format after `rounds`: mean revenue with its standard error, its standard deviation, and more."""

    form: Format
    rounds: int
    revenue: float
    error: float
    deviation: float
    sold: float
    efficient: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of expected revenue."""
        return self.revenue - CONFIDENCE * self.error, self.revenue + CONFIDENCE * self.error

    def to_json(self) -> dict[str, Any]:
        return {
            "revenue": self.revenue,
            "standard_error": self.error,
            "interval": list(self.interval),
            "standard_deviation": self.deviation,
            "sold": self.sold,
            "efficient": self.efficient,
        }


def simulate(
    forms: Sequence[Format],
    priors: Sequence[Prior],
    rounds: int = 100_000,
    seed: int = 0,
    reserve: float = 0.0,
    risk_aversion: float = 0.0,
    wealth: float = 0.0,
) -> dict[Format, Played]:
    """Every format played in equilibrium by the same bidders with the same values. Raises ValueError as `bidding` does.

    `sold` is the share of rounds with a sale, `efficient` that in which the good went to the highest value.
    """
    rules = {form: bidding(form, priors, reserve, risk_aversion, wealth) for form in forms}
    return play_rules(rules, lambda random, size: independent(priors, random, size), rounds, seed, reserve)


def independent(priors: Sequence[Prior], random: np.random.Generator, rounds: int) -> FloatArray:
    """Values (rounds, n), one prior a bidder."""
    draws = random.random((rounds, len(priors)))
    return np.stack([prior.quantile(draws[:, i]) for i, prior in enumerate(priors)], axis=1)


def play_rules(
    rules: Mapping[Format, Bidding],
    draw: Callable[[np.random.Generator, int], FloatArray],
    rounds: int,
    seed: int,
    reserve: float = 0.0,
) -> dict[Format, Played]:
    """Bids of all formats on the same draws. Raises ValueError for fewer than two rounds."""
    if rounds < 2:
        raise ValueError("at least 2 rounds are needed for a standard error")
    sums = {form: np.zeros(4) for form in rules}
    random = np.random.default_rng(seed)
    for start in range(0, rounds, CHUNK):
        values = draw(random, min(CHUNK, rounds - start))
        for form, rule in rules.items():
            sums[form] += _played(form, rule, values, reserve, np.random.default_rng([seed, start]))
    return {form: _summary(form, rounds, total) for form, total in sums.items()}


def _played(form: Format, rule: Bidding, values: FloatArray, reserve: float, random: np.random.Generator) -> FloatArray:
    """(sum of revenue, of its square, number sold, number efficient)."""
    outcome = play(form, rule.all_bids(values), reserve, random)
    revenue = outcome.revenue
    sold = outcome.winner != NOBODY
    won = np.take_along_axis(values, np.maximum(outcome.winner, 0)[:, None], axis=1)[:, 0]
    best = sold & (won >= values.max(axis=1))
    return np.array([revenue.sum(), (revenue**2).sum(), sold.sum(), best.sum()], dtype=np.float64)


def _summary(form: Format, rounds: int, sums: FloatArray) -> Played:
    mean = float(sums[0]) / rounds
    variance = max((float(sums[1]) - rounds * mean**2) / (rounds - 1), 0.0)
    error = float(np.sqrt(variance / rounds))
    return Played(form, rounds, mean, error, float(np.sqrt(variance)), float(sums[2]) / rounds, float(sums[3]) / rounds)


def affiliated_signals(rounds: int = 100_000, seed: int = 0) -> dict[Format, Played]:
    """The textbook case of affiliation (Milgrom and Weber, 1982; Krishna, 2010, example 6.2).

    Two bidders see X_i = S_i + T with S_1, S_2, T independent on U[0, 1]; the good is worth (X_1 + X_2)/2 to both. In
    the second-price and English auctions β(x) = x, and revenue is 5/6; in the first-price auction β(x) = 2x/3, and it
    is 7/9.
    """
    if rounds < 2:
        raise ValueError("at least 2 rounds are needed for a standard error")
    random = np.random.default_rng(seed)
    signals = random.random((rounds, 2)) + random.random((rounds, 1))
    found = {}
    for form, share in ((Format.SECOND_PRICE, 1.0), (Format.ENGLISH, 1.0), (Format.FIRST_PRICE, 2 / 3)):
        revenue = play(form, share * signals).revenue
        sums = np.array([revenue.sum(), (revenue**2).sum(), rounds, rounds], dtype=np.float64)
        found[form] = _summary(form, rounds, sums)
    return found
