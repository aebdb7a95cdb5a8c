"""`amd simulate` and `amd bounds`."""

import json
from fractions import Fraction

import pytest


def test_the_best_mechanism_is_played(answer, license_file):
    status, data = answer("simulate", license_file, "--rounds", 20_000, "--seed", 7)
    assert status == 0
    assert (data["rounds"], data["seed"]) == (20_000, 7)
    assert data["expected"]["revenue"] == pytest.approx(37.5)
    # the revenue is 50 with probability 3/4: a standard deviation of 50·√3/4
    assert data["standard_errors"]["revenue"] == pytest.approx(50 * 3**0.5 / 4 / 20_000**0.5, rel=0.05)
    assert abs(data["means"]["revenue"] - 37.5) < 6 * data["standard_errors"]["revenue"]


def test_the_same_seed_plays_the_same_rounds(run, license_file):
    call = ("simulate", license_file, "--rounds", 100, "--json")
    assert run(*call, "--seed", 1).stdout == run(*call, "--seed", 1).stdout
    assert run(*call, "--seed", 1).stdout != run(*call, "--seed", 2).stdout


def test_a_simulation_in_words(run, license_file):
    result = run("simulate", license_file, "--rounds", 1000)
    assert result.exit_code == 0
    assert "1,000 rounds" in result.stdout
    assert "standard error" in result.stdout


def test_another_mechanism_is_played(answer, license_file, tmp_path):
    output = tmp_path / "m.json"
    reports = [(a, b) for a in (10, 50) for b in (10, 50)]
    entries = [{"report": [[a], [b]], "allocation": [[1], [0]], "payments": [5, 0]} for a, b in reports]
    output.write_text(json.dumps({"profiles": entries}))
    data = answer("simulate", license_file, "--mechanism", output, "--rounds", 50)[1]
    assert data["means"]["revenue"] == pytest.approx(5)
    assert data["standard_errors"]["revenue"] == pytest.approx(0)


def test_where_there_is_no_mechanism_nothing_is_played(run, impossible_file):
    result = run("simulate", impossible_file)
    assert result.exit_code == 1
    assert "There is no such mechanism." in result.stdout


def test_auctions_are_played_by_their_module(run):
    result = run("simulate", "first-price", "--rounds", 1000)
    assert result.exit_code == 0
    assert "second-price" in result.stdout


def test_bounds_enclose_what_is_known(answer, problem):
    file = problem(
        "amd: 1\n"
        "agents: {buyer: {types: {v: {uniform: [0, 1], cells: 5}}, value: {lamp: v}}}\n"
        "goods: {lamp: 1}\n"
        "design: {maximize: revenue}\n"
    )
    status, data = answer("bounds", file, "--cells", 10)
    assert status == 0
    assert {"lower", "upper", "lower_exact", "upper_exact", "cells", "relations"} <= set(data)
    assert Fraction(data["lower_exact"]) <= Fraction(1, 4) <= Fraction(data["upper_exact"])
    assert data["lower"] <= 0.25 <= data["upper"]


def test_bounds_in_words(run, problem):
    file = problem(
        "amd: 1\n"
        "agents: {buyer: {types: {v: {uniform: [0, 1], cells: 5}}, value: {lamp: v}}}\n"
        "goods: {lamp: 1}\n"
        "design: {maximize: revenue}\n"
    )
    result = run("bounds", file, "--cells", 10)
    assert result.exit_code == 0
    assert "at least" in result.stdout
    assert "at most" in result.stdout
    assert "Proven in exact arithmetic" in result.stdout


def test_bounds_of_a_finite_problem_are_its_optimum(answer, run, license_file):
    status, data = answer("bounds", license_file)
    assert status == 0
    assert (data["lower_exact"], data["upper_exact"]) == ("75/2", "75/2")
    text = run("bounds", license_file).stdout
    assert "75/2 = 37.5" in text
    assert "continuous" not in text


def test_bounds_rounded_for_people_are_still_bounds():
    from amd.show.bounds import rounded_outward

    for value in (Fraction(1, 3), Fraction(-2, 3), Fraction(123456789012, 7), Fraction(1, 10**12 + 1), Fraction(1, 4)):
        assert Fraction(rounded_outward(value, 1)) >= value
        assert Fraction(rounded_outward(value, -1)) <= value
        assert float(Fraction(rounded_outward(value, 1)) - value) <= 1.01e-8 * abs(value)
