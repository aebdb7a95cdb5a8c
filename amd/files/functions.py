"""Powers and functions of one exact number: rational where the truth is, else the nearest double read as a rational.

An irrational value is never at a rounding boundary, so its nearest double is always found: the exponential of a
rational other than 0 and the logarithm of one other than 1 are transcendental (Lindemann, 1882), and a root of a
rational is irrational unless numerator and denominator are perfect powers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

import flint

from amd.files.balls import AmbiguousError, Ball, ball, enclosure, nearest
from amd.files.trees import ExpressionError

MAX_BITS = 12_000  # of a numerator or denominator on the way
MAX_POWER = 1_000  # the largest exponent
MAX_VALUE = Fraction(10) ** 100  # the largest number that may come out
_EXP_BOUND = 1_000  # exp beyond it is refused above, and rounds to 0 below

Bounds = tuple[Fraction, Fraction]


def check_size(value: Fraction) -> Fraction:
    """The value itself, unless it needs more than MAX_BITS to be written."""
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise ExpressionError(f"a number on the way needs more than {MAX_BITS:,} bits")
    return value


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """`base` to the `exponent`; 0^0 is 1."""
    _check_power(base, exponent)
    if exponent.denominator == 1:
        return _whole_power(base, exponent.numerator)
    root = _root(base, exponent)
    return _double(lambda: ball(base) ** ball(exponent)) if root is None else root


def power_bounds(base: Fraction, exponent: Fraction) -> Bounds:
    """An enclosure of `base` to the `exponent`."""
    _check_power(base, exponent)
    if exponent.denominator == 1:
        return _exactly(_whole_power(base, exponent.numerator))
    root = _root(base, exponent)
    return enclosure(lambda: ball(base) ** ball(exponent)) if root is None else _exactly(root)


def _check_power(base: Fraction, exponent: Fraction) -> None:
    if abs(exponent) > MAX_POWER:
        raise ExpressionError(f"an exponent is beyond {MAX_POWER:,}")
    if base == 0 and exponent < 0:
        raise ExpressionError("division by zero (0 to a negative power)")
    if base < 0 and exponent.denominator != 1:
        raise ExpressionError("a negative number to a power that is not whole")


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if base not in (-1, 0, 1) and (bits - 1) * abs(exponent) > MAX_BITS:
        raise ExpressionError(f"a power on the way needs more than {MAX_BITS:,} bits")
    return base**exponent


def _root(base: Fraction, exponent: Fraction) -> Fraction | None:
    """The power if it is rational: numerator and denominator are then perfect powers."""
    degree = exponent.denominator
    numerator, denominator = _whole_root(base.numerator, degree), _whole_root(base.denominator, degree)
    if numerator is None or denominator is None:
        return None
    return _whole_power(Fraction(numerator, denominator), exponent.numerator)


def _whole_root(value: int, degree: int) -> int | None:
    """The exact root of a whole number of at least 0, or None."""
    if value <= 1:
        return value
    if degree > value.bit_length():
        return None
    root = int(flint.fmpz(value).root(degree))
    return root if root**degree == value else None


def square_root(value: Fraction) -> Fraction:
    """The square root of a number of at least 0."""
    if value < 0:
        raise ExpressionError("the square root of a negative number")
    return power(value, Fraction(1, 2))


def exponential(value: Fraction) -> Fraction:
    """e to the `value`."""
    if value == 0:
        return Fraction(1)
    if value > _EXP_BOUND:
        raise ExpressionError(f"exp of more than {_EXP_BOUND:,}")
    if value < -_EXP_BOUND:
        return Fraction(0)
    return _double(lambda: ball(value).exp())


def logarithm(value: Fraction) -> Fraction:
    """The natural logarithm of a number above 0."""
    _check_log(value)
    return Fraction(0) if value == 1 else _double(lambda: ball(value).log())


def _check_log(value: Fraction) -> None:
    if value <= 0:
        raise ExpressionError("the logarithm of a number that is not above 0")


def square_root_bounds(value: Fraction) -> Bounds:
    """An enclosure of the square root."""
    if value < 0:
        raise ExpressionError("the square root of a negative number")
    return power_bounds(value, Fraction(1, 2))


def exponential_bounds(value: Fraction) -> Bounds:
    """An enclosure of e to the `value`."""
    if value == 0:
        return _exactly(Fraction(1))
    if value > _EXP_BOUND:
        raise ExpressionError(f"exp of more than {_EXP_BOUND:,}")
    if value < -_EXP_BOUND:
        return Fraction(0), Fraction(1, 1 << _EXP_BOUND)  # e > 2
    return enclosure(lambda: ball(value).exp())


def logarithm_bounds(value: Fraction) -> Bounds:
    """An enclosure of the natural logarithm."""
    _check_log(value)
    return _exactly(Fraction(0)) if value == 1 else enclosure(lambda: ball(value).log())


def _double(compute: Callable[[], Ball]) -> Fraction:
    try:
        return nearest(compute)
    except AmbiguousError:
        raise ExpressionError("a number on the way is too large") from None


def _exactly(value: Fraction) -> Bounds:
    return value, value


EXACT: dict[str, Callable[[Fraction], Fraction]] = {
    "abs": abs,
    "floor": lambda value: Fraction(floor(value)),
    "ceil": lambda value: Fraction(ceil(value)),
    "sqrt": square_root,
    "exp": exponential,
    "log": logarithm,
}
BOUNDS: dict[str, Callable[[Fraction], Bounds]] = {
    "floor": lambda value: _exactly(Fraction(floor(value))),
    "ceil": lambda value: _exactly(Fraction(ceil(value))),
    "sqrt": square_root_bounds,
    "exp": exponential_bounds,
    "log": logarithm_bounds,
}
