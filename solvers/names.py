"""Names of rows and columns that every reader of MPS and LP files takes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from solvers.program import LinearProgram

MAX_NAME = 255
_UNSAFE = re.compile(r"[^A-Za-z0-9_.]")
# the LP format reads these as something else: its keywords, and what may begin a number
_RESERVED = re.compile(
    r"(?:[^A-Za-z_].*|[eE]\d*|inf|infinity|free|st|s\.t\.?|subject|such|to|that|max|min|maximi[sz]e|minimi[sz]e|maximum"
    r"|minimum|bounds?|end|gen|generals?|int|integers?|bin|binary|binaries|semis?|semi-continuous|sos|sos1|sos2|obj)?",
    re.IGNORECASE,
)


def row_names(program: LinearProgram) -> list[str]:
    return safe_names((program.row_name(row) for row in range(program.row_count)), "r", ["obj"])


def column_names(program: LinearProgram) -> list[str]:
    return safe_names((program.column_name(column) for column in range(program.column_count)), "x", [])


def safe_names(names: Iterable[str], prefix: str, taken: Iterable[str]) -> list[str]:
    """ASCII names of at most 255 characters, distinct from each other and from `taken` whatever the case of letters,
    as like `names` as that allows."""
    used = {name.lower() for name in taken}
    counts: dict[str, int] = {}
    return [_unique(_sanitised(name, prefix), used, counts) for name in names]


def _sanitised(name: str, prefix: str) -> str:
    plain = _UNSAFE.sub("_", name)[: MAX_NAME - 20]  # room for the prefix and for a number that makes it unique
    return f"{prefix}_{plain}" if _RESERVED.fullmatch(plain) else plain


def _unique(name: str, used: set[str], counts: dict[str, int]) -> str:
    key, unique = name.lower(), name
    while unique.lower() in used:
        counts[key] = counts.get(key, 1) + 1
        unique = f"{name}_{counts[key]}"
    used.add(unique.lower())
    return unique
