"""CBC as PuLP bundles it. Linear and mixed-integer programs.

The program goes to CBC as an MPS file in a temporary folder and the answer comes back as CBC's binary solution file,
because CBC's text has eight digits and PuLP's reader of it turns "stopped on time" into "optimal". CBC answers bad
options on its standard output and carries on; here they raise. Verdicts are checked by `solvers.examine`.

CBC 2.10.3 on 2,057 random integer programs of up to five rows and columns: with its preprocessing, 5 answers called
optimal were not (continuous columns had been taken for whole). Without it none was wrong, but 29 of the 559
infeasible programs ended in a crash. So it is switched off; after a crash it may say "infeasible", and nothing else.

`Settings.options` are CBC's own commands and their values, for example ``{"threads": 2, "cuts": "off"}``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import replace
from functools import cache
from importlib.metadata import version as installed_version
from pathlib import Path

import numpy as np
import pulp

from solvers import files
from solvers.backend import Feature, Settings
from solvers.claim import Claim, Raw
from solvers.examine import CheckedBackend
from solvers.program import BoolArray, FloatArray, LinearProgram, whole_bounds
from solvers.solution import SolverError

GRACE = 5.0  # seconds beyond a time limit after which CBC is ended: its presolve does not look at the clock
CRASHED = "CBC ended with return code"
_COMPLAINTS = ("No match for", "Multiple matches for", "is illegal for", "valid range is", "<Possible options for")
_CLAIMS = {
    "Optimal": Claim.OPTIMAL,
    "Infeasible": Claim.INFEASIBLE,
    "Integer infeasible": Claim.INFEASIBLE,
    "Unbounded": Claim.UNBOUNDED,
    "Stopped on time": Claim.LIMIT,
    "Stopped on iterations": Claim.LIMIT,
    "Stopped on nodes": Claim.LIMIT,
}


class Pulp(CheckedBackend):
    """CBC through PuLP."""

    name = "pulp"
    features = frozenset({Feature.INTEGER, Feature.TIME_LIMIT, Feature.DUALS, Feature.FARKAS, Feature.RAYS})

    def version(self) -> str:
        return f"{installed_version('pulp')} (CBC {_cbc_version()})"

    def run(self, program: LinearProgram, settings: Settings, careful: bool, deadline: float | None) -> Raw:
        sign = -1.0 if program.maximize else 1.0
        left = None if deadline is None else max(deadline - time.perf_counter(), 0.01)
        with tempfile.TemporaryDirectory(prefix="cbc-") as folder:
            files.write(_as_cbc_likes(program, sign), Path(folder, "program.mps"))
            log = _run(Path(folder), _commands(program, settings, careful, left), left)
            raw = _read(Path(folder), log, program, sign)
        if careful and program.is_integer and raw.claim is Claim.OPTIMAL:
            return replace(raw, claim=Claim.FAILED, message="CBC has an answer only with preprocessing, which errs")
        return raw


def _as_cbc_likes(program: LinearProgram, sign: float) -> LinearProgram:
    """The program minimised, without rows that bound nothing and with whole bounds on integer columns: CBC ignores
    OBJSENSE and has crashed on the other two."""
    rows = np.flatnonzero(_is_bounded(program))
    lower, upper = whole_bounds(program)
    return replace(
        program,
        cost=sign * program.cost,
        offset=sign * program.offset,
        maximize=False,
        matrix=program.matrix[rows],
        row_lower=program.row_lower[rows],
        row_upper=program.row_upper[rows],
        row_names=None,
        column_lower=lower,
        column_upper=upper,
    )


def _is_bounded(program: LinearProgram) -> BoolArray:
    return np.asarray(np.isfinite(program.row_lower) | np.isfinite(program.row_upper))


def _cbc() -> str:
    bundled = getattr(pulp, "PULP_CBC_CMD", None)
    path = shutil.which(getattr(bundled, "pulp_cbc_path", "cbc"))
    if path is None:
        raise SolverError("the CBC that PuLP should bundle is not there, or cannot be run on this machine")
    return path


@cache
def _cbc_version() -> str:
    banner = subprocess.run([_cbc(), "-quit"], capture_output=True, text=True, timeout=60).stdout  # noqa: S603
    found = re.search(r"^Version:\s*(\S+)", banner, re.MULTILINE)
    return found[1] if found else "of unknown version"


def _commands(program: LinearProgram, settings: Settings, careful: bool, left: float | None) -> list[str]:
    tolerance = repr(settings.tolerance)
    commands = ["program.mps", "-primalTolerance", tolerance, "-dualTolerance", tolerance]
    if program.is_integer:
        commands += ["-integerTolerance", tolerance, "-ratioGap", repr(settings.gap), "-allowableGap", "0"]
        commands += ["-preprocess", "sos" if careful else "off"]
    elif careful:
        commands += ["-presolve", "off"]
    if left is not None:
        commands += ["-timeMode", "elapsed", "-seconds", f"{left:.3f}"]
    for name, value in settings.options.items():
        commands += [f"-{name}", str(value)]
    return [*commands, "-solve", "-solution", "answer.txt", "-saveSolution", "answer.bin"]


def _run(folder: Path, commands: list[str], left: float | None) -> str:
    """CBC's log; empty where it had to be ended after the time limit. Raises SolverError where CBC complains."""
    timeout = None if left is None else left + GRACE
    try:
        ended = subprocess.run(  # noqa: S603
            [_cbc(), *commands], cwd=folder, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return ""
    log = ended.stdout
    for line in log.splitlines():
        if any(complaint in line for complaint in _COMPLAINTS):
            raise SolverError(f"solver 'pulp' does not take an option: {line.strip()}")
    if ended.returncode != 0:
        return f"{CRASHED} {ended.returncode}"
    if "read with 0 errors" not in log:
        raise SolverError(f"CBC could not read the program: {' '.join(log.splitlines()[-3:])} {ended.stderr}".strip())
    return log


def _read(folder: Path, log: str, program: LinearProgram, sign: float) -> Raw:
    if not log:
        return Raw(Claim.LIMIT, message="CBC did not stop at the time limit and was ended")
    if log.startswith(CRASHED):
        return Raw(Claim.FAILED, message=log)
    status = _status(folder / "answer.txt")
    claim = next((claim for text, claim in _CLAIMS.items() if status.startswith(text)), Claim.FAILED)
    x, row_dual = _arrays(folder / "answer.bin", program)
    optimal = claim is Claim.OPTIMAL and not program.is_integer
    return Raw(
        claim=claim,
        x=x if claim in (Claim.OPTIMAL, Claim.LIMIT, Claim.UNBOUNDED) else None,
        row_dual=sign * row_dual if optimal and row_dual is not None else None,
        bound=_bound(log, program, x if status == "Optimal" else None, sign),
        iterations=_iterations(log),
        message="" if claim in (Claim.OPTIMAL, Claim.INFEASIBLE, Claim.UNBOUNDED) else f"CBC ended with: {status}",
    )


def _status(path: Path) -> str:
    """The sentence at the head of the solution file, without the objective."""
    if not path.exists():
        return "no solution file"
    with open(path, encoding="ascii") as stream:
        return stream.readline().split(" - objective")[0].strip()


def _arrays(path: Path, program: LinearProgram) -> tuple[FloatArray | None, FloatArray | None]:
    """Columns and row duals: two ints, the objective, then row activities, row duals, columns, reduced costs. Rows
    that bound nothing never reach CBC; their duals are zero."""
    if not path.exists():
        return None, None
    data = path.read_bytes()
    rows, columns = (int(size) for size in np.frombuffer(data, dtype=np.int32, count=2))
    numbers = np.frombuffer(data, dtype=np.float64, offset=8)
    bounded = _is_bounded(program)
    if columns != program.column_count or rows != np.count_nonzero(bounded):
        raise SolverError("CBC's solution file does not fit the program")
    row_dual = np.zeros(program.row_count)
    row_dual[bounded] = numbers[1 + rows : 1 + 2 * rows]
    return numbers[1 + 2 * rows : 1 + 2 * rows + columns].copy(), row_dual


def _bound(log: str, program: LinearProgram, optimum: FloatArray | None, sign: float) -> float | None:
    """The best proven bound of an integer program: the optimum itself where it is proven, else the bound in the log,
    which has three digits and is rounded outward here."""
    if not program.is_integer:
        return None
    if optimum is not None:
        return program.objective(optimum)
    found = re.search(r"^Lower bound:\s+(\S+)", log, re.MULTILINE)
    return None if found is None else sign * (float(found[1]) - 5e-4)


def _iterations(log: str) -> int | None:
    found = re.search(r"^Total iterations:\s+(\d+)", log, re.MULTILINE) or re.search(r" - (\d+) iterations time", log)
    return None if found is None else int(found[1])
