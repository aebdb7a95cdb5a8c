"""The rounds of R4: a solution in, violated incentive rows added to the solver's program."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from amd.compile.context import Context
from amd.compile.families.incentive import incentive_name, incentive_terms
from amd.compile.reductions.generation import violated
from amd.model.numbers import FloatArray, IntArray
from solvers import Session

ROWS_PER_TYPE = 4
SHARE = 3  # a round adds at most a third of the rows there are, where that is more


def add_violated(context: Context, session: Session, x: FloatArray, tolerance: float) -> int:
    """Adds the worst incentive rows that `x` violates, agent by agent; returns how many."""
    added = 0
    for agent in context.actors.tolist():
        one = context.agents[agent]
        if agent in context.plan.ladders:
            continue
        most = max(ROWS_PER_TYPE * one.size + 1000, session.program.row_count // SHARE)
        index = violated(context, agent, x, tolerance, most)
        if len(index):
            _add(context, session, agent, index)
            added += len(index)
    return added


def _add(context: Context, session: Session, agent: int, index: IntArray) -> None:
    part = context.builder.gather(incentive_terms(context, agent, index))
    shape = (len(index), session.program.column_count)
    matrix = csr_array((part.value.astype(np.float64), (part.row, part.column)), shape=shape)
    session.add_rows(matrix, np.zeros(len(index)), np.full(len(index), np.inf))
    context.builder.note_rows("incentive", index, incentive_name(context, agent), agent)
