"""From file to answer: this project beside the same problem written naturally in cvxpy and in PuLP.

    python -m benchmarks.problem_files [--largest 100]

Two bidders with values uniform on [0, 1], one good, revenue, all incentive pairs: the textbook's program. Every line is
timed in the same run, one after the other; the ratios are what to read, since machines are noisy.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

import amd
from amd.compile.choose import choose
from amd.compile.program import compile_program
from benchmarks.families.auction import PROBLEM, natural_cvxpy, natural_pulp
from solvers import get

LADDERS = "interim-payments,interim-allocation,adjacent"

LARGEST = {"full": 60, "cvxpy": 100, "pulp": 40}  # types beyond which a way is not asked: minutes


def ours(cells: int, formulation: str = "auto") -> float:
    """Read, build, solve, lift and audit."""
    result = amd.loads(PROBLEM.format(size=cells)).solve(formulation=formulation)
    return float(result.objective or np.nan)


def timed(function: Callable[[], float]) -> tuple[float, float]:
    """Seconds and the answer."""
    start = time.perf_counter()
    answer = function()
    return time.perf_counter() - start, answer


def beside_modelling_languages(sizes: list[int], longest: float) -> None:
    """One line a size; a peer that took longer than `longest` seconds is not asked for more."""
    print("| types | amd | amd, full program | natural cvxpy (HiGHS) | natural PuLP (CBC) | cvxpy / amd | PuLP / amd |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    given_up: set[str] = set()
    ours(5)
    for cells in sizes:
        mine, answer = timed(lambda cells=cells: ours(cells))
        peers = {
            "full": lambda cells=cells: ours(cells, "full"),
            "cvxpy": lambda cells=cells: natural_cvxpy(cells),
            "pulp": lambda cells=cells: natural_pulp(cells),
        }
        spent: dict[str, float] = {}
        for name, run in peers.items():
            if name in given_up or cells > LARGEST[name]:
                continue
            spent[name], other = timed(run)
            if abs(other - answer) > 1e-6:
                raise SystemExit(f"{name} finds {other} for {answer} with {cells} types")
            if spent[name] > longest:
                given_up.add(name)
        cells_text = [f"{spent[name]:.2f} s" if name in spent else "" for name in peers]
        ratios = [f"{spent[name] / mine:,.0f}" if name in spent else "" for name in ("cvxpy", "pulp")]
        print(f"| 2 × {cells} | {mine:.3f} s | {' | '.join(cells_text)} | {' | '.join(ratios)} |", flush=True)


def build_beside_solve() -> None:
    """Time and memory of building programs of 10^5 nonzeros and more, beside solving them."""
    print("| program | rows × columns | nonzeros | build | solve | build / solve | peak memory / matrix |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    cases = [
        ("two bidders × 40, full", amd.loads(PROBLEM.format(size=40)).task, "full"),
        ("two bidders × 60, full", amd.loads(PROBLEM.format(size=60)).task, "full"),
        ("efficient trade × 40, full", amd.load("myerson-satterthwaite", N="40").task, "full"),
        ("three bidders × 30", amd.loads(PROBLEM.format(size=30).replace("count: 2", "count: 3")).task, LADDERS),
    ]
    for name, task, formulation in cases:
        plan = choose(task.environment, task.design, formulation)
        build, compiled = timed_any(lambda task=task, plan=plan: compile_program(task.environment, task.design, plan))
        solve, _ = timed_any(lambda compiled=compiled: get("highs").solve(compiled.program))
        tracemalloc.start()
        compile_program(task.environment, task.design, plan)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        matrix = compiled.program.matrix
        size = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes
        shape = f"{matrix.shape[0]:,} × {matrix.shape[1]:,}"
        ratios = f"{build / solve:.3f} | {peak / size:.1f}"
        print(f"| {name} | {shape} | {matrix.nnz:,} | {build:.3f} s | {solve:.2f} s | {ratios} |", flush=True)


def timed_any(function: Callable[[], object]) -> tuple[float, object]:
    """Seconds and whatever it returns."""
    start = time.perf_counter()
    answer = function()
    return time.perf_counter() - start, answer


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--largest", type=int, default=100)
    parser.add_argument("--longest", type=float, default=120)
    arguments = parser.parse_args()
    beside_modelling_languages([size for size in (10, 20, 40, 100) if size <= arguments.largest], arguments.longest)
    print()
    build_beside_solve()


if __name__ == "__main__":
    main()
