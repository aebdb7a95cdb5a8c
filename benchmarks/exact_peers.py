"""Exact solvers side by side on the same rational programs: this project, QSopt_ex, and GLPK's exact simplex method.

    python benchmarks/exact_peers.py [--least 10000] [--only trade/] [--limit 60] [--glpk]

The programs of `exact_step.py`. QSopt_ex (Debian's `qsopt-ex`) reads them as MPS files with fractions; it is a program
of its own (GPL), and only its answer is read. GLPK's reader takes decimals, so `glpsol --exact` solves the program
rounded to doubles: a comparison of time only. Seconds are those of the processor, in one run, whole processes of the
peers against the whole of `solve_exact` with its float solve; a peer beyond the limit counts as the limit.
"""

from __future__ import annotations

import argparse
import gc
import resource
import subprocess
import tempfile
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from statistics import median

from exact_step import programs

from solvers import Status
from solvers import mps as float_mps
from solvers.exact import ExactSolution, RationalProgram, solve_exact
from solvers.exact import mps as exact_mps


def timed(command: list[str], limit: float) -> tuple[float, bool]:
    """Processor seconds of a command, and whether it ended in time. Raises CalledProcessError where it failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        subprocess.run(command, capture_output=True, timeout=limit, check=True)
    except subprocess.TimeoutExpired:
        return limit, False
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, True


def qsopt(program: RationalProgram, folder: Path, limit: float) -> tuple[float, str]:
    """Seconds, and the value or status that QSopt_ex says."""
    path, answer = folder / "program.mps", folder / "answer.sol"
    path.write_text("\n".join(exact_mps.lines(program)) + "\n", encoding="ascii")
    seconds, ended = timed(["esolver", "-O", str(answer), str(path)], limit)
    if not ended:
        return seconds, "out of time"
    lines = answer.read_text(encoding="ascii").splitlines()
    value = next((line.partition("=")[2].strip() for line in lines if line.strip().startswith("Value")), None)
    return seconds, value if value is not None else lines[0].partition("=")[2].strip()


def glpk(program: RationalProgram, folder: Path, limit: float) -> tuple[float, str]:
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--least", type=int, default=10_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--glpk", action="store_true", help="ask GLPK too")
    options = parser.parse_args()
    print("| program | nonzeros | this project | QSopt_ex | QSopt_ex / this | answers | GLPK --exact |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        for title, program in programs(options.least, options.only):
            gc.collect()
            begun = time.process_time()
            found = solve_exact(program)
            own = time.process_time() - begun
            seconds, said = qsopt(program, Path(name), options.limit)
            other, late = glpk(program, Path(name), options.limit) if options.glpk else (float("nan"), "not asked")
            ratios.append(seconds / own)
            text = f"{own:.3f} s | {seconds:.2f} s | {ratios[-1]:.1f} | {agrees(found, said)}"
            print(f"| {title} | {len(program.value):,} | {text} | {late or f'{other:.2f} s'} |", flush=True)
    print(f"\nmedian of QSopt_ex / this project {median(ratios):.1f}, of {len(ratios)} programs")


if __name__ == "__main__":
    main()
