"""What every constraint family needs of a task: its arrays in the wanted numbers, and its columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from amd.compile.builder import Columns, Numbers, ProgramBuilder
from amd.compile.orbits import Symmetry
from amd.compile.plan import Plan
from amd.model.design import Design
from amd.model.environment import Agent, Environment
from amd.model.numbers import ExactArray, IntArray, to_float


@dataclass(eq=False)
class Context:
    """A task being compiled.

    For agent i the profiles are seen "own first": row k of `profiles(i)` (K_i, S_i) lists the profiles in which it has
    type k, one column for each profile of the others.
    """

    environment: Environment
    design: Design
    plan: Plan
    builder: ProgramBuilder

    def __post_init__(self) -> None:
        self._profiles: dict[int, IntArray] = {}
        self._beliefs: dict[int, Numbers] = {}
        self._worth: dict[int, Numbers] = {}
        self.allocation: Columns
        self._written: dict[int, NDArray[np.bool_]] = {}
        self.payments: Columns | None = None
        self.utilities: Columns | None = None
        self.interim_payments: dict[int, Columns] = {}
        self.interim_allocation: dict[int, Columns] = {}

    @property
    def agents(self) -> tuple[Agent, ...]:
        return self.environment.agents

    def numbers(self, exact: ExactArray) -> Numbers:
        """The array in the numbers of this program."""
        return exact if self.builder.exact else to_float(exact)

    @cached_property
    def prior(self) -> Numbers:
        """The probability of each profile (P,)."""
        environment = self.environment
        prior = environment.exact_prior if self.builder.exact else environment.float_prior
        return np.asarray(prior).reshape(-1)

    @cached_property
    def actors(self) -> IntArray:
        """The agents whose rows are written: one of each orbit."""
        return self._firsts(lambda symmetry: symmetry.agent_orbits(), len(self.agents))

    @cached_property
    def listed(self) -> IntArray:
        """The profiles whose rows are written: one of each orbit."""
        return self._firsts(lambda symmetry: symmetry.profile_orbits(), self.environment.profile_count)

    def truths(self, agent: int) -> IntArray:
        """The true types whose rows are written: one of each orbit."""
        return self._firsts(lambda symmetry: symmetry.type_orbits(agent), self.agents[agent].size)

    def written(self, agent: int) -> NDArray[np.bool_]:
        """Which pairs of an own type and a profile of the others have rows of their own: one of each orbit, (K, S)."""
        if agent not in self._written:
            every = np.arange(self.environment.profile_count)
            symmetry = self.plan.symmetry
            first = every if symmetry is None else symmetry.own_profile_orbits(agent)
            self._written[agent] = (first == every)[self.profiles(agent)]
        return self._written[agent]

    def _firsts(self, orbits: Callable[[Symmetry], IntArray], count: int) -> IntArray:
        return np.arange(count) if self.plan.symmetry is None else np.unique(orbits(self.plan.symmetry))

    def profiles(self, agent: int) -> IntArray:
        """The profiles own first, (K, S)."""
        if agent not in self._profiles:
            index = np.arange(self.environment.profile_count).reshape(self.environment.shape)
            self._profiles[agent] = own_first(index, agent, len(self.agents))
        return self._profiles[agent]

    def marginal(self, agent: int) -> Numbers:
        """The probability of each own type (K,)."""
        return self.numbers(self.environment.marginal(agent))

    def possible(self, agent: int) -> IntArray:
        """The own types of positive probability: the only ones with beliefs."""
        return np.flatnonzero(self.environment.marginal(agent) > 0)

    def beliefs(self, agent: int) -> Numbers:
        """What type k believes of the others, (K, S); a single row (1, S) where types are independent.

        Rows of types of probability zero are zero when types are correlated.
        """
        if agent not in self._beliefs:
            self._beliefs[agent] = self._independent(agent) if self.environment.independent else self._joint(agent)
        return self._beliefs[agent]

    def _independent(self, agent: int) -> Numbers:
        belief = np.ones(1, dtype=object if self.builder.exact else np.float64)
        for other, one in enumerate(self.agents):
            if other != agent:
                belief = np.multiply.outer(belief, self.numbers(one.types.exact_probability)).reshape(-1)
        return belief.reshape(1, -1)

    def _joint(self, agent: int) -> Numbers:
        joint = own_first(self.prior.reshape(self.environment.shape), agent, len(self.agents))
        mass = self.marginal(agent)
        safe = np.where(mass > 0, mass, 1)
        return np.asarray(joint / safe[:, None])

    def worth(self, agent: int) -> Numbers:
        """What one unit of each allocation column in `support(agent)` is worth to each type.

        (K, 1, |support|) with private values, (K, S, |support|) with interdependent ones; for an agent whose types
        are orders (K, T, |support|) says whether the column is among the type's best t + 1 outcomes.
        """
        if agent not in self._worth:
            one = self.agents[agent]
            if one.types.orders is not None:
                self._worth[agent] = self._upper_sets(one.types.orders)
                return self._worth[agent]
            values = self.numbers(one.values)
            features = one.features[:, self.support(agent)].toarray()
            if self.builder.exact:
                features = features.astype(object)
            own = own_first(values, agent, len(self.agents)) if one.interdependent else values[:, None, :]
            self._worth[agent] = own @ features
        return self._worth[agent]

    def _upper_sets(self, orders: tuple[tuple[int, ...], ...]) -> Numbers:
        ranked = np.array(orders)
        rank = np.argsort(ranked, axis=1)
        inside = rank[:, None, :] <= np.arange(ranked.shape[1] - 1)[None, :, None]
        return inside.astype(object if self.builder.exact else np.float64) * 1

    def support(self, agent: int) -> IntArray:
        """The allocation columns that the agent cares about."""
        if self.agents[agent].types.orders is not None:
            return np.arange(self.environment.allocation.size)
        return np.unique(self.agents[agent].features.tocoo().col)

    def label(self, agent: int) -> str:
        return self.agents[agent].name


def own_first(array: Numbers, agent: int, agents: int) -> Numbers:
    """Moves the agent's axis to the front and flattens the other agents': (K_1, …, K_n, …) to (K, S, …)."""
    moved = np.moveaxis(array, agent, 0)
    return moved.reshape(moved.shape[0], prod(moved.shape[1:agents]), *moved.shape[agents:])
