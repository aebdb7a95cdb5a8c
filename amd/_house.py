"""Where this installation lives: its version, and the `solvers` package that must lie beside it."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

DISTRIBUTION = "automated-mechanism-design"


def require_own_solvers() -> None:
    """Raise ImportError, naming the file, where `import solvers` would find something else than our package.

    Ours lies beside `amd`. Its name is common, and whatever comes first on the path wins, such as a script
    ``solvers.py`` in the current folder.
    """
    ours = Path(__file__).resolve().parent.parent / "solvers" / "__init__.py"
    found = _origin("solvers")
    if found is None:
        raise ImportError(f"amd needs its package 'solvers', which should be at {ours}: install {DISTRIBUTION} again")
    if found.resolve() != ours:
        raise ImportError(
            f"{found} hides the package 'solvers' that amd needs ({ours}): rename that file or folder, "
            f"or take the folder that holds it off the Python path"
        )


def _origin(name: str) -> Path | None:
    """The file that importing a top-level name would run, or has run; a folder where the package has no file."""
    module = sys.modules.get(name)
    if module is not None and getattr(module, "__file__", None):
        return Path(str(module.__file__))
    spec = None if module is not None else find_spec(name)
    if spec is None:
        return None
    if spec.origin is not None:
        return Path(spec.origin)
    places = list(spec.submodule_search_locations or ())
    return Path(places[0]) if places else None


@cache
def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0+unknown"


def __getattr__(name: str) -> str:
    if name == "__version__":
        return _version()
    raise AttributeError(f"module 'amd._house' has no attribute '{name}'")
