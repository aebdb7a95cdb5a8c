"""`amd plot`: a picture of the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.exceptions import Exit

from amd.cli.exits import ANSWERED, FailureError, say
from amd.cli.options import file_argument, formulation_option, set_option, solver_option, time_limit_option
from amd.cli.output import OutputPath, note, require_writable, writing

FORMATS = (".png", ".svg", ".pdf")


class PicturePath(OutputPath):
    """A file to be written whose ending says how."""

    name = "picture"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = super().convert(value, param, ctx)
        if path.suffix.lower() not in FORMATS:
            self.fail(f"'{path.name}' should end in .png, .svg or .pdf", param, ctx)
        return path


@click.command("plot", short_help="Draw a picture of the answer.")
@file_argument
@click.argument("kind", required=False, default="")
@click.option("-o", "--output", type=PicturePath(), metavar="PICTURE", help="Write a .png, .svg or .pdf file.")
@click.option("--agent", metavar="NAME", help="Of this agent, for the kinds that show one.")
@solver_option
@formulation_option
@set_option
@time_limit_option
def plot_command(
    file: str,
    kind: str,
    output: Path | None,
    agent: str | None,
    solver: str,
    formulation: str,
    overrides: dict[str, str],
    time_limit: float | None,
) -> None:
    """Solve FILE and draw a picture of this KIND, or the most telling one. Without -o, list the kinds."""
    from amd.cli.answered import answer, needing_extra
    from amd.cli.source import Source

    if output is not None:
        require_writable(output)
    elif kind:
        raise click.UsageError("say where to: -o picture.png")
    with needing_extra("plot"):
        from amd.show.figures.missing import require_matplotlib

        require_matplotlib()
        found = answer(Source.open(file, overrides), solver, formulation, time_limit)
        if output is None:
            _list(found)
        else:
            draw(found, output, kind, agent)
    raise Exit(ANSWERED)


def _list(found: Any) -> None:
    """The kinds that there are, a line each."""
    from amd.show.figures import catalogue, gallery

    lines = [(kind.name, kind.about) for kind, _ in gallery(found)]
    lines += [(kind.name, f"{kind.about} (takes a while)") for kind in catalogue(found).values() if kind.costly]
    if not lines:
        raise FailureError("there is nothing to draw of this answer")
    width = max(len(name) for name, _ in lines)
    for name, about in lines:
        say(f"{name:<{width}}  {about}")


def draw(found: Any, output: Path, kind: str = "", agent: str | None = None) -> None:
    """Writes a picture of an answer. FailureError where there is none."""
    from amd.show.figures import NoPictureError, catalogue, plot, save

    options: dict[str, Any] = {} if agent is None else {"agent": agent}
    if kind and kind not in catalogue(found):
        raise click.UsageError(f"there is no picture '{kind}'; there are {', '.join(catalogue(found))}")
    try:
        figure = plot(found, kind, **options)
    except TypeError as error:
        if agent is None:
            raise
        raise click.UsageError(f"--agent means nothing here: {error}") from None
    except NoPictureError as refusal:
        raise FailureError(f"no picture: {refusal}") from None
    with writing(output):
        save(figure, output)
    note(f"drawn: {output}")
