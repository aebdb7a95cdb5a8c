"""Generated rows that have had their time are dropped again.

Claim. Rows may be dropped between rounds without loss of the answer or of the end: whatever is dropped is looked for
again like all others, so the last program's optimum breaks no row of the full one; and rows are dropped only after
the optimum of the relaxation has moved since they were last dropped. It moves one way between such rounds, so no set
of rows comes back after a drop, and there are finitely many sets.

A row with slack is basic in a vertex, so what is left of the basis is a basis of what is left of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from amd.compile.builder import ProgramBuilder
from amd.model.numbers import FloatArray, IntArray
from solvers import LinearProgram, Session

PATIENCE = 3  # rounds that a row may be slack one after the other
SLACK = 1e-9  # a row with less is tight
WORTHWHILE = 100  # idle rows that are worth a drop
MOVED = 1e-9  # of the optimum: what counts as a move


@dataclass(eq=False)
class RowPool:
    """The rows from number `permanent` on, and for how many rounds each has been `idle`, that is slack."""

    builder: ProgramBuilder
    permanent: int
    idle: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    last: float = np.inf  # the optimum at the last drop

    def drop_idle(self, session: Session, x: FloatArray) -> int:
        """Takes note of which rows are slack at `x`, and drops those that have been so for long; returns how many."""
        slack = row_slack(session.program, x)[self.permanent :]
        idle = np.concatenate([self.idle, np.zeros(len(slack) - len(self.idle), dtype=np.int64)])
        self.idle = np.where(slack > SLACK, idle + 1, 0)
        old = np.flatnonzero(self.idle > PATIENCE)
        objective = session.program.objective(x)
        if len(old) < WORTHWHILE or abs(objective - self.last) <= MOVED * max(1.0, abs(objective)):
            return 0
        session.drop_rows(self.permanent + old)
        self.builder.forget_rows(self.permanent + old)
        self.idle, self.last = np.delete(self.idle, old), objective
        return len(old)


def row_slack(program: LinearProgram, x: FloatArray) -> FloatArray:
    """How far each row is from its nearer bound, (m,)."""
    activity = program.matrix @ x
    return np.asarray(np.minimum(activity - program.row_lower, program.row_upper - activity))
