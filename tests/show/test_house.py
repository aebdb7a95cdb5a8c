"""The public interface, and another package called `solvers` in the way."""

import os
import subprocess
import sys
from pathlib import Path

import amd

ROOT = Path(amd.__file__).resolve().parent.parent

PUBLIC = [
    "Audit",
    "InputError",
    "Mechanism",
    "Problem",
    "Result",
    "SolverError",
    "Status",
    "__version__",
    "explain",
    "load",
    "loads",
    "problem",
]


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Python in a folder that comes first on its path, as for ``python -c`` and notebooks."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_the_public_interface_is_frozen():
    assert sorted(amd.__all__) == PUBLIC
    assert set(PUBLIC) <= set(dir(amd))
    for name in PUBLIC:
        assert getattr(amd, name) is not None


def test_what_is_not_there_is_an_attribute_error():
    assert not hasattr(amd, "nothing")


def test_importing_is_light(tmp_path):
    heavy = "('numpy', 'scipy', 'highspy', 'rich', 'ruamel', 'pydantic', 'cvxpy', 'click')"
    code = f"import sys, amd; print([name for name in {heavy} if name in sys.modules])"
    assert run(code, tmp_path).stdout.strip() == "[]"


def test_a_script_called_solvers_is_named(tmp_path):
    (tmp_path / "solvers.py").write_text("x = 1\n")
    done = run("import amd", tmp_path)
    assert done.returncode != 0
    assert str(tmp_path / "solvers.py") in done.stderr
    assert "hides the package 'solvers'" in done.stderr


def test_a_package_called_solvers_is_named(tmp_path):
    (tmp_path / "solvers").mkdir()
    (tmp_path / "solvers" / "__init__.py").write_text("")
    done = run("import solvers, amd", tmp_path)
    assert done.returncode != 0
    assert str(tmp_path / "solvers" / "__init__.py") in done.stderr


def test_a_folder_without_modules_hides_nothing(tmp_path):
    (tmp_path / "solvers").mkdir()
    done = run("import amd, solvers; print(solvers.__file__)", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(ROOT / "solvers" / "__init__.py")


def test_our_own_solvers_may_come_first(tmp_path):
    assert run("import solvers, amd", tmp_path).returncode == 0
