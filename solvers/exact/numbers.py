"""Exact numbers: Fractions in object arrays, and vectors of rationals over a common denominator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import repeat
from math import lcm
from operator import is_
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from solvers.program import FloatArray, IntArray

Exact: TypeAlias = NDArray[np.object_]  # Fractions, or None where a bound is absent
Integers: TypeAlias = NDArray[np.object_]  # Python integers
Whole: TypeAlias = Integers | IntArray  # either; machine words only in the guarded functions below, which never wrap

ZERO = Fraction(0)
WORD = 62  # binary digits that sums and products in machine words are trusted with


@dataclass(frozen=True, eq=False)
class Rationals:
    """A vector of rationals: whole `numerators` over one positive `denominator`."""

    numerators: Integers
    denominator: int

    @classmethod
    def of(cls, values: Iterable[Any]) -> Rationals:
        """From exact numbers one by one."""
        ratios = Ratios.of(exact(values).tolist())
        return cls(ratios.times(single(ratios.common)).astype(object), ratios.common)

    def fractions(self) -> Exact:
        """The numbers one by one, in lowest terms."""
        below = self.denominator
        return objects([Fraction(above, below) if above else ZERO for above in self.numerators.tolist()])


@dataclass(frozen=True, eq=False)
class Ratios:
    """Fractions taken apart: numerators `above` and positive denominators `below`, in machine words where all fit."""

    above: Whole
    below: Whole

    @classmethod
    def of(cls, listed: list[Any]) -> Ratios:
        """From a list of Fractions."""
        if len(listed) > 1 and all(map(is_, listed, repeat(listed[0]))):  # as most bounds are
            one = cls.of(listed[:1])
            return cls(one.above.repeat(len(listed)), one.below.repeat(len(listed)))
        # what `numerator` and `denominator` return, without a call of a Python function for each number
        above, below = [one._numerator for one in listed], [one._denominator for one in listed]
        try:
            return cls(*(np.fromiter(part, np.int64, len(listed)) for part in (above, below)))
        except OverflowError:
            return cls(objects(above), objects(below))

    @cached_property
    def common(self) -> int:
        """The least common denominator."""
        return lcm(*set(self.below.tolist()))

    def times(self, scale: Whole) -> Whole:
        """The products, which `scale` must make whole, in machine words where they suffice."""
        if self.above.dtype == np.int64 and longest(self.above) + longest(scale) <= WORD:
            return np.asarray(self.above * (scale.astype(np.int64) // self.below))
        return np.asarray(self.above.astype(object) * (scale.astype(object) // self.below), dtype=object)


def longest(values: Whole) -> int:
    """Binary digits of the longest of some whole numbers."""
    return max(abs(int(values.max())), abs(int(values.min()))).bit_length() if values.size else 0


def words(values: Whole) -> IntArray | None:
    """Whole numbers in machine words; None where one is too long."""
    try:
        return np.asarray(values, dtype=np.int64)
    except OverflowError:
        return None


def known_words(values: Whole) -> IntArray | None:
    """The array itself where it is of machine words, without a look at its numbers."""
    return np.asarray(values) if values.dtype == np.int64 else None


def compact(values: Whole) -> Whole:
    """Whole numbers in machine words where all fit."""
    word = words(values)
    return values if word is None else word


def product(one: Whole, other: Whole) -> Whole:
    """Entry by entry (or by one number alone), in machine words where no product can be too long for them."""
    if one.dtype == other.dtype == np.int64 and longest(one) + longest(other) <= WORD:
        return np.asarray(one * other)
    return np.asarray(one.astype(object) * other.astype(object), dtype=object)


def difference(one: Whole, other: Whole) -> Whole:
    """Entry by entry, likewise."""
    if one.dtype == other.dtype == np.int64 and max(longest(one), longest(other)) <= WORD:
        return np.asarray(one - other)
    return np.asarray(one.astype(object) - other.astype(object), dtype=object)


def shifted(values: Whole, bits: int) -> Whole:
    """``values * 2**bits``, likewise."""
    if values.dtype == np.int64 and longest(values) + bits <= WORD:
        return np.asarray(values << bits)
    return np.asarray(values.astype(object) << bits, dtype=object)


def dot(one: Whole, other: Whole) -> int:
    """The sum of products, likewise."""
    if one.dtype == other.dtype == np.int64 and longest(one) + longest(other) + one.size.bit_length() <= WORD:
        return int(one @ other)
    return int(sum((one.astype(object) * other.astype(object)).tolist()))


def single(number: int) -> Whole:
    """One number as an array of one, for `product`."""
    return compact(objects([number]))


def objects(values: list[Any]) -> NDArray[np.object_]:
    """An object array of these things."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def exact(values: Iterable[Any]) -> Exact:
    """An object array of Fractions. Raises TypeError for a float: what it was meant to be is not known."""
    return objects([value if type(value) is Fraction else as_fraction(value) for value in values])


def floats(values: Exact, absent: float = 0.0) -> FloatArray:
    """The nearest doubles, however long the numbers; `absent` for None."""
    return np.array(
        [absent if value is None else value.numerator / value.denominator for value in values.tolist()], dtype=float
    )


def as_fraction(value: Any) -> Fraction:
    """From an exact number: int, Fraction, flint.fmpq. Raises TypeError for a float."""
    if isinstance(value, float) or not hasattr(value, "numerator"):
        raise TypeError(f"{value!r} is not an exact number")
    return Fraction(int(value.numerator), int(value.denominator))
