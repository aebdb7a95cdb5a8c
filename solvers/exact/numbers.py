"""Exact numbers: Fractions in object arrays, and vectors of rationals over a common denominator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from solvers.program import FloatArray, IntArray

Exact: TypeAlias = NDArray[np.object_]  # Fractions, or None where a bound is absent
Integers: TypeAlias = NDArray[np.object_]  # Python integers

ZERO = Fraction(0)
WORD = 62  # binary digits that sums and products in machine words are trusted with
# what `numerator` and `denominator` return, without a call of a Python function for each number
_ABOVE, _BELOW = attrgetter("_numerator"), attrgetter("_denominator")


@dataclass(frozen=True, eq=False)
class Rationals:
    """A vector of rationals: whole `numerators` over one positive `denominator`."""

    numerators: Integers
    denominator: int

    @classmethod
    def of(cls, values: Iterable[Any]) -> Rationals:
        """From exact numbers one by one."""
        ratios = Ratios.of(exact(values))
        return cls(ratios.times(objects([ratios.common])), ratios.common)

    def fractions(self) -> Exact:
        """The numbers one by one, in lowest terms."""
        below = self.denominator
        return objects([Fraction(above, below) if above else ZERO for above in self.numerators.tolist()])


@dataclass(frozen=True, eq=False)
class Ratios:
    """Fractions taken apart: numerators `above` and positive denominators `below`, in machine words where all fit."""

    above: Integers | IntArray
    below: Integers | IntArray

    @classmethod
    def of(cls, values: Exact) -> Ratios:
        listed = values.tolist()
        try:
            return cls(*(np.fromiter(map(part, listed), np.int64, len(listed)) for part in (_ABOVE, _BELOW)))
        except OverflowError:
            return cls(*(objects(list(map(part, listed))) for part in (_ABOVE, _BELOW)))

    @cached_property
    def common(self) -> int:
        """The least common denominator."""
        return lcm(*set(self.below.tolist()))

    def times(self, scale: Integers | IntArray) -> Integers:
        """The products, which `scale` must make whole; as Python integers, by machine words where they suffice."""
        if self.above.dtype == np.int64 and longest(self.above) + longest(scale) <= WORD:
            return np.asarray(self.above * (scale.astype(np.int64) // self.below), dtype=object)
        return np.asarray(self.above.astype(object) * (scale.astype(object) // self.below), dtype=object)


def longest(values: Integers | IntArray) -> int:
    """Binary digits of the longest of some whole numbers."""
    return max(abs(int(values.max())), abs(int(values.min()))).bit_length() if values.size else 0


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
