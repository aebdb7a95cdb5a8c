"""Compile: a task and a plan to a program, and its solution back to arrays of the full problem."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from amd.compile.builder import ProgramBuilder
from amd.compile.context import Context
from amd.compile.families.allocation import add_allocation
from amd.compile.families.anonymous import add_anonymity
from amd.compile.families.budget import add_budget
from amd.compile.families.efficient import add_efficiency
from amd.compile.families.incentive import add_incentives, all_pairs
from amd.compile.families.money import add_payments
from amd.compile.families.participation import add_participation
from amd.compile.families.quantities import add_bounds, add_objective
from amd.compile.families.voting import add_voting
from amd.compile.generate import add_violated
from amd.compile.plan import Plan
from amd.compile.reductions import (
    adjacent,
    between,
    equivalence,
    equivalence_lift,
    expected_budget,
    interim_payments,
    start,
    utilities,
)
from amd.compile.reductions.interim_allocation import add_interim_allocation
from amd.mechanism.direct import Mechanism
from amd.model.design import Design
from amd.model.environment import Environment
from amd.model.numbers import FloatArray, IntArray
from solvers import LinearProgram, Session


@dataclass(eq=False)
class Compiled:
    """A program with what it takes to read its solution."""

    context: Context
    program: LinearProgram
    offset: Fraction

    @property
    def plan(self) -> Plan:
        return self.context.plan

    @property
    def generates(self) -> bool:
        """Whether rows are still to be added."""
        return self.plan.generate

    def add_violated(self, session: Session, x: FloatArray, tolerance: float) -> int:
        """Adds incentive rows that `x` violates; returns how many."""
        return add_violated(self.context, session, x, tolerance)

    def mechanism(self, x: FloatArray) -> Mechanism:
        """The direct mechanism of a solution."""
        return Mechanism(self.context.environment, *self.lift(x))

    def lift(self, x: FloatArray) -> tuple[FloatArray, FloatArray | None]:
        """The direct mechanism: allocation (*shape, C) and payments (*shape, n), None without money."""
        environment = self.context.environment
        allocation = np.clip(self.context.allocation.take(x), 0, environment.allocation.cap[None, :])
        payments = self._payments(x, allocation)
        if self.plan.equivalence:
            allocation, payments = equivalence_lift.lift(environment, allocation, self._interim(x))
        shaped = allocation.reshape(*environment.shape, -1)
        return shaped, None if payments is None else payments.reshape(*environment.shape, len(environment.agents))

    def _payments(self, x: FloatArray, allocation: FloatArray) -> FloatArray | None:
        if self.context.payments is not None:
            return np.asarray(self.context.payments.take(x))
        if self.context.utilities is not None:
            return utilities.lift(self.context.environment, allocation, self.context.utilities.take(x))
        if not self.context.interim_payments:
            return None
        environment, design = self.context.environment, self.context.design
        way = expected_budget if self.plan.expected_budget else interim_payments
        return way.lift(environment, design, allocation, self._interim(x))

    def _interim(self, x: FloatArray) -> list[FloatArray]:
        blocks = self.context.interim_payments
        return [np.asarray(blocks[i].take(x)) for i in range(len(self.context.agents))]


def compile_program(environment: Environment, design: Design, plan: Plan) -> Compiled:
    """The float program of the plan."""
    context, offset = build_context(environment, design, plan)
    program = context.builder.build(maximize=design.maximize and design.objective is not None, offset=float(offset))
    return Compiled(context, program, offset)


def build_context(
    environment: Environment, design: Design, plan: Plan, *, exact: bool = False
) -> tuple[Context, Fraction]:
    """All columns and rows in a builder, in floats or exactly, and the objective's constant."""
    if plan.equivalence:
        design = equivalence.relaxed(design)
    context = Context(environment, design, plan, ProgramBuilder(exact=exact))
    add_allocation(context)
    add_payments(context)
    add_interim_allocation(context)
    add_incentives(context, {i: chosen_pairs(context, i) for i in context.actors.tolist()})
    add_participation(context)
    add_budget(context)
    add_efficiency(context)
    add_anonymity(context)
    add_voting(context)
    add_bounds(context)
    add_objective(context)
    return context, Fraction(0) if design.objective is None else design.objective.constant


def chosen_pairs(context: Context, agent: int) -> IntArray:
    """The incentive pairs that the plan starts from."""
    if agent in context.plan.ladders:
        return adjacent.ladder_pairs(context, agent)
    if context.plan.generate:
        return start.first_pairs(context, agent)
    if context.plan.between:
        return between.pairs(context, agent)
    return all_pairs(context, agent)
