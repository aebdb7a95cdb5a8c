"""Streams that are not Unicode: mathematical signs and accents are spelled in ASCII instead of failing."""

from __future__ import annotations

import codecs
import io
import unicodedata
from typing import IO, Any

_SPELLED = dict(
    pair.split(" ", 1)
    for pair in (
        *("… ...", "× x", "· *", "− -", "– -", "— -", "≥ >=", "≤ <=", "≠ !=", "≈ ~", "± +-", "² ^2", "→ ->", "∞ inf"),
        *("Σ sum", "Π prod", "∈ in", "∀ for all", "≻ >", "θ theta", "α alpha", "β beta", "γ gamma", "φ phi"),
        *('“ "', '” "', "‘ '", "’ '", "• *", "─ -", "ä ae", "ö oe", "ü ue", "ß ss", "€ EUR"),
    )
)


def _spell(error: UnicodeError) -> tuple[str, int]:
    """What an encoding cannot say, in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_plain(char) for char in error.object[error.start : error.end]), error.end


def _plain(char: str) -> str:
    """The sign in ASCII; a letter without its accent; a question mark where there is nothing like it."""
    bare = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode("ascii")
    return _SPELLED.get(char) or bare or "?"


codecs.register_error("amd-spell", _spell)


def speak_any_encoding(stream: IO[Any]) -> None:
    """Lets a standard stream print whatever its encoding lacks in ASCII, instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="amd-spell")
