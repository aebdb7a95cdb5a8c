"""Exact where the input is exact: numbers in, an array of Fractions or of floats out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from amd.model.numbers import exact_array

Array: TypeAlias = NDArray[Any]
Number: TypeAlias = Any  # int, Fraction, a rational text such as "1/3", or float
Numbers: TypeAlias = Sequence[Any] | NDArray[Any]


def numbers(values: Any, name: str = "values") -> Array:
    """An array of Fractions, or of floats as soon as one entry is a float.

    Raises ValueError where an entry is no finite number.
    """
    array = np.asarray(values)
    if array.dtype.kind == "f":
        return _finite(array.astype(np.float64), name)
    items = list(array.ravel())
    if any(isinstance(item, (float, np.floating)) for item in items):
        return _finite(array.astype(np.float64), name)
    try:
        return exact_array([_exact(item) for item in items], array.shape)
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise ValueError(f"{name}: {error}") from error


def number(value: Number, name: str = "value") -> Any:
    """One number as a Fraction, or as a float if it is one."""
    return numbers([value], name)[0]


def is_exact(array: Array) -> bool:
    """Whether the array holds Fractions."""
    return bool(array.dtype == object)


def _exact(item: Any) -> Fraction:
    return Fraction(int(item)) if isinstance(item, np.integer) else Fraction(item)


def _finite(array: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers")
    return array


def require_prior(values: Array, probability: Array, tolerance: float = 1e-12) -> None:
    """Values strictly increasing, probabilities positive and summing to 1 (exactly where exact).

    Raises ValueError otherwise. `tolerance` applies to sums of floats only.
    """
    if values.ndim != 1 or values.shape != probability.shape or not values.size:
        raise ValueError(f"{values.shape} values but {probability.shape} probabilities")
    if not all(a < b for a, b in pairwise(values)):
        raise ValueError("the values must be strictly increasing; merge equal values by adding their probabilities")
    if not (probability > 0).all():
        raise ValueError("every value needs a positive probability; leave out values that never occur")
    excess = abs(probability.sum() - 1)
    if excess > (0 if is_exact(probability) else tolerance):
        raise ValueError(f"the probabilities sum to {probability.sum()}, not to 1")


def prior(values: Numbers, probability: Numbers | None) -> tuple[Array, Array]:
    """The values and probabilities as arrays of one kind; None means equally likely. Raises ValueError."""
    v = numbers(values, "values")
    f = numbers([Fraction(1, len(v))] * len(v) if probability is None else probability, "probability")
    if is_exact(v) != is_exact(f):
        v, f = v.astype(np.float64), f.astype(np.float64)
    require_prior(v, f)
    return v, f
