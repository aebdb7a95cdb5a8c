"""The journal of a sweep: finished points, one JSON line each, so that an interrupted sweep goes on.

It stands beside the table as ``TABLE.part`` and is removed when the table is complete. Its first line says which
sweep it belongs to; a journal of another sweep is not used. A last line that was cut off by a kill is ignored.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, TextIO

from amd.sweep.grid import SweepError


class Journal:
    """Finished points by their number. Use as a context manager; `add` writes through to the file."""

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self.path = path
        self.key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        self.done: dict[int, dict[str, Any]] = {}
        self._file: TextIO | None = None

    def __enter__(self) -> Journal:
        kept = self._read()
        self._file = self.path.open("w", encoding="utf-8")
        self._write({"sweep": self.key})
        self.done = {}
        for number, row in kept:
            self.add(number, row)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, number: int, row: dict[str, Any]) -> None:
        """Notes a finished point."""
        self.done[number] = row
        self._write({"point": number, "row": row})

    def remove(self) -> None:
        """The table is complete: the journal has served."""
        self.path.unlink(missing_ok=True)

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file is None:
            raise SweepError("the journal is not open")
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()

    def _read(self) -> list[tuple[int, dict[str, Any]]]:
        """The points of an earlier run of the same sweep."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        entries = [entry for entry in map(_parsed, lines) if entry is not None]
        if not entries or entries[0].get("sweep") != self.key:
            raise SweepError(
                f"{self.path} belongs to another sweep (other settings, or the problem has changed); "
                f"remove it, or write to another table"
            )
        return [(entry["point"], entry["row"]) for entry in entries[1:] if "point" in entry and "row" in entry]


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) else None
