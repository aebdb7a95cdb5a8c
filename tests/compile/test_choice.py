"""The choice of a formulation: what is estimated, what is said about it, and that --formulation forces one."""

from __future__ import annotations

import math

import pytest
from environments import auction

import amd
from amd.compile.choose import FormulationError, choose
from amd.compile.cost import expected_seconds, profile_seconds, seconds_in_words
from amd.compile.plan import Plan
from amd.compile.size import Size


@pytest.mark.parametrize(
    ("rows", "columns", "nonzeros", "measured"),
    [
        (4_800, 6_400, 508_800, 0.5),
        (10_800, 14_400, 1_720_800, 2.2),
        (10_798, 5_430, 25_194, 0.3),
        (29_998, 15_050, 69_994, 2.8),
        (119_998, 60_100, 279_994, 70),
        (33_963, 32_412, 99_000, 3),
    ],
)
def test_seconds_are_those_measured_to_within_a_factor_of_seven(rows, columns, nonzeros, measured):
    assert measured / 7 < expected_seconds(Size(rows, columns, nonzeros)) < measured * 7


def test_sizes_that_no_float_holds_take_for_ever():
    environment, design = auction(400, 100)
    assert profile_seconds(environment, design, Plan()) == math.inf
    assert seconds_in_words(math.inf) == "longer than anybody can wait"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.001, "less than 0.01 s"),
        (0.31, "some 0.3 s"),
        (42, "some 40 s"),
        (600, "some 10 minutes"),
        (36_000, "some 10 hours"),
        (8.64e6, "some 100 days"),
    ],
)
def test_seconds_in_words(seconds, words):
    assert seconds_in_words(seconds) == words


def test_few_profiles_are_listed_and_many_are_not_with_numbers():
    few, many = choose(*auction(2, 20)), choose(*auction(10, 100))
    assert "800 allocation columns (of at most 4,000)" in few.reasons["reduced-form"].why
    assert not few.reduced_form
    assert "10^21 allocation columns and take longer than anybody can wait" in many.reasons["reduced-form"].why
    assert many.reduced_form


@pytest.mark.parametrize("formulation", ["full", "reduced-form", "interim-payments", "interim-payments,symmetry"])
def test_a_formulation_can_be_forced_and_changes_nothing_but_the_way(formulation):
    problem = amd.load("optimal-auction", N=6)
    result = problem.solve(formulation=formulation)
    names = () if formulation == "full" else tuple(formulation.split(","))
    assert result.formulation.reductions == names
    assert result.objective == pytest.approx(problem.solve().objective, abs=1e-8)


def test_what_does_not_apply_cannot_be_forced():
    with pytest.raises(FormulationError, match="'equivalence' does not apply here: incentives are not dominant"):
        choose(*auction(2, 4), "equivalence")
