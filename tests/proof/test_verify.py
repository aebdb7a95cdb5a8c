"""The verifier refuses what is altered: by hand, at random, and as malformed documents; under python -O too."""

import copy
import hashlib
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from amd.proof import verify
from amd.proof.verify import check, check_file

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
        ["efficient", [0, 0], [[0, "1"]]],
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
    [None, 3, "text", [], {}, {"format": "amd-proof-2"}, {"format": "amd-proof-3"}, {"format": ["amd-proof-2"]}],
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
        holds, message = check_file(str(path))
        assert holds is False and message
    path.write_bytes(b"\xff\xfe\x00")
    assert check_file(str(path))[0] is False
    assert check_file(str(tmp_path / "missing.json"))[0] is False


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
