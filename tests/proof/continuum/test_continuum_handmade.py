"""Documents about the continuum made by hand: the problem has a plain answer, and the claim is false."""

import json
from fractions import Fraction

import pytest

from amd.files import loads
from amd.proof import verify_continuum
from amd.proof.bounds import bounds
from amd.proof.continuum.certificate import upper_certificate
from amd.proof.continuum.problem import plain
from amd.proof.documents import check

F = Fraction
UNKNOWN = {"edges": ["0", "1", "2"], "masses": [["0", "1"], ["0", "1"]], "uniform": [False, False], "constants": []}
UNIFORM = {"edges": ["0", "1"], "masses": [["1", "1"]], "uniform": [True], "constants": []}


def decision(line, slopes, relations, need=None, **more):
    """One agent's part in a choice of one column, and a claim that nothing meets the need (a sum of columns)."""
    zeros = ["0"] * len(slopes)
    agent = {"name": "ann", "line": line, "slopes": slopes, "levels": zeros, "tilt": "0", "outside": "0"}
    wish = {"payment": ["0"], "value": ["0"], "column": zeros, "constant": "0"}
    needs = [] if need is None else [{"text": "need", "equal": False, "wish": {**wish, **need}}]
    problem = {
        "kind": "continuum", "model": "cells", "agents": [{**agent, "stage": "interim"}], "columns": zeros,
        "caps": [1] * len(slopes), "cost": zeros, "limits": [[["1"] * len(slopes), "1", True]], "efficient": False,
        "maximize": True, "wish": wish, "needs": needs, **more,
    }  # fmt: skip
    document = {"problem": problem, "claim": {"kind": "infeasible"}, "proof": {"relations": relations}}
    return {"format": verify_continuum.FORMAT, "digest": verify_continuum.digest(problem), **document}


def test_ex_ante_participation_counts_the_outside_option_once():
    """A buyer worth v, uniform, always trades and pays E[v] less its outside option: 1/2 − 1/4. A bound that takes the
    option off twice is too low."""
    task = loads("""
amd: 1
agents: {buyer: {types: {v: {uniform: [0, 1], cells: 4}}, value: {trade: v}, outside: 1/4}}
outcomes: [keep, trade]
design: {maximize: revenue, participation: ex_ante}
""")
    answer = bounds(task, 2).answer
    document = json.loads(json.dumps(upper_certificate(answer)))
    assert document["claim"] == {"kind": "at most", "value": "1/4"} and check(document)[0]
    for value in ("0", "249/1000"):
        document["claim"]["value"] = value
        assert not check(document)[0]


def test_units_are_bounded_by_the_least_probability_that_a_cell_can_have():
    """Something worth 1 always happens, but each cell may have probability 0: that it happens at most once in all, over
    both cells, is no contradiction."""
    need = {"column": ["-1", "-1"], "constant": "1"}
    relations = [[["need", 0, 1], "1"], [["sum Q", 0, 0], "-1"], [["sum Q", 0, 1], "-1"]]
    assert not check(decision(UNKNOWN, ["1", "1"], relations, need))[0]


def test_what_must_be_handed_out_is_bounded_by_the_least_probability():
    """x >= 1, as −x <= −1, in each of two cells whose probabilities are only known to be at most 1."""
    relations = [[["need", 0, 1], "1"], [["feasible", 0, [0], 1], "1"], [["feasible", 0, [1], 1], "1"]]
    need = {"column": ["-1"], "constant": "1"}
    limits = [[["-1"], "-1", False]]
    assert not check(decision(UNKNOWN, ["1"], relations, need, limits=limits))[0]
    relations[1:] = [[["feasible", 0, [0], 1], "1"]]  # one cell of probability 1: it does contradict "at most 1/2"
    need["constant"] = "1/2"
    assert check(decision(UNIFORM, ["1"], relations, need, limits=limits))[0]
    relations[1][0][3] = -1
    assert not check(decision(UNIFORM, ["1"], relations, need, limits=limits))[0]  # the limit is no equation


def test_an_efficient_rule_takes_only_what_there_is():
    """Column 1 is worth more but there is none of it."""
    relations = [[["efficient", [0], 1], "1"]]
    assert not check(decision(UNIFORM, ["0", "1"], relations, caps=[1, 0], efficient=True))[0]
    relations += [[["feasible", 0, [0], 1], "1"], [["efficient", [0], 1], "-1"]]
    assert not check(decision(UNIFORM, ["0", "1"], relations, efficient=True))[0]


@pytest.mark.parametrize(
    "constants", [[0, "Q", "0", "-5", "0", "0"], [0, "e", "0", "0", "0", "1"], [2, "W", "0", "0", "0", "0"]]
)
def test_stated_constants_are_those_of_tangents(constants):
    """A premise may say how large values are in a cell, not that somebody gets less than nothing."""
    line = {**UNKNOWN, "masses": [["1/2", "1/2"]] * 2, "constants": [constants]}
    assert not check(decision(line, ["1", "1"], [[["C4", *constants[:3]], "1"]]))[0]
    assert not check(decision(line, ["1", "1"], []))[0]


@pytest.mark.parametrize("value", [1, 0, None, "false"])
def test_what_is_yes_or_no_is_nothing_else(value):
    assert not check(decision(UNIFORM, ["0", "1"], [], limits=[[["1", "1"], "1", value]]))[0]
    message = check(decision({**UNIFORM, "uniform": [value]}, ["0", "1"], []))[1]
    assert "yes or no" in message


def test_an_agent_without_private_information():
    """A broker whom each trade costs 1/4 has a type that nothing depends on, and no rent: the best price maximises
    (p − 1/4) (1 − p), so it is 5/8, and earns 9/64."""
    task = loads("""
amd: 1
agents:
  buyer: {types: {v: {uniform: [0, 1], cells: 4}}, value: {trade: v}}
  broker: {value: {trade: -1/4}}
outcomes: [keep, trade]
design: {maximize: revenue}
""")
    answer = bounds(task, 4, 8).answer
    document = json.loads(json.dumps(upper_certificate(answer)))
    assert F(9, 64) <= F(document["claim"]["value"]) <= F(9, 64) + F(1, 100)
    assert check(document)[0] and answer.lower <= F(9, 64)
    assert plain(answer.model.parties[1].cut.edges) == ["0", "1"]
