"""Simulation: a mechanism played many times, with types, decisions and payments drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.labels import all_quantities
from amd.mechanism.quantities import values_of
from amd.mechanism.rows import Rows, Tally, apply_features, weighted
from amd.mechanism.sampling import Sampler
from amd.model.design import Design
from amd.model.environment import Environment
from amd.model.numbers import FloatArray, IntArray
from amd.pictures import Pictured

BLOCK = 1 << 19  # entries of (rounds, columns) held at once


@dataclass(frozen=True)
class Simulation(Pictured):
    """Sample means of the quantities, by label, with their standard errors, over `rounds` independent rounds."""

    rounds: int
    seed: int
    means: dict[str, float]
    errors: dict[str, float]

    def __str__(self) -> str:
        width = max(map(len, self.means))
        lines = [f"{label:<{width}}  {mean:.6g} ± {self.errors[label]:.2g}" for label, mean in self.means.items()]
        return "\n".join([f"{self.rounds:,} rounds, seed {self.seed}", *lines])


def simulate(
    mechanism: Mechanism | InterimMechanism, rounds: int, seed: int = 0, design: Design | None = None
) -> Simulation:
    """Play the mechanism: a type profile from the prior, a whole decision from its lottery, its payments.

    Every quantity of the mechanism (and of the design, but for `worst`) is averaged over the rounds. The same seed
    gives the same numbers. ValueError for fewer than two rounds, which have no standard error.
    """
    if rounds < 2:
        raise ValueError(f"a simulation needs at least 2 rounds, not {rounds}")
    wanted = [quantity for quantity in all_quantities(mechanism.environment, design) if not quantity.worst]
    mean, squares = np.zeros(len(wanted)), np.zeros(len(wanted))
    played = 0
    for tally in _play(mechanism, rounds, np.random.default_rng(seed)):
        values = np.stack([np.asarray(values_of(tally, quantity), dtype=np.float64) for quantity in wanted])
        # Chan, Golub and LeVeque (1983): means and squared deviations of two samples make those of both.
        count, own = values.shape[1], values.mean(axis=1)
        squares += ((values - own[:, None]) ** 2).sum(axis=1) + (own - mean) ** 2 * played * count / (played + count)
        mean += (own - mean) * count / (played + count)
        played += count
    errors = np.sqrt(squares / (rounds - 1) / rounds)
    labels = [quantity.label for quantity in wanted]
    return Simulation(
        rounds,
        seed,
        dict(zip(labels, mean.tolist(), strict=True)),
        dict(zip(labels, errors.tolist(), strict=True)),
    )


def _play(mechanism: Mechanism | InterimMechanism, rounds: int, rng: np.random.Generator) -> Iterator[Tally]:
    """Rounds with their whole decisions, in blocks."""
    environment = mechanism.environment
    sampler = Sampler(environment)
    size = max(1, BLOCK // environment.allocation.size)
    everything = mechanism.rows() if isinstance(mechanism, Mechanism) else None
    for start in range(0, rounds, size):
        count = min(size, rounds - start)
        if everything is not None:
            index = draw_profiles(environment, count, rng)
            decisions = sampler.draw(index, everything.allocation, rng)
            yield Rows(environment, index, decisions, everything.payments[index]).tally
        elif isinstance(mechanism, InterimMechanism):
            yield _play_interim(mechanism, count, sampler, rng)


def _play_interim(mechanism: InterimMechanism, count: int, sampler: Sampler, rng: np.random.Generator) -> Tally:
    """Rounds of a mechanism whose rule is asked at each profile that comes up."""
    environment = mechanism.environment
    types = np.stack([_draw(agent.types.float_probability, count, rng) for agent in environment.agents], axis=1)
    expected = mechanism.lift.allocations(types)
    payments = mechanism.lift.payments(types, expected)
    decisions = sampler.draw(np.arange(count), expected, rng)
    value = [
        weighted(agent.float_values[types[:, i]], apply_features(agent.features, decisions))
        for i, agent in enumerate(environment.agents)
    ]
    cost = decisions @ environment.allocation.float_cost
    return Tally(environment, decisions, payments, np.stack(value, axis=1), cost)


def draw_profiles(environment: Environment, count: int, rng: np.random.Generator) -> IntArray:
    """The numbers of type profiles drawn from the prior (count,)."""
    if environment.joint is not None:
        return _draw(environment.float_prior.reshape(-1), count, rng)
    index = np.zeros(count, dtype=np.int64)
    for agent in environment.agents:
        index = index * agent.size + _draw(agent.types.float_probability, count, rng)
    return index


def _draw(probability: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    """Positions drawn by inversion; those of probability zero are never drawn."""
    cumulative = probability.cumsum()
    drawn = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    return np.asarray(np.minimum(drawn, np.flatnonzero(probability)[-1]), dtype=np.int64)
