"""`amd certify` and `amd verify`: exact proofs, and their check."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import Exit

from amd.cli.exits import ANSWERED, NEGATIVE, FailureError, say
from amd.cli.options import file_argument, set_option
from amd.cli.output import OutputPath, require_writable, writing
from amd.cli.progress import progress

if TYPE_CHECKING:
    from amd.model.task import Task

Document = dict[str, Any]


@click.command("certify", short_help="Write an exact proof of the answer.")
@file_argument
@click.option("--continuum", is_flag=True, help="Speak of the continuous prior instead of its grid.")
@click.option("--all", "every", is_flag=True, help="List the mechanisms whose mixtures are all that meet the design.")
@click.option("-o", "--output", type=OutputPath(), metavar="CERT.json", help="Write the certificate to this file.")
@click.option("--vipr", type=OutputPath(), metavar="OUT.vipr", help="Write the proof for VIPR checkers to this file.")
@set_option
def certify_command(
    file: str, continuum: bool, every: bool, output: Path | None, vipr: Path | None, overrides: dict[str, str]
) -> None:
    """Prove, in rational arithmetic, the best value, or that no such mechanism exists, and print the argument."""
    from amd.cli.failures import explained, required_design
    from amd.cli.kinds import CERTIFIED, certify_kind, require_defaults
    from amd.cli.source import Source
    from amd.proof.certificate import NotProven, certify

    for path in (output, vipr):
        if path is not None:
            require_writable(path)
    if continuum and vipr is not None:
        raise click.UsageError("a proof about the continuum is no linear program: --vipr goes without --continuum")
    if every and (continuum or vipr is not None):
        raise click.UsageError("--all goes without --continuum and --vipr")
    source = Source.open(file, overrides)
    if source.kind in CERTIFIED:
        require_defaults(source, continuum=(continuum, False), all=(every, False))
        raise Exit(certify_kind(source, output, vipr))
    task = source.task()
    required_design(task)
    if continuum:
        raise Exit(_certify_continuum(task, output))
    if every:
        raise Exit(_certify_all(task, output))
    with explained(task), progress() as tell:
        found = certify(task, say=tell)
    if isinstance(found, NotProven) and found.unbounded:
        say(f"There is nothing to certify: {found.reason}.", sys.stderr)
        raise Exit(NEGATIVE)
    if isinstance(found, NotProven):
        raise FailureError(f"not proven: {found.reason}")
    if output is not None:
        with writing(output):
            found.save(output)
    if vipr is not None:
        _write_vipr(task, vipr)
    say(found.summary())
    raise Exit(NEGATIVE if found.kind == "infeasible" else ANSWERED)


def _certify_all(task: Task, output: Path | None) -> int:
    """The mechanisms whose mixtures are all that meet the design."""
    from amd.cli.failures import explained
    from amd.proof.certificate import NotProven
    from amd.proof.mixtures import certify_mixtures

    with explained(task), progress() as tell:
        found = certify_mixtures(task, say=tell)
    if isinstance(found, NotProven):
        raise FailureError(f"not proven: {found.reason}")
    if output is not None:
        with writing(output):
            found.save(output)
    say(found.summary())
    return ANSWERED


def _write_vipr(task: Task, path: Path) -> None:
    from amd.files.whole import write_whole
    from amd.proof.certificate import NotProven
    from amd.proof.vipr import vipr_lines

    with progress() as tell:
        tell("writing the proof for VIPR checkers")
        lines = vipr_lines(task)
    if isinstance(lines, NotProven):
        raise FailureError(f"no VIPR certificate: {lines.reason}")
    with writing(path):
        write_whole(path, (f"{line}\n" for line in lines))


def _certify_continuum(task: Task, output: Path | None) -> int:
    """The strongest statement about the continuum: impossibility of efficient trade, or a bound of the wish."""
    from amd.cli.failures import explained
    from amd.files.whole import write_whole
    from amd.proof.continuum.relations import NoBoundError
    from amd.proof.statement import continuum_statement

    try:
        with explained(task), progress() as tell:
            tell("bounding the continuum")
            text, document, impossible = continuum_statement(task)
    except NoBoundError as refusal:
        raise FailureError(f"not proven: {refusal}") from None
    if output is not None:
        with writing(output):
            write_whole(output, [json.dumps(document, indent=1), "\n"])
    say(text)
    return NEGATIVE if impossible else ANSWERED


@click.command("verify", short_help="Check a certificate with rational arithmetic.")
@click.argument("certificate", metavar="CERT.json", type=click.Path(path_type=Path))
@click.option("--problem", metavar="FILE", help="Also require that the certificate is about this problem.")
@set_option
def verify_command(certificate: Path, problem: str | None, overrides: dict[str, str]) -> None:
    """Check a certificate: every named constraint is rebuilt from the problem that it restates, and added up."""
    from amd.proof.documents import judged, read_document

    try:
        document = read_document(certificate)
    except ValueError as fault:
        holds, message = False, str(fault)
    else:
        holds, message = judged(document)
        if holds and problem is not None:
            holds, message = _same_problem(document, problem, overrides, message)
    say(("proven: " if holds else "NOT PROVEN: ") + message)
    raise Exit(ANSWERED if holds else NEGATIVE)


def _same_problem(document: Document, file: str, overrides: dict[str, str], message: str) -> tuple[bool, str]:
    """Whether the certificate's problem is that of the file."""
    from amd.cli.kinds import CERTIFIED, digest_of_kind
    from amd.cli.source import Source
    from amd.proof.documents import concerns

    source = Source.open(file, overrides)
    if source.kind in CERTIFIED:
        same = document["digest"] == digest_of_kind(source)
    else:
        same = concerns(document, source.task())
    if not same:
        return False, f"the certificate holds, but it is about another problem than {file}"
    return True, f"{message}, for {file}"
