"""Arrays of exact rationals against the same thing entry by entry."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.sparse import csr_array, eye_array

from amd.model.build import AgentSpec, outcome_environment
from amd.model.environment import distinct_features
from amd.model.numbers import distinct, exact_array, exact_sum, exact_zeros, scaled_integers, to_float
from amd.model.types import Grid, product_types

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


@given(
    st.lists(st.sampled_from([0, 1, 1, 2, 5]), min_size=1, max_size=6),
    st.lists(st.integers(1, 4), min_size=1, max_size=6),
)
def test_a_product_of_grids_lists_every_pair(first, second):
    grids = []
    for weights in (first, second):
        assume(sum(weights))
        shares = tuple(Fraction(weight, sum(weights)) for weight in weights)
        grids.append(Grid(tuple(map(Fraction, range(len(weights)))), shares))
    types = product_types(("a", "b"), tuple(grids))
    one, other = grids
    assert types.points == tuple((a, b) for a in one.points for b in other.points)
    assert types.probability == tuple(p * q for p in one.probability for q in other.probability)


def test_features_of_equal_value_are_one_and_worthless_ones_none():
    """Columns 0 and 3 are equal, 1 is worthless, 2 differs in one type; an agent that cares for nothing keeps one."""
    half = Fraction(1, 2)
    values = exact_array([half, 0, half, Fraction(2, 4), 1, 0, 2, 1], (2, 4))
    picked, features = distinct_features(values, csr_array(eye_array(4, dtype=np.int64, format="csr")))
    assert picked.tolist() == [[half, half], [1, 2]]
    assert features.toarray().tolist() == [[1, 0, 0, 1], [0, 0, 1, 0]]
    nothing, single = distinct_features(exact_zeros((2, 3)), csr_array(eye_array(3, dtype=np.int64, format="csr")))
    assert nothing.tolist() == [[0], [0]]
    assert single.toarray().tolist() == [[1, 1, 1]]


def test_copies_share_their_merged_values():
    types = product_types(("v",), (Grid((Fraction(1), Fraction(2)), (Fraction(1, 2),) * 2),))
    values = exact_array([0, 1, 0, 2], (2, 2))
    specs = [AgentSpec(f"a[{i}]", types, values, group="a") for i in range(3)]
    built = outcome_environment(specs, ["no", "yes"])
    assert len({id(agent.values) for agent in built.agents}) == 1
