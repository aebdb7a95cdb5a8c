"""All mechanisms that meet a design, as mixtures: known simplices, what is none, and what the verifier refuses."""

import copy
import json
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import amd
from amd.cli.main import main
from amd.proof import verify_mixtures
from amd.proof.certificate import NotProven
from amd.proof.documents import check, concerns
from amd.proof.mixtures import Mixtures, certify_mixtures, shares_of
from amd.proof.verify import digest

F = Fraction


def votes(count, outcomes, **design):
    return amd.problem(
        {
            "amd": 1,
            "agents": {"voter": {"count": count, "types": {"orders": "all"}}},
            "outcomes": outcomes,
            "design": {"transfers": "false", "incentive": "dominant", **design},
        }
    ).task


@pytest.fixture(scope="module")
def gibbard():
    found = certify_mixtures(amd.load("random-dictatorship").task)
    assert isinstance(found, Mixtures), found
    return found


@pytest.fixture
def document(gibbard):
    return json.loads(json.dumps(gibbard.document))


def test_only_random_dictatorships_are_left(gibbard):
    """Gibbard (1977), for two voters and three alternatives."""
    assert len(gibbard.chances) == 2
    assert check(gibbard.document) == (True, "the mechanisms that meet the design are the mixtures of 2")
    text = gibbard.summary()
    assert "the dictatorship of voter[1]" in text and "the dictatorship of voter[2]" in text
    assert concerns(gibbard.document, amd.load("random-dictatorship").task)
    assert not concerns(gibbard.document, amd.load("compromise").task)


def test_a_voter_alone_decides():
    """Unanimity of one is dictatorship."""
    found = certify_mixtures(votes(1, ["a", "b", "c"], require=["unanimous"]))
    assert len(found.chances) == 1
    assert "just one mechanism" in found.summary() and "the dictatorship of voter" in found.summary()


def test_one_voter_and_two_outcomes_make_a_triangle():
    """The chance of a must not fall where the voter prefers it: 0 <= x(b > a) <= x(a > b) <= 1 has three vertices."""
    found = certify_mixtures(votes(1, ["a", "b"]))
    names = ["the dictatorship of voter", "always a", "always b"]
    assert len(found.chances) == 3
    assert all(f"• {name}" in found.summary() for name in names)


def test_two_voters_and_two_outcomes_make_a_square():
    """With two alternatives the disagreements are free of each other, a square: no simplex, and nothing is proven."""
    found = certify_mixtures(votes(2, ["a", "b"], require=["unanimous"]))
    assert isinstance(found, NotProven) and "dimension" in found.reason


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (lambda: amd.load("license").task, "without money"),
        (lambda: amd.load("gibbard-satterthwaite").task, "deterministic"),
        (lambda: amd.load("compromise").task, "no mechanism meets the design"),
    ],
)
def test_what_is_not_listed(task, words):
    assert words in certify_mixtures(task()).reason


@given(st.integers(1, 4), st.integers(0, 10**6))
def test_shares_are_1_at_their_own_and_0_at_the_others(count, seed):
    rng = np.random.default_rng(seed)
    tables = []
    while len(tables) < count:
        table = np.vectorize(F)(rng.integers(0, 3, (3, 2)))
        rows = np.array([[*one.ravel(), 1] for one in [*tables, table]], dtype=float)
        if np.linalg.matrix_rank(rows) == len(rows):
            tables.append(table)
    for j, share in enumerate(shares_of(tables)):
        for other, table in enumerate(tables):
            assert sum(rate * (1 if spot is None else table[spot]) for spot, rate in share.items()) == (j == other)


# -- what is refused -------------------------------------------------------------------------------------------------


def refused(data, words=""):
    holds, message = check(data)
    assert not holds
    assert words in message, message


def test_a_list_that_leaves_one_out_is_refused(document):
    for j in range(2):
        data = copy.deepcopy(document)
        for part in ("mechanisms", "shares", "positive"):
            del data["proof"][part][j]
        data["claim"]["count"] = 1
        refused(data)


def test_a_mechanism_that_breaks_the_design_is_refused(document):
    """Always a is not unanimous."""
    document["proof"]["mechanisms"][0]["allocation"] = [[[0, "1"]]] * 36
    refused(document)


def test_every_inequality_is_needed_where_incentives_speak(document):
    for k in range(0, len(document["proof"]["bounds"]), 25):
        data = copy.deepcopy(document)
        del data["proof"]["bounds"][k]
        refused(data, "is not shown")


def test_other_shares_are_refused(document):
    swapped = copy.deepcopy(document)
    swapped["proof"]["shares"].reverse()
    refused(swapped, "is not shown")
    for text in ("2", "1/2"):
        data = copy.deepcopy(document)
        data["proof"]["shares"][0]["chances"][0][2] = text
        refused(data)
    data = copy.deepcopy(document)
    data["proof"]["shares"][0]["constant"] = "1/100"
    refused(data)


def test_shares_that_do_not_sum_to_one_are_refused(document):
    """Without the proof that they do; with shares of 0 every other inequality is plain."""
    data = copy.deepcopy(document)
    for share in data["proof"]["shares"]:
        share.update(constant="0", chances=[])
    refused(data, "sum to 1")


def test_altered_claims_and_problems_are_refused(document):
    for claim in ({"kind": "mixtures", "count": 3}, {"kind": "infeasible"}, {}):
        refused({**document, "claim": claim}, "not understood" if claim else "")
    data = copy.deepcopy(document)
    data["problem"]["require"] = []
    refused(data, "digest")
    data["digest"] = digest(data["problem"])
    refused(data)  # without unanimity there are constant rules, too
    data = copy.deepcopy(document)
    data["problem"]["deterministic"] = True
    data["digest"] = digest(data["problem"])
    refused(data, "lotteries")
    refused({**document, "format": "amd-mixtures-0"})
    del document["proof"]["whole"]
    refused(document, "malformed")


@pytest.mark.parametrize("flags", [[], ["-O"]])
def test_two_files_alone_check_it(document, tmp_path, flags):
    home = Path(verify_mixtures.__file__)
    for name in (home.name, "verify.py"):
        shutil.copy(home.with_name(name), tmp_path / name)
    false = copy.deepcopy(document)
    false["proof"]["bounds"].pop()
    for data, status, word in ((document, 0, "proven: "), (false, 1, "NOT PROVEN: ")):
        (tmp_path / "c.json").write_text(json.dumps(data))
        command = [sys.executable, *flags, "-S", "-P", str(tmp_path / home.name), str(tmp_path / "c.json")]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
        assert (ran.returncode, ran.stdout.startswith(word)) == (status, True), ran.stdout + ran.stderr


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_command_proves_and_verifies(tmp_path):
    problem, path = tmp_path / "votes.json", tmp_path / "all.json"
    agents = {"voter": {"types": {"orders": "all"}}}
    design = {"transfers": False, "incentive": "dominant"}
    problem.write_text(json.dumps({"amd": 1, "agents": agents, "outcomes": ["a", "b"], "design": design}))
    ran = CliRunner().invoke(main, ["certify", str(problem), "--all", "-o", str(path)])
    assert ran.exit_code == 0 and "just the mixtures of these 3" in ran.output
    verified = CliRunner().invoke(main, ["verify", str(path), "--problem", str(problem)])
    assert verified.exit_code == 0 and "mixtures of 3" in verified.output


def test_a_saved_list_is_about_its_problem(gibbard, tmp_path):
    path = tmp_path / "all.json"
    gibbard.save(path)
    verified = CliRunner().invoke(main, ["verify", str(path), "--problem", "random-dictatorship"])
    assert verified.exit_code == 0 and "mixtures of 2" in verified.output
    other = CliRunner().invoke(main, ["verify", str(path), "--problem", "compromise"])
    assert other.exit_code == 1 and "another problem" in other.output


def test_the_command_says_why_not():
    ran = CliRunner().invoke(main, ["certify", "license", "--all"])
    assert ran.exit_code == 3 and "not proven: all mechanisms are listed for lotteries" in ran.output
    assert CliRunner().invoke(main, ["certify", "license", "--all", "--continuum"]).exit_code == 2
    assert CliRunner().invoke(main, ["certify", "arrow", "--all"]).exit_code == 2
