"""Arrays of exact rationals.

Exact numbers are `fractions.Fraction` in numpy arrays of dtype object: the same array expressions then serve for
floats and for rationals.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from fractions import Fraction
from math import gcd
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
    return array.astype(np.float64)


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
    denominator = 1
    for array in arrays:
        for value in set(array.ravel().tolist()):
            denominator = denominator * (value.denominator // gcd(denominator, value.denominator))
    scaled = [np.array([int(value * denominator) for value in array.ravel()], dtype=object) for array in arrays]
    largest = max((max(map(abs, array), default=0) for array in scaled), default=0)
    dtype: Any = np.int64 if largest < 2**50 else object
    return [one.astype(dtype).reshape(array.shape) for one, array in zip(scaled, arrays, strict=True)], denominator
