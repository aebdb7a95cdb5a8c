"""Who solves the points: this process, several processes on this machine, or a Dask cluster.

Each yields ``(number, row)`` as points finish, in any order.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from amd.sweep.grid import SweepError
from amd.sweep.point import Job, solve_point

Answers = Iterator[tuple[int, dict[str, Any]]]


def here(jobs: dict[int, Job]) -> Answers:
    """One after the other."""
    for number, job in jobs.items():
        yield number, solve_point(job)


def processes(jobs: dict[int, Job], workers: int) -> Answers:
    """On this machine. Fresh processes: a fork of one that runs solver threads may hang."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(solve_point, job): number for number, job in jobs.items()}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def cluster(jobs: dict[int, Job], address: str) -> Answers:
    """On the workers of a Dask scheduler, which need this package and, for files, the same folders.

    SweepError where Dask is not installed or the scheduler does not answer.
    """
    try:
        import distributed
    except ImportError:
        raise SweepError("a cluster takes Dask: pip install 'automated-mechanism-design[cluster]'") from None
    untyped: Any = distributed
    try:
        client: Any = untyped.Client(address, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise SweepError(f"the scheduler {address} does not answer: {error}") from None
    with client:
        futures = {client.submit(solve_point, job, pure=False): number for number, job in jobs.items()}
        for future in untyped.as_completed(list(futures)):
            yield futures[future], future.result()
