"""`amd report`: a page about the answer, and what `amd solve --plot --report` writes beside it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.exceptions import Exit

from amd.cli.exits import ANSWERED
from amd.cli.options import SOLVERS, file_argument, formulation_option, set_option, solver_option, time_limit_option
from amd.cli.output import OutputPath, note, require_writable, writing


@dataclass(frozen=True)
class Shown:
    """A picture and a page of an answer, where they are wanted."""

    picture: Path | None
    page: Path | None
    command: str

    def __call__(self, found: Any) -> None:
        from amd.cli.answered import needing_extra
        from amd.cli.plot import draw

        if self.picture is not None:
            with needing_extra("plot"):
                draw(found, self.picture)
        if self.page is not None:
            write_page(found, self.page, self.command)


@click.command("report", short_help="Write a page about the answer.")
@file_argument
@click.option(
    "-o", "--output", type=OutputPath(), metavar="PAGE.html", required=True, help="Write the page to this file."
)
@click.option("--certify", "prove", is_flag=True, help="Look for exact proofs, however long that takes.")
@solver_option
@formulation_option
@set_option
@time_limit_option
def report_command(
    file: str,
    output: Path,
    prove: bool,
    solver: str,
    formulation: str,
    overrides: dict[str, str],
    time_limit: float | None,
) -> None:
    """Solve FILE and write one page that stands alone: problem, program, mechanism, pictures, audit, proof.

    FILE may also be what `amd solve --json` printed; the page then holds what that says.
    """
    from amd.cli.answered import answer, command_of
    from amd.cli.source import Source

    require_writable(output)
    record = recorded(file)
    if record is not None:
        write_page(record, output, command_of("report", file, {}))
        raise Exit(ANSWERED)
    words = command_of(
        "report",
        file,
        overrides,
        solver=(solver, SOLVERS[0]),
        formulation=(formulation, "auto"),
        time_limit=(time_limit, None),
    )
    command = f"{words}{' --certify' if prove else ''} -o {shlex.quote(output.name)}"
    write_page(answer(Source.open(file, overrides), solver, formulation, time_limit), output, command, prove)
    raise Exit(ANSWERED)


def recorded(file: str) -> dict[str, Any] | None:
    """The JSON object of an answer, if that is what the file holds."""
    path = Path(file)
    if not path.is_file() or path.suffix.lower() != ".json":
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return None
    return data if isinstance(data, dict) and "status" in data and isinstance(data.get("problem"), dict) else None


def write_page(found: Any, output: Path, command: str, prove: bool = False) -> None:
    """Writes the page about an answer, with progress on a terminal."""
    from amd.cli.answered import needing_extra
    from amd.cli.progress import progress

    with needing_extra("report"):
        from amd.show.figures.missing import require_matplotlib
        from amd.show.report import write_report
        from amd.show.report.render import require_jinja

        require_matplotlib()
        require_jinja()
        with writing(output), progress() as tell:
            tell("writing the report")
            write_report(found, output, command, prove)
    note(f"written: {output}")
