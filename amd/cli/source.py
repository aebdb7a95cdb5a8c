"""The FILE of a command line: a problem file, a bundled problem's name, or standard input; read once, of any kind."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from amd.files import bundled
from amd.files.faults import Fault, InputError
from amd.files.sources import Source as Opened
from amd.files.sources import kind_of_text, loads, open_source
from amd.model.task import Task

MECHANISM = "mechanism"


def answer_path(file: str) -> str:
    """The path of a mechanism's file: an existing file, or a bundled one of that name."""
    bundled_one = None if Path(file).exists() else bundled.mechanism(file)
    return file if bundled_one is None else str(bundled_one)


@dataclass
class Source:
    """A text whose kind is known. `seconds` is what looking and reading has taken so far."""

    opened: Opened
    overrides: dict[str, str]
    kind: str
    seconds: float

    @classmethod
    def open(cls, file: str, overrides: dict[str, str]) -> Source:
        """The text of FILE and its kind. InputError where there is none, or the kind is unknown."""
        start = time.perf_counter()
        opened = open_source(file)
        kind = kind_of_text(opened.text, opened.origin) if "kind" in opened.text else MECHANISM
        return cls(opened, overrides, kind, time.perf_counter() - start)

    def task(self) -> Task:
        """The task of a problem of kind mechanism. InputError where it is wrong, or of another kind."""
        if self.kind != MECHANISM:
            message = f"'{self.kind}' has no linear program of its own: use `amd solve` and `amd check`"
            raise InputError([Fault(None, "kind", message)], self.opened.origin)
        start = time.perf_counter()
        opened = self.opened
        task = loads(opened.text, origin=opened.origin, folder=opened.folder, overrides=self.overrides)
        self.seconds += time.perf_counter() - start
        return task
