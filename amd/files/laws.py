"""Continuous distributions on a bounded support: exact where they are rational, else enclosed rigorously.

Every law is normalised to its support. `exact_mass` and `exact_moment` give rationals where the truth is rational and
cheap; `ball_mass` and `ball_moment` give balls at the working precision. `mass` and `moment` are what
`amd.model.types.Law` asks for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import flint

from amd.files.balls import Ball, ball, enclosure
from amd.files.functions import MAX_BITS
from amd.model.numbers import ONE, ZERO

Ends = tuple[Fraction, Fraction]


def handy(value: Fraction | None) -> Fraction | None:
    """A rational that can be written out; None for one that needs more than MAX_BITS, which is enclosed instead."""
    if value is None or max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        return None
    return value


class ContinuousLaw(ABC):
    """A law on [`support`]."""

    support: Ends

    @abstractmethod
    def ball_mass(self, a: Fraction, b: Fraction) -> Ball:
        """The probability of [a, b], inside the support, at the working precision."""

    @abstractmethod
    def ball_moment(self, a: Fraction, b: Fraction) -> Ball:
        """The integral of x over [a, b] against the law, at the working precision."""

    @abstractmethod
    def restate(self) -> dict[str, Any]:
        """The law as plain data with rational texts."""

    def exact_mass(self, a: Fraction, b: Fraction) -> Fraction | None:
        """The probability of [a, b] where it is known as a rational."""
        return ONE if (a, b) == self.support else None

    def exact_moment(self, a: Fraction, b: Fraction) -> Fraction | None:
        """The integral of x over [a, b] where it is known as a rational."""
        return None

    def exact_quantile(self, share: Fraction) -> Fraction | None:
        """Where the distribution function reaches a share, where that is a rational easily found."""
        return None

    def exact_masses(self, edges: Sequence[Fraction]) -> list[Fraction | None]:
        """`exact_mass` between neighbouring edges."""
        return [self.exact_mass(a, b) for a, b in pairwise(edges)]

    def exact_moments(self, edges: Sequence[Fraction]) -> list[Fraction | None]:
        """`exact_moment` between neighbouring edges."""
        return [self.exact_moment(a, b) for a, b in pairwise(edges)]

    def mass(self, a: Fraction, b: Fraction) -> Ends:
        """An enclosure of the probability of [a, b]; what lies outside the support has none."""
        a, b = self._inside(a), self._inside(b)
        if a >= b:
            return ZERO, ZERO
        exact = handy(self.exact_mass(a, b))
        if exact is not None:
            return exact, exact
        low, high = enclosure(lambda: self.ball_mass(a, b))
        return max(low, ZERO), min(high, ONE)

    def moment(self, a: Fraction, b: Fraction) -> Ends:
        """An enclosure of the integral of x over [a, b] against the law."""
        a, b = self._inside(a), self._inside(b)
        if a >= b:
            return ZERO, ZERO
        exact = handy(self.exact_moment(a, b))
        return enclosure(lambda: self.ball_moment(a, b)) if exact is None else (exact, exact)

    def density_is_constant(self, a: Fraction, b: Fraction) -> bool:
        """Whether the density is known to be constant on [a, b]."""
        return False

    def _inside(self, x: Fraction) -> Fraction:
        return min(max(x, self.support[0]), self.support[1])


@dataclass(frozen=True, eq=False)
class PolynomialLaw(ContinuousLaw):
    """A density that is a polynomial on each piece: uniform, triangular, piecewise linear, beta with whole numbers.

    `breaks` (m + 1) increase; `densities` (m) are polynomials (flint.fmpq_poly) that integrate to a positive total,
    which is scaled to 1. Mass and moment are values of antiderivatives, so they are rational at rational points.
    """

    breaks: tuple[Fraction, ...]
    densities: tuple[Any, ...]

    @property
    def support(self) -> Ends:  # type: ignore[override]
        return self.breaks[0], self.breaks[-1]

    @cached_property
    def total(self) -> Fraction:
        """What the densities integrate to before scaling."""
        return sum(_steps([density.integral() for density in self.densities], self.breaks), ZERO)

    @cached_property
    def _cumulative(self) -> list[Any]:
        """On each piece the polynomial that gives the mass from the lower end on, scaled."""
        return _joined(self.densities, self.breaks, self.total)

    @cached_property
    def _partial(self) -> list[Any]:
        """On each piece the polynomial that gives the moment from the lower end on, scaled."""
        x = flint.fmpq_poly([0, 1])
        return _joined([density * x for density in self.densities], self.breaks, self.total)

    def _between(self, parts: Sequence[Any], a: Fraction, b: Fraction) -> Fraction:
        return _fraction(parts[self._piece(b)](_rational(b)) - parts[self._piece(a)](_rational(a)))

    def exact_masses(self, edges: Sequence[Fraction]) -> list[Fraction | None]:
        return self._changes(self._cumulative, edges)

    def exact_moments(self, edges: Sequence[Fraction]) -> list[Fraction | None]:
        return self._changes(self._partial, edges)

    def _changes(self, parts: Sequence[Any], edges: Sequence[Fraction]) -> list[Fraction | None]:
        """What `_between` gives between neighbouring edges, each of which is looked at once."""
        values = [parts[self._piece(x)](_rational(x)) for x in edges]
        return [_fraction(high - low) for low, high in pairwise(values)]

    def _piece(self, x: Fraction) -> int:
        last = len(self.densities) - 1
        return min(bisect_right(self.breaks, x) - 1, last) if last else 0

    def exact_mass(self, a: Fraction, b: Fraction) -> Fraction:
        return self._between(self._cumulative, a, b)

    def exact_moment(self, a: Fraction, b: Fraction) -> Fraction:
        return self._between(self._partial, a, b)

    def ball_mass(self, a: Fraction, b: Fraction) -> Ball:
        return ball(self.exact_mass(a, b))

    def ball_moment(self, a: Fraction, b: Fraction) -> Ball:
        return ball(self.exact_moment(a, b))

    def exact_quantile(self, share: Fraction) -> Fraction | None:
        """Where the density is constant the distribution function is a straight line."""
        starts = [at(part, start) for part, start in zip(self._cumulative, self.breaks, strict=False)]
        piece = bisect_right(starts, share) - 1
        density = self.densities[piece]
        if density.degree() > 0:
            return None
        height = at(density, ZERO) / self.total
        return self.breaks[piece] + (share - starts[piece]) / height if height else self.breaks[piece]

    def density_is_constant(self, a: Fraction, b: Fraction) -> bool:
        touched = [
            density
            for (start, end), density in zip(pairwise(self.breaks), self.densities, strict=True)
            if start < b and end > a
        ]
        inside = self.support[0] <= a and b <= self.support[1]
        return inside and all(density.degree() <= 0 and density == touched[0] for density in touched)

    def restate(self) -> dict[str, Any]:
        """Pieces with the coefficients of their scaled densities, the constant first."""
        scale = flint.fmpq(self.total.denominator, self.total.numerator)
        pieces = [
            {"from": str(start), "to": str(end), "density": [str(c) for c in (density * scale).coeffs()]}
            for (start, end), density in zip(pairwise(self.breaks), self.densities, strict=True)
        ]
        return {"law": "polynomial", "pieces": pieces}


def at(polynomial: Any, x: Fraction) -> Fraction:
    """The value of a flint polynomial at a rational."""
    return _fraction(polynomial(_rational(x)))


def _rational(x: Fraction) -> Any:
    return flint.fmpq(x.numerator, x.denominator)


def _fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def flint_polynomial(coefficients: Sequence[Fraction]) -> Any:
    """A flint polynomial from its coefficients, the constant first."""
    return flint.fmpq_poly([_rational(c) for c in coefficients])


def _steps(antiderivatives: Sequence[Any], breaks: Sequence[Fraction]) -> list[Fraction]:
    """What each piece contributes to the integral."""
    pieces = zip(antiderivatives, pairwise(breaks), strict=True)
    return [at(part, end) - at(part, start) for part, (start, end) in pieces]


def _joined(integrands: Sequence[Any], breaks: Sequence[Fraction], total: Fraction) -> list[Any]:
    """On each piece the antiderivative that continues the one before, from 0 at the lower end, over `total`."""
    parts = [integrand.integral() for integrand in integrands]
    before = [ZERO, *accumulate(_steps(parts, breaks))]
    return [
        (part + _rational(sofar - at(part, start))) / _rational(total)
        for part, start, sofar in zip(parts, breaks, before, strict=False)
    ]
