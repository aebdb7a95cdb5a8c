"""Certificates of continuum claims: what is true is accepted, what is altered is not."""

import copy
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amd.files import loads
from amd.proof import verify_continuum
from amd.proof.bounds import bounds
from amd.proof.continuum.certificate import digest, lower_certificate, trade_certificate, upper_certificate
from amd.proof.continuum.impossibility import prove_subsidy
from amd.proof.continuum.laws import PiecewiseLaw, uniform_law
from amd.proof.verify_continuum import check

F = Fraction
LOPSIDED = PiecewiseLaw((F(0), F(1, 2), F(1)), (F(2, 3), F(1, 3)))


def reread(document):
    return json.loads(json.dumps(document))


def holds(document):
    return check(reread(document))[0]


def with_value(document, value):
    changed = copy.deepcopy(document)
    changed["claim"]["value"] = str(value)
    return changed


def redigested(document):
    document["digest"] = digest(document["environment"])
    return document


@pytest.mark.parametrize(("family", "cells"), [("C0", 4), ("C2", 3), ("C3", 1), ("identity", 1)])
def test_impossibility_is_accepted_and_nothing_stronger(family, cells):
    found = prove_subsidy(family, cells)
    document = trade_certificate(found)
    assert holds(document)
    assert not holds(with_value(document, -found.subsidy - F(1, 10**9)))


@pytest.fixture
def documents(auction_task, trade_task, no_deficit):
    """Both sides of small problems of every kind."""
    tasks = [
        (auction_task([uniform_law()], 2), 6, 8),
        (auction_task([LOPSIDED], 2), 4, 6),
        (auction_task([uniform_law()] * 2), 3, None),
        (auction_task([uniform_law()] * 2, 2), 2, 4),
        (trade_task(budget=no_deficit), 2, 4),
        (trade_task("deficit", least=True, efficient=True), 2, 4),
    ]
    answers = [bounds(task, cells, fine).answer for task, cells, fine in tasks]
    return [side(answer) for answer in answers for side in (upper_certificate, lower_certificate)]


def test_bounds_are_accepted_and_nothing_stronger(documents):
    for document in documents:
        assert check(reread(document)) == (
            True,
            f"the wish is {document['claim']['wish']} {document['claim']['value']}",
        )
        step = F(1, 10**9) if document["claim"]["wish"] == "at least" else -F(1, 10**9)
        assert not holds(with_value(document, F(document["claim"]["value"]) + step))


def test_a_law_that_is_not_rational():
    """Both sides hold, and the step mechanism's claim loses less than 1e-9 to the cells' enclosures."""
    text = """
amd: 1
agents: {bidder: {count: 2, types: {v: {exponential: {rate: 1}, support: [0, 3], cells: 4}}, value: {item: v}}}
goods: {item: 1}
design: {maximize: revenue}
"""
    answer = bounds(loads(text), 6, 12).answer
    below = lower_certificate(answer)
    assert holds(upper_certificate(answer))
    assert holds(below)
    assert 0 <= answer.lower - F(below["claim"]["value"]) < F(1, 10**9)


def test_environment_and_digest_belong_together(documents):
    for document in documents:
        changed = reread(document)
        changed["digest"] = "0" * 64
        assert not holds(changed)


def test_missing_relations_and_turned_signs_are_refused(documents):
    for document in documents:
        for index, (name, multiplier) in list(enumerate(document["proof"].get("relations", [])))[::4]:
            fewer, turned = reread(document), reread(document)
            del fewer["proof"]["relations"][index]
            turned["proof"]["relations"][index][1] = str(-F(multiplier))
            assert not holds(turned), name
            if verify_continuum.upper(_model(fewer), fewer["proof"]) > F(document["claim"]["value"]):
                assert not holds(fewer), name


def _model(document):
    return verify_continuum.MODELS[document["environment"]["model"]](document["environment"])


def test_mechanisms_that_are_not_incentive_compatible_are_refused(documents):
    refused = 0
    for document in documents:
        proof = document["proof"]
        if "scores" in proof:
            changed = reread(document)
            changed["proof"]["scores"][0][0].reverse()
            refused += not holds(changed)
        if "rules" in proof:
            changed = reread(document)
            changed["proof"]["rules"][0]["choice"].reverse()
            refused += not holds(changed)
        if "menu" in proof:
            changed = reread(document)
            changed["proof"]["menu"] = [entry for entry in proof["menu"] if any(map(F, entry[0]))]
            refused += not holds(changed)
    assert refused == 5


def test_same_offset_between_unlike_cells_is_refused():
    document = trade_certificate(prove_subsidy("C2", 3))
    document["environment"]["buyer"]["edges"] = ["0", "1/3", "1/2", "1"]
    assert not holds(redigested(document))


def test_probabilities_must_sum_to_one():
    document = trade_certificate(prove_subsidy("C0", 4))
    document["environment"]["buyer"]["masses"][0] = ["1/2", "1/2"]
    assert not holds(redigested(document))


@pytest.mark.parametrize("junk", [{}, {"format": "amd-continuum-1"}, {"format": "amd-continuum-1", "environment": []}])
def test_junk_is_refused(junk):
    assert check(junk)[0] is False


BASE = reread(trade_certificate(prove_subsidy("C0", 4)))


SMALL = reread(trade_certificate(prove_subsidy("C0", 2)))


@settings(max_examples=25)
@given(st.integers(0, 3), st.fractions(-2, 2, max_denominator=24))
def test_random_multipliers_are_refused(index, multiplier):
    """Payments have no bounds of their own, so every m_k must cancel exactly: only the true multiplier does that."""
    document = copy.deepcopy(SMALL)
    document["proof"]["relations"][index][1] = str(multiplier)
    assert holds(document) == (multiplier == F(SMALL["proof"]["relations"][index][1]))


def test_runs_as_one_file_without_the_project(tmp_path):
    path = tmp_path / "cert.json"
    path.write_text(json.dumps(BASE), encoding="utf-8")
    script = tmp_path / "verify.py"
    script.write_text(Path(verify_continuum.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, "-I", "-S", "-O", str(script), str(path)]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stdout) == (0, "proven: the wish is at most -7/192\n")
    path.write_text(json.dumps(with_value(BASE, F(-8, 192))), encoding="utf-8")
    assert subprocess.run(command, capture_output=True, text=True, check=False).returncode == 1
