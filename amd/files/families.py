"""The named continuous families, truncated to a support.

Each gives the mass and the first moment of an interval before truncation in closed form; the law divides by the mass
of the support. The forms are differences of like terms, so that narrow cells far out in a tail lose no more than the
relative width of the cell; what precision they need is found by `amd.files.balls.nearest`.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import Any

import flint

from amd.files.balls import Ball, ball
from amd.files.laws import ContinuousLaw, Ends, PolynomialLaw, flint_polynomial
from amd.model.numbers import ONE, ZERO

_EXACT_BETA = 200  # a + b up to which a beta law with whole numbers is kept as a polynomial


@dataclass(frozen=True, eq=False)
class FamilyLaw(ContinuousLaw):
    """A family's law before truncation, `part_mass` and `part_moment`, divided by the mass of the support."""

    support: Ends
    _totals: dict[int, Ball] = field(default_factory=dict, init=False, repr=False)

    @abstractmethod
    def part_mass(self, a: Fraction, b: Fraction) -> Ball:
        """The mass of [a, b] before truncation."""

    @abstractmethod
    def part_moment(self, a: Fraction, b: Fraction) -> Ball:
        """The integral of x over [a, b] before truncation."""

    @property
    @abstractmethod
    def numbers(self) -> dict[str, Fraction]:
        """The family's parameters."""

    def _total(self) -> Ball:
        bits = flint.ctx.prec
        if bits not in self._totals:
            self._totals[bits] = self.part_mass(*self.support)
        return self._totals[bits]

    def ball_mass(self, a: Fraction, b: Fraction) -> Ball:
        return self.part_mass(a, b) / self._total()

    def ball_moment(self, a: Fraction, b: Fraction) -> Ball:
        return self.part_moment(a, b) / self._total()

    def restate(self) -> dict[str, Any]:
        return {
            "law": type(self).__name__.removesuffix("Law").lower(),
            **{name: str(value) for name, value in self.numbers.items()},
            "support": [str(end) for end in self.support],
        }


def _between(low: Ball, high: Ball) -> Ball:
    """The standard normal mass between √2·low and √2·high, from the tail that is nearer."""
    middle = float((low + high).mid())
    if middle > 0:
        return (low.erfc() - high.erfc()) / 2
    return ((-high).erfc() - (-low).erfc()) / 2


@dataclass(frozen=True, eq=False)
class NormalLaw(FamilyLaw):
    """Normal: moment = mean·mass + sd·(φ(z_a) − φ(z_b)), since xφ(x) = −φ'(x)."""

    mean: Fraction
    sd: Fraction

    @property
    def numbers(self) -> dict[str, Fraction]:
        return {"mean": self.mean, "sd": self.sd}

    def _scaled(self, x: Fraction) -> Ball:
        return ball((x - self.mean) / self.sd) / flint.arb(2).sqrt()

    def part_mass(self, a: Fraction, b: Fraction) -> Ball:
        return _between(self._scaled(a), self._scaled(b))

    def part_moment(self, a: Fraction, b: Fraction) -> Ball:
        low, high = self._scaled(a), self._scaled(b)
        density = ((-low * low).exp() - (-high * high).exp()) / (2 * flint.arb.pi()).sqrt()
        return ball(self.mean) * _between(low, high) + ball(self.sd) * density


@dataclass(frozen=True, eq=False)
class LognormalLaw(FamilyLaw):
    """Lognormal: the moment is exp(mean + sd²/2) times the normal mass moved by sd², completing the square."""

    mean: Fraction
    sd: Fraction

    @property
    def numbers(self) -> dict[str, Fraction]:
        return {"mean": self.mean, "sd": self.sd}

    def _mass(self, a: Fraction, b: Fraction, mean: Fraction) -> Ball:
        scale = ball(self.sd) * flint.arb(2).sqrt()
        high = (ball(b).log() - ball(mean)) / scale
        if a == 0:
            return (-high).erfc() / 2
        return _between((ball(a).log() - ball(mean)) / scale, high)

    def part_mass(self, a: Fraction, b: Fraction) -> Ball:
        return self._mass(a, b, self.mean)

    def part_moment(self, a: Fraction, b: Fraction) -> Ball:
        square = self.sd**2
        return ball(self.mean + square / 2).exp() * self._mass(a, b, self.mean + square)


@dataclass(frozen=True, eq=False)
class ExponentialLaw(FamilyLaw):
    """Exponential: the antiderivative of x·r·exp(−rx) is −(x + 1/r)·exp(−rx)."""

    rate: Fraction

    @property
    def numbers(self) -> dict[str, Fraction]:
        return {"rate": self.rate}

    def part_mass(self, a: Fraction, b: Fraction) -> Ball:
        return ball(-self.rate * a).exp() * -ball(-self.rate * (b - a)).expm1()

    def part_moment(self, a: Fraction, b: Fraction) -> Ball:
        low, high = ball(-self.rate * a).exp(), ball(-self.rate * b).exp()
        return ball(a + 1 / self.rate) * low - ball(b + 1 / self.rate) * high


@dataclass(frozen=True, eq=False)
class BetaLaw(FamilyLaw):
    """Beta by the regularised incomplete beta function I: moment = a/(a + b) · I(a + 1, b).

    I_x(a, b) = 1 − I_(1−x)(b, a), and the terms of its series (DLMF 8.17.8) shrink by x·max((a + b)/(a + 1), 1) at
    least; of the two sides the one is taken whose series shrinks faster, which also is the smaller of the two tails.
    """

    a: Fraction
    b: Fraction

    @property
    def numbers(self) -> dict[str, Fraction]:
        return {"a": self.a, "b": self.b}

    def _tails(self, x: Fraction, first: Fraction) -> tuple[bool, Ball]:
        """Whether the tail below x is taken, and its mass, or that of the tail above."""
        total = first + self.b
        below = x * max(total / (first + 1), ONE) <= (1 - x) * max(total / (self.b + 1), ONE)
        if below:
            return True, ball(x).beta_lower(ball(first), ball(self.b), regularized=True)
        return False, ball(1 - x).beta_lower(ball(self.b), ball(first), regularized=True)

    def _mass(self, low: Fraction, high: Fraction, first: Fraction) -> Ball:
        (below, start), (under, end) = self._tails(low, first), self._tails(high, first)
        if below and under:
            return end - start
        return 1 - start - end if below else start - end

    def part_mass(self, a: Fraction, b: Fraction) -> Ball:
        return self._mass(a, b, self.a)

    def part_moment(self, a: Fraction, b: Fraction) -> Ball:
        return ball(self.a / (self.a + self.b)) * self._mass(a, b, self.a + 1)


@dataclass(frozen=True, eq=False)
class ParetoLaw(FamilyLaw):
    """Pareto: 1 − (scale/x)^shape; rational at rational points where the shape is whole (the moment unless it is 1)."""

    scale: Fraction
    shape: Fraction

    @property
    def numbers(self) -> dict[str, Fraction]:
        return {"scale": self.scale, "shape": self.shape}

    def _tail(self, x: Fraction, shape: Fraction) -> Ball:
        return ball(self.scale / x) ** ball(shape)

    def part_mass(self, a: Fraction, b: Fraction) -> Ball:
        return self._tail(a, self.shape) - self._tail(b, self.shape)

    def part_moment(self, a: Fraction, b: Fraction) -> Ball:
        if self.shape == 1:
            return ball(self.scale) * ball(b / a).log()
        less = self.shape - 1
        return ball(self.scale * self.shape / less) * (self._tail(a, less) - self._tail(b, less))

    @property
    def _whole(self) -> int | None:
        whole = self.shape.denominator == 1 and self.shape <= _EXACT_BETA
        return self.shape.numerator if whole else None

    def _exact(self, a: Fraction, b: Fraction, shape: int) -> Fraction:
        return (self.scale / a) ** shape - (self.scale / b) ** shape

    def exact_mass(self, a: Fraction, b: Fraction) -> Fraction | None:
        shape = self._whole
        if shape is None:
            return super().exact_mass(a, b)
        return self._exact(a, b, shape) / self._exact(*self.support, shape)

    def exact_moment(self, a: Fraction, b: Fraction) -> Fraction | None:
        shape = self._whole
        if shape is None or shape == 1:
            return None
        weight = self.scale * Fraction(shape, shape - 1)
        return weight * self._exact(a, b, shape - 1) / self._exact(*self.support, shape)


def uniform(low: Fraction, high: Fraction) -> PolynomialLaw:
    """The uniform law."""
    return PolynomialLaw((low, high), (flint_polynomial([ONE]),))


def straight(points: list[tuple[Fraction, Fraction]]) -> PolynomialLaw:
    """The density that runs straight between points (x, density), x not decreasing; a jump where an x stands twice."""
    breaks, densities = [points[0][0]], []
    for (x, height), (end, other) in pairwise(points):
        if end > x:
            slope = (other - height) / (end - x)
            breaks.append(end)
            densities.append(flint_polynomial([height - slope * x, slope]))
    return PolynomialLaw(tuple(breaks), tuple(densities))


def triangular(low: Fraction, mode: Fraction, high: Fraction) -> PolynomialLaw:
    """The triangular law: a density that rises straight to the mode and falls straight."""
    return straight([(low, ONE if mode == low else ZERO), (mode, ONE), (high, ONE if mode == high else ZERO)])


def beta(a: Fraction, b: Fraction, support: Ends) -> ContinuousLaw:
    """The beta law; for whole numbers x^(a−1)·(1 − x)^(b−1) is a polynomial."""
    if a.denominator == b.denominator == 1 and a + b <= _EXACT_BETA:
        more, other = a.numerator - 1, b.numerator - 1
        coefficients = [ZERO] * more + [Fraction(comb(other, k) * (-1) ** k) for k in range(other + 1)]
        return PolynomialLaw(support, (flint_polynomial(coefficients),))
    return BetaLaw(support, a, b)


def truncated(law: PolynomialLaw, support: Ends) -> PolynomialLaw:
    """The law kept to a part of its support."""
    low, high = support
    kept = [
        (max(start, low), min(end, high), density)
        for (start, end), density in zip(pairwise(law.breaks), law.densities, strict=True)
        if start < high and end > low
    ]
    return PolynomialLaw((kept[0][0], *(end for _, end, _ in kept)), tuple(density for *_, density in kept))
