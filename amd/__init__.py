"""Automated mechanism design: from a problem to the best mechanism, audited.

>>> import amd
>>> result = amd.load("license").solve()  # doctest: +SKIP
>>> result.mechanism(10, 50)              # doctest: +SKIP

Names are loaded when they are first used, so that ``import amd`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from amd._house import require_own_solvers

if TYPE_CHECKING:
    from amd.api import Problem, explain, load, loads, problem
    from amd.files.faults import InputError
    from amd.mechanism.audit import Audit
    from amd.mechanism.direct import Mechanism
    from amd.result import Result
    from solvers import SolverError, Status

    __version__: str

__all__ = [
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

_HOME = {
    "Audit": "amd.mechanism.audit",
    "InputError": "amd.files.faults",
    "Mechanism": "amd.mechanism.direct",
    "Problem": "amd.api",
    "Result": "amd.result",
    "SolverError": "solvers",
    "Status": "solvers",
    "__version__": "amd._house",
    "explain": "amd.api",
    "load": "amd.api",
    "loads": "amd.api",
    "problem": "amd.api",
}

require_own_solvers()


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'amd' has no attribute '{name}'")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
