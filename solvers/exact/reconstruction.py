"""Rational numbers from their first binary digits (Wang, Guy and Davenport, 1982), over one common denominator."""

from __future__ import annotations

from math import lcm
from typing import Any

import numpy as np
from flint import fmpq, fmpz

from solvers.exact.numbers import Integers, Rationals, objects

GUARD = 24  # a coincidence among random digits would have to be this many digits long to be taken for a rational
LONG = 500  # binary digits from which python-flint's integers are faster
SAMPLE = 24  # numbers whose own denominators tell whether all are to be taken one by one
WORTH = 3  # times as many digits that a common denominator would have to ask for, before they are
PASSES = 6  # times that all numbers are looked at at once, before those that are left are taken one by one


def reconstruct(found: Integers, digits: int, error: Integers) -> Rationals | None:
    """The simplest rationals within ``error / 2**digits`` of ``found / 2**digits``, entry by entry; None where so few
    digits could be a coincidence.

    The denominator D grows: a number that D does not make whole, within the error, gives D another factor, the
    denominator of the simplest number near D times it (by continued fractions). A sample comes first: most often it
    gives all of D, and it says early that there are too few digits.
    """
    few = _sample(found.size)
    denominator = _common(found[few], digits, error[few], 1)
    if denominator is None:
        return None
    if digits < LONG:
        denominator = _common(found, digits, error, denominator)
        return None if denominator is None else Rationals(_numerators(found, digits, denominator), denominator)
    long, wide = (objects([fmpz(number) for number in numbers.tolist()]) for numbers in (found, error))
    denominator = _common(long, digits, wide, fmpz(denominator))
    if denominator is None:
        return None
    numerators = _numerators(long, digits, denominator)
    return Rationals(objects([int(number) for number in numerators.tolist()]), int(denominator))


def reconstruct_each(found: Integers, digits: int, error: Integers) -> list[fmpq] | None:
    """The same number by number, each with a denominator of its own; None where so few digits could be a coincidence,
    or where a common denominator is not much longer than these digits: then `reconstruct` comes first.

    Products of unlike probabilities have short denominators each and a very long one in common.
    """
    few = _sample(found.size)
    sample = _one_by_one(found[few], digits, error[few])
    if sample is None or lcm(*(int(one.q) for one in sample)).bit_length() < WORTH * digits:
        return None
    return _one_by_one(found, digits, error)


def _sample(size: int) -> slice:
    """Some of so many numbers, spread over all."""
    return slice(None, None, max(size // SAMPLE, 1))


def _numerators(found: Integers, digits: int, denominator: Any) -> Integers:
    """The whole numbers next to the denominator times ``found / 2**digits``."""
    half = type(denominator)(1) << digits >> 1
    return np.asarray((found * denominator + half) >> digits, dtype=object)


def _one_by_one(found: Integers, digits: int, error: Integers) -> list[fmpq] | None:
    """Each number is looked for over the denominator of the one before, and over what is left of its own."""
    unit, before = 1 << digits, 1
    half, low, answer = unit >> 1, unit - 1, []
    for number, close in zip(found.tolist(), error.tolist(), strict=True):
        denominator = before * (_denominator(number * before & low, unit, close * before) or 0)
        denominator = denominator or _denominator(number & low, unit, close)
        if denominator is None:
            return None
        answer.append(fmpq((number * denominator + half) >> digits, denominator))
        before = int(answer[-1].q)
    return answer


def _common(found: Integers, digits: int, error: Integers, denominator: Any) -> Any:
    """The least multiple of `denominator` that makes all whole, or None; in the integers of Python or of python-flint,
    whichever the arguments are."""
    unit = type(denominator)(1) << digits
    half, low = unit >> 1, unit - 1
    widest, left = max(error.tolist(), default=0), np.arange(found.size)
    for _ in range(PASSES):
        if (widest * denominator) << GUARD > unit:
            return None
        off = abs(((found[left] * denominator + half) & low) - half)
        left = left[np.asarray(off > error[left] * denominator, dtype=bool)]
        if not left.size:
            return denominator
        factor = _denominator(found[left[0]] * denominator & low, unit, error[left[0]] * denominator)
        if factor is None:
            return None
        denominator *= factor
    for number, close in zip(found[left].tolist(), error[left].tolist(), strict=True):
        if (widest * denominator) << GUARD > unit:
            return None
        scaled = number * denominator
        if abs(((scaled + half) & low) - half) > close * denominator:
            factor = _denominator(scaled & low, unit, close * denominator)
            if factor is None:
                return None
            denominator *= factor
    return denominator


def _denominator(part: Any, unit: Any, error: Any) -> Any:
    """The least denominator of a convergent within ``error / unit`` of ``part / unit``; None without one."""
    previous, remainder, last, current = unit, part, 0, 1
    while remainder > current * error:  # remainder = |part * current - p * unit| for the convergent p / current
        quotient = previous // remainder
        previous, remainder = remainder, previous - quotient * remainder
        last, current = current, last + quotient * current
        if (current * current * error) << GUARD > unit:
            return None
    return current
