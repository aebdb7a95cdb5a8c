"""Numbers as people read them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.show.numbers import count, headline, listing, number, seconds


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (-1e-17, "0"),
        (-0.0, "0"),
        (1 / 3, "0.333333"),
        (100.0, "100"),
        (37.5000000001, "37.5"),
        (1234567.0, "1,234,567"),
        (1e20, "1e+20"),
        (2e-7, "2e-07"),
        (0.000123456789, "0.000123457"),
        (-2.5, "-2.5"),
        (float("inf"), "inf"),
        (float("nan"), "unknown"),
        (Fraction(1, 3), "1/3"),
        (Fraction(7), "7"),
        (Fraction(5404319552844595, 9007199254740992), "0.6"),
    ],
)
def test_a_number_in_a_table(value, text):
    assert number(value) == text


def test_noise_is_measured_in_the_unit_around_it():
    assert number(3e-5, scale=1e6) == "0"
    assert number(3e-5, scale=1e-3) == "0.00003"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14))
def test_a_number_reads_back_to_six_digits(value):
    read = float(number(value).replace(",", ""))
    assert abs(read - value) <= max(1e-9, 5.001e-6 * abs(value))


@pytest.mark.parametrize(
    ("exact", "text"),
    [
        ("87/200", "87/200 = 0.435"),
        ("5/12", "5/12 ≈ 0.416666667"),
        ("75/2", "75/2 = 37.5"),
        ("20", "20"),
        ("0", "0"),
        ("-1/8", "-1/8 = -0.125"),
        ("1/1000000000", "1/1000000000 = 1e-09"),
        (f"{10**60 + 1}/{3**90}", "1.14574264e+17 (the exact value is known)"),
    ],
)
def test_the_answer_with_its_fraction(exact, text):
    assert headline(float(Fraction(exact)), exact) == text


def test_the_answer_of_a_solver_has_no_fraction():
    assert headline(0.43500000000000005) == "0.435"


def test_times():
    assert [seconds(x) for x in (0, 0.004, 0.345, 9.5, 12.34, 200.4)] == [
        *("<0.01 s", "<0.01 s", "0.34 s", "9.50 s", "12.3 s", "3 min 20 s")
    ]


def test_counts():
    assert count(1, "row") == "1 row"
    assert count(1200, "row") == "1,200 rows"
    assert count(2, "copy", "copies") == "2 copies"
    assert count(32 * 10**13, "row") == "3.2e+14 rows"
    assert count(10**5000, "row") == "more than 10^3000 rows"


def test_listings():
    assert listing([]) == ""
    assert listing(["a"]) == "a"
    assert listing(["a", "b"]) == "a and b"
    assert listing(["a", "b", "c"], last="or") == "a, b or c"
    assert listing(list("abcdef"), most=4) == "a, b, c and 3 more"
