"""Wrong input: exit status 2, every fault on standard error with its place, nothing on standard output."""

import os

import pytest


def refused(result, *parts: str) -> None:
    """Exit 2, a message with these parts, no answer and no traceback."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for part in parts:
        assert part in result.stderr


def test_every_fault_of_a_file_at_once_and_with_its_line(run, problem):
    text = (
        "amd: 1\n"
        "agents:\n"
        "  a: {types: {v: {values: [1, 2], prob: [1/2, 1/3]}}, value: {lamp: w}}\n"
        "goods: {lamp: 1}\n"
        "colour: red\n"
        "design: {maximize: revenu}\n"
    )
    file = problem(text)
    result = run("solve", file, "--json")
    refused(
        result,
        f"{file}:3: agents.a.types.v.prob: ",
        f"{file}:3: agents.a.value.lamp: ",
        f"{file}:5: colour: ",
        f"{file}:6: design.maximize: ",
        "did you mean 'revenue'?",
    )
    assert len(result.stderr.splitlines()) == 4


@pytest.mark.parametrize("verb", ["solve", "explain", "simulate", "bounds"])
def test_every_verb_refuses_a_wrong_file_alike(run, problem, verb):
    file = problem("amd: 1\nagents: 3\n")
    refused(run(verb, file), f"{file}:2: agents: ")


@pytest.mark.parametrize("verb", ["solve", "explain", "simulate"])
def test_a_file_without_a_design(run, problem, verb):
    file = problem("amd: 1\nagents: {a: {types: {v: {values: [1]}}, value: {x: v}}}\noutcomes: [x]\n")
    refused(run(verb, file), f"{file}", "design: ", "missing")


def test_a_problem_too_large_is_a_fault_of_its_agents(run, problem):
    text = (
        "amd: 1\n"
        "title: too large\n"
        "agents: {bidder: {count: 9, types: {v: {uniform: [0, 1], cells: 40}}, value: {lamp: v, fan: v^2}}}\n"
        "goods: {lamp: 1, fan: 1}\n"
        "design: {maximize: revenue, incentive: dominant}\n"
    )
    file = problem(text)
    refused(run("solve", file), f"{file}:3: agents: ", "rows", "memory")
    refused(run("export", file, "-o", file.parent / "x.lp"), f"{file}:3: agents: ")
    assert not (file.parent / "x.lp").exists()


def test_files_that_cannot_be_read(run, tmp_path):
    refused(run("solve", tmp_path / "nowhere.yaml"), "nowhere.yaml: ", "no such file")
    refused(run("solve", tmp_path), f"{tmp_path}: ", "directory")
    refused(run("solve", "licens"), "did you mean 'license'?")
    refused(run("show", "licens"), "did you mean 'license'?")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(run, license_file):
    license_file.chmod(0)
    refused(run("solve", license_file), "ermission")


def test_text_that_is_no_text(run, tmp_path):
    file = tmp_path / "binary.yaml"
    file.write_bytes(b"amd: 1\ntitle: \xff\n")
    refused(run("solve", file), f"{file}:2: ", "UTF-8")


def test_standard_input_has_a_name_and_lines(run):
    refused(run("solve", "-", stdin="amd: 1\ncolour: red\n"), "<stdin>:2: colour: ")


def test_faults_of_overrides_have_no_line(run, license_file):
    refused(run("solve", license_file, "--set", "N=3"), "--set N", "no parameter")
    refused(run("solve", license_file, "--set", "L=1/0"), "--set L", "zero")
    refused(run("solve", license_file, "--set", "L"), "such as N=40")
    refused(run("solve", license_file, "--set", "L=1", "--set", "L=2"), "L is set twice")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("frobnicate",),
        ("solve",),
        ("solve", "license", "--frobnicate"),
        ("solve", "license", "--solver", "gurobi"),
        ("solve", "license", "--formulation", "frobnicate"),
        ("solve", "license", "--time-limit", "0"),
        ("solve", "license", "--time-limit", "nan"),
        ("solve", "license", "--time-limit", "soon"),
        ("check", "license"),
        ("check", "license", "--mechanism", "nowhere.json"),
        ("check", "license", "--mechanism", "x", "--tolerance", "-1"),
        ("export", "license"),
        ("export", "license", "-o", "program.txt"),
        ("simulate", "license", "--rounds", "1"),
        ("list", "nonsense"),
    ],
)
def test_wrong_use_of_the_command_line(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    assert result.stderr


def test_an_unknown_verb_is_answered_with_the_one_that_was_meant(run):
    refused(run("slove", "license"), "did you mean 'solve'?")


def test_a_reduction_that_would_lose_something_is_refused(run, license_file):
    refused(run("solve", license_file, "--formulation", "expected-budget"), "does not apply", "ex post budget")


def test_a_mechanism_file_that_is_none(run, license_file, tmp_path):
    wrong = tmp_path / "m.json"
    wrong.write_text('{"profiles": [{"report": [[10], [10]], "outcomes": {"x": 1}}]}')
    refused(run("check", license_file, "--mechanism", wrong), f"{wrong}: profiles")
    wrong.write_text("{")
    refused(run("check", license_file, "--mechanism", wrong), f"{wrong}:1: ", "JSON")


def test_very_many_faults_are_counted(run, license_file, tmp_path):
    wrong = tmp_path / "m.json"
    entries = ",".join('{"report": [[7], [8]]}' for _ in range(500))
    wrong.write_text(f'{{"profiles": [{entries}]}}')
    result = run("check", license_file, "--mechanism", wrong)
    refused(result, "more faults")
    assert len(result.stderr.splitlines()) <= 60


def test_verbs_for_mechanisms_refuse_other_kinds(run, matching_file, problem):
    for verb in ("explain", "bounds", "simulate"):
        refused(run(verb, matching_file), f"{matching_file}", "kind: ")
    refused(run("solve", problem("kind: sudoku\n")), "problem.yaml:1: kind: ")
    refused(run("solve", matching_file, "--set", "n=2"), "--set means nothing")


def test_faults_of_other_kinds_have_their_place(run, problem):
    file = problem("amd: 1\nkind: matching\napplicants: {ann: [x]}\nprograms: {y: [ann]}\n")
    refused(run("solve", file), f"{file}:3: ")
