"""Risk attitudes of bidders: constant relative risk aversion γ, of the gain or of all that a bidder owns.

Without `wealth` utility is x^{1−γ} of the gain x ≥ 0, γ < 1 (Holt, 1980); a loss has no utility then. With wealth w > 0

    u(x) = w ((1 + x/w)^{1−γ} − 1)/(1 − γ),   w log(1 + x/w) for γ = 1,   x > −w,

which is relative risk aversion γ of w + x, scaled so that u(0) = 0 and u'(0) = 1. γ = 0 is u(x) = x in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amd.model.numbers import FloatArray

LEAST = -1.0 + 1e-15  # of wealth: who loses more is counted as losing this


@dataclass(frozen=True)
class Utility:
    """`aversion` γ ≥ 0 and `wealth` w ≥ 0, the same for every bidder. Raises ValueError for numbers without meaning."""

    aversion: float = 0.0
    wealth: float = 0.0

    def __post_init__(self) -> None:
        if not (self.aversion >= 0 and 0 <= self.wealth < np.inf) or (self.aversion >= 1 and not self.wealth):
            raise ValueError(
                "relative risk aversion must lie in [0, 1), or be at least 0 where bidders have wealth of their own"
            )

    @property
    def neutral(self) -> bool:
        """Whether utility is money."""
        return self.aversion == 0

    @property
    def floor(self) -> float:
        """The most that a bidder can lose."""
        return np.inf if self.neutral else self.wealth

    def of(self, money: FloatArray) -> FloatArray:
        """u(money), elementwise; without wealth a loss counts as none, which overstates it."""
        x = np.asarray(money, dtype=np.float64)
        if self.neutral:
            return x
        power = 1 - self.aversion
        if not self.wealth:
            return np.asarray(np.maximum(x, 0.0) ** power)
        log = self._log(x)
        return np.asarray(self.wealth * (np.expm1(power * log) / power if power else log))

    def _log(self, x: FloatArray) -> FloatArray:
        return np.asarray(np.log1p(np.maximum(x / self.wealth, LEAST)))

    def slope(self, money: FloatArray) -> FloatArray:
        """u'(money), elementwise, for money above the floor."""
        x = np.asarray(money, dtype=np.float64)
        if self.neutral:
            return np.ones(x.shape)
        if not self.wealth:
            return np.asarray((1 - self.aversion) * x**-self.aversion)
        return np.asarray(np.exp(-self.aversion * self._log(x)))

    def inverse(self, utility: FloatArray) -> FloatArray:
        """The money of this utility; what is below all utilities counts as losing the floor."""
        x = np.asarray(utility, dtype=np.float64)
        if self.neutral:
            return x
        power = 1 - self.aversion
        if not self.wealth:
            return np.asarray(np.maximum(x, 0.0) ** (1 / power))
        scaled = x / self.wealth
        with np.errstate(over="ignore"):
            log = np.log1p(np.maximum(power * scaled, LEAST)) / power if power else scaled
            return np.asarray(self.wealth * np.expm1(log))

    def pull(self, gain: FloatArray) -> FloatArray:
        """u'(gain)/u(gain) for gain > 0: how strongly a bidder who gains so much wants to win it more often."""
        x = np.asarray(gain, dtype=np.float64)
        if self.neutral or not self.wealth:
            return np.asarray((1 - self.aversion) / x)
        return np.asarray(self.slope(x) / self.of(x))
