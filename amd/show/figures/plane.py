"""A mechanism as seen over a plane: two agents' types, or the two parameters of one agent.

What happens at a point of the plane is averaged over everything else that is not known there: the types of further
agents under the prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.rows import units_of
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import FloatArray, IntArray
from amd.show.figures.missing import NoPictureError
from amd.show.figures.scales import Scale, grid_scale, type_scale

AnyMechanism = Mechanism | InterimMechanism
MOST_CELLS = 250_000  # of a plane: more than a screen can show
MOST_NAMED = 60  # types that have names instead of places


@dataclass(frozen=True, eq=False)
class Plane:
    """`chance` (Kx, Ky, T): what of each of the T `things` happens there (nan where the prior never goes); `units` is
    the most there can be of each. `payments` (Kx, Ky, n), None without money. `averaged`: over whose types."""

    x: Scale
    y: Scale
    things: tuple[str, ...]
    chance: FloatArray
    units: FloatArray
    payments: FloatArray | None
    averaged: tuple[str, ...]
    idle: tuple[int, ...]  # things that are as good as nothing to everybody


def plane(mechanism: AnyMechanism, agents: Sequence[int] | None = None) -> Plane:
    """The plane of two agents, by default the first two with more than one type, or of one agent's two parameters.

    NoPictureError where there is no plane.
    """
    environment = mechanism.environment
    movers = [i for i, agent in enumerate(environment.agents) if agent.size > 1]
    chosen = list(agents) if agents is not None else movers[:2]
    if len(chosen) == 1 and len(environment.agents[chosen[0]].types.grids) == 2:
        return _one(mechanism, chosen[0])
    if len(chosen) != 2:
        raise NoPictureError(
            "a map needs two agents with several types each, or one agent with two independent parameters"
        )
    return _two(mechanism, chosen[0], chosen[1])


def things(environment: Environment) -> tuple[str, ...]:
    """Names of what can be decided: outcomes, or who gets which good."""
    allocation = environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        return allocation.names
    agents, goods = [agent.name for agent in environment.agents], [good.name for good in allocation.goods]
    if len(agents) == 1:
        return tuple(goods)
    if len(goods) == 1:
        return tuple(agents)
    return tuple(f"{agent}: {good}" for agent in agents for good in goods)


def _units(environment: Environment) -> FloatArray:
    """The most there can be of each thing."""
    allocation = environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        return np.ones(allocation.size)
    return np.tile([float(good.supply) for good in allocation.goods], len(environment.agents))


def idle_outcomes(environment: Environment) -> tuple[int, ...]:
    """Outcomes that are worth nothing to anybody of any type."""
    if environment.allocation.kind is not AllocationKind.OUTCOMES:
        return ()
    if any(agent.types.orders is not None for agent in environment.agents):
        return ()
    touched = np.zeros(environment.allocation.size)
    for agent in environment.agents:
        valued = (agent.float_values != 0).reshape(-1, agent.feature_count).any(axis=0).astype(float)
        touched += valued @ agent.features
    return tuple(np.flatnonzero((touched == 0) & (environment.allocation.float_cost == 0)).tolist())


def _happening(environment: Environment, allocation: FloatArray) -> FloatArray:
    """Things (R, T) of allocations (R, C)."""
    if environment.allocation.kind is AllocationKind.OUTCOMES:
        return allocation
    return units_of(environment, allocation).reshape(len(allocation), -1)


def _profiles(mechanism: AnyMechanism, index: IntArray) -> tuple[FloatArray, FloatArray | None]:
    """(allocation (R, C), payments (R, n) or None) at the profiles with these numbers."""
    environment = mechanism.environment
    if isinstance(mechanism, Mechanism):
        rows = mechanism.rows()
        return rows.allocation[index], None if mechanism.payments is None else rows.payments[index]
    profiles = np.stack(np.unravel_index(index, environment.shape), axis=1)
    allocation = mechanism.lift.allocations(profiles)
    return allocation, mechanism.lift.payments(profiles, allocation)


def _one(mechanism: AnyMechanism, agent: int) -> Plane:
    """Over the two parameters of an agent."""
    environment = mechanism.environment
    types = environment.agents[agent].types
    if not isinstance(mechanism, Mechanism) and len(environment.agents) > 1:
        raise NoPictureError("over one agent's types this mechanism only has interim pictures")
    _require_cells(types.size)
    chance, paid = _averaged(mechanism, [agent])
    scales = [
        grid_scale(name if len(environment.agents) == 1 else f"{name} of {environment.agents[agent].name}", grid)
        for name, grid in zip(types.parameters, types.grids, strict=True)
    ]
    others = [one.name for i, one in enumerate(environment.agents) if i != agent and one.size > 1]
    return _plane(environment, scales, chance.reshape(*types.shape, -1), _shaped(paid, types.shape), others)


def _two(mechanism: AnyMechanism, i: int, j: int) -> Plane:
    """Over the types of two agents."""
    environment = mechanism.environment
    scales = [type_scale(environment, i), type_scale(environment, j)]
    shape = environment.shape[i], environment.shape[j]
    _require_cells(shape[0] * shape[1])
    if any(scale.names and len(scale.names) > MOST_NAMED for scale in scales):
        raise NoPictureError(f"more than {MOST_NAMED} types that have names but no places cannot be told apart")
    chance, paid = _averaged(mechanism, [i, j])
    others = [one.name for k, one in enumerate(environment.agents) if k not in (i, j) and one.size > 1]
    return _plane(environment, scales, chance.reshape(*shape, -1), _shaped(paid, shape), others)


def _plane(
    environment: Environment, scales: list[Scale], chance: FloatArray, paid: FloatArray | None, others: list[str]
) -> Plane:
    return Plane(
        scales[0],
        scales[1],
        things(environment),
        chance,
        _units(environment),
        paid,
        tuple(others),
        idle_outcomes(environment),
    )


def _shaped(paid: FloatArray | None, shape: tuple[int, ...]) -> FloatArray | None:
    return None if paid is None else paid.reshape(*shape, -1)


def _require_cells(cells: int) -> None:
    if cells > MOST_CELLS:
        raise NoPictureError(f"a map of {cells:,} cells cannot be seen (the most is {MOST_CELLS:,})")


def _averaged(mechanism: AnyMechanism, over: list[int]) -> tuple[FloatArray, FloatArray | None]:
    """(things (cells, T), payments (cells, n)) for each combination of these agents' types, in their order."""
    environment = mechanism.environment
    if environment.profile_count > 40 * MOST_CELLS:
        raise NoPictureError("there are too many type profiles for a map; its interim pictures show each type")
    index = np.arange(environment.profile_count, dtype=np.int64)
    types = np.stack(np.unravel_index(index, environment.shape), axis=1)
    allocation, paid = _profiles(mechanism, index)
    happening = _happening(environment, allocation)
    cell, cells = np.zeros(len(index), dtype=np.int64), 1
    for agent in over:
        cell, cells = cell * environment.shape[agent] + types[:, agent], cells * environment.shape[agent]
    if cells == len(index):  # nothing to average: profiles that never occur are shown, too
        order = np.argsort(cell)
        return happening[order], None if paid is None else paid[order]
    weight = environment.float_prior.reshape(-1)
    return _means(happening, cell, cells, weight), None if paid is None else _means(paid, cell, cells, weight)


def _means(values: FloatArray, cell: IntArray, cells: int, weight: FloatArray) -> FloatArray:
    """Conditional means (cells, T); nan where a cell has no probability."""
    mass = np.bincount(cell, weights=weight, minlength=cells)
    sums = [np.bincount(cell, weights=weight * column, minlength=cells) for column in values.T]
    return np.stack(sums, axis=1) / np.where(mass > 0, mass, np.nan)[:, None]
