"""HiGHS's methods side by side on the programs this project writes: what `solvers.highs_method` goes by.

    python -m benchmarks.solver_methods [--limit 60]

Seconds of processor time of one solve each, in one run. A method that does not stop within the limit has no number; an
answer that breaks the original program by more than 1e-7, or misses the best objective by more than 1e-7, is marked
with what it misses.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import amd
from amd.compile.choose import choose
from amd.compile.program import compile_program
from amd.compile.reduced.program import build_reduced
from benchmarks.structure import BIDDERS, goods
from solvers import LinearProgram, Settings
from solvers.highs_engine import Engine
from solvers.kkt import primal_residual

METHODS: dict[str, dict[str, Any]] = {
    "dual simplex": {"solver": "simplex"},
    "without scaling": {"solver": "simplex", "simplex_scale_strategy": 0},
    "primal simplex": {"solver": "simplex", "simplex_strategy": 4},
    "interior point, crossover": {"solver": "ipm"},
    "interior point alone": {"solver": "ipm", "run_crossover": "off"},
    "PDLP": {"solver": "pdlp", "presolve": "off"},
}
LADDERS = "interim-payments,interim-allocation,adjacent"
CASES = [
    ("one good, 2 × 40, textbook", BIDDERS.format(n=2, cells=40), "full"),
    ("one good, 2 × 60, textbook", BIDDERS.format(n=2, cells=60), "full"),
    ("one good, 2 × 60, ladders", BIDDERS.format(n=2, cells=60), LADDERS),
    ("one good, 10 × 1,000, reduced form", BIDDERS.format(n=10, cells=1000), "auto"),
    ("one good, 10 × 4,000, reduced form", BIDDERS.format(n=10, cells=4000), "auto"),
    ("one buyer, two goods 40², neighbours", goods(1, 2, 40), "auto"),
    ("one buyer, two goods 60², neighbours", goods(1, 2, 60), "auto"),
    ("one buyer, two goods 100², neighbours", goods(1, 2, 100), "auto"),
    ("two bidders, three goods × 4, dominant", goods(2, 3, 4, "dominant"), "auto"),
    ("two bidders, three goods × 5, dominant", goods(2, 3, 5, "dominant"), "auto"),
    ("two bidders, two goods × 8, dominant", goods(2, 2, 8, "dominant"), "auto"),
]


def programs() -> Iterator[tuple[str, LinearProgram]]:
    """The first program of each case."""
    for name, text, formulation in CASES:
        task = amd.loads(text).task
        if task.design is None:
            raise ValueError(f"{name} has no design")
        plan = choose(task.environment, task.design, formulation)
        if plan.reduced_form:
            yield name, build_reduced(task.environment, task.design).program
        else:
            yield name, compile_program(task.environment, task.design, plan).program


def run(program: LinearProgram, options: dict[str, Any], limit: float) -> tuple[float, str, np.ndarray | None]:
    """Processor seconds, HiGHS's status, and the point."""
    engine = Engine(program, Settings(options=options))
    start = time.process_time()
    status = engine.run(time.perf_counter() + limit)
    return time.process_time() - start, status, engine.x()


def told(program: LinearProgram, seconds: float, status: str, x: np.ndarray | None, best: float) -> str:
    """A cell of the table."""
    if status not in ("kOptimal", "kUnknown") or x is None:
        return "–"
    missed = max(primal_residual(program, x), abs(program.objective(x) - best) / max(1.0, abs(best)))
    return f"{seconds:.2f}" if missed <= 1e-7 else f"{seconds:.2f} (misses {missed:.0e})"


def main() -> None:
    """One table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=60)
    arguments = parser.parse_args()
    print(f"| program | rows × columns | nonzeros | {' | '.join(METHODS)} |")
    print("| --- " * (len(METHODS) + 3) + "|")
    for name, program in programs():
        found = {label: run(program, options, arguments.limit) for label, options in METHODS.items()}
        exact = [program.objective(x) for _, status, x in found.values() if status == "kOptimal" and x is not None]
        cells = [told(program, *one, exact[0]) for one in found.values()]
        shape = f"{program.row_count:,} × {program.column_count:,}"
        print(f"| {name} | {shape} | {program.nonzero_count:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
