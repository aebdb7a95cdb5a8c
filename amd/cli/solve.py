"""`amd solve`: the best mechanism for a problem file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import Exit

from amd.cli.answered import command_of
from amd.cli.exits import ANSWERED, FAILED, NEGATIVE, FailureError
from amd.cli.options import (
    SOLVERS,
    file_argument,
    formulation_option,
    json_option,
    set_option,
    solver_option,
    time_limit_option,
)
from amd.cli.output import OutputPath, note, print_json, print_parts, require_writable, writing
from amd.cli.plot import PicturePath
from amd.cli.progress import progress
from amd.cli.report import Shown
from amd.memory import peak_memory

if TYPE_CHECKING:
    from amd.model.task import Task
    from amd.result import Result

STATUSES = {"OPTIMAL": ANSWERED, "INFEASIBLE": NEGATIVE, "UNBOUNDED": NEGATIVE, "LIMIT": FAILED, "ERROR": FAILED}


@click.command("solve", short_help="Find the best mechanism, audit and print it.")
@file_argument
@json_option
@solver_option
@formulation_option
@set_option
@click.option("-o", "--output", type=OutputPath(), metavar="FILE.json", help="Write the mechanism to this file.")
@click.option("--plot", "picture", type=PicturePath(), metavar="PICTURE", help="Also draw a .png, .svg or .pdf file.")
@click.option("--report", type=OutputPath(), metavar="PAGE.html", help="Also write a page about the answer.")
@time_limit_option
def solve_command(
    file: str,
    as_json: bool,
    solver: str,
    formulation: str,
    overrides: dict[str, str],
    output: Path | None,
    picture: Path | None,
    report: Path | None,
    time_limit: float | None,
) -> None:
    """Find the best mechanism, audit it against every constraint of the problem, and print it."""
    from amd.cli.kinds import require_defaults, solve_kind
    from amd.cli.source import MECHANISM, Source
    from amd.exactness import with_exact_objective
    from solvers import Settings

    for path in (output, picture, report):
        if path is not None:
            require_writable(path)
    command = command_of(
        "solve",
        file,
        overrides,
        solver=(solver, SOLVERS[0]),
        formulation=(formulation, "auto"),
        time_limit=(time_limit, None),
    )
    shown = Shown(picture, report, command)
    source = Source.open(file, overrides)
    if source.kind != MECHANISM:
        require_defaults(source, formulation=(formulation, "auto"), solver=(solver, SOLVERS[0]))
        raise Exit(solve_kind(source, Settings(time_limit=time_limit), as_json, output, shown))
    task = source.task()
    try:
        result = with_exact_objective(solved(task, solver, formulation, time_limit, source.seconds))
    except FailureError as failure:
        if as_json:
            print_json(_failed(task, solver, source.seconds, str(failure)))
        raise
    if output is not None:
        _write(result, output)
    if as_json:
        print_json(result.to_json())
    else:
        from amd.proof.conflict.why import quick_conflict
        from amd.show.result import result_parts

        conflict = quick_conflict(task) if result.status.name == "INFEASIBLE" else None
        print_parts(result_parts(result, conflict))
    shown(result)
    raise Exit(STATUSES[result.status.name])


def solved(task: Task, solver: str, formulation: str, time_limit: float | None, read_seconds: float = 0.0) -> Result:
    """The result, with progress on a terminal. Raises what `answered` makes a message of."""
    from amd.cli.failures import explained, required_design
    from amd.solving import solve
    from solvers import Settings

    required_design(task)
    settings = Settings(time_limit=time_limit)
    with explained(task), progress() as say:
        return solve(
            task,
            solver=solver,
            formulation=formulation,
            settings=settings,
            progress=say,
            read_seconds=read_seconds,
        )


def _failed(task: Task, solver: str, read_seconds: float, message: str) -> dict[str, Any]:
    """The object that `--json` prints where the solver gave no answer at all."""
    return {
        "status": "error",
        "message": message,
        "objective": None,
        "objective_exact": None,
        "quantities": {},
        "audit": None,
        "formulation": None,
        "seconds": {"read": round(read_seconds, 6)},
        "peak_memory": peak_memory(),
        "solver": {"name": solver, "version": None},
        "problem": {"title": task.title, "sha256": task.digest},
    }


def _write(result: Result, output: Path) -> None:
    """The mechanism, where one was found."""
    if not result.optimal:
        note(f"{output} was not written: there is no mechanism to write")
        return
    with writing(output):
        result.save(output)
