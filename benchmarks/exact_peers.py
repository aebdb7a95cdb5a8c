"""Exact solvers side by side on the same rational programs: this project, QSopt_ex, and GLPK's exact simplex method.

    python benchmarks/exact_peers.py [--least 10000 30000 70000] [--every 1 1 3] [--only trade/] [--limit 60] [--glpk]

The programs of `exact_step.py`, of each size every so manieth. QSopt_ex (Debian's `qsopt-ex`) reads them as MPS files
with fractions; it is a program of its own (GPL), and only its answer is read. GLPK's reader takes decimals, so
`glpsol --exact` solves the program rounded to doubles: a comparison of time only. Seconds are those of the processor,
in one run, and a peer beyond the limit counts as the limit.

"Whole" is a whole process of the peer against the whole of `solve_exact` with its float solve, "exact step" against
`solve_exact` without that. Of a program without a solution both give the first contradiction that they find; "few"
says how long this project takes for one of few multipliers, which a peer is not asked for.
"""

from __future__ import annotations

import argparse
import gc
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from exact_step import length, programs

from solvers import Status
from solvers import mps as float_mps
from solvers.exact import ExactSolution, RationalProgram, solve, solve_exact
from solvers.exact import mps as exact_mps
from solvers.exact.solve import FEW

LATE = (-9, -24)  # killed by the limit: SIGKILL or SIGXCPU
LONG = 64  # binary digits from which an answer is called long
FLOAT_SOLVES = ("solved_in_floats", "last_basis", "corrected_basis")  # of `solvers.exact.solve`


@dataclass(frozen=True)
class Line:
    """One program: seconds of this project (`few`: for few multipliers, where it has no solution) and of QSopt_ex."""

    least: int
    kind: str
    own: float
    in_floats: float
    few: float | None
    peer: float
    late: bool

    @property
    def whole(self) -> float:
        return self.peer / self.own

    @property
    def exact_step(self) -> float:
        return self.peer / (self.own - self.in_floats)


def timed(command: list[str], limit: int) -> tuple[float, bool]:
    """Processor seconds of a command, and whether it ended in time. Raises CalledProcessError where it failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(["prlimit", f"--cpu={limit}", *command], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if ran.returncode in LATE:
        return float(limit), False
    ran.check_returncode()
    return seconds, True


def qsopt(program: RationalProgram, folder: Path, limit: int) -> tuple[float, str]:
    """Seconds, and the value or status that QSopt_ex says."""
    path, answer = folder / "program.mps", folder / "answer.sol"
    path.write_text("\n".join(exact_mps.lines(program)) + "\n", encoding="ascii")
    seconds, ended = timed(["esolver", "-O", str(answer), str(path)], limit)
    if not ended:
        return seconds, "out of time"
    lines = answer.read_text(encoding="ascii").splitlines()
    value = next((line.partition("=")[2].strip() for line in lines if line.strip().startswith("Value")), None)
    return seconds, value if value is not None else lines[0].partition("=")[2].strip()


def glpk(program: RationalProgram, folder: Path, limit: int) -> tuple[float, str]:
    """Seconds of GLPK's exact method on the program in doubles."""
    path = folder / "rounded.mps"
    plain = program.to_float()
    if plain.maximize:  # its reader knows no sense
        plain = replace(plain, cost=-plain.cost, offset=-plain.offset, maximize=False)
    path.write_text("\n".join(float_mps.lines(plain)) + "\n", encoding="ascii")
    seconds, ended = timed(["glpsol", "--freemps", str(path), "--exact"], limit)
    return seconds, "" if ended else "out of time"


def agrees(found: ExactSolution, said: str) -> str:
    """Whether QSopt_ex gives the same answer, exactly, of the minimised program without the offset it does not read."""
    if said == "out of time":
        return said
    if found.objective is None:
        return "same" if said == found.status.name else f"DIFFERS: {said}"
    own = found.objective - found.program.offset
    value = -own if found.program.maximize else own
    return "same" if said not in (one.name for one in Status) and Fraction(said) == value else f"DIFFERS: {said}"


def own(program: RationalProgram, few_multipliers: bool) -> tuple[float, float, ExactSolution]:
    """Seconds of this project, those of them in HiGHS and what is passed to it, and the answer."""
    fresh = program.relaxed()  # nothing kept from the last solve
    gc.collect()
    with clock_of_floats() as spent:
        begun = time.process_time()
        found = solve_exact(fresh, few_multipliers=few_multipliers)
        return time.process_time() - begun, sum(spent), found


@contextmanager
def clock_of_floats() -> Iterator[list[float]]:
    """Seconds of the processor of each float solve of the exact solver."""
    usual, spent = {name: getattr(solve, name) for name in FLOAT_SOLVES}, []

    def timed_call(name: str, *arguments: Any) -> Any:
        begun = time.process_time()
        try:
            return usual[name](*arguments)
        finally:
            spent.append(time.process_time() - begun)

    for name in FLOAT_SOLVES:
        setattr(solve, name, partial(timed_call, name))
    try:
        yield spent
    finally:
        for name in FLOAT_SOLVES:
            setattr(solve, name, usual[name])


def compared(least: int, title: str, program: RationalProgram, folder: Path, options: argparse.Namespace) -> Line:
    """Both on one program; prints the row."""
    seconds, in_floats, found = own(program, few_multipliers=False)
    if not found.proven:
        raise ValueError(f"{title} is not proven: {found.reason}")
    infeasible = found.status is Status.INFEASIBLE
    few = own(program, few_multipliers=True)[0] if infeasible and len(program.value) <= FEW else None
    kind = "no solution" if infeasible else "long answers" if length(found) > LONG else "short answers"
    peer, said = qsopt(program, folder, options.limit)
    line = Line(least, kind, seconds, in_floats, few, peer, said == "out of time")
    numbers = f"{line.own:.3f} s | {'' if few is None else f'{few:.3f} s'} | {peer:.2f} s | {line.whole:.1f}"
    text = f"| {title} | {len(program.value):,} | {kind} | {numbers} | {line.exact_step:.1f} | {agrees(found, said)} |"
    if options.glpk:
        other, late = glpk(program, folder, options.limit)
        text += f" GLPK {late or f'{other:.2f} s'} |"
    print(text, flush=True)
    return line


def summary(name: str, lines: list[Line]) -> str:
    """A row of the distribution of the ratios; with late peers counted at the limit, a lower bound."""
    parts = []
    for ratios in ([line.whole for line in lines], [line.exact_step for line in lines]):
        parts += [f"{min(ratios):.1f} | {median(ratios):.1f} | {max(ratios):.0f}"]
    return f"| {name} | {len(lines)} | {sum(line.late for line in lines)} | {' | '.join(parts)} |"


def summaries(lines: list[Line]) -> None:
    print(
        "\n| programs | number | out of time | whole: least | median | largest | exact step: least | median | largest |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for least in sorted({line.least for line in lines}):
        print(summary(f"from {least:,} nonzeros", [line for line in lines if line.least == least]))
    for kind in sorted({line.kind for line in lines}):
        print(summary(kind, [line for line in lines if line.kind == kind]))
    print(summary("all", lines))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--least", type=int, nargs="+", default=[10_000])
    parser.add_argument(
        "--every", type=int, nargs="+", default=[1], help="take every so manieth program, for each size"
    )
    parser.add_argument("--only", default="")
    parser.add_argument("--limit", type=int, default=60, help="seconds of the processor that a peer may take")
    parser.add_argument("--glpk", action="store_true", help="ask GLPK too")
    options = parser.parse_args()
    every = options.every * len(options.least) if len(options.every) == 1 else options.every
    print("| program | nonzeros | kind | this project | few | QSopt_ex | whole | exact step | answers |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    lines = []
    with tempfile.TemporaryDirectory() as name:
        for least, step in zip(options.least, every, strict=True):
            for title, program in programs(least, options.only, step):
                lines.append(compared(least, title, program, Path(name), options))
    summaries(lines)


if __name__ == "__main__":
    main()
