"""What each type of an agent believes of the others, under the prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amd.mechanism.rows import Array, Rows
from amd.model.numbers import IntArray


@dataclass(frozen=True, eq=False)
class Belief:
    """An agent's conditional beliefs over the M profiles of the others.

    `marginal` (K,) are the probabilities of its own types; `common` (M,) is what all of them believe where types are
    independent, else None and `conditional` (K, M) holds a row a type, zeros for types of probability zero.
    """

    marginal: Array
    common: Array | None
    conditional: Array

    def of(self, types: IntArray) -> Array:
        """The beliefs of some types, (T, M), or (1, M) where all believe the same."""
        return self.conditional if self.common is not None else np.asarray(self.conditional[types])


def own_first(array: Array, shape: tuple[int, ...], agent: int) -> Array:
    """Rows (R, …) of all profiles as (K, M, …): the agent's own type, then the profile of the others."""
    moved = np.moveaxis(array.reshape(*shape, *array.shape[1:]), agent, 0)
    return moved.reshape(shape[agent], -1, *array.shape[1:])


def belief_of(rows: Rows, agent: int) -> Belief:
    """The agent's beliefs."""
    environment = rows.environment
    if environment.joint is None:
        common: Array = np.ones(1, dtype=np.int64) if rows.exact else np.ones(1)
        for other in range(len(environment.agents)):
            if other != agent:
                common = np.multiply.outer(common, _masses(rows, other)).reshape(-1)
        return Belief(_masses(rows, agent), common, common[None, :])
    prior = environment.exact_prior if rows.exact else environment.float_prior
    joint = own_first(prior.reshape(-1), environment.shape, agent)
    marginal = joint.sum(axis=1)
    return Belief(marginal, None, joint / np.where(marginal > 0, marginal, 1)[:, None])


def _masses(rows: Rows, agent: int) -> Array:
    types = rows.environment.agents[agent].types
    return types.exact_probability if rows.exact else types.float_probability
