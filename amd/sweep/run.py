"""Run a sweep: read the problem once, solve what is not yet done, keep every point, write the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amd.pictures import Pictured
from amd.sweep.chain import Chain, chains
from amd.sweep.grid import Axis, SweepError, points
from amd.sweep.journal import Journal
from amd.sweep.point import Job
from amd.sweep.table import require_format, write_table
from amd.sweep.workers import cluster, here, processes

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Sweep(Pictured):
    """The rows in the order of the points, and how many of them were kept from an earlier run; `axes` names
    the parameters that were varied."""

    rows: tuple[dict[str, Any], ...]
    resumed: int
    axes: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Points without an answer: wrong input, errors and limits."""
        return sum(row["status"] in ("wrong input", "error", "limit") for row in self.rows)


def sweep(
    source: str,
    axes: list[Axis],
    table: Path,
    *,
    solver: str = "highs",
    formulation: str = "auto",
    time_limit: float | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    told: Told = lambda done, total: None,
) -> Sweep:
    """Solves `source` at every combination of the axes and writes the table.

    Finished points are kept in ``TABLE.part`` at once: after an interrupt or a kill the same call goes on from there.
    Raises InputError where the file is wrong at its first point already, SweepError for axes or tables that are.
    """
    from amd.files import load

    require_format(table)
    jobs = [Job(source, point, solver, formulation, time_limit) for point in points(axes)]
    identity = {
        "problem": load(source, overrides=jobs[0].overrides).digest,
        "points": [job.overrides for job in jobs],
        "how": [solver, formulation, time_limit],
    }
    with Journal(table.with_name(table.name + ".part"), identity) as journal:
        resumed = len(journal.done)
        left = chains(jobs, set(journal.done))
        told(resumed, len(jobs))
        for number, row in _answers(left, workers, scheduler):
            journal.add(number, row)
            told(len(journal.done), len(jobs))
        rows = tuple(journal.done[number] for number in range(len(jobs)))
        write_table(table, rows)
    journal.remove()
    return Sweep(rows, resumed, tuple(axis.name for axis in axes))


def _answers(left: list[Chain], workers: int, scheduler: str | None) -> Iterator[tuple[int, dict[str, Any]]]:
    if not left:
        return iter(())
    if scheduler is not None:
        return cluster(left, scheduler)
    if workers < 1:
        raise SweepError("a sweep needs at least one worker")
    return here(left) if workers == 1 or len(left) == 1 else processes(left, min(workers, len(left)))
