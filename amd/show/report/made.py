"""How a page was made, so that anybody can make it again."""

from __future__ import annotations

import platform
from collections.abc import Mapping


def made(
    command: str, solver: tuple[str, str], digest: str, parameters: Mapping[str, str] = {}
) -> tuple[tuple[str, str], ...]:
    """The command, the versions and the problem's fingerprint."""
    from amd import __version__

    return facts_about(
        {
            "Again": command,
            "Parameters": ", ".join(f"{name} = {value}" for name, value in parameters.items()),
            "Problem": f"sha256 {digest}" if digest else "",
            "Made by": f"amd {__version__}, Python {platform.python_version()}",
            "Solver": " ".join(part for part in solver if part),
        }
    )


def facts_about(known: Mapping[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Those that are known."""
    return tuple((name, words) for name, words in known.items() if words)
