"""How long a program would take to solve, told from its size before it is built.

HiGHS's dual simplex on programs of this project (`benchmarks/solver_methods.py`) takes about

    (m / 9,000)^2.2 + nonzeros / 10^6 seconds,     m the smaller number of rows and columns,

to within a factor of five between a hundredth of a second and two minutes: 0.3 s for one buyer of two goods with 60²
types (m = 5,400), 2.8 s for 100² (15,000), 70 s for 200² (60,100); 0.5 and 2.2 s for textbook programs of two bidders
with 40 and 60 types (508,800 and 1,720,800 nonzeros). Programs that are approached by a first-order method
(`solvers.highs_method.worth_approaching`, known only once they are built) take less: 33 s where this says 250. It is
there to choose by and to prepare a user for hours, not to promise seconds.
"""

from __future__ import annotations

import math

from amd.compile.plan import Plan
from amd.compile.size import Size, estimate
from amd.model.design import Design
from amd.model.environment import Environment

UNIT = 9_000
EXPONENT = 2.2
NONZEROS = 1e6  # per second
ROUNDS = 2.0  # what rounds of generated rows add up to, in first rounds


def expected_seconds(size: Size, *, generated: bool = False) -> float:
    """Of one solve, roughly; infinite where no number can hold it."""
    smaller = min(size.rows, size.columns)
    try:
        seconds = (smaller / UNIT) ** EXPONENT + size.nonzeros / NONZEROS
    except OverflowError:
        return math.inf
    return seconds * (ROUNDS if generated else 1.0)


def profile_seconds(environment: Environment, design: Design, plan: Plan) -> float:
    """Of a program over type profiles."""
    return expected_seconds(estimate(environment, design, plan), generated=plan.generate)


def seconds_in_words(seconds: float) -> str:
    """Such as ``some 3 s``."""
    if seconds < 1e-2:
        return "less than 0.01 s"
    if seconds < 120:
        return f"some {float(f'{seconds:.1g}'):g} s"
    if seconds < 7200:
        return f"some {seconds / 60:.0f} minutes"
    if seconds < 1e6:
        return f"some {seconds / 3600:.0f} hours"
    return "longer than anybody can wait" if seconds > 3e9 else f"some {seconds / 86400:,.0f} days"
