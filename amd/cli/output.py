"""Answers on standard output, and files that are written whole or not at all."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from amd.cli.exits import FailureError, say

if TYPE_CHECKING:
    from rich.console import RenderableType


def print_json(data: dict[str, Any]) -> None:
    """One JSON object, in ASCII, so that every encoding can print it."""
    say(json.dumps(data, indent=2, allow_nan=False))


def print_parts(parts: Iterable[RenderableType]) -> None:
    """Words and tables for people: as wide as the terminal and in its colours, or plain text in a pipe."""
    from rich.console import Group

    from amd.show.page import console, plain_width, to_text

    if sys.stdout.isatty():
        console().print(Group(*parts))
    else:
        say(to_text(parts, plain_width()))


def note(message: str) -> None:
    """A remark beside the answer, on standard error."""
    say(message, sys.stderr)


class OutputPath(click.ParamType[Path]):
    """A file to be written. Its folder must be there; what only the system can refuse is left to `require_writable`."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(value)
        if str(value) in ("", "-"):
            self.fail("needs the name of a file", param, ctx)
        if path.is_dir():
            self.fail(f"'{path}' is a folder; name a file in it", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"there is no folder '{path.parent}'", param, ctx)
        return path


def require_writable(path: Path) -> None:
    """Raise FailureError, before any long work, where the file could not be written in the end."""
    with writing(path):
        if path.exists():
            if not os.access(path, os.W_OK):
                raise PermissionError(None, "it is read-only")
            if not path.is_file():  # a device or a pipe
                return
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            pass


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system refuses while `path` is written into FailureError."""
    try:
        yield
    except OSError as error:
        raise FailureError(f"{path} cannot be written: {error.strerror or error}") from None
