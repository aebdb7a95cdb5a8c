"""Certificates of conflicts: what they hold, and that the verifier refuses what is false."""

import copy
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

import amd
from amd.cli.main import main
from amd.model.design import Participation
from amd.proof import verify_conflict
from amd.proof.conflict.certificate import ConflictCertificate, conflict_certificate
from amd.proof.conflict.clauses import without
from amd.proof.conflict.why import why_infeasible
from amd.proof.documents import check, concerns
from amd.proof.problem import restate
from amd.proof.verify import digest

F = Fraction


@cache
def made(name, *overrides):
    conflict = why_infeasible(amd.load(name, **dict(overrides)).task, priced=False)
    found = conflict_certificate(conflict)
    assert isinstance(found, ConflictCertificate), found
    return conflict, found.document


@pytest.fixture
def document():
    def make(name, **overrides):
        return json.loads(json.dumps(made(name, *overrides.items())[1]))

    return make


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("myerson-satterthwaite", 6),
        ("green-laffont", 4),
        ("interdependence", 2),
        pytest.param("compromise", 4, marks=pytest.mark.slow),
        ("all-lemons", 5),
        ("private-rents", 5),
        pytest.param("gibbard-satterthwaite", 4, marks=pytest.mark.slow),
    ],
)
def test_conflicts_of_the_atlas_are_certified(name, count):
    conflict, document = made(name)
    assert len(conflict.conflict) == count == len(document["proof"]["mechanisms"])
    holds, message = check(document)
    assert holds and f"these {count} requirements conflict" in message
    assert concerns(document, conflict.task)
    assert not concerns(document, amd.load("license").task)


@pytest.mark.parametrize("name", ["myerson-satterthwaite", "interdependence", "guaranteed-two"])
def test_the_verifier_drops_what_the_program_drops(name):
    """The problem without some requirements is restated alike by both, whichever are dropped; `guaranteed-two` has two
    worst cases, of which one goes."""
    if name == "guaranteed-two":
        require = ["worst(revenue) >= 1", "worst(welfare) + 2*worst(surplus) >= 9", "revenue >= 2"]
        file = {
            "amd": 1,
            "agents": {"buyer": {"types": {"v": {"values": [1, 2]}}, "value": {"lamp": "v"}, "budget": 3}},
            "goods": {"lamp": 1},
            "design": {"require": [{one.rpartition(" >= ")[0]: f">= {one[-1]}"} for one in require]},
        }
        conflict = amd.problem(file).why()
    else:
        conflict, _ = made(name)
    task = conflict.task
    for clause in conflict.clauses:
        asked = without(task.environment, replace(task.design, objective=None), (clause,))
        plain = _plain(task, clause)
        verify_conflict.known(restate(task), plain)
        data = verify_conflict.without(restate(task), [plain])
        assert data == restate(replace(task, environment=asked.environment, design=asked.design))


def _plain(task, clause):
    """A requirement as certificates name it."""
    if clause.kind in ("incentive", "participation", "cap"):
        return [clause.kind, [task.environment.agents[i].name for i in clause.agents]]
    if clause.kind in ("budget", "bound"):
        return ["need", (clause.position or 0) + (clause.kind == "bound" and task.design.budget is not None)]
    return [clause.kind]


def test_incentives_that_the_conflict_does_not_need_are_not_used(document):
    """Of two bidders one alone conflicts with efficiency; calling the other's incentives superfluous is right, calling
    the one's so is not."""
    data = document("interdependence")
    assert data["claim"]["superfluous"] == [["incentive", ["bidder[2]"]]]
    swapped = copy.deepcopy(data)
    swapped["claim"]["superfluous"] = [["incentive", ["bidder[1]"]]]
    swapped["claim"]["conflict"][0] = ["incentive", ["bidder[2]"]]
    holds, message = check(swapped)
    assert not holds and "does not need" in message


# -- what is refused -------------------------------------------------------------------------------------------------


def refused(data, words=""):
    holds, message = check(data)
    assert not holds
    assert words in message, message


def test_a_requirement_that_matters_cannot_be_called_superfluous(document):
    """Efficient trade needs all six: whichever is moved to the other list, the proof does not contradict the rest."""
    for k in (0, 3, 5):
        data = document("myerson-satterthwaite")
        data["claim"]["superfluous"] = [data["claim"]["conflict"].pop(k)]
        del data["proof"]["mechanisms"][k]
        refused(data)


def test_a_requirement_that_does_not_matter_cannot_be_listed(document):
    """With one that conflicts with nothing dropped, no mechanism meets the others."""
    data = document("interdependence")
    data["claim"]["conflict"].append(data["claim"]["superfluous"].pop())
    for mechanism in document("interdependence")["proof"]["mechanisms"]:
        refused({**data, "proof": {**data["proof"], "mechanisms": [*data["proof"]["mechanisms"], mechanism]}})


def test_every_mechanism_is_of_its_own_requirement(document):
    data = document("myerson-satterthwaite")
    data["proof"]["mechanisms"].reverse()
    refused(data)
    data["proof"]["mechanisms"].pop()
    refused(data)


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        (["incentive", []], "of no agent"),
        (["participation", ["nobody"]], "of no agent"),
        (["need", 7], "no such budget"),
        (["need", True], "no such budget"),
        (["anonymous"], "nobody asked"),
        (["wish"], "nobody asked"),
        ([], "malformed"),
        ("efficient", ""),
    ],
)
def test_unknown_requirements_are_refused(document, clause, words):
    data = document("myerson-satterthwaite")
    data["claim"]["superfluous"] = [clause]
    refused(data, words)


def test_altered_numbers_and_problems_are_refused(document):
    data = document("myerson-satterthwaite")
    name, weight = data["proof"]["tree"]["multipliers"][0]
    data["proof"]["tree"]["multipliers"][0] = [name, str(F(weight) + 1)]
    refused(data)
    data = document("myerson-satterthwaite")
    data["problem"]["agents"][0]["stage"] = "none"
    refused(data, "digest")
    data["digest"] = digest(data["problem"])
    refused(data)
    data = document("myerson-satterthwaite")
    data["proof"]["mechanisms"][0]["payments"][0][0] = "1000"
    refused(data, "breaks")
    for kind in ("conflict", "infeasible"):
        data["claim"] = {"kind": kind, "conflict": [], "superfluous": []}
        refused(data, "not understood")


def test_what_is_possible_has_no_certificate():
    """Five of the six, said to conflict."""
    conflict, _ = made("myerson-satterthwaite")
    task = conflict.task
    stages = (Participation.NONE, *task.design.participation[1:])
    false = replace(conflict, task=replace(task, design=replace(task.design, participation=stages)))
    found = conflict_certificate(false)
    assert "contradicts" in found.reason


# -- the command -----------------------------------------------------------------------------------------------------


def test_why_writes_a_certificate_that_verify_accepts(tmp_path):
    path = tmp_path / "conflict.json"
    ran = CliRunner().invoke(main, ["why", "all-lemons", "-o", str(path)])
    assert ran.exit_code == 1
    verified = CliRunner().invoke(main, ["verify", str(path), "--problem", "all-lemons"])
    assert verified.exit_code == 0
    assert "these 5 requirements conflict" in verified.output and "incentive of seller" in verified.output
    other = CliRunner().invoke(main, ["verify", str(path), "--problem", "myerson-satterthwaite"])
    assert other.exit_code == 1 and "another problem" in other.output


def test_nothing_is_written_where_nothing_conflicts(tmp_path):
    path = tmp_path / "conflict.json"
    ran = CliRunner().invoke(main, ["why", "license", "-o", str(path)])
    assert ran.exit_code == 0 and not path.exists()
    assert "nothing conflicts" in ran.output


def test_two_files_alone_check_it(tmp_path):
    home = Path(verify_conflict.__file__)
    for name in (home.name, "verify.py"):
        shutil.copy(home.with_name(name), tmp_path / name)
    (tmp_path / "c.json").write_text(json.dumps(made("interdependence")[1]))
    ran = subprocess.run(
        [sys.executable, "-S", "-O", "-I", "-c", _ALONE, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout[:6]) == (0, "proven"), ran.stderr
    assert "amd" not in ran.stdout


_ALONE = """
import runpy, sys
folder = sys.argv[1]
sys.path.insert(0, folder)
sys.argv = ["verify_conflict.py", folder + "/c.json"]
runpy.run_path(folder + "/verify_conflict.py", run_name="__main__")
"""
