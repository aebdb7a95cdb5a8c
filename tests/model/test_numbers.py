"""Arrays of exact rationals against the same thing entry by entry."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from amd.model.numbers import distinct, exact_array, exact_sum, scaled_integers, to_float

SHARED = [Fraction(1, 3), Fraction(2, 7), Fraction(0), Fraction(2, 7) + 0]  # equal values, some of them one object

RATIONALS = st.one_of(st.sampled_from(SHARED), st.fractions(max_denominator=10**12), st.integers(-5, 5))


@st.composite
def arrays(draw):
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(1, 4))
    entries = draw(st.lists(RATIONALS, min_size=rows * columns, max_size=rows * columns))
    array = np.empty(rows * columns, dtype=object)
    array[:] = entries
    return array.reshape(rows, columns)


@given(arrays())
def test_each_entry_is_rounded_by_itself(array):
    expected = np.array([float(x) for x in array.ravel()]).reshape(array.shape)
    found = to_float(array)
    assert found.dtype == np.float64
    assert np.array_equal(found, expected)


@given(arrays())
def test_distinct_values_put_back_in_place_are_the_array(array):
    values, place = distinct(array)
    assert place.shape == array.shape
    assert [values[k] for k in place.ravel()] == array.ravel().tolist()
    assert len(set(values)) == len(values)
    assert set(np.unique(place).tolist()) == set(range(len(values)))


@given(arrays(), arrays())
def test_scaled_integers_are_the_arrays_times_one_denominator(one, other):
    (first, second), denominator = scaled_integers(one, other)
    assert denominator == lcm(*(Fraction(x).denominator for x in [*one.ravel(), *other.ravel()]))
    assert [Fraction(int(x), denominator) for x in first.ravel()] == one.ravel().tolist()
    assert [Fraction(int(x), denominator) for x in second.ravel()] == other.ravel().tolist()


def test_numbers_too_long_for_the_machine_stay_python_integers():
    (scaled,), denominator = scaled_integers(exact_array([Fraction(10**30), Fraction(1, 3)]))
    assert scaled.dtype == object
    assert scaled.tolist() == [3 * 10**30, 1]
    assert denominator == 3


@given(st.lists(st.fractions(), max_size=8))
def test_a_sum_is_exact(values):
    total = Fraction(0)
    for value in values:
        total += value
    assert exact_sum(values) == total
