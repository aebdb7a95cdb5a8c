"""What is going on, shown on a terminal when it takes more than a second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status

PATIENCE = 1.0  # seconds without a word


class Display:
    """The latest message beside a spinner, from `PATIENCE` seconds on."""

    def __init__(self) -> None:
        self._message = "working"
        self._status: Status | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(PATIENCE, self._begin)
        self._timer.daemon = True
        self._timer.start()

    def say(self, message: str) -> None:
        """Replace the message."""
        with self._lock:
            self._message = message
            if self._status is not None:
                self._status.update(message)

    def _begin(self) -> None:
        from amd.show.page import console

        with self._lock:
            if self._timer.finished.is_set():
                return
            self._status = console(stderr=True).status(self._message, spinner="line")
            self._status.start()

    def close(self) -> None:
        """Wipe the display away."""
        self._timer.cancel()
        with self._lock:
            if self._status is not None:
                self._status.stop()


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Gives the function that says what is going on; it is silent unless standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda message: None
        return
    display = Display()
    try:
        yield display.say
    finally:
        display.close()
