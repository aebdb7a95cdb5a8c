"""Arrays of exact rationals.

Exact numbers are `fractions.Fraction` in numpy arrays of dtype object: the same array expressions then serve for
floats and for rationals.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

ExactArray: TypeAlias = NDArray[np.object_]
FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

ZERO = Fraction(0)
ONE = Fraction(1)


def exact_array(values: Iterable[Any], shape: tuple[int, ...] | None = None) -> ExactArray:
    """An object array of Fractions from numbers, row by row when a shape is given."""
    items = [value if type(value) is Fraction else Fraction(value) for value in values]
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array if shape is None else array.reshape(shape)


def exact_zeros(shape: int | tuple[int, ...]) -> ExactArray:
    """Zeros as Fractions."""
    return np.full(shape, ZERO, dtype=object)


def to_float(array: ExactArray) -> FloatArray:
    """Each entry rounded to the nearest double."""
    flat, first, which = _objects(array)
    return np.array([float(flat[i]) for i in first.tolist()], dtype=np.float64)[which].reshape(array.shape)


def shared_float(array: ExactArray) -> FloatArray:
    """As `to_float`, read-only, and converted once for all who hold this very array; nobody may change it."""
    known = _FLOATS.get(id(array))
    if known is not None and known[0]() is array:
        return known[1]
    number = id(array)
    floats = to_float(array)
    floats.setflags(write=False)
    _FLOATS[number] = (weakref.ref(array, lambda _: _FLOATS.pop(number, None)), floats)
    return floats


_FLOATS: dict[int, tuple[weakref.ref[ExactArray], FloatArray]] = {}


def columns_key(array: ExactArray) -> list[tuple[Any, ...]]:
    """One hashable key a column (the last axis), equal where the columns are equal."""
    flat = array.reshape(-1, array.shape[-1])
    return [tuple(flat[:, column]) for column in range(flat.shape[1])]


def scaled_integers(*arrays: ExactArray) -> tuple[list[NDArray[Any]], int]:
    """The arrays times their common denominator, and that denominator.

    The result is int64 where sums of a few thousand entries cannot overflow, Python integers otherwise.
    """
    found = [distinct(array) for array in arrays]
    denominator = lcm(*(value.denominator for values, _ in found for value in values))
    scaled = [[value.numerator * (denominator // value.denominator) for value in values] for values, _ in found]
    largest = max((abs(value) for values in scaled for value in values), default=0)
    dtype: Any = np.int64 if largest < 2**50 else object
    return [np.array(one, dtype=dtype)[place] for one, (_, place) in zip(scaled, found, strict=True)], denominator


def distinct(array: ExactArray) -> tuple[list[Any], IntArray]:
    """The different values in an array, and for each entry the place of its value, in the array's shape.

    A value that stands in many places as one object, as parameters of a grid of types do, is looked at once.
    """
    flat, first, which = _objects(array)
    place: dict[tuple[int, int], int] = {}  # by numerator and denominator, which are hashed sooner than a Fraction
    values: list[Any] = []
    codes = np.empty(len(first), dtype=np.int64)
    for number, value in enumerate(flat[i] for i in first.tolist()):
        codes[number] = place.setdefault(value.as_integer_ratio(), len(place))
        if len(values) < len(place):
            values.append(value)
    return values, codes[which].reshape(array.shape)


def exact_sum(values: Iterable[Fraction]) -> Fraction:
    """The sum, with one common denominator found for each different denominator instead of for each number."""
    numerators: dict[int, int] = {}
    for value in values:
        numerator, denominator = value.as_integer_ratio()
        numerators[denominator] = numerators.get(denominator, 0) + numerator
    return sum((Fraction(part, denominator) for denominator, part in numerators.items()), ZERO)


def _objects(array: ExactArray) -> tuple[list[Any], IntArray, IntArray]:
    """The entries laid end to end, where each object stands first, and for each entry the place of its object there."""
    flat = array.ravel().tolist()
    ids = np.fromiter(map(id, flat), dtype=np.int64, count=len(flat))  # of objects that `flat` keeps alive
    _, first, which = np.unique(ids, return_index=True, return_inverse=True)
    return flat, first, which
