"""The verifier refuses what is altered: by hand, at random, and as malformed documents; under python -O too."""

import copy
import hashlib
import json
import subprocess
import sys
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from amd.proof import verify
from amd.proof.verify import check

F = Fraction
VERIFIER = Path(verify.__file__)
SMALL = ["license", "myerson-satterthwaite", "green-laffont", "auctions/guaranteed-revenue", "auctions/license-fair"]


def signed(document):
    """With the digest of whatever the problem now is."""
    text = json.dumps(document["problem"], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    document["digest"] = hashlib.sha256(text.encode("ascii")).hexdigest()
    return document


def refused(document, *words):
    holds, message = check(document)
    assert not holds
    assert all(word in message for word in words), message


def test_a_greater_or_smaller_value_is_refused(document):
    for value in ("38", "37", "75/4"):
        altered = document("license")
        altered["claim"]["value"] = value
        refused(altered)


def test_each_multiplier_counts(document):
    for name in ("license", "myerson-satterthwaite"):
        for at in range(len(document(name)["proof"]["tree"]["multipliers"])):
            altered = document(name)
            del altered["proof"]["tree"]["multipliers"][at]
            refused(altered)
            altered = document(name)
            altered["proof"]["tree"]["multipliers"][at][1] = "-1"
            refused(altered)


def test_a_possibility_is_not_certified_impossible(document):
    """The multipliers of six cells prove nothing on five, where a mechanism exists."""
    altered = document("myerson-satterthwaite", N=5)
    tree = document("myerson-satterthwaite", N=6)["proof"]["tree"]
    altered |= {"claim": {"kind": "infeasible"}, "proof": {"tree": tree}}
    refused(altered)
    altered["proof"]["tree"]["multipliers"] = [pair for pair in tree["multipliers"] if 5 not in pair[0]]
    refused(altered, "do not")


def test_constraints_that_the_design_lacks_are_refused(document):
    base = document("license")
    names = [
        ["need", 0],
        ["incentive", "firm[1]", 1, 0, 0, [1, 0]],
        ["incentive", "firm[1]", 1, 0, 1],
        ["participation", "firm[1]", 0, [0, 0]],
        ["efficient", [0, 0], [1, 0]],
        ["feasible", 1, [0, 0]],
        ["feasible", 0, [0, 2]],
        ["worst", 0, [0, 0]],
        ["anonymous", "firm[1]", "firm[2]", [0, 1], 0],
        ["onto", 0],
        ["nondictatorial", "firm[1]"],
        ["incentive", "nobody", 1, 0],
        ["incentive", "firm[1]", 2, 0],
        ["incentive", "firm[1]", -1, 0],
        ["incentive", "firm[1]", True, 0],
        ["wish"],
        ["__init__"],
        [],
    ]
    for name in names:
        altered = copy.deepcopy(base)
        altered["proof"]["tree"]["multipliers"].append([name, "0"])
        refused(altered)


def test_mechanisms_that_break_something_are_refused(document):
    base = document("license")
    mechanism = base["proof"]["mechanism"]
    for p in range(4):
        for i in range(2):
            for amount in ("1", "-1"):
                altered = copy.deepcopy(base)
                payment = F(mechanism["payments"][p][i]) + F(amount)
                altered["proof"]["mechanism"]["payments"][p][i] = str(payment)
                refused(altered)
    for allocation in ([[0, "1"], [1, "1"]], [[0, "-1"]], [[2, "1"]]):
        altered = copy.deepcopy(base)
        altered["proof"]["mechanism"]["allocation"][3] = allocation
        refused(altered)
    altered = copy.deepcopy(base)
    altered["proof"]["mechanism"]["allocation"].pop()
    refused(altered)


def test_the_environment_and_its_digest_belong_together(document):
    altered = document("license")
    altered["problem"]["agents"][0]["worth"][1][0][0] = "51"
    refused(altered, "digest")
    refused(signed(altered))
    altered = document("license")
    altered["digest"] = altered["digest"][::-1]
    refused(altered, "digest")


def test_trees_must_cover_every_case(document):
    altered = document("gibbard-satterthwaite")
    tree = altered["proof"]["tree"]
    tree["low"] = {"multipliers": []}
    refused(altered)
    altered = document("gibbard-satterthwaite")
    altered["problem"]["deterministic"] = False
    refused(signed(altered))
    altered = document("gibbard-satterthwaite")
    altered["problem"]["require"].remove("nondictatorial")  # dictatorships remain
    refused(signed(altered))


@pytest.mark.parametrize(
    "malformed",
    [None, 3, "text", [], {}, {"format": "amd-proof-2"}, {"format": "amd-proof-3"}, {"format": ["amd-proof-3"]}],
)
def test_malformed_documents_are_refused(malformed):
    assert check(malformed)[0] is False


@pytest.mark.parametrize("number", [1.5, 7, None, True, "nan", "inf", "1e9", "1/0", "0x1", " 1", "1_0", "9" * 5000, []])
def test_numbers_are_rational_texts(document, number):
    altered = document("license")
    altered["claim"]["value"] = number
    refused(altered)
    altered = document("license")
    altered["proof"]["tree"]["multipliers"][0][1] = number
    refused(altered)


def test_files_that_are_not_certificates(tmp_path):
    path = tmp_path / "cert.json"
    for text in ("", "{", "[" * 200_000, '{"format": NaN}', "\x00", '{"format": 1e999}', "null"):
        path.write_text(text, encoding="utf-8")
        holds, message = check(None, str(path))
        assert holds is False and message
    path.write_bytes(b"\xff\xfe\x00")
    assert check(None, str(path))[0] is False
    assert check(None, str(tmp_path / "missing.json"))[0] is False


@pytest.mark.parametrize("flags", [[], ["-O"]])
def test_the_verifier_stands_alone(document, tmp_path, flags):
    """Copied elsewhere and run without the project, it still tells right from wrong."""
    script = tmp_path / "verify.py"
    script.write_text(VERIFIER.read_text(encoding="utf-8"), encoding="utf-8")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    right = document("license")
    good.write_text(json.dumps(right), encoding="utf-8")
    right["claim"]["value"] = "38"
    bad.write_text(json.dumps(right), encoding="utf-8")
    for path, status in ((good, 0), (bad, 1)):
        ran = subprocess.run([sys.executable, "-I", *flags, script, path], capture_output=True, text=True, check=False)
        assert ran.returncode == status and "Traceback" not in ran.stderr
        assert ran.stdout.startswith("proven: " if status == 0 else "NOT PROVEN: ")


def handmade(agents, columns, kind, proof, **more):
    """A document about public columns, at most one of which happens, made without the program."""
    profiles = len(list(product(*(range(len(agent["worth"])) for agent in agents))))
    for at, agent in enumerate(agents):
        types = len(agent["worth"])
        base = {"name": f"agent {at}", "group": "all", "types": ["k"] * types, "outside": ["0"] * types}
        agent |= {**base, "stage": "none", "budget": None, "mixed": False, **agent}
    problem = {
        "kind": "finite", "agents": agents, "prior": [str(F(1, profiles))] * profiles, "cost": ["0"] * columns,
        "columns": [f"column {c}" for c in range(columns)], "caps": [1] * columns,
        "limits": [[["1"] * columns, "1", False]], "units": [[c] * len(agents) for c in range(columns)],
        "incentive": "none", "transfers": True, "deterministic": False, "require": [], "maximize": True, "wish": None,
        "needs": [], "worst": [], **more,
    }  # fmt: skip
    return signed({"format": verify.FORMAT, "problem": problem, "claim": {"kind": kind}, "proof": proof})


def test_an_efficient_mechanism_is_compared_with_what_another_requirement_rules_out():
    """Column 1 is worth more (2) but costs 5; Pareto efficiency in values rules out column 0, which efficiency wants:
    nothing meets both, though doing nothing is the best of what is left."""
    for prices in (["0"], ["1"], ["2"]):
        proof = {"mechanism": {"allocation": [[]], "payments": [["0"]], "prices": [prices]}}
        both = handmade(
            [{"worth": [[["1", "2"]]]}], 2, "possible", proof, cost=["0", "5"], require=["efficient", "pareto"]
        )
        assert not check(both)[0]
    proof = {"mechanism": {"allocation": [[[0, "1"]]], "payments": [["0"]], "prices": [["1"]]}}
    one = handmade([{"worth": [[["1", "2"]]]}], 2, "possible", proof, cost=["0", "5"], require=["efficient"])
    assert check(one) == (True, "a mechanism meets the design")
    one["proof"]["mechanism"]["prices"] = [["-1"]]
    refused(one, "negative")


def test_whole_allocations_are_compared_with_whole_ones():
    """Half a unit would be worth 1/2, but allocations are whole, and one unit is too much: nothing is efficient."""
    cases = {"branch": [[0], 0, 0], "low": {"multipliers": [[["efficient", [0], None], "1"]]},
             "high": {"multipliers": [[["feasible", 0, [0]], "1"]]}}  # fmt: skip
    for units in (["1/2"], [[0, "1/2"]], [1], [0]):
        cases["low"]["multipliers"][0][0][2] = units
        more = {"deterministic": True, "require": ["efficient"], "limits": [[["2"], "1", False]]}
        assert not check(handmade([{"worth": [[["1"]]]}], 1, "infeasible", {"tree": cases}, **more))[0]


def test_agents_of_a_group_trade_places_only_where_both_have_the_types():
    agents = [{"worth": [[["1"]]]}, {"worth": [[["1"]], [["1"]]]}]
    for name in (["anonymous", "agent 0", "agent 1", [0, 1], 0], ["anonymous", "agent 0", "agent 1", [0, 0], 0]):
        tree = {"multipliers": [[name, "0"], [["need", 0], "1"]]}
        nothing = {"payment": ["0", "0"], "value": ["0", "0"], "column": ["0"], "constant": "-1", "worst": []}
        needs = [{"text": "no", "equal": False, "ex_post": False, "wish": nothing}]
        document = handmade(agents, 1, "infeasible", {"tree": tree}, require=["anonymous"], needs=needs)
        assert check(document)[0] is (name[3] == [0, 0])


@pytest.mark.parametrize("place", ["transfers", "deterministic", "maximize"])
def test_what_is_yes_or_no_is_nothing_else(document, place):
    for value in (1, 0, None, "false", "true"):
        altered = document("license")
        altered["problem"][place] = value
        refused(signed(altered))
