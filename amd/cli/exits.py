"""Exit statuses, and the one place where errors become messages.

0 answered; 1 no such mechanism, no best one, or a violation; 2 wrong input; 3 a limit or a failure. As shells have it,
130 after Ctrl-C and 141 when the reader of our output went away.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, TextIO

from click.exceptions import Exit

ANSWERED, NEGATIVE, WRONG_INPUT, FAILED = 0, 1, 2, 3
INTERRUPTED, BROKEN_PIPE = 130, 141
MOST_FAULTS = 50  # that are printed


class FailureError(Exception):
    """The message is for people, and the exit status 3."""


def say(text: str, stream: TextIO | None = None) -> None:
    """A text and the end of its line on a stream (standard output), in whatever encoding that has.

    (`click.echo` writes UTF-8 to a stream that says it is ASCII.)
    """
    print(text, file=sys.stdout if stream is None else stream)


@contextmanager
def answered() -> Iterator[None]:
    """Turns the errors that a verb may raise into a message and an exit status."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except _wrong_input() as error:
        raise _leave(_faults(error), WRONG_INPUT) from None
    except FailureError as error:
        raise _leave(str(error), FAILED) from None
    except KeyboardInterrupt:
        raise _leave("interrupted", INTERRUPTED) from None
    except MemoryError:
        raise _leave("there is not enough memory for this problem", FAILED) from None
    except BrokenPipeError:
        _silence(sys.stdout)
        raise Exit(BROKEN_PIPE) from None
    except OSError as error:
        if error.filename is not None:  # not from writing the answer, and nobody foresaw it
            raise
        _silence(sys.stdout)
        raise _leave(f"the answer cannot be written: {error.strerror or error}", FAILED) from None


def _wrong_input() -> tuple[type[Exception], ...]:
    """InputError, if what could raise it was ever loaded: help and lists never load it."""
    faults = sys.modules.get("amd.files.faults")
    return () if faults is None else (faults.InputError,)


def _faults(error: Any) -> str:
    """A line a fault; of very many the first ones, and how many there are."""
    lines = str(error).splitlines()
    if len(lines) > MOST_FAULTS:
        lines = [*lines[:MOST_FAULTS], f"{error.origin}: and {len(lines) - MOST_FAULTS:,} more faults"]
    return "\n".join(lines)


def _leave(message: str, status: int) -> Exit:
    say(message, sys.stderr)
    return Exit(status)


def _silence(stream: IO[Any]) -> None:
    """Lets what is still in the stream's buffer go nowhere when Python shuts down."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # a stream without a descriptor, as in tests
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
