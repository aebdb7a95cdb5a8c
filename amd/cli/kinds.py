"""Problem kinds that have modules of their own: matching, exchange, auction. They answer in one form.

A module offers ``solve_text(text, origin, folder, settings)``, and ``read_task(text, origin, folder)``,
``read_answer(text, origin)`` and ``check_task(task, answer)`` for `amd check`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import click

from amd.cli.exits import ANSWERED, NEGATIVE, FailureError
from amd.cli.output import note, print_json, writing
from amd.cli.progress import progress
from amd.cli.source import Source
from amd.files.document import decode
from amd.files.faults import Fault, InputError
from amd.mechanism.files import write_whole
from solvers import Settings, SolverError

MODULES = {"matching": "amd.matching", "exchange": "amd.matching", "auction": "amd.auctions"}


class Answer(Protocol):
    """What a module answers: `answer` is what `check` reads, `holds` whether its audit found nothing."""

    @property
    def answer(self) -> dict[str, Any] | None: ...
    @property
    def holds(self) -> bool: ...
    @property
    def exit_status(self) -> int: ...
    def to_json(self) -> dict[str, Any]: ...
    def text(self) -> str: ...


def solve_kind(source: Source, settings: Settings, as_json: bool, output: Path | None) -> int:
    """Solves, prints and writes; returns the exit status."""
    opened = source.opened
    with _refusals(opened.origin), progress() as say:
        say(f"solving a problem of kind {source.kind}")
        found: Answer = _module(source.kind).solve_text(opened.text, opened.origin, opened.folder, settings)
    if output is not None:
        _write(found, output)
    _print(found, as_json)
    return found.exit_status


def check_kind(source: Source, answer_file: str, as_json: bool) -> int:
    """Audits the answer in a file and prints what was found; returns the exit status."""
    opened, module = source.opened, _module(source.kind)
    with _refusals(opened.origin):
        task = module.read_task(opened.text, opened.origin, opened.folder)
    with _refusals(answer_file), progress() as say:
        say("checking the answer")
        found: Answer = module.check_task(task, module.read_answer(_text(answer_file), answer_file))
    _print(found, as_json)
    return ANSWERED if found.holds else NEGATIVE


def require_defaults(source: Source, **options: tuple[Any, Any]) -> None:
    """Raise UsageError where an option that means nothing for this kind is not at its default."""
    for name, (given, default) in options.items():
        if given != default:
            raise click.UsageError(f"--{name} means nothing for a problem of kind {source.kind}")


def _module(kind: str) -> Any:
    try:
        return import_module(MODULES[kind])
    except ModuleNotFoundError as error:
        raise FailureError(f"this installation cannot read problems of kind {kind}: {error}") from None


def _text(file: str) -> str:
    """The text of an answer's file."""
    try:
        return decode(Path(file).read_bytes(), file)
    except OSError as error:
        raise InputError([Fault(None, "", f"cannot be read: {error.strerror or error}")], file) from None


@contextmanager
def _refusals(origin: str) -> Iterator[None]:
    """What a module refuses is wrong input; its messages may or may not begin with the file."""
    try:
        yield
    except InputError:
        raise
    except ValueError as error:
        message = str(error).removeprefix(f"{origin}: ")
        raise InputError([Fault(None, "", message)], origin) from None
    except SolverError as error:
        raise FailureError(str(error)) from None


def _print(found: Answer, as_json: bool) -> None:
    if as_json:
        print_json(found.to_json())
    else:
        click.echo(found.text())


def _write(found: Answer, output: Path) -> None:
    if found.answer is None:
        note(f"{output} was not written: there is no answer to write")
        return
    with writing(output):
        write_whole(output, [json.dumps(found.answer, indent=1), "\n"])
