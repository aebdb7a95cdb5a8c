"""The reduced program as it is being built and solved: its columns class by class, and what is scarce."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from amd.compile.builder import Columns, ProgramBuilder, Terms
from amd.compile.reduced.border import Population
from amd.compile.reduced.classes import AgentClass
from amd.compile.reduced.resources import Resource
from amd.model.design import Design
from amd.model.environment import Agent, Environment
from amd.model.numbers import FloatArray, IntArray
from solvers import LinearProgram, Session


@dataclass(eq=False)
class ClassColumns:
    """One class in the program: `allocation` (K, m), `utility` (K,), and the values V (K, m) of all goods."""

    group: AgentClass
    agent: Agent
    values: FloatArray
    allocation: Columns
    utility: Columns
    truths: IntArray  # the types whose rows are written: one of each orbit under exchanges of goods

    @property
    def mass(self) -> FloatArray:
        return self.agent.types.float_probability

    @property
    def weight(self) -> FloatArray:
        """The expected number of agents of each type (K,)."""
        return np.asarray(self.mass * self.group.size)


@dataclass(eq=False)
class ReducedForm:
    """The reduced program and what is needed to go on with it."""

    environment: Environment
    design: Design
    builder: ProgramBuilder
    resources: tuple[Resource, ...]
    columns: list[ClassColumns]
    population: Population
    ordered: set[int] = field(default_factory=set)  # resources whose rows are all there
    generated: set[int] = field(default_factory=set)  # classes whose incentive rows are generated
    sold: IntArray | None = None  # the columns s of a class that is ordered, from its lowest type to its highest
    dominant: bool = False  # a program of Bayesian incentives that is lifted to dominant ones (R8)
    permanent: int = 0  # rows that stay; those below are looked for in every round, and dropped where they have no use

    @property
    def program(self) -> LinearProgram:
        objective = self.design.objective
        offset = 0.0 if objective is None else float(objective.constant)
        return self.builder.build(maximize=self.design.maximize and objective is not None, offset=offset)

    def share(self, resource: Resource, x: FloatArray) -> FloatArray:
        """The interim share of the resource of every type, (T,)."""
        parts = [one.allocation.take(x)[:, list(resource.goods)].sum(axis=1) for one in self.columns]
        return np.asarray(np.concatenate(parts) / resource.capacity)


def add_rows(session: Session, builder: ProgramBuilder, parts: list[Terms], count: int, upper: FloatArray) -> None:
    """Rows ``parts <= upper`` straight to the solver."""
    part = builder.gather(parts)
    shape = (count, session.program.column_count)
    matrix = csr_array((part.value.astype(np.float64), (part.row, part.column)), shape=shape)
    session.add_rows(matrix, np.full(count, -np.inf), upper)
