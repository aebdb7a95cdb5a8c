"""A law given by its distribution function: checked to increase, scaled to its support, integrated with enclosures."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

import flint

from amd.files.balls import Ball, ball
from amd.files.expressions import Expression
from amd.files.formulas import Formula, compiled
from amd.files.laws import ContinuousLaw, Ends, PolynomialLaw, at
from amd.files.pieces import as_polynomial, real_roots, split
from amd.files.trees import ExpressionError

_SAMPLE = 1_000  # points at which a distribution function that is no polynomial is seen to increase
_SAMPLE_BITS = 96
_EVALUATIONS = 20_000  # of a formula in one integral; what is not known by then makes the enclosure wide


@dataclass(frozen=True, eq=False)
class CdfLaw(ContinuousLaw):
    """The law of a distribution function F that is smooth on each piece of its support.

    The first moment comes by parts: on [a, b] it is a·(F(b) − F(a)) + (b − a)·F(b) − ∫F, and ∫F is enclosed by Arb's
    rigorous integration (Johansson, 2018).
    """

    support: Ends
    text: str
    breaks: tuple[Fraction, ...]
    pieces: tuple[Formula, ...]
    _totals: dict[int, Ball] = field(default_factory=dict, init=False, repr=False)

    def value(self, x: Fraction, left: bool = False) -> Ball:
        """F(x) at the working precision, from the piece on its right, or on its `left`."""
        find = bisect_left if left else bisect_right
        piece = min(max(find(self.breaks, x) - 1, 0), len(self.pieces) - 1)
        value = self.pieces[piece](flint.acb(ball(x)), False)
        return value.real if value.imag.contains(0) else flint.arb.nan()

    def _total(self) -> Ball:
        bits = flint.ctx.prec
        if bits not in self._totals:
            self._totals[bits] = self.value(self.support[1], left=True) - self.value(self.support[0])
        return self._totals[bits]

    def ball_mass(self, a: Fraction, b: Fraction) -> Ball:
        return (self.value(b, left=True) - self.value(a)) / self._total()

    def ball_moment(self, a: Fraction, b: Fraction) -> Ball:
        start, end = self.value(a), self.value(b, left=True)
        rest = ball(b - a) * end - self._integral(a, b)
        return (ball(a) * (end - start) + rest) / self._total()

    def _integral(self, a: Fraction, b: Fraction) -> Ball:
        """∫F over [a, b], piece by piece."""
        total = flint.arb(0)
        for (start, end), piece in zip(pairwise(self.breaks), self.pieces, strict=True):
            low, high = max(a, start), min(b, end)
            if low < high:
                total += _integrate(piece, low, high)
        return total

    def restate(self) -> dict[str, Any]:
        return {"law": "cdf", "cdf": self.text, "support": [str(end) for end in self.support]}


def _integrate(formula: Formula, low: Fraction, high: Fraction) -> Ball:
    start, end = flint.acb(ball(low)), flint.acb(ball(high))
    return flint.acb.integral(formula, start, end, eval_limit=_EVALUATIONS).real


def read_cdf(formula: Expression, low: Fraction, high: Fraction) -> ContinuousLaw:
    """The law of a distribution function in x on [low, high].

    Polynomial pieces give an exact law. Raises ExpressionError where the function does not increase, jumps, has no
    value, or is not understood.
    """
    pieces = split(formula.tree, low, high)
    breaks = (low, *(end for _, end, _ in pieces))
    found = [as_polynomial(tree) for *_, tree in pieces]
    polynomials = [poly for poly in found if poly is not None]
    if len(polynomials) == len(pieces):
        _check_polynomials(polynomials, breaks)
        return PolynomialLaw(breaks, tuple(poly.derivative() for poly in polynomials))
    law = CdfLaw((low, high), formula.text, breaks, tuple(compiled(tree) for *_, tree in pieces))
    _check_joints(law)
    _check_sample(law)
    return law


def _check_polynomials(polynomials: list[Any], breaks: tuple[Fraction, ...]) -> None:
    """Exactly: no jump, and no piece on which the derivative is zero throughout or changes sign or is negative."""
    for left, right, joint in zip(polynomials, polynomials[1:], breaks[1:], strict=False):
        if at(left, joint) != at(right, joint):
            raise ExpressionError(f"jumps at x = {joint}; a continuous distribution function does not")
    for poly, (start, end) in zip(polynomials, pairwise(breaks), strict=True):
        slope = poly.derivative()
        turns = [root for root, times in real_roots(slope, start, end) if times % 2] if slope.degree() >= 0 else []
        if slope.degree() < 0:
            raise ExpressionError(f"does not increase between x = {start} and x = {end}, where it is constant")
        if turns:
            raise ExpressionError(f"does not increase everywhere: it turns at x = {_about(min(turns, key=_float))}")
        if at(poly, end) < at(poly, start):
            raise ExpressionError(f"does not increase: it falls between x = {start} and x = {end}")


def _float(root: Any) -> float:
    return float(root) if isinstance(root, Fraction) else float(root.mid())


def _about(root: Any) -> str:
    return str(root) if isinstance(root, Fraction) else f"{_float(root):.6g} or so"


def _check_joints(law: CdfLaw) -> None:
    with flint.ctx.workprec(_SAMPLE_BITS):
        for joint in law.breaks[1:-1]:
            if not law.value(joint, left=True).overlaps(law.value(joint)):
                raise ExpressionError(f"jumps at x = {joint}; a continuous distribution function does not")


def _check_sample(law: CdfLaw) -> None:
    """Each value of a fine sample lies above the one before."""
    low, high = law.support
    points = [low + (high - low) * Fraction(k, _SAMPLE) for k in range(_SAMPLE + 1)]
    with flint.ctx.workprec(_SAMPLE_BITS):
        before = None
        for x in points:
            value = law.value(x, left=x == high)
            if not value.is_finite():
                raise ExpressionError(f"has no finite value at x = {x}")
            if before is not None and not value > before:
                raise ExpressionError(f"does not increase just below x = {x}")
            before = value
