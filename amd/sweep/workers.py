"""Who solves the points: this process, several processes on this machine, or a Dask cluster.

Each yields ``(number, row)`` as points finish, in any order. A chain of points stays with one worker.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from amd.sweep.chain import Chain, solve_chain, solve_whole_chain
from amd.sweep.grid import SweepError

Answers = Iterator[tuple[int, dict[str, Any]]]


def here(chains: list[Chain]) -> Answers:
    """One after the other."""
    for chain in chains:
        yield from solve_chain(chain)


def processes(chains: list[Chain], workers: int) -> Answers:
    """On this machine. Fresh processes: a fork of one that runs solver threads may hang."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(solve_whole_chain, chain) for chain in chains]
        try:
            for future in as_completed(futures):
                yield from future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def cluster(chains: list[Chain], address: str) -> Answers:
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
        futures = [client.submit(solve_whole_chain, chain, pure=False) for chain in chains]
        for future in untyped.as_completed(futures):
            yield from future.result()
