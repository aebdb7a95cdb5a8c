"""Problem kinds that have modules of their own: matching, exchange, auction, axioms, cooperative games.

They answer in one form.

A module offers ``solve_text(text, origin, folder, settings)``, and ``read_task(text, origin, folder)``,
``read_answer(text, origin)`` and ``check_task(task, answer)`` for `amd check`. Kinds in `PARAMETERS` have parameters
and take `overrides`, too. Those in `PLAYED` offer ``simulate_text(text, origin, folder, rounds, seed, overrides)``;
those in `CERTIFIED` ``certify_text(text, origin, folder)``, the argument, the document, and whether it is an
impossibility, and ``vipr_text(text, origin, folder)``, the lines of a VIPR certificate; those in `EXPLAINED`
``why_text(text, origin, folder)``, the smallest conflict, and ``why_certified(text, origin, folder)``, the same with
its certificate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import click

from amd.cli.exits import ANSWERED, NEGATIVE, FailureError, say
from amd.cli.output import note, print_json, writing
from amd.cli.progress import progress
from amd.cli.source import Source
from amd.files.document import decode
from amd.files.faults import Fault, InputError
from amd.files.records import Record
from amd.files.whole import write_whole
from solvers import Settings, SolverError

MODULES = {
    "matching": "amd.matching",
    "exchange": "amd.matching",
    "auction": "amd.auctions",
    "axioms": "amd.axioms",
    "cooperative": "amd.cooperative",
}
SHAPES = {
    "auction": "AUCTION",
    "matching": "MATCHING",
    "exchange": "EXCHANGE",
    "axioms": "AXIOMS_FILE",
    "cooperative": "COOPERATIVE",
}
PARAMETERS = frozenset({"auction", "cooperative"})
PLAYED = frozenset({"auction"})
CERTIFIED = frozenset({"axioms", "cooperative"})
EXPLAINED = frozenset({"axioms"})


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


def solve_kind(
    source: Source, settings: Settings, as_json: bool, output: Path | None, shown: Callable[[Any], None]
) -> int:
    """Solves, prints and writes; returns the exit status. `shown` draws and reports what was found, where wanted."""
    found = solved_kind(source, settings)
    if output is not None:
        _write(found, output)
    _print(found, as_json)
    shown(found)
    return int(found.exit_status)


def solved_kind(source: Source, settings: Settings) -> Any:
    """The answer of the kind's module. InputError for wrong input, FailureError where a solver fails."""
    with _refusals(source.opened.origin), progress() as tell:
        tell(f"solving a problem of kind {source.kind}")
        return _module(source).solve_text(*_text_of(source), settings=settings, **_overrides(source))


def check_kind(source: Source, answer_file: str, as_json: bool) -> int:
    """Audits the answer in a file and prints what was found; returns the exit status."""
    module = _module(source)
    with _refusals(source.opened.origin):
        task = module.read_task(*_text_of(source), **_overrides(source))
    with _refusals(answer_file), progress() as tell:
        tell("checking the answer")
        found: Answer = module.check_task(task, module.read_answer(_answer_text(answer_file), answer_file))
    _print(found, as_json)
    return ANSWERED if found.holds else NEGATIVE


def simulate_kind(source: Source, rounds: int, seed: int, as_json: bool) -> int:
    """Plays many rounds and prints what came out; returns the exit status."""
    _require_among(source, PLAYED, "simulated")
    with _refusals(source.opened.origin), progress() as tell:
        tell(f"playing {rounds:,} rounds")
        found: Answer = _module(source).simulate_text(*_text_of(source), rounds=rounds, seed=seed, **_overrides(source))
    _print(found, as_json)
    return found.exit_status


def certify_kind(source: Source, output: Path | None, vipr: Path | None) -> int:
    """Proves, prints the argument and writes the certificates; returns the exit status."""
    _require_among(source, CERTIFIED, "certified")
    with _refusals(source.opened.origin), progress() as tell:
        tell(f"proving what holds of a problem of kind {source.kind}")
        words, document, impossible = _module(source).certify_text(*_text_of(source), **_overrides(source))
    if output is not None:
        _write_document(document, output)
    if vipr is not None:
        with _refusals(source.opened.origin), progress() as tell:
            tell("writing the proof for VIPR checkers")
            lines = _module(source).vipr_text(*_text_of(source), **_overrides(source))
        with writing(vipr):
            write_whole(vipr, (f"{line}\n" for line in lines))
    say(words)
    return NEGATIVE if impossible else ANSWERED


def _write_document(document: dict[str, Any], output: Path) -> None:
    with writing(output):
        write_whole(output, [json.dumps(document, indent=1), "\n"])


def digest_of_kind(source: Source) -> str:
    """The digest of what the file says, as it stands in its certificates."""
    _require_among(source, CERTIFIED, "certified")
    with _refusals(source.opened.origin):
        return str(_module(source).read_task(*_text_of(source), **_overrides(source)).digest)


def why_kind(source: Source, as_json: bool, output: Path | None) -> int:
    """Finds the smallest conflict, prints it and writes its certificate; returns the exit status."""
    _require_among(source, EXPLAINED, "asked why")
    module = _module(source)
    with _refusals(source.opened.origin), progress() as tell:
        tell("looking for the smallest conflict")
        if output is None:
            found, document = module.why_text(*_text_of(source)), None
        else:
            found, document = module.why_certified(*_text_of(source))
    _print(found, as_json)
    if output is not None and document is not None:
        _write_document(document, output)
    elif output is not None:
        note(f"{output} was not written: nothing conflicts")
    return int(found.exit_status)


def shapes() -> dict[str, Record]:
    """What files of these kinds look like, for the JSON Schema."""
    return {kind: getattr(import_module(f"{MODULES[kind]}.shapes"), name) for kind, name in SHAPES.items()}


def _require_among(source: Source, kinds: frozenset[str], verb: str) -> None:
    """Raise InputError for a kind that the verb does not know."""
    if source.kind not in kinds:
        raise InputError(
            [Fault(None, "kind", f"a problem of kind '{source.kind}' cannot be {verb}")], source.opened.origin
        )


def require_defaults(source: Source, **options: tuple[Any, Any]) -> None:
    """Raise UsageError where an option that means nothing for this kind is not at its default."""
    for name, (given, default) in options.items():
        if given != default:
            raise click.UsageError(f"--{name} means nothing for a problem of kind {source.kind}")


def _module(source: Source) -> Any:
    return import_module(MODULES[source.kind])


def _text_of(source: Source) -> tuple[str, str, Path | None]:
    return source.opened.text, source.opened.origin, source.opened.folder


def _overrides(source: Source) -> dict[str, Any]:
    """The overrides for kinds that have parameters; for others there must be none."""
    if source.kind in PARAMETERS:
        return {"overrides": source.overrides}
    require_defaults(source, set=(source.overrides, {}))
    return {}


def _answer_text(file: str) -> str:
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
        raise InputError([_fault(str(error), origin)], origin) from None
    except SolverError as error:
        raise FailureError(str(error)) from None


def _fault(message: str, origin: str) -> Fault:
    """A refusal as a fault; ``FILE: …`` and ``FILE:LINE: …`` at its beginning are taken apart."""
    told = re.match(re.escape(origin) + r"(?::(\d+))?: ", message)
    if told is None:
        return Fault(None, "", message)
    return Fault(int(told[1]) if told[1] else None, "", message[told.end() :])


def _print(found: Answer, as_json: bool) -> None:
    if as_json:
        print_json(found.to_json())
    else:
        say(found.text())


def _write(found: Answer, output: Path) -> None:
    if found.answer is None:
        note(f"{output} was not written: there is no answer to write")
        return
    with writing(output):
        write_whole(output, [json.dumps(found.answer, indent=1), "\n"])
