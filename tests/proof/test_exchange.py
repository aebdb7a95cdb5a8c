"""Proofs that treat copies of an agent alike: the average is a proof, and each orbit is told once."""

import copy
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import amd
from amd.proof.certificate import _even, prove
from amd.proof.exchange import alike, averaged, orbits
from amd.proof.verify import FORMAT, Problem, check, digest

F = Fraction
COPIES = ["private-rents", "free-riders", "green-laffont", "license", "full-extraction", "compromise"]


@pytest.mark.parametrize("name", COPIES)
def test_constraints_are_exchanged_as_their_rows_are(document, name):
    """The image of a constraint's name names the image of its row: the same numbers, the agents exchanged."""
    problem = document(name)["problem"]
    rebuilt = Problem(problem)
    first, second = problem["agents"][:2]
    some = [["need", k] for k, one in enumerate(problem["needs"]) if not one["ex_post"]]
    at = [0, 1, *[0] * (len(problem["agents"]) - 2)]
    some += [["feasible", k, at] for k in range(len(problem["limits"]))]
    if problem["incentive"] == "dominant":
        some += [["incentive", first["name"], 0, 1, 0, at], ["incentive", second["name"], 1, 0, 0, at]]
    else:
        some += [["incentive", first["name"], 0, 1], ["incentive", second["name"], 1, 0, 0]]
    some += [["participation", first["name"], 0]] if first["stage"] == "interim" else []
    for orbit in orbits(problem, some, 99):
        assert len(orbit) <= 2
        rows = [written(rebuilt, name) for name in orbit]
        assert exchanged(problem, rows[0]) == rows[-1]


def written(problem, name):
    terms, equal = problem.row(name)
    return {v: rate for v, rate in problem.written_out(dict(terms)).items() if rate}, equal


def exchanged(problem, row):
    """The row with the first two agents exchanged, from what the problem says of its columns."""
    terms, equal = row
    units, image = problem["units"], {}
    for variable, rate in terms.items():
        if variable[0] in ("x", "m"):
            kind, p, what = variable
            p = (p[1], p[0], *p[2:])
            if kind == "m":
                what = {0: 1, 1: 0}.get(what, what)
            elif units is not None:
                moved = [units[what][1], units[what][0], *units[what][2:]]
                what = units.index(moved)
            variable = (kind, p, what)
        image[variable] = rate
    return image, equal


@pytest.mark.parametrize("name", COPIES)
def test_what_is_certified_is_even_between_copies(document, name):
    data = document(name)
    told = alike(data["problem"], data["proof"]["tree"]["multipliers"])
    assert told is not None
    assert sum(1 + count for _, _, count in told) == len(data["proof"]["tree"]["multipliers"])
    assert any(count for _, _, count in told)
    assert check(data)[0]


def test_an_uneven_proof_is_made_even():
    """The exact basic solution of `compromise` weighs the two voters differently, and their average proves as much."""
    found = prove(amd.load("compromise").task)
    problem, multipliers = found.problem, found.proof["tree"]["multipliers"]
    data = {"format": FORMAT, "digest": digest(problem), "problem": problem, "claim": {"kind": "infeasible"}}
    data["proof"] = found.proof
    average = _even(data)
    assert check(data)[0] and alike(problem, multipliers) is None
    assert check(average)[0] and alike(problem, average["proof"]["tree"]["multipliers"]) is not None


@given(st.data())
def test_the_average_weighs_orbits_as_before(document, data):
    problem, pairs = document("license")["problem"], document("license")["proof"]["tree"]["multipliers"]
    weights = data.draw(st.lists(st.fractions(0, 9), min_size=len(pairs), max_size=len(pairs)))
    uneven = [[name, str(weight)] for (name, _), weight in zip(pairs, weights, strict=True)]
    mean = averaged(problem, uneven)
    assert alike(problem, mean) is not None
    assert sum(F(text) for _, text in mean) == sum(weights)


def test_problems_without_copies_are_left_alone(document):
    data = document("myerson-satterthwaite")
    assert orbits(data["problem"], [["need", 0]], 9) is None
    assert averaged(data["problem"], data["proof"]["tree"]["multipliers"]) is None


def test_a_false_symmetry_does_no_harm(document):
    """Copies of which one is worth more: exchanges go by the names of groups, but the verifier has the last word."""
    data = copy.deepcopy(document("license"))
    data["problem"]["agents"][0]["worth"][1][0][0] = "60"
    data["digest"] = digest(data["problem"])
    assert orbits(data["problem"], [["need", 0]], 9) is not None
    assert not check(data)[0]


def test_orbits_that_grow_too_large_are_given_up(document):
    problem = document("license")["problem"]
    some = [["incentive", "firm[1]", 1, 0], ["participation", "firm[1]", 0]]
    assert [len(orbit) for orbit in orbits(problem, some, 4)] == [2, 2]
    assert orbits(problem, some, 3) is None


def test_lines_alike_are_told_once(certificate):
    text = certificate("free-riders").summary()
    assert "incentive citizen[1] 5→4, and 1 alike" in text and "incentive citizen[2]" not in text
    assert "with copies of an agent exchanged" in text
