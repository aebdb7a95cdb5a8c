"""The program of some of a design's requirements: exact where it is small, else in floats.

Reductions that keep the interim utilities of all agents stay without loss when rows of agents are left out: R1, R2 and
R7 speak of payments that are free otherwise, and R3 of one agent's rows at a time. Where incentives may be violated
by some amount, neighbouring types are not enough, and R3 is switched off.
"""

from __future__ import annotations

from amd.compile.choose import choose
from amd.compile.context import Context
from amd.compile.plan import Plan
from amd.compile.program import build_context
from amd.compile.reductions import adjacent
from amd.compile.size import estimate, require_memory
from amd.proof.certificate import incentive_rows, proof_plan
from amd.proof.conflict.clauses import Asked
from amd.proof.conflict.rational import Triples

EXACT = 30_000  # nonzeros of a program that is solved in rationals


def plan_of(asked: Asked, every_pair: bool = False) -> Plan:
    """The reductions in use; with `every_pair`, none that leaves out incentive rows."""
    plan = proof_plan(asked.environment, asked.design)
    if not (every_pair and adjacent.NAME in plan.names):
        return plan
    names = [name for name in plan.names if name != adjacent.NAME]
    return choose(asked.environment, asked.design, ",".join(names) if names else "full")


def is_small(asked: Asked, nonzeros: int = EXACT) -> bool:
    """Whether rational arithmetic is worth its time."""
    return estimate(asked.environment, asked.design, plan_of(asked)).nonzeros <= nonzeros


def program_of(asked: Asked, exact: bool, every_pair: bool = False) -> tuple[Context, Triples]:
    """The program of what is asked. Raises TooLargeError where it would not fit in memory."""
    plan = plan_of(asked, every_pair)
    require_memory(estimate(asked.environment, asked.design, plan))
    context, offset = build_context(asked.environment, asked.design, plan, exact=exact)
    wished = asked.design.objective is not None
    program = Triples.of(context, asked.design.maximize and wished, offset if exact else float(offset))
    return context, program.freed(incentive_rows(context, asked.free))
