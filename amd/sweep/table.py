"""The table of a sweep, as CSV or Parquet, written whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from amd.files.whole import whole
from amd.sweep.grid import SweepError

FORMATS = (".csv", ".parquet")


def require_format(path: Path) -> None:
    """SweepError for a table that is neither CSV nor Parquet."""
    if path.suffix.lower() not in FORMATS:
        raise SweepError(f"'{path.name}' should end in .csv or .parquet")


def columns(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Every column that some row has, in the order of first appearance."""
    return list(dict.fromkeys(name for row in rows for name in row))


def write_table(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """The rows in order; what a row lacks stays empty. SweepError as `require_format`, or where pyarrow is
    missing."""
    require_format(path)
    writers = {".csv": _csv, ".parquet": _parquet}
    with whole(path) as part:
        writers[path.suffix.lower()](part, rows)


def _csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns(rows), restval="")
        writer.writeheader()
        writer.writerows(rows)


def _parquet(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise SweepError("Parquet takes pyarrow: pip install 'automated-mechanism-design[parquet]'") from None
    table = pyarrow.table({name: [row.get(name) for row in rows] for name in columns(rows)})
    parquet.write_table(table, path)
