"""One point of a sweep: everything that goes wrong there becomes part of its row, so that the others go on."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solvers.solution import Basis


@dataclass(frozen=True)
class Job:
    """What a worker needs to solve a point: plain data, so that it can travel."""

    source: str
    overrides: dict[str, str]
    solver: str
    formulation: str
    time_limit: float | None


def solve_point(job: Job) -> dict[str, Any]:
    """A row: the parameters, ``status``, ``objective``, the quantities, the worst audit violation, sizes and
    seconds."""
    return solve_next(job, None)[0]


def solve_next(job: Job, basis: Basis | None) -> tuple[dict[str, Any], Basis | None]:
    """The row, begun at a basis where the program is of its shape; and the basis where it ended."""
    from amd.compile.choose import FormulationError
    from amd.files import load
    from amd.files.faults import InputError
    from amd.model.environment import TooLargeError
    from amd.solving import solve
    from solvers import Settings, SolverError

    start = time.perf_counter()
    row: dict[str, Any] = dict(job.overrides)
    end: Basis | None = None
    try:
        task = load(job.source, overrides=job.overrides)
        result = solve(
            task,
            solver=job.solver,
            formulation=job.formulation,
            settings=Settings(time_limit=job.time_limit),
            near=basis,
        )
    except InputError as error:
        row |= {"status": "wrong input", "message": " | ".join(str(error).splitlines())}
    except (FormulationError, SolverError, TooLargeError, ValueError, MemoryError) as error:
        row |= {"status": "error", "message": str(error) or type(error).__name__}
    else:
        row |= _answer(result.to_json())
        end = None if result.solution is None else result.solution.basis
    row["seconds"] = round(time.perf_counter() - start, 4)
    return row, end


def _answer(data: dict[str, Any]) -> dict[str, Any]:
    audit = data["audit"] or {}
    violations = [kind["violation"] for kind in audit.values()]
    return {
        "status": data["status"],
        "message": "" if data["status"] == "optimal" else data.get("message", ""),
        "objective": data["objective"],
        **data["quantities"],
        "violation": max(violations) if violations else None,
        "rows": data["formulation"]["rows"],
        "columns": data["formulation"]["columns"],
        "nonzeros": data["formulation"]["nonzeros"],
        "reductions": " ".join(data["formulation"]["reductions"]),
    }
