"""Between whole numbers of any length and floats: lengths, powers of two, quotients."""

from __future__ import annotations

import numpy as np

from solvers.exact.numbers import Integers, Whole, objects
from solvers.program import FloatArray, IntArray


def bits(values: Whole) -> IntArray:
    """The length of each whole number in binary digits, about (floats round up at powers of two)."""
    try:
        return np.asarray(np.frexp(values.astype(float))[1], dtype=np.int64)
    except OverflowError:
        return np.array([int(value).bit_length() for value in values.tolist()], dtype=np.int64)


def scaled_floats(values: Whole, exponents: IntArray | int) -> FloatArray:
    """``values * 2.0**-exponents`` for whole numbers of any length, infinite or zero where floats end."""
    with np.errstate(over="ignore", under="ignore"):
        try:
            return np.asarray(np.ldexp(values.astype(float), -np.asarray(exponents)))
        except OverflowError:
            excess = np.maximum(bits(values) - 100, 0)
            shortened = objects([value >> shift for value, shift in zip(values.tolist(), excess.tolist(), strict=True)])
            return np.asarray(np.ldexp(shortened.astype(float), excess - exponents))


def scaled_quotients(above: Integers, below: int, exponents: IntArray | int) -> FloatArray:
    """``above / below * 2.0**-exponents``, likewise."""
    length = below.bit_length()
    leading = below / 2**length if length < 1000 else (below >> (length - 100)) / 2**100
    return scaled_floats(above, exponents + length) / leading


def near_one(values: Integers, exponents: IntArray) -> FloatArray:
    """``values * 2.0**-exponents``, all divided by the power of two that brings the largest near 1."""
    sizes = (bits(values) - exponents)[values.astype(bool)]
    return scaled_floats(values, exponents + (int(sizes.max()) if sizes.size else 0))


def whole(values: FloatArray) -> Whole:
    """Whole floats as whole numbers, in machine words where all fit."""
    if np.abs(values).max(initial=0.0) < 2.0**62:
        return values.astype(np.int64)
    return objects([int(value) for value in values.tolist()])


def powers_of_two(exponents: IntArray) -> Integers:
    """``2**exponents`` for exponents >= 0."""
    return objects([1 << exponent for exponent in exponents.tolist()])


def largest(sizes: IntArray, group: IntArray, count: int) -> IntArray:
    """The largest size in each group (count,), 0 for empty groups."""
    least = np.iinfo(np.int64).min
    found = np.full(count, least)
    np.maximum.at(found, group, sizes)
    return np.where(found == least, 0, found)
