"""`amd check`: the audit of a mechanism that somebody else made."""

from __future__ import annotations

import click
from click.exceptions import Exit

from amd.cli.exits import ANSWERED, NEGATIVE
from amd.cli.options import PositiveNumber, file_argument, json_option, set_option
from amd.cli.output import note, print_json, print_parts
from amd.cli.progress import progress


@click.command("check", short_help="Audit a mechanism that somebody else made.")
@file_argument
@click.option(
    "--mechanism",
    "mechanism_file",
    required=True,
    metavar="M.json",
    help="The mechanism: a file as `amd solve -o` writes it, or the name of a bundled one.",
)
@click.option(
    "--tolerance",
    type=PositiveNumber(zero=True),
    default=1e-7,
    show_default=True,
    help="Violations up to this, in the problem's own units, are passed over.",
)
@json_option
@set_option
def check_command(file: str, mechanism_file: str, tolerance: float, as_json: bool, overrides: dict[str, str]) -> None:
    """Audit a mechanism: every kind of violation, the worst first, each with its witness."""
    from amd.api import default_design
    from amd.cli.kinds import check_kind
    from amd.cli.source import MECHANISM, Source, answer_path
    from amd.files.faults import Fault, InputError
    from amd.mechanism.audit import UnseenError, audit
    from amd.mechanism.files import read
    from amd.mechanism.quantities import quantities

    source = Source.open(file, overrides)
    if source.kind != MECHANISM:
        raise Exit(check_kind(source, answer_path(mechanism_file), as_json))
    task = source.task()
    design = task.design
    if design is None:
        design = default_design(task.environment)
        note("the problem has no `design`: audited for Bayesian incentives and interim participation")
    mechanism = read(answer_path(mechanism_file), task.environment)
    with progress() as say:
        say("auditing the mechanism")
        try:
            report = audit(mechanism, design)
        except UnseenError as error:
            raise InputError([Fault(None, "interim", str(error))], mechanism_file) from None
        numbers = quantities(mechanism, design)
    if as_json:
        print_json({"quantities": numbers, "audit": report.to_json()})
    else:
        from amd.show.check import check_parts

        print_parts(check_parts(task, design, report, numbers, tolerance))
    raise Exit(ANSWERED if report.ok(tolerance) else NEGATIVE)
