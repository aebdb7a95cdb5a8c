"""Where words and tables go: a terminal of any width and encoding, a pipe, or a text.

Text of users is never read as markup.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType

from amd.show.encoding import speak_any_encoding

PLAIN_WIDTH = 100  # of pipes and texts, which have none of their own


def console(*, stderr: bool = False) -> Console:
    """The console of a standard stream: width and colours of a terminal (NO_COLOR honoured), plain in a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    speak_any_encoding(stream)
    width = None if stream.isatty() or "COLUMNS" in os.environ else PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def to_text(parts: Iterable[RenderableType], width: int = PLAIN_WIDTH) -> str:
    """The parts as plain text, without trailing blanks."""
    sink = io.StringIO()
    plain = Console(
        file=sink, width=width, highlight=False, markup=False, emoji=False, color_system=None, force_terminal=False
    )
    plain.print(Group(*parts))
    return "\n".join(line.rstrip() for line in sink.getvalue().rstrip("\n").split("\n"))
