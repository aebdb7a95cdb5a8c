"""Rational numbers from their first binary digits (Wang, Guy and Davenport, 1982), over one common denominator."""

from __future__ import annotations

from solvers.exact.numbers import Integers, Rationals

GUARD = 24  # a coincidence among random digits would have to be this many digits long to be taken for a rational


def reconstruct(found: Integers, digits: int, error: Integers) -> Rationals | None:
    """The simplest rationals within ``error / 2**digits`` of ``found / 2**digits``, entry by entry; None where so few
    digits could be a coincidence.

    The denominator D grows: a number that D does not make whole, within the error, gives D another factor, the
    denominator of the simplest number near D times it (by continued fractions).
    """
    denominator, unit, half, low = 1, 1 << digits, 1 << (digits - 1), (1 << digits) - 1
    for number, close in zip(found.tolist(), error.tolist(), strict=True):
        if (close * denominator) << GUARD > unit:
            return None
        scaled = number * denominator
        if abs(((scaled + half) & low) - half) > close * denominator:
            factor = _denominator(scaled & low, unit, close * denominator)
            if factor is None:
                return None
            denominator *= factor
    return Rationals((found * denominator + half) >> digits, denominator)


def _denominator(part: int, unit: int, error: int) -> int | None:
    """The least denominator of a convergent within ``error / unit`` of ``part / unit``."""
    previous, remainder, last, current = unit, part, 0, 1
    while remainder > current * error:  # remainder = |part * current - p * unit| for the convergent p / current
        quotient = previous // remainder
        previous, remainder = remainder, previous - quotient * remainder
        last, current = current, last + quotient * current
        if (current * current * error) << GUARD > unit:
            return None
    return current
