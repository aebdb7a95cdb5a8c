"""`amd solve`: what it prints, what it writes, and how it ends."""

import json
from fractions import Fraction

import pytest

from amd.cli.options import SOLVERS
from solvers.registry import _BACKENDS

STATUSES = {"optimal": 0, "infeasible": 1, "unbounded": 1, "limit": 3, "error": 3}
KEYS = {"status", "message", "objective", "objective_exact", "quantities", "audit", "formulation", "seconds",
        "solver", "problem", "peak_memory"}  # fmt: skip


def check_form(data: dict) -> None:
    """The form of `solve --json` on the page of the problem format."""
    assert set(data) >= KEYS
    assert data["status"] in STATUSES
    assert data["objective"] is None or isinstance(data["objective"], float)
    assert data["objective_exact"] is None or Fraction(data["objective_exact"]) is not None
    assert all(isinstance(value, float) for value in data["quantities"].values())
    if data["audit"] is not None:
        assert set(data["audit"]) == {"incentive", "participation", "budget", "feasibility"}
        for found in data["audit"].values():
            assert set(found) == {"violation", "witness"}
            assert found["violation"] >= 0
            assert (found["witness"] is None) == (found["violation"] == 0)
    assert {"rows", "columns", "nonzeros", "reductions"} <= set(data["formulation"])
    assert {"read", "build", "solve", "lift", "audit"} <= set(data["seconds"])
    assert data["peak_memory"] is None or 10**7 < data["peak_memory"] < 10**12  # an interpreter with numpy at least
    assert set(data["solver"]) == {"name", "version"}
    assert set(data["problem"]) == {"title", "sha256"}
    assert len(data["problem"]["sha256"]) == 64


def test_an_answer_as_json(answer, license_file):
    status, data = answer("solve", license_file)
    assert status == 0
    check_form(data)
    assert data["status"] == "optimal"
    assert data["objective"] == pytest.approx(37.5, abs=1e-9)
    assert data["quantities"]["revenue"] == pytest.approx(37.5, abs=1e-9)
    assert data["problem"]["title"] == "A license"


def test_no_such_mechanism_as_json(answer, impossible_file):
    status, data = answer("solve", impossible_file)
    assert status == 1
    check_form(data)
    assert (data["status"], data["objective"], data["audit"]) == ("infeasible", None, None)


def test_no_best_mechanism_as_json(answer, unbounded_file):
    status, data = answer("solve", unbounded_file)
    assert status == 1
    check_form(data)
    assert data["status"] == "unbounded"
    assert "participation" in data["message"]


def test_a_time_limit_as_json(answer, hard_file):
    status, data = answer("solve", hard_file, "--time-limit", "0.2")
    assert status == 3
    check_form(data)
    assert data["status"] == "limit"
    assert data["objective"] is None


def test_an_answer_in_words(run, license_file):
    result = run("solve", license_file)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "The best mechanism earns an expected revenue of 75/2 = 37.5." in result.stdout
    for part in ("A license", "who gets license", "Quantities", "Audit", "Program", "Time"):
        assert part in result.stdout
    assert all(line == line.rstrip() for line in result.stdout.splitlines())


def test_no_answer_in_words(run, impossible_file, unbounded_file, hard_file):
    impossible = run("solve", impossible_file)
    assert impossible.exit_code == 1
    assert "There is no such mechanism." in impossible.stdout
    unbounded = run("solve", unbounded_file)
    assert unbounded.exit_code == 1
    assert "participation: interim" in unbounded.stdout
    limit = run("solve", hard_file, "--time-limit", 0.2)
    assert limit.exit_code == 3
    assert "A limit was reached" in limit.stdout


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_answers_alike(answer, license_file, solver):
    status, data = answer("solve", license_file, "--solver", solver)
    assert status == 0
    assert data["solver"]["name"] == solver
    assert data["objective"] == pytest.approx(37.5, abs=1e-6)


def test_the_solvers_offered_are_those_there_are():
    assert tuple(_BACKENDS) == SOLVERS


def test_a_solver_that_lacks_something_is_a_failure_with_a_reason(run, hard_file):
    result = run("solve", hard_file, "--solver", "cvxpy")
    assert result.exit_code == 3
    assert "integer columns" in result.stderr
    assert result.stdout == ""
    data = json.loads(run("solve", hard_file, "--solver", "cvxpy", "--json").stdout)
    assert set(data) == KEYS
    assert (data["status"], data["objective"], data["solver"]["name"]) == ("error", None, "cvxpy")
    assert "integer columns" in data["message"]


def test_the_full_program_has_the_same_value(answer, license_file):
    full = answer("solve", license_file, "--formulation", "full")[1]
    assert full["objective"] == pytest.approx(37.5, abs=1e-9)
    assert full["formulation"]["reductions"] == []


def test_parameters_are_overridden(answer, license_file):
    assert answer("solve", license_file, "--set", "L=30")[1]["objective"] == pytest.approx(40, abs=1e-9)
    assert answer("solve", license_file, "--set", "L=30", "--set", "H=60/1")[0] == 0


def test_standard_input(run, license_file):
    text = license_file.read_text()
    result = run("solve", "-", "--json", stdin=text)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["objective"] == pytest.approx(37.5)


def test_a_file_goes_before_a_bundled_problem(run, license_file, monkeypatch):
    monkeypatch.chdir(license_file.parent)
    license_file.rename("license")
    assert run("solve", "license").stdout.startswith("A license\n")
    assert run("solve", "auctions/license").stdout.startswith("A license for one of two firms\n")


def test_the_mechanism_is_written_and_passes_its_check(run, license_file, tmp_path):
    output = tmp_path / "mechanism.json"
    assert run("solve", license_file, "-o", output).exit_code == 0
    profiles = json.loads(output.read_text())["profiles"]
    assert len(profiles) == 4
    assert {"report", "allocation", "payments"} <= set(profiles[0])
    assert run("check", license_file, "--mechanism", output).exit_code == 0


def test_a_mechanism_too_large_to_list_is_written_in_its_interim_form(run, problem, tmp_path):
    text = (
        "amd: 1\n"
        "agents: {bidder: {count: 8, types: {v: {uniform: [0, 1], cells: 30}}, value: {lamp: v}}}\n"
        "goods: {lamp: 1}\n"
        "design: {maximize: revenue}\n"
    )
    file, output = problem(text), tmp_path / "interim.json"
    result = run("solve", file, "-o", output)
    assert result.exit_code == 0
    assert "each bidder (8 alike)" in result.stdout
    assert run("check", file, "--mechanism", output).exit_code == 0


def test_nothing_is_written_where_there_is_no_mechanism(run, impossible_file, tmp_path):
    output = tmp_path / "mechanism.json"
    output.write_text("what was there before")
    result = run("solve", impossible_file, "-o", output)
    assert result.exit_code == 1
    assert "was not written" in result.stderr
    assert output.read_text() == "what was there before"


def test_other_kinds_are_solved_by_their_modules(run, matching_file, tmp_path):
    output = tmp_path / "matching.json"
    result = run("solve", matching_file, "-o", output)
    assert result.exit_code == 0
    assert "Two and two" in result.stdout
    assert json.loads(output.read_text())["matching"] == {"ann": "y", "bob": "x"}
    assert json.loads(run("solve", matching_file, "--json").stdout)["status"] == "optimal"
    refused = run("solve", matching_file, "--formulation", "full")
    assert refused.exit_code == 2
    assert "means nothing" in refused.stderr
