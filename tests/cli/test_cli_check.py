"""`amd check`: the audit of somebody's mechanism."""

import json

import pytest


@pytest.fixture
def everybody_pays_thirty(tmp_path):
    """The higher report wins, ties to firm 1, the winner pays 30 (a textbook's example)."""
    path = tmp_path / "thirty.json"
    entries = [
        {"report": [[10], [10]], "allocation": [[1], [0]], "payments": [30, 0]},
        {"report": [[10], [50]], "allocation": [[0], [1]], "payments": [0, 30]},
        {"report": [[50], [10]], "allocation": [[1], [0]], "payments": [30, 0]},
        {"report": [[50], [50]], "allocation": [[1], [0]], "payments": ["30", "0/1"]},
    ]
    path.write_text(json.dumps({"profiles": entries}))
    return path


def test_a_violation_is_told_with_its_witness(run, license_file, everybody_pays_thirty):
    result = run("check", license_file, "--mechanism", everybody_pays_thirty)
    assert result.exit_code == 1
    assert "The mechanism violates participation." in result.stdout
    assert "firm[1] with v = 10 loses 10 by taking part" in result.stdout
    assert "incentive      holds" in result.stdout


def test_a_violation_as_json(answer, license_file, everybody_pays_thirty):
    status, data = answer("check", license_file, "--mechanism", everybody_pays_thirty)
    assert status == 1
    assert set(data) == {"quantities", "audit"}
    assert data["audit"]["participation"]["violation"] == pytest.approx(10)
    assert "firm[1]" in data["audit"]["participation"]["witness"]
    assert data["audit"]["incentive"] == {"violation": 0.0, "witness": None}
    assert data["quantities"]["revenue"] == pytest.approx(30)


def test_the_tolerance_is_in_the_problems_own_units(run, license_file, everybody_pays_thirty):
    call = ("check", license_file, "--mechanism", everybody_pays_thirty, "--tolerance")
    assert run(*call, "10.001").exit_code == 0
    assert run(*call, "9.999").exit_code == 1
    assert run(*call, "0").exit_code == 1


def test_a_bundled_mechanism_of_a_bundled_problem(run):
    from amd.files import bundled

    folder = bundled.folder()
    assert run("check", "license", "--mechanism", folder / "auctions" / "license-mechanism.json").exit_code == 1
    assert run("check", "license", "--mechanism", "license-mechanism").exit_code == 1
    assert run("check", "license", "--mechanism", "auctions/license-mechanism.json").exit_code == 1
    assert run("check", "license", "--mechanism", "licence-mechanism").exit_code == 2


def test_without_a_design_the_usual_one_is_audited_and_said(run, license_file, everybody_pays_thirty):
    text = license_file.read_text().replace("design: {maximize: revenue}\n", "")
    license_file.write_text(text)
    result = run("check", license_file, "--mechanism", everybody_pays_thirty)
    assert result.exit_code == 1
    assert "no `design`" in result.stderr


def test_answers_of_other_kinds(run, matching_file, tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"matching": {"ann": "y", "bob": "x"}}')
    bad.write_text('{"matching": {"ann": "x", "bob": null}}')
    assert run("check", matching_file, "--mechanism", good).exit_code == 0
    refused = run("check", matching_file, "--mechanism", bad)
    assert refused.exit_code == 1
    assert "bob" in refused.stdout
    bad.write_text('{"matching": {"zoe": "x"}}')
    assert run("check", matching_file, "--mechanism", bad).exit_code == 2
