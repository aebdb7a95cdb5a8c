"""Writing a program to a file, whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from solvers import lp, mps
from solvers.program import LinearProgram
from solvers.solution import SolverError
from solvers.witness import crossed_bounds

FORMATS = {".mps": mps.lines, ".lp": lp.lines}


def write(program: LinearProgram, path: Path) -> None:
    """Write `program` to `path`, whose name ends in `.mps` (free MPS) or `.lp` (CPLEX LP).

    Raises SolverError for another ending, or a program that the formats have no words for (cones, crossed bounds, no
    columns); OSError where the file cannot be written.
    """
    lines = FORMATS.get(path.suffix.lower())
    if lines is None:
        raise SolverError(f"cannot tell the format of '{path.name}': its name should end in .mps or .lp")
    _require_writable(program)
    _write_whole(path, lines(program))


def _require_writable(program: LinearProgram) -> None:
    reason = "it has cones" if program.cones else "it has no columns" if not program.column_count else ""
    reason = reason or crossed_bounds(program)
    if reason:
        raise SolverError(f"this program cannot be written as MPS or LP: {reason}")


def _write_whole(path: Path, lines: Iterable[str]) -> None:
    """Write beside `path` and rename, so that no reader ever sees half a file."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(draft, "x", encoding="ascii", newline="\n") as stream:
            stream.writelines(f"{line}\n" for line in lines)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
