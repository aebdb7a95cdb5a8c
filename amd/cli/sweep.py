"""`amd sweep`: one problem at many settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import Exit

from amd.cli.exits import ANSWERED, FAILED
from amd.cli.options import file_argument, formulation_option, solver_option, time_limit_option
from amd.cli.output import OutputPath, note, require_writable, writing
from amd.cli.progress import progress

if TYPE_CHECKING:
    from amd.sweep import Axis


class AxisOption(click.ParamType["Axis"]):
    """``NAME=VALUES``."""

    name = "name=values"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Axis:
        from amd.sweep.grid import SweepError, parse_axis

        try:
            return parse_axis(str(value))
        except SweepError as error:
            self.fail(str(error), param, ctx)


@click.command("sweep", short_help="Solve a problem at many settings of its parameters.")
@file_argument
@click.option(
    "--set",
    "axes",
    type=AxisOption(),
    multiple=True,
    required=True,
    metavar="NAME=VALUES",
    help="Values of a parameter: n=2..10, x=0..1..1/4, N=10,20 (may be repeated: every combination).",
)
@click.option("-o", "--output", type=OutputPath(), required=True, metavar="TABLE", help="A .csv or .parquet file.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=None, help="Processes on this machine [default: one a core]."
)
@click.option("--scheduler", metavar="ADDRESS", default=None, help="A Dask scheduler whose workers do the work.")
@click.option("--plot", "plotted", metavar="QUANTITY", default=None, help="Also draw this column beside the table.")
@solver_option
@formulation_option
@time_limit_option
def sweep_command(
    file: str,
    axes: tuple[Axis, ...],
    output: Path,
    workers: int | None,
    scheduler: str | None,
    plotted: str | None,
    solver: str,
    formulation: str,
    time_limit: float | None,
) -> None:
    """Solve a problem at every combination of parameter values, and write a table with a row for each.

    Interrupted, the same command goes on where it stopped. A point that fails says so in its row.
    """
    from amd.sweep.grid import SweepError
    from amd.sweep.run import sweep

    require_writable(output)
    try:
        if plotted is not None:
            from amd.sweep.plot import require_pictures

            require_pictures()  # before the work, not after it
        with writing(output), progress() as say:
            done = sweep(
                file,
                list(axes),
                output,
                solver=solver,
                formulation=formulation,
                time_limit=time_limit,
                workers=workers or os.cpu_count() or 1,
                scheduler=scheduler,
                told=lambda finished, total: say(f"{finished} of {total} points"),
            )
            if plotted is not None:
                from amd.sweep.plot import plot

                note(f"drawn: {plot(done.rows, list(axes), plotted, output)}")
    except SweepError as error:
        raise click.UsageError(str(error)) from None
    kept = f", {done.resumed} of them from an earlier run" if done.resumed else ""
    failed = f"; {done.failed} without an answer, see the column 'message'" if done.failed else ""
    note(f"{output}: {len(done.rows)} points{kept}{failed}")
    raise Exit(FAILED if done.failed else ANSWERED)
