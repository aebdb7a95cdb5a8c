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
NARROWEST = 20


def console(*, stderr: bool = False) -> Console:
    """The console of a standard stream that is a terminal: its width and colours, NO_COLOR honoured."""
    stream = sys.stderr if stderr else sys.stdout
    speak_any_encoding(stream)
    return Console(file=stream, highlight=False, markup=False, emoji=False)


def plain_width() -> int:
    """The width of text in a pipe: COLUMNS where it is set."""
    wanted = os.environ.get("COLUMNS", "")
    return max(int(wanted), NARROWEST) if wanted.isdecimal() else PLAIN_WIDTH


def to_text(parts: Iterable[RenderableType], width: int = PLAIN_WIDTH) -> str:
    """The parts as plain text, without trailing blanks."""
    sink = io.StringIO()
    plain = Console(
        file=sink,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
    )
    plain.print(Group(*parts))
    return "\n".join(line.rstrip() for line in sink.getvalue().rstrip("\n").split("\n"))
