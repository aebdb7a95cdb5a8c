"""Back-ends by name, and what happens when one is not there."""

import subprocess
import sys

import pytest

import solvers
from solvers import registry


def test_every_name_gives_the_back_end_of_that_name():
    for name in solvers.available():
        assert solvers.get(name).name == name


def test_the_default_comes_first():
    assert solvers.available()[0] == "highs"


def test_an_unknown_name_lists_the_choices():
    with pytest.raises(solvers.SolverError, match="no solver 'simplex'; choose one of highs, pulp, cvxpy"):
        solvers.get("simplex")


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr(registry, "find_spec", lambda name: None if name == "clarabel" else object())
    with pytest.raises(solvers.SolverError, match=r'needs clarabel.*pip install "automated-mechanism-design\[cvxpy\]"'):
        solvers.get("cvxpy")
    assert solvers.available() == ("highs", "pulp")


def test_importing_solvers_imports_no_solver():
    code = "import sys, solvers; print([n for n in ('pulp', 'cvxpy', 'clarabel', 'highspy') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_solvers_knows_nothing_of_mechanisms():
    code = "import sys, solvers; solvers.get('highs'); print([n for n in sys.modules if n.split('.')[0] == 'amd'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
