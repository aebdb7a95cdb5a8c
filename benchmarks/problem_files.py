"""From file to answer: this project beside the same problem written naturally in cvxpy and in PuLP.

    python benchmarks/problem_files.py [--largest 100]

Two bidders with values uniform on [0, 1], one good, revenue, all incentive pairs: the textbook's program. Every line is
timed in the same run, one after the other; the ratios are what to read, since machines are noisy.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

import cvxpy as cp
import numpy as np
import pulp

import amd
from amd.compile.choose import choose
from amd.compile.program import compile_program
from solvers import get

PROBLEM = """
amd: 1
title: Two bidders
parameters: {N: %d}
agents:
  bidder: {count: 2, types: {v: {uniform: [0, 1], cells: N}}, value: {item: v}}
goods: {item: 1}
design: {maximize: revenue}
"""

LADDERS = "interim-payments,interim-allocation,adjacent"

LARGEST = {"full": 60, "cvxpy": 100, "pulp": 40}  # types beyond which a way is not asked: minutes


def values(cells: int) -> np.ndarray:
    """The midpoints of equal cells."""
    return (2 * np.arange(1, cells + 1) - 1) / (2 * cells)


def natural_cvxpy(cells: int) -> float:
    """The model as a textbook and a cvxpy tutorial would write it."""
    v = values(cells)
    x = [cp.Variable((cells, cells), nonneg=True) for _ in range(2)]
    m = [cp.Variable((cells, cells)) for _ in range(2)]
    constraints = [x[0] + x[1] <= 1]
    for i in range(2):
        q, pay = cp.sum(x[i], axis=1 - i) / cells, cp.sum(m[i], axis=1 - i) / cells
        constraints += [v[k] * q[k] - pay[k] >= 0 for k in range(cells)]
        constraints += [v[k] * q[k] - pay[k] >= v[k] * q - pay for k in range(cells)]
    problem = cp.Problem(cp.Maximize(sum(cp.sum(one) for one in m) / cells**2), constraints)
    return float(problem.solve(solver=cp.HIGHS))


def natural_pulp(cells: int) -> float:
    """The same in PuLP, with CBC."""
    v, each = values(cells), range(cells)
    problem = pulp.LpProblem("auction", pulp.LpMaximize)
    x = [[[pulp.LpVariable(f"x{i}_{a}_{b}", 0) for b in each] for a in each] for i in range(2)]
    m = [[[pulp.LpVariable(f"m{i}_{a}_{b}") for b in each] for a in each] for i in range(2)]
    problem += pulp.lpSum(m[i][a][b] for i in range(2) for a in each for b in each) / cells**2
    for a in each:
        for b in each:
            problem += x[0][a][b] + x[1][a][b] <= 1

    def utility(i: int, k: int, report: int) -> pulp.LpAffineExpression:
        rows = [(report, s) if i == 0 else (s, report) for s in each]
        return pulp.lpSum(v[k] * x[i][a][b] - m[i][a][b] for a, b in rows) / cells

    for i in range(2):
        for k in each:
            problem += utility(i, k, k) >= 0
            for report in each:
                if report != k:
                    problem += utility(i, k, k) >= utility(i, k, report)
    problem.solve(pulp.PULP_CBC_CMD(msg=False))
    return float(pulp.value(problem.objective))


def ours(cells: int, formulation: str = "auto") -> float:
    """Read, build, solve, lift and audit."""
    result = amd.loads(PROBLEM % cells).solve(formulation=formulation)
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
        ("two bidders × 40, full", amd.loads(PROBLEM % 40).task, "full"),
        ("two bidders × 60, full", amd.loads(PROBLEM % 60).task, "full"),
        ("efficient trade × 40, full", amd.load("myerson-satterthwaite", N="40").task, "full"),
        ("three bidders × 30", amd.loads((PROBLEM % 30).replace("count: 2", "count: 3")).task, LADDERS),
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
