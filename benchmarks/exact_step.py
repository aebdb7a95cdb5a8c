"""What exactness costs: the exact step beside the float solve of the same program, in one run.

    python benchmarks/exact_step.py [--least 10000] [--only trade/] [--repeat 3]

The bundled problems with a grid of N cells, N the least that gives a program of `--least` nonzeros, in the forms that
`amd certify` solves; deterministic designs are left out. "float" is HiGHS on the program, scaled as the exact solver
scales it, until its basis is there; "exact" is all the rest of `solvers.exact.solve_exact`: to whole numbers and back,
rational solutions of the basis, corrections, the check; for a program without a solution also the search for few
multipliers. Seconds are those of the processor, of the repeat with the least ratio.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from amd import files
from amd.compile.size import estimate
from amd.model.task import Task
from amd.proof.certificate import proof_plan, rational_program
from solvers import Settings, Status
from solvers.exact import ExactSolution, RationalProgram, solve_exact
from solvers.exact.float_form import Scales, float_form, last_basis, solved_in_floats

PROBLEMS = Path(__file__).parents[1] / "problems"
MOST = 100_000  # nonzeros
MOST_CELLS = 5_000


@dataclass(frozen=True)
class Line:
    """One program and what its solution cost."""

    name: str
    program: RationalProgram
    float_seconds: float
    exact_seconds: float
    method: str
    bits: int

    @property
    def ratio(self) -> float:
        return self.exact_seconds / self.float_seconds


def scaled(name: str, least: int) -> tuple[Task, str] | None:
    """The bundled problem with the fewest cells that give `least` nonzeros; None where there is nothing to scale."""
    path = PROBLEMS / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    if "\nkind:" in text or "N: " not in text:
        return None
    cells = 4
    while cells < MOST_CELLS:
        task = files.load(str(path), overrides={"N": str(cells)})
        if task.design is None or task.design.deterministic:
            return None
        size = estimate(task.environment, task.design, proof_plan(task.environment, task.design)).nonzeros
        if size > MOST:
            return None
        if size >= least:
            return task, f"{name} N={cells}"
        cells += max(cells // 4, 1)
    return None


def programs(least: int, only: str, every: int = 1) -> Iterator[tuple[str, RationalProgram]]:
    """The scaled problems, in rationals; with `every`, only each so manieth of them."""
    count = -1
    for path in sorted(PROBLEMS.glob("*/*.yaml")):
        name = str(path.relative_to(PROBLEMS).with_suffix(""))
        found = scaled(name, least) if only in name else None
        count += found is not None
        if found is None or found[0].design is None or count % every:
            continue
        task, title = found
        design = found[0].design
        yield title, rational_program(task.environment, design, proof_plan(task.environment, design))[1]


def measure(name: str, program: RationalProgram, repeats: int) -> Line | str:
    """The cheapest of some solves, or why there is none."""
    best: Line | None = None
    for _ in range(repeats):
        fresh = program.relaxed()  # nothing kept from the last solve
        gc.collect()
        begun = time.process_time()
        found = solve_exact(fresh)
        spent = time.process_time() - begun
        if not found.proven:
            return f"{name}: not proven: {found.reason}"
        in_floats = float_seconds(program, found.status is Status.INFEASIBLE)
        line = Line(name, program, in_floats, spent - in_floats, found.method, length(found))
        best = line if best is None or line.ratio < best.ratio else best
    return best if best is not None else f"{name}: nothing was asked"


def float_seconds(program: RationalProgram, infeasible: bool) -> float:
    """Of HiGHS alone, on the scaled program, until it has a basis; presolve finds infeasibility without one."""
    form = float_form(program.whole, Scales.of(program.whole))
    begun = time.process_time()
    (last_basis if infeasible else solved_in_floats)(form, Settings(), None)
    return time.process_time() - begun


def length(found: ExactSolution) -> int:
    """Binary digits of the longest number of the answer."""
    parts = [part for part in (found.point, found.multipliers) if part is not None]
    return max(
        (max(abs(one), part.denominator).bit_length() for part in parts for one in part.numerators.tolist()), default=0
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--least", type=int, default=10_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    print("| program | nonzeros | digits (binary) | float | exact step | exact / float | how |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    ratios = []
    for name, program in programs(options.least, options.only):
        line = measure(name, program, options.repeat)
        if isinstance(line, str):
            print(line, flush=True)
            continue
        ratios.append(line.ratio)
        times = f"{line.float_seconds:.3f} s | {line.exact_seconds:.3f} s | {line.ratio:.2f}"
        print(f"| {name} | {len(program.value):,} | {line.bits} | {times} | {line.method} |", flush=True)
    if ratios:
        print(f"\nmedian {median(ratios):.2f}, largest {max(ratios):.2f}, of {len(ratios)} programs")


if __name__ == "__main__":
    main()
