"""`amd explain` and `amd export`: the program itself, in notation and as a file for other solvers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from amd.cli.options import file_argument, formulation_option, set_option
from amd.cli.output import OutputPath, note, print_parts, require_writable, writing
from amd.cli.progress import progress

FORMATS = (".mps", ".lp")


@click.command("explain", short_help="Print the linear program in notation.")
@file_argument
@click.option("--solution", is_flag=True, help="Solve it, and print each constraint with its slack and multiplier.")
@click.option("--latex", is_flag=True, help="The same as a LaTeX formula.")
@formulation_option
@set_option
def explain_command(file: str, solution: bool, latex: bool, formulation: str, overrides: dict[str, str]) -> None:
    """Print the linear program in mathematical notation: families of constraints, how many, what is reduced and why."""
    if solution or latex:
        _explain_solution(file, latex, formulation, overrides)
        return
    from amd.cli.failures import explained, required_design
    from amd.cli.source import Source
    from amd.show.explain import explain_parts

    task = Source.open(file, overrides).task()
    required_design(task)
    with explained(task), progress() as say:
        say("counting rows and columns")
        parts = explain_parts(task, formulation)
    print_parts(parts)


def _explain_solution(file: str, latex: bool, formulation: str, overrides: dict[str, str]) -> None:
    """The program beside its solution."""
    from amd.api import Problem
    from amd.cli.failures import explained, required_design
    from amd.cli.source import Source
    from amd.show.notebook_text import latex as as_latex
    from amd.show.notebook_text import plain_parts

    task = Source.open(file, overrides).task()
    required_design(task)
    with explained(task), progress() as say:
        told = Problem(task).solve(formulation=formulation, progress=say).explain()
    if latex:
        click.echo(as_latex(told))
    else:
        print_parts(plain_parts(told))


class ProgramPath(OutputPath):
    """A file whose name says in which format the program is written."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = super().convert(value, param, ctx)
        if path.suffix.lower() not in FORMATS:
            self.fail(f"cannot tell the format of '{path}': its name should end in {' or '.join(FORMATS)}", param, ctx)
        return path


@click.command("export", short_help="Write the program for other solvers.")
@file_argument
@click.option(
    "-o", "--output", type=ProgramPath(), required=True, metavar="FILE", help="The .mps or .lp file to write."
)
@formulation_option
@set_option
def export_command(file: str, output: Path, formulation: str, overrides: dict[str, str]) -> None:
    """Write the program to a file (free MPS or CPLEX LP, by its ending), for any other solver."""
    from amd.cli.failures import explained, required_design
    from amd.cli.source import Source
    from amd.export import export
    from amd.show.formulation import size_words

    require_writable(output)
    task = Source.open(file, overrides).task()
    required_design(task)
    with explained(task), progress() as say, writing(output):
        written = export(task, output, formulation, progress=say)
    note(f"wrote {output}: {size_words(written)}")
    used = ", ".join(written.reductions)
    note(f"reduced by {used} (--formulation full writes it all down)" if used else "this is the full program")
