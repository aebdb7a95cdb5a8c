"""`amd why`: which requirements of a problem conflict, and what relaxing each would cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

from amd.cli.exits import ANSWERED, NEGATIVE, FailureError
from amd.cli.exits import say as say_line
from amd.cli.options import file_argument, json_option, set_option, time_limit_option
from amd.cli.output import OutputPath, note, print_json, print_parts, require_writable, writing
from amd.cli.progress import progress

if TYPE_CHECKING:
    from amd.proof.conflict.why import Conflict
    from solvers import Settings


@click.command("why", short_help="Say which requirements conflict, and their price.")
@file_argument
@json_option
@click.option("-o", "--output", type=OutputPath(), metavar="CERT.json", help="Write a certificate of the conflict.")
@set_option
@time_limit_option
def why_command(
    file: str, as_json: bool, output: Path | None, overrides: dict[str, str], time_limit: float | None
) -> None:
    """Find the smallest set of requirements that no mechanism meets, and how far each would have to give way.

    The certificate holds the proof that they conflict, and a mechanism that meets the others for each one dropped.
    """
    from amd.cli.failures import explained, required_design
    from amd.cli.kinds import EXPLAINED, require_defaults, why_kind
    from amd.cli.source import Source
    from amd.proof.conflict.clauses import clauses_of
    from amd.proof.conflict.why import UnknownError, why_infeasible
    from amd.show.conflict import conflict_parts, possible_words
    from amd.show.result import title_parts
    from solvers import Settings

    if output is not None:
        require_writable(output)
    source = Source.open(file, overrides)
    if source.kind in EXPLAINED:
        require_defaults(source, **{"set": (overrides, {}), "time-limit": (time_limit, None)})
        raise Exit(why_kind(source, as_json, output))
    task = source.task()
    design = required_design(task)
    try:
        with explained(task), progress() as say:
            found = why_infeasible(task, Settings(time_limit=time_limit), say=say)
    except UnknownError as failure:
        raise FailureError(f"not answered: {failure}") from None
    if found is None:
        if as_json:
            print_json({"status": "feasible", "problem": {"title": task.title, "sha256": task.digest}})
        else:
            words = possible_words(len(clauses_of(task.environment, design)))
            print_parts([*title_parts(task.title, task.source), words])
        if output is not None:
            note(f"{output} was not written: nothing conflicts")
        raise Exit(ANSWERED)
    if as_json:
        print_json(found.to_json())
    else:
        print_parts([*title_parts(task.title, task.source), *conflict_parts(found)])
    if output is not None:
        _write(found, output, Settings(time_limit=time_limit), quiet=as_json)
    raise Exit(NEGATIVE)


def _write(found: Conflict, output: Path, settings: Settings, quiet: bool) -> None:
    """The certificate, after the answer."""
    from amd.proof.certificate import NotProven
    from amd.proof.conflict.certificate import conflict_certificate

    with progress() as say:
        certificate = conflict_certificate(found, settings, say)
    if isinstance(certificate, NotProven):
        raise FailureError(f"no certificate: {certificate.reason}")
    with writing(output):
        certificate.save(output)
    if not quiet:
        each = "a mechanism that meets the rest" if len(found.conflict) == 1 else "for each one a mechanism without it"
        say_line(f"The certificate holds the contradiction and {each}, checked by the verifier.")
