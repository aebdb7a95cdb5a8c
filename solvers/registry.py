"""Back-ends by name. A back-end's own package is imported when it is asked for, never before."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from solvers.backend import Backend
from solvers.solution import SolverError

# name: (module, class, packages it needs, extra that installs them)
_BACKENDS: dict[str, tuple[str, str, tuple[str, ...], str | None]] = {
    "highs": ("solvers.highs", "Highs", ("highspy",), None),
    "pulp": ("solvers.pulp", "Pulp", ("pulp",), "pulp"),
    "cvxpy": ("solvers.cvxpy", "Cvxpy", ("cvxpy", "clarabel"), "cvxpy"),
}
DISTRIBUTION = "automated-mechanism-design"


def get(name: str) -> Backend:
    """The back-end called `name`. Raises SolverError when there is none, or when its package is not installed."""
    if name not in _BACKENDS:
        raise SolverError(f"there is no solver '{name}'; choose one of {', '.join(_BACKENDS)}")
    module, attribute, _, extra = _BACKENDS[name]
    missing = _missing(name)
    if missing:
        wanted = DISTRIBUTION if extra is None else f'"{DISTRIBUTION}[{extra}]"'
        raise SolverError(f"solver '{name}' needs {' and '.join(missing)}; install with: pip install {wanted}")
    backend: Backend = getattr(import_module(module), attribute)()
    return backend


def available() -> tuple[str, ...]:
    """The names of the back-ends whose packages are installed, the default first."""
    return tuple(name for name in _BACKENDS if not _missing(name))


def _missing(name: str) -> list[str]:
    return [package for package in _BACKENDS[name][2] if find_spec(package) is None]
