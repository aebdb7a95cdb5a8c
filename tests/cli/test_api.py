"""The Python interface: problems from files, texts and mappings, and what can be asked of them."""

import inspect
from fractions import Fraction

import numpy as np
import pytest

import amd
from amd.mechanism.audit import Audit
from solvers import Settings

TEXT = (
    "amd: 1\n"
    "title: A license\n"
    "parameters: {L: 10, H: 50}\n"
    "agents: {firm: {count: 2, types: {v: {values: [L, H]}}, value: {license: v}}}\n"
    "goods: {license: 1}\n"
    "design: {maximize: revenue}\n"
)
MAPPING = {
    "amd": 1,
    "title": "A license",
    "parameters": {"L": 10, "H": 50},
    "agents": {"firm": {"count": 2, "types": {"v": {"values": ["L", "H"]}}, "value": {"license": "v"}}},
    "goods": {"license": 1},
    "design": {"maximize": "revenue"},
}


def test_three_ways_to_the_same_problem(license_file):
    problems = [amd.load(license_file), amd.load(str(license_file)), amd.loads(TEXT), amd.problem(MAPPING)]
    assert len({problem.task.digest for problem in problems}) == 1
    assert problems[0].title == "A license"


def test_solve_check_and_call():
    problem = amd.loads(TEXT)
    result = problem.solve()
    assert result.status is amd.Status.OPTIMAL
    assert result.optimal
    assert result.objective == pytest.approx(37.5)
    assert result.mechanism(50, 10).payments["firm[1]"] == pytest.approx(50)
    audit = problem.check(result.mechanism)
    assert isinstance(audit, Audit)
    assert audit.ok()


def test_overrides_are_numbers_fractions_or_texts():
    for value in (30, "30", Fraction(30), 30.0):
        assert amd.loads(TEXT, L=value).solve().objective == pytest.approx(40)
    assert amd.load("license", L=30).solve().objective == pytest.approx(40)
    assert amd.problem(MAPPING, L="H - 20").solve().objective == pytest.approx(40)


def test_wrong_input_is_one_error_with_all_its_faults():
    with pytest.raises(amd.InputError) as caught:
        amd.loads("amd: 1\nagents: 3\ncolour: red\n")
    assert [fault.line for fault in caught.value.faults] == [1, 2, 3]  # line 1: neither outcomes nor goods
    with pytest.raises(amd.InputError):
        amd.load("no such problem")
    with pytest.raises(amd.InputError):
        amd.loads(TEXT, Q=3)


def test_options_of_solve():
    problem = amd.loads(TEXT)
    assert problem.solve(solver="pulp", formulation="full", time_limit=60).objective == pytest.approx(37.5)
    assert problem.solve(settings=Settings(tolerance=1e-8)).objective == pytest.approx(37.5)
    with pytest.raises(ValueError, match="unknown formulation"):
        problem.solve(formulation="nonsense")
    with pytest.raises(amd.SolverError, match="there is no solver"):
        problem.solve(solver="nonsense")
    said = []
    problem.solve(progress=said.append)
    assert said


def test_a_mechanism_is_saved_loaded_audited_and_simulated(tmp_path):
    problem = amd.loads(TEXT)
    result = problem.solve()
    path = tmp_path / "m.json"
    result.save(path)
    again = problem.mechanism(path)
    np.testing.assert_allclose(again.payments, result.mechanism.payments)
    assert problem.check(path).ok()
    assert problem.simulate(path, rounds=100, seed=3).means == result.simulate(rounds=100, seed=3).means


def test_without_a_mechanism_there_is_nothing_to_save(impossible_file, tmp_path):
    result = amd.load(impossible_file).solve()
    assert result.status is amd.Status.INFEASIBLE
    with pytest.raises(ValueError, match="no mechanism to write"):
        result.save(tmp_path / "m.json")
    with pytest.raises(ValueError, match="no mechanism to play"):
        result.simulate()
    assert not list(tmp_path.glob("m*"))


def test_explain_and_export(tmp_path):
    problem = amd.loads(TEXT)
    assert "Subject to" in problem.explain()
    written = problem.export(tmp_path / "program.lp", formulation="full")
    assert (written.rows, written.columns) == (12, 16)
    assert (tmp_path / "program.lp").read_text().startswith("Maximize")


def test_a_problem_without_a_design():
    problem = amd.loads(TEXT.replace("design: {maximize: revenue}\n", ""))
    assert problem.design is None
    with pytest.raises(ValueError, match="no `design`"):
        problem.solve()
    assert "no `design`" in problem.explain()
    mechanism = amd.loads(TEXT).solve().mechanism
    assert problem.check(mechanism).ok()


def test_problems_and_results_introduce_themselves():
    problem = amd.loads(TEXT)
    assert repr(problem) == "Problem('A license': firm × 2; 4 type profiles)"
    assert "Wish: maximize revenue." in problem._repr_html_()
    result = problem.solve()
    assert repr(result).startswith("Result(optimal, objective=75/2, 'A license', ")
    assert str(result) == result.summary()


def test_problems_and_results_are_frozen():
    problem = amd.loads(TEXT)
    with pytest.raises(AttributeError):
        problem.task = None
    with pytest.raises(AttributeError):
        problem.solve().objective = 1.0


def signatures(kind: type) -> dict[str, str]:
    """Public methods with their parameters, and properties."""
    found = {}
    for name, member in inspect.getmembers(kind):
        if not name.startswith("_"):
            found[name] = ", ".join(inspect.signature(member).parameters) if callable(member) else "-"
    return found


def test_the_interface_of_problems_and_results_is_frozen():
    assert signatures(amd.Problem) == {
        "check": "self, mechanism, exact",
        "design": "-",
        "environment": "-",
        "explain": "self, formulation",
        "export": "self, path, formulation",
        "mechanism": "self, source",
        "read_seconds": "-",
        "simulate": "self, mechanism, rounds, seed",
        "solve": "self, solver, formulation, time_limit, settings, progress",
        "title": "-",
        "why": "self, time_limit",
    }
    methods = {name: text for name, text in signatures(amd.Result).items() if text != "-"}
    assert methods == {
        "explain": "self",
        "plot": "self, kind, ax, options",
        **dict.fromkeys(
            ["plot_allocation", "plot_binding", "plot_interim", "plot_payments", "plot_regions", "plot_utility"],
            "self, ax, options",
        ),
        "plot_virtual_values": "self, ax, options",
        "plots": "self",
        "report": "self, path, command, prove",
        "save": "self, path",
        "simulate": "self, rounds, seed",
        "summary": "self",
        "to_json": "self",
    }
    for function in (amd.load, amd.loads, amd.problem):
        assert list(inspect.signature(function).parameters)[1:] == ["overrides"]
