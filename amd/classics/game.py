"""General mechanisms as Bayesian games, and the revelation principle (Gibbard, 1973; Myerson, 1979).

A general mechanism lets agent i send a message of its own list; the messages decide the allocation and the payments. If
σ is a Bayes–Nash equilibrium, the direct mechanism that asks for types and plays σ on the agents' behalf has the same
outcomes, and the truth is an equilibrium of it: what a type can gain there by misreporting is at most what it could
gain in the game by imitating another type's message. So an ε-equilibrium gives a mechanism whose incentives hold up to
ε.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from amd.classics.arrays import Array, is_exact
from amd.mechanism.direct import Mechanism
from amd.model.environment import Environment
from amd.model.numbers import exact_array, exact_zeros


class NoEquilibriumError(ValueError):
    """The search ended without an equilibrium; `regret` is the least it reached, `strategies` where."""

    def __init__(self, message: str, strategies: tuple[Array, ...], regret: Any) -> None:
        super().__init__(message)
        self.strategies, self.regret = strategies, regret


@dataclass(frozen=True, eq=False)
class Game:
    """A general mechanism in an environment.

    `messages[i]` are agent i's M_i messages; `allocation` (M_1, …, M_n, C) over the environment's columns and
    `payments` (M_1, …, M_n, n) are what they lead to, exact or float. Raises ValueError where shapes disagree.
    """

    environment: Environment
    messages: tuple[tuple[Any, ...], ...]
    allocation: Array
    payments: Array

    def __post_init__(self) -> None:
        n = len(self.environment.agents)
        counts = tuple(len(names) for names in self.messages)
        for name, width in (("allocation", self.environment.allocation.size), ("payments", n)):
            if getattr(self, name).shape != (*counts, width) or len(counts) != n:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {(*counts, width)}")

    @property
    def exact(self) -> bool:
        return is_exact(self.allocation) and is_exact(self.payments)

    def pure(self, choice: Sequence[Sequence[int]]) -> tuple[Array, ...]:
        """Strategies from each type's message position: σ_i (K_i, M_i) with a one in every row."""
        return tuple(self._unit(len(names))[list(chosen)] for names, chosen in zip(self.messages, choice, strict=True))

    def _unit(self, size: int) -> Array:
        return exact_array(np.eye(size, dtype=int).ravel(), (size, size)) if self.exact else np.eye(size)


def played(game: Game, table: Array, strategies: Sequence[Array], but: int | None = None) -> Array:
    """A table over messages as one over types: axis i becomes agent i's types, except agent `but`'s."""
    for axis, strategy in enumerate(strategies):
        if axis != but:
            table = np.moveaxis(np.tensordot(strategy, table, axes=([1], [axis])), 0, axis)
    return table


def message_payoffs(game: Game, strategies: Sequence[Array], agent: int) -> Array:
    """(K_i, M_i): the expected payoff of each type of an agent from each message when the others follow
    `strategies`.
    """
    environment, n = game.environment, len(game.environment.agents)
    who = environment.agents[agent]
    held = played(game, game.allocation, strategies, agent).dot(who.features.toarray().astype(object).T)
    paid = played(game, game.payments[..., agent], strategies, agent)
    values = who.values if game.exact else who.float_values
    belief = environment.exact_prior if game.exact else environment.float_prior
    rows = []
    for k in range(who.size):
        weight = np.moveaxis(belief, agent, 0)[k]
        mass = weight.sum()
        own = np.moveaxis(values, agent, 0)[k] if who.interdependent else values[k]
        gain = np.moveaxis((np.moveaxis(held, agent, 0) * own).sum(axis=-1) - np.moveaxis(paid, agent, 0), 0, -1)
        total = (gain * weight[..., None]).reshape(-1, gain.shape[-1]).sum(axis=0)
        rows.append(total / mass if mass else 0 * total)
    if n == 1:
        rows = [row.reshape(-1) for row in rows]
    return np.stack(rows).astype(object if game.exact else np.float64)


def regret(game: Game, strategies: Sequence[Array]) -> Any:
    """The most that any type of any agent gains by another message; 0 exactly at a Bayes–Nash equilibrium.

    A type of probability zero has no beliefs and no regret.
    """
    worst = []
    for agent, strategy in enumerate(strategies):
        payoffs = message_payoffs(game, strategies, agent)
        worst.append((payoffs.max(axis=1) - (payoffs * strategy).sum(axis=1)).max())
    return max(worst)


def direct_mechanism(game: Game, strategies: Sequence[Array]) -> Mechanism:
    """The direct mechanism that plays `strategies` on the agents' behalf (the revelation principle)."""
    allocation, payments = (played(game, table, strategies) for table in (game.allocation, game.payments))
    if game.exact:
        return Mechanism.from_exact(game.environment, allocation, payments)
    return Mechanism(game.environment, allocation, payments)


def best_responses(game: Game, start: Sequence[Array] | None = None, rounds: int = 200) -> tuple[Array, ...]:
    """A pure Bayes–Nash equilibrium by best responses, agent after agent, from `start` (default: the first messages).

    Ties go to the message played now, else to the one listed first. Raises NoEquilibriumError when the strategies come
    back to where they were, or after `rounds`; there may then be none in pure strategies.
    """
    current = list(game.pure([[0] * agent.size for agent in game.environment.agents]) if start is None else start)
    seen: set[bytes] = set()
    best: tuple[Any, tuple[Array, ...]] | None = None
    for _ in range(rounds):
        moved = False
        for agent in range(len(current)):
            moved |= _respond(game, current, agent)
        if not moved:
            return tuple(current)
        gap = regret(game, current)
        if best is None or gap < best[0]:
            best = (gap, tuple(current))
        key = b"".join(strategy.argmax(axis=1).tobytes() for strategy in current)
        if key in seen:
            break
        seen.add(key)
    least, where = best if best is not None else (regret(game, current), tuple(current))
    raise NoEquilibriumError(f"best responses do not settle; the least regret was {float(least):g}", where, least)


def _respond(game: Game, current: list[Array], agent: int) -> bool:
    payoffs = message_payoffs(game, current, agent)
    now = (payoffs * current[agent]).sum(axis=1)
    better = payoffs.max(axis=1) > now + (0 if game.exact else 1e-12)
    if not better.any():
        return False
    chosen = current[agent].copy()
    chosen[better] = game._unit(payoffs.shape[1])[payoffs.argmax(axis=1)[better]]
    current[agent] = chosen
    return True


def fictitious_play(game: Game, rounds: int = 2000) -> tuple[tuple[Array, ...], float]:
    """An approximate equilibrium in mixed strategies and its regret (Brown, 1951).

    Everybody answers the average of what the others have played, with steps 2/(t + 2). It need not converge: the regret
    that comes back is computed, and is what the incentives of the direct mechanism are good for.
    """
    floats = Game(game.environment, game.messages, game.allocation.astype(float), game.payments.astype(float))
    average = list(floats.pure([[0] * agent.size for agent in game.environment.agents]))
    best: tuple[float, tuple[Array, ...]] = (float(regret(floats, average)), tuple(average))
    for step in range(1, rounds + 1):
        for agent in range(len(average)):
            payoffs = message_payoffs(floats, average, agent)
            answer = np.eye(payoffs.shape[1])[payoffs.argmax(axis=1)]
            average[agent] = average[agent] + 2 / (step + 2) * (answer - average[agent])
        if step % 50 == 0:
            gap = float(regret(floats, average))
            best = min(best, (gap, tuple(average)), key=lambda item: item[0])
    return best[1], best[0]


def sealed_bid_game(
    environment: Environment, bids: Sequence[Any], winner_pays: str = "first", reserve: Any = 0, all_pay: bool = False
) -> Game:
    """One good, sealed bids from a common list: the highest bid of at least `reserve` wins, ties by equal lottery.

    `winner_pays` "first" (also Dutch) or "second" (also English with private values: the highest other bid, or the
    reserve). With `all_pay` everybody pays its own bid. Raises ValueError unless the environment sells one good.
    """
    n = len(environment.agents)
    if environment.allocation.size != n or len(environment.allocation.goods) != 1:
        raise ValueError("a sealed-bid auction needs one good and additive values")
    if winner_pays not in ("first", "second"):
        raise ValueError(f"winner_pays is 'first' or 'second', not '{winner_pays}'")
    grid = exact_array(bids)
    offers = np.stack(np.meshgrid(*([grid] * n), indexing="ij"), axis=-1)
    top = offers.max(axis=-1, keepdims=True)
    winning = (offers == top) & (top >= reserve)
    share = exact_zeros(offers.shape) + np.where(winning, 1, 0)
    share = share / np.maximum(share.sum(axis=-1, keepdims=True), 1)
    if all_pay:
        return Game(environment, (tuple(grid),) * n, share, offers * (exact_zeros(1) + 1))
    price = offers if winner_pays == "first" else np.maximum(_highest_other(offers), exact_zeros(1) + reserve)
    return Game(environment, (tuple(grid),) * n, share, share * price)


def _highest_other(offers: Array) -> Array:
    n = offers.shape[-1]
    if n == 1:
        return 0 * offers
    return np.stack([np.delete(offers, i, axis=-1).max(axis=-1) for i in range(n)], axis=-1)
