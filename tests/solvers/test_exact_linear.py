"""Exact linear algebra: refinement against python-flint, reconstruction, and sums that machine words cannot hold."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers.exact.blocks import solve_blocks
from solvers.exact.digits import bits, near_one, scaled_floats, scaled_quotients
from solvers.exact.numbers import (
    Rationals,
    Ratios,
    compact,
    difference,
    dot,
    exact,
    longest,
    objects,
    product,
    shifted,
    single,
)
from solvers.exact.reconstruction import reconstruct, reconstruct_each
from solvers.exact.refinement import factorised, refine
from solvers.exact.sparse import Sparse

F = Fraction
WHOLE = st.one_of(st.just(0), st.integers(-9, 9), st.integers(-(10**30), 10**30))


def sparse(dense):
    dense = np.array(dense, dtype=object)
    row, column = np.nonzero(dense)
    starts = np.searchsorted(row, np.arange(dense.shape[0] + 1))
    return Sparse(starts, column, dense[row, column], dense.shape[1])


def by_refinement(matrix, right, transposed=False):
    try:
        direct, transpose = factorised(matrix)
    except RuntimeError:
        return None
    return refine(matrix.transposed, right, transpose) if transposed else refine(matrix, right, direct)


def residual(dense, right, found):
    return np.array(dense, dtype=object) @ found.numerators - right * found.denominator


@given(st.data())
def test_refinement_and_blocks_agree(data):
    size = data.draw(st.integers(1, 6))
    dense = np.array([[data.draw(WHOLE) for _ in range(size)] for _ in range(size)], dtype=object)
    right = objects([data.draw(WHOLE) for _ in range(size)])
    matrix = sparse(dense)
    exactly = solve_blocks(matrix, right)
    for transposed in (False, True):
        refined = by_refinement(matrix, right, transposed)
        twin = solve_blocks(matrix.transposed if transposed else matrix, right)
        assert (twin is None) == (exactly is None)  # singular both ways or neither
        if twin is not None:
            assert not residual(dense.T if transposed else dense, right, twin).any()
        if refined is not None:
            assert not residual(dense.T if transposed else dense, right, refined).any()
        if refined is not None and twin is not None:
            assert refined.fractions().tolist() == twin.fractions().tolist()


def test_a_matrix_that_floats_hardly_tell_from_a_singular_one():
    # Hilbert's matrix times 27720; the first column of its inverse is known
    dense = [[F(27720, i + j + 1).numerator for j in range(6)] for i in range(6)]
    right = objects([27720, 0, 0, 0, 0, 0])
    known = [36, -630, 3360, -7560, 7560, -2772]
    assert solve_blocks(sparse(dense), right).fractions().tolist() == known
    assert by_refinement(sparse(dense), right).fractions().tolist() == known


def test_long_answers():
    # x_k = 1/(p_1 … p_k): a chain of divisions by primes, some 1,400 binary digits in the end
    primes = [n for n in range(2, 1100) if all(n % d for d in range(2, int(n**0.5) + 1))]
    size = len(primes)
    starts = np.array([0, *range(1, 2 * size, 2)])
    column = np.array([0, *(c for k in range(1, size) for c in (k - 1, k))])
    value = objects([primes[0], *(v for k in range(1, size) for v in (-1, primes[k]))])
    found = by_refinement(Sparse(starts, column, value, size), objects([1] + [0] * (size - 1)))
    assert found.fractions()[-1] == F(1, int(np.prod(objects(primes))))


def test_singular_and_structurally_singular():
    assert solve_blocks(sparse([[1, 2], [2, 4]]), objects([1, 2])) is None
    assert solve_blocks(sparse([[1, 0], [1, 0]]), objects([1, 2])) is None
    assert by_refinement(sparse([[1, 0], [1, 0]]), objects([1, 2])) is None


@given(st.lists(st.fractions(-3, 3, max_denominator=10**12), min_size=1, max_size=4))
def test_reconstruction_of_numbers_known_well(values):
    digits = 400
    found = objects([(one.numerator << digits) // one.denominator for one in values])
    answer = reconstruct(found, digits, objects([2] * len(values)))
    assert answer is not None and answer.fractions().tolist() == values


def test_too_few_digits_are_not_a_number():
    value = F(1234567, 10**12 + 39)
    for digits in (30, 50):  # the denominator alone has 40, and the numerator as many again
        found = objects([(value.numerator << digits) // value.denominator])
        answer = reconstruct(found, digits, objects([1]))
        assert answer is None


def digits_of(values, digits):
    return objects([round(value * 2**digits) for value in values]), digits, objects([1] * len(values))


def test_numbers_with_unlike_denominators_are_taken_one_by_one():
    # 2^61 − 1 and its predecessors are coprime enough: in common they have thousands of digits, each has 61
    values = [F(1 + k, 2**61 - 1 - k) for k in range(48)]
    assert reconstruct(*digits_of(values, 150)) is None
    found = reconstruct_each(*digits_of(values, 150))
    assert [F(int(one.p), int(one.q)) for one in found] == values
    assert reconstruct_each(*digits_of(values, 120)) is None  # twice 61 digits and no guard


def test_numbers_of_one_denominator_are_left_to_the_common_one():
    values = [F(3 * k + 1, 10**9 + 7) for k in range(48)]
    assert reconstruct_each(*digits_of(values, 150)) is None
    assert reconstruct(*digits_of(values, 150)).fractions().tolist() == values


def test_refinement_with_a_very_long_common_denominator():
    # x_k = x_(k−1) / p_k + 1 / p_(k+1) by twos: short each, and over 48 unlike p_k together thousands of digits
    size = 48
    dense = np.zeros((size, size), dtype=object)
    for k in range(size):
        dense[k, k] = 2**61 - 1 - k
        if k % 2:
            dense[k, k - 1] = -1
    answer = by_refinement(sparse(dense), objects([1] * size))
    values = [F(1, 2**61 - 1 - k) for k in range(size)]
    values[1::2] = [(1 + values[k - 1]) / (2**61 - 1 - k) for k in range(1, size, 2)]
    assert answer.fractions().tolist() == values and answer.denominator.bit_length() > 2000


@given(st.lists(st.lists(WHOLE, min_size=3, max_size=3), min_size=1, max_size=4), st.data())
def test_products_of_every_length(dense, data):
    x = objects([data.draw(st.one_of(WHOLE, st.integers(-(2**61), 2**61))) for _ in range(3)])
    found = sparse(dense).times(x)
    assert found.tolist() == [sum(a * b for a, b in zip(line, x.tolist(), strict=True)) for line in dense]
    assert all(type(one) is int for one in found.tolist())


@pytest.mark.parametrize("power", [30, 31, 61, 62, 63, 64])
def test_products_near_the_end_of_machine_words(power):
    size, value = 8, 2**power
    found = sparse([[value] * size]).times(objects([value - 1] * size))
    assert found.tolist() == [size * value * (value - 1)]


@given(st.lists(st.one_of(WHOLE, st.integers(-(10**400), 10**400)), min_size=1, max_size=5))
def test_lengths_and_floats_of_numbers_of_any_length(values):
    numbers = objects(values)
    assert longest(numbers) == max(abs(one).bit_length() for one in values)
    off = bits(numbers) - np.array([abs(one).bit_length() for one in values])
    assert set(off.tolist()) <= {0, 1}
    scaled = scaled_floats(numbers, bits(numbers))
    assert np.abs(scaled).max() <= 1
    assert all(s == 0 or abs(s) >= 0.5 for s in scaled.tolist())
    near = near_one(numbers, np.zeros(len(values), dtype=np.int64))
    assert (near == 0).all() if not any(values) else 0.5 <= np.abs(near).max() <= 1


@given(st.integers(-(10**320), 10**320), st.integers(1, 10**320))
def test_quotients_of_numbers_of_any_length(above, below):
    exponent = max(abs(above).bit_length() - below.bit_length(), 0)
    found = scaled_quotients(objects([above]), below, exponent)[0]
    truth = F(above, below) / 2**exponent
    assert abs(F(found) - truth) <= abs(truth) * F(1, 2**50) + F(1, 2**1070)


def test_rationals_stand_over_one_denominator():
    found = Rationals.of([F(1, 6), F(3, 4), 2])
    assert found.denominator == 12 and found.numerators.tolist() == [2, 9, 24]
    assert found.fractions().tolist() == [F(1, 6), F(3, 4), 2]
    with pytest.raises(TypeError):
        exact([0.5])


NEAR_WORDS = st.one_of(*(st.integers(2**k - 3, 2**k + 3) for k in (0, 20, 31, 32, 61, 62, 63, 64, 200)))
SIGNED = st.builds(lambda size, sign: sign * size, NEAR_WORDS, st.sampled_from([-1, 1]))


@given(st.lists(st.tuples(SIGNED, SIGNED), min_size=1, max_size=4), SIGNED, st.integers(0, 80))
def test_machine_words_never_wrap(pairs, factor, bits):
    one, other = (compact(objects(list(side))) for side in zip(*pairs, strict=True))
    assert product(one, other).tolist() == [a * b for a, b in pairs]
    assert product(one, single(factor)).tolist() == [a * factor for a, _ in pairs]
    assert difference(one, other).tolist() == [a - b for a, b in pairs]
    assert shifted(one, bits).tolist() == [a << bits for a, _ in pairs]
    assert dot(one, other) == sum(a * b for a, b in pairs)
    assert (one.dtype == np.int64) == all(-(2**63) <= a < 2**63 for a, _ in pairs)


@pytest.mark.parametrize("number", [F(0), F(-3, 7), F(1, 10**40)])
def test_ratios_of_one_number_many_times(number):
    alike, mixed = Ratios.of([number] * 5), Ratios.of([number] * 4 + [F(number)])
    for found in (alike, mixed):
        assert found.above.tolist() == [number.numerator] * 5 and found.below.tolist() == [number.denominator] * 5
    assert alike.above.dtype == mixed.above.dtype
