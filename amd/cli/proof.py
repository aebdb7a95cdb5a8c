"""`amd bounds`: what is proven about the continuous prior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

from amd.cli.exits import ANSWERED, FAILED, NEGATIVE, FailureError
from amd.cli.options import file_argument, json_option, set_option
from amd.cli.output import print_json, print_parts
from amd.cli.progress import progress

if TYPE_CHECKING:
    from amd.proof.bounds import Bounds


@click.command("bounds", short_help="Bound the continuum optimum, proven.")
@file_argument
@json_option
@set_option
@click.option("--cells", type=click.IntRange(1), help="Cells a parameter for the bound on all mechanisms.")
@click.option("--mechanism-cells", type=click.IntRange(1), help="Cells a parameter for the mechanism that is built.")
def bounds_command(
    file: str, as_json: bool, overrides: dict[str, str], cells: int | None, mechanism_cells: int | None
) -> None:
    """Print exact lower and upper bounds on the optimum over all mechanisms, for the continuous prior where types are
    continuous; the exit status is 1 where it is proven that no mechanism meets the design."""
    from amd.cli.failures import required_design
    from amd.cli.source import Source
    from amd.proof.bounds import bounds
    from amd.proof.continuum.relations import NoBoundError
    from amd.show.bounds import bounds_parts

    task = Source.open(file, overrides).task()
    required_design(task)
    try:
        with progress() as say:
            say("proving bounds")
            found = bounds(task, cells, mechanism_cells)
    except NoBoundError as refusal:
        raise FailureError(f"no bounds: {refusal}") from None
    if as_json:
        print_json(found.to_json())
    else:
        print_parts(bounds_parts(task, found))
    raise Exit(_status(found))


def _status(found: Bounds) -> int:
    """Impossible is a negative answer; nothing known is a failure."""
    if found.verdict:
        return NEGATIVE if found.verdict == "impossible" else ANSWERED
    return FAILED if found.lower is None and found.upper is None else ANSWERED
