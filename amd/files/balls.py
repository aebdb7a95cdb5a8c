"""Between exact rationals and the interval arithmetic of Arb (through python-flint).

A ball holds the true value; `low` and `high` are its exact ends, and `nearest` is the double nearest to the truth,
found by raising the precision until both ends round to the same double.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import Any, TypeAlias

import flint

Ball: TypeAlias = Any  # flint.arb has no types

ENCLOSURE_BITS = 128  # the precision of enclosures handed on to proofs
_FIRST_BITS = 96
_LAST_BITS = 1_536
_MAX_SHIFT = 20_000  # powers of two beyond which a number is not written out


class AmbiguousError(ArithmeticError):
    """No precision within bounds tells the value apart from a rounding boundary."""


def ball(value: Fraction) -> Ball:
    """A ball around a rational, at the working precision."""
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def ends(value: Ball) -> tuple[Fraction, Fraction]:
    """The ends of a finite ball, exactly; but an end below 2^−20,000 in size is moved outward.

    Raises AmbiguousError for a ball with an end beyond 2^20,000.
    """
    return _dyadic(value.lower(), -1), _dyadic(value.upper(), 1)


def _dyadic(value: Ball, outward: int) -> Fraction:
    mantissa, exponent = (int(part) for part in value.man_exp())
    size = mantissa.bit_length() + exponent
    if mantissa and size > _MAX_SHIFT:
        raise AmbiguousError("the value is too large to be written out")
    if mantissa and size < -_MAX_SHIFT:
        away = (mantissa > 0) == (outward > 0)
        return Fraction(outward, 1 << _MAX_SHIFT) if away else Fraction(0)
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def enclosure(compute: Callable[[], Ball], bits: int = ENCLOSURE_BITS) -> tuple[Fraction, Fraction]:
    """Rational ends around what `compute` gives at `bits` of precision."""
    with flint.ctx.workprec(bits):
        value = compute()
        if not value.is_finite():
            raise AmbiguousError("the value cannot be enclosed")
        return ends(value)


def rounded(value: Ball) -> Fraction | None:
    """The double that every point of the ball rounds to, as a rational; None while that is open.

    Raises AmbiguousError when that is no finite double.
    """
    low, high = float(value.lower()), float(value.upper())
    if low != high:
        return None
    if not isfinite(low):
        raise AmbiguousError("the value is beyond the range of doubles")
    return Fraction(low)


def nearest(compute: Callable[[], Ball]) -> Fraction:
    """The double nearest to what `compute` gives at growing precision, read as a rational.

    Raises AmbiguousError when the value is not finite or stays at a rounding boundary.
    """
    bits = _FIRST_BITS
    while bits <= _LAST_BITS:
        with flint.ctx.workprec(bits):
            double = rounded(compute())
        if double is not None:
            return double
        bits *= 2
    raise AmbiguousError("the value cannot be told apart from a rounding boundary")
