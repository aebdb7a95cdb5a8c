"""The reduced form as a way to solve a task: its program, its rounds, its mechanism."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from amd.compile.plan import Plan
from amd.compile.reduced.crash import crash_basis
from amd.compile.reduced.form import ReducedForm
from amd.compile.reduced.generate import Rounds
from amd.compile.reduced.lift import lift
from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.model.numbers import FloatArray
from solvers import Basis, LinearProgram, Session


@dataclass(eq=False)
class Reduced:
    """A reduced form being solved."""

    form: ReducedForm
    plan: Plan

    @cached_property
    def program(self) -> LinearProgram:
        return self.form.program

    @cached_property
    def _rounds(self) -> Rounds:
        return Rounds(self.form)

    @property
    def generates(self) -> bool:
        """Whether rows are still to be added."""
        return bool(self.form.generated) or len(self.form.ordered) < len(self.form.resources)

    @cached_property
    def basis(self) -> Basis | None:
        """Where the simplex method may begin, if there is something better than nothing."""
        return crash_basis(self.form, self.program)

    def add_violated(self, session: Session, x: FloatArray, tolerance: float) -> int:
        """Adds Border's and incentive rows that `x` violates; returns how many."""
        return self._rounds.add_violated(session, x, tolerance)

    def mechanism(self, x: FloatArray) -> Mechanism | InterimMechanism:
        """The direct mechanism, or the interim one with its rule where profiles cannot be listed."""
        return lift(self.form, x)
