"""Time matching at national scale: arrays, a CSV file, dense marriage, and peers where they are installed.

Run `python benchmarks/matching_scale.py`; `--peers` adds other packages (those that are there), `--small` a quick look.
Each figure is the least of three runs, the build of the market included where it says so.
"""

from __future__ import annotations

import argparse
import importlib
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from amd.matching import solve_file
from amd.matching.audit import is_stable
from amd.matching.clean import clean
from amd.matching.deferred import deferred_acceptance
from amd.matching.market import IntArray, Lists, lists_from_matrix


def timed(what: str, run: Callable[[], object], times: int = 3) -> object:
    best, answer = np.inf, None
    for _ in range(times):
        began = time.perf_counter()
        answer = run()
        best = min(best, time.perf_counter() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what:68} {best:8.3f} s   peak {memory:5.2f} GiB", flush=True)
    return answer


def residents(n: int, programs: int, length: int, seed: int = 0) -> tuple[IntArray, Lists]:
    """Choices (n, length), and the programs' lists: everybody who asks, in a random order."""
    rng = np.random.default_rng(seed)
    choices = np.array([rng.choice(programs, length, replace=False) for _ in range(n)], np.int32)
    flat = choices.ravel()
    order = np.lexsort((rng.random(flat.size), flat))
    start = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=programs))]).astype(np.int64)
    position = (np.arange(flat.size) - np.repeat(start[:-1], np.diff(start))).astype(np.int32)
    return choices, Lists(start, (order // length).astype(np.int32), position)


def many_residents(n: int) -> None:
    programs, length = max(n // 10, 20), 15
    choices, lists = residents(n, programs, length)
    places = np.full(programs, 10)

    def build_and_match() -> object:
        market, _ = clean(lists_from_matrix(choices), lists, places)
        return market, deferred_acceptance(market)

    market, answer = timed(f"{n} residents × {length}: arrays to matching, market built", build_and_match)
    timed(f"{n} residents × {length}: deferred acceptance alone", lambda: deferred_acceptance(market))
    assert timed(f"{n} residents × {length}: audit", lambda: is_stable(market, answer.assignment))
    with tempfile.TemporaryDirectory() as folder:
        problem = write_tables(Path(folder), choices, lists)
        timed(f"{n} residents × {length}: from CSV files, audited and told", lambda: solve_file(problem))


def write_tables(folder: Path, choices: IntArray, lists: Lists) -> Path:
    names = [f"h{p}" for p in range(lists.count)]
    rows = [f"r{i}," + ",".join(names[p] for p in row) for i, row in enumerate(choices.tolist())]
    header = "resident," + ",".join(f"choice {k + 1}" for k in range(choices.shape[1]))
    (folder / "residents.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    ranked = [",".join(f"r{a}" for a in lists.of(p).tolist()) for p in range(lists.count)]
    table = [f"{name},10,{row}" for name, row in zip(names, ranked, strict=True)]
    (folder / "programs.csv").write_text("\n".join(["program,capacity", *table]) + "\n", encoding="utf-8")
    problem = folder / "national.yaml"
    sides = "applicants: {table: residents.csv}\nprograms: {table: programs.csv}\n"
    problem.write_text("amd: 1\nkind: matching\n" + sides, encoding="utf-8")
    return problem


def marriage(n: int) -> None:
    rng = np.random.default_rng(1)
    men, women = (rng.random((n, n), dtype=np.float32).argsort(axis=1).astype(np.int32) for _ in range(2))

    def build_and_match() -> object:
        market, _ = clean(lists_from_matrix(men), lists_from_matrix(women), np.ones(n, np.int64))
        return deferred_acceptance(market)

    timed(f"{n} × {n} marriage, full lists: arrays to matching", build_and_match)


def peer(n: int) -> None:
    """The package `matching` (Wilde, Knight and Gillard 2020), where it is installed."""
    try:
        games = importlib.import_module("matching.games")
    except ImportError:
        print("the package 'matching' is not installed: no peer measured")
        return
    choices, lists = residents(n, max(n // 10, 20), 15)
    ours = {f"r{i}": [f"h{p}" for p in row] for i, row in enumerate(choices.tolist())}
    theirs = {f"h{p}": [f"r{a}" for a in lists.of(p).tolist()] for p in range(lists.count)}
    places = dict.fromkeys(theirs, 10)
    create = games.HospitalResident.create_from_dictionaries
    try:
        game = timed(f"{n} residents × 15: package 'matching', build", lambda: create(ours, theirs, places), 1)
        timed(f"{n} residents × 15: package 'matching', solve", lambda: game.solve(), 1)
    except RecursionError:
        print(f"{n} residents × 15: package 'matching' gives up with a RecursionError")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    many_residents(2_000 if options.small else 40_000)
    marriage(500 if options.small else 5_000)
    if options.peers:
        peer(500 if options.small else 5_000)


if __name__ == "__main__":
    main()
