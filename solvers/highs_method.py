"""Which of HiGHS's methods solves a linear program, by measurement (`benchmarks/solver_methods.py`).

On the programs of this project, from 3,000 to 1,700,000 nonzeros, the dual simplex method was the fastest or within a
few hundredths of a second of it. Interior point took 2 to 7 times as long (and did not finish the largest within 40
s): these programs are degenerate, and their duals far from unique. PDLP took 1 to 60 times as long, and its answers
to a tolerance of 1e-9 often miss the program by 1e-7; a basis guessed from its answer spares the simplex method no
more than a tenth of its iterations. So both are options only, for a single solve.

Rounds of generated rows are another matter (`first_order`). What is violated can be seen at a rough point, PDLP goes on
from the one before, and the last point need not be precise, as `face` makes it so. Two bidders × three goods, dominant,
all rounds: 6 values (34,000 rows at first) 6.3 s instead of 8.6 s, 7 values (85,000) 33 s instead of 137 s; two
goods × 14 values 18 s instead of 24 s, but 12 values (30,000) 7.3 s instead of 3.6 s. The last
tenth of the simplex method's iterations is what grows so: it works on the dense part of a degenerate basis.

Scaling helps where coefficients differ: ten bidders with 4,000 types take 1.3 s with it and 10.8 s without. Where
they are alike it only disturbs exact zeros and ties: two bidders × three goods × 6 values, dominant, take 4.4 s with
it and 2.9 s without. The boundary is a ratio of RATIO between the largest and the smallest coefficient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from solvers.backend import Settings
from solvers.program import LinearProgram

RATIO = 32.0
LARGE = 32_000  # rows and columns


@dataclass(frozen=True)
class Method:
    """HiGHS's options, and why."""

    options: dict[str, Any]
    why: str


def choose_method(program: LinearProgram) -> Method:
    """The method for a continuous linear program. Its last basis is what sessions and proofs go on from."""
    if _alike(program):
        options = {"solver": "simplex", "simplex_scale_strategy": 0}
        return Method(options, "dual simplex, unscaled: all coefficients are of one size")
    return Method({"solver": "simplex"}, "dual simplex")


def worth_approaching(program: LinearProgram, settings: Settings) -> bool:
    """Whether a program whose rows are generated is large enough, and of the kind, to be solved by `first_order`."""
    if program.is_integer or "solver" in settings.options or program.quadratic is not None:
        return False
    return min(program.row_count, program.column_count) >= LARGE and _alike(program)


def _alike(program: LinearProgram) -> bool:
    size = np.abs(program.matrix.data)
    return bool(len(size) and size.max() <= RATIO * size.min())
