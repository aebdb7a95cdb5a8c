"""Incentives: what an agent gains by reporting another type.

An agent's interests are written as wishes: a wish belongs to a true type and weighs the agent's features. With
values there is one wish a type, its values, and the gain is in utility. With preference orders there is one wish for
each type and each upper set of its order (its s best outcomes), and the gain is in that set's probability: truth
dominates stochastically exactly when no wish gains (Gibbard, 1977; Bogomolnaia and Moulin, 2001).

*Dominant*: for each wish, report and profile of the others. With interdependent values the weights depend on the
others' types, who are truthful: ex post incentives. *Bayesian*: the expectation under the belief of the wish's own
type, which is conditional, so that rare types count in full; types of probability zero have no belief and no
constraint. Reports of probability zero are reports like any others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from amd.mechanism.audit.result import FEW, Check, Witness, check, shown, when, who, worst_entries
from amd.mechanism.reports import type_label
from amd.mechanism.rows import Array, Number, Rows, flat
from amd.model.design import Incentive
from amd.model.environment import Environment
from amd.model.numbers import IntArray, exact_array

BLOCK = 1 << 18  # entries of one block of (wish, report, others) comparisons: small enough for the cache


@dataclass(frozen=True, eq=False)
class Stake:
    """One agent's side of a mechanism, its own type first and the M profiles of the others second.

    `held` (K, M, A) are its features, `paid` (K, M) its payments, by report; `wishes` (W, 1 or M, A) weigh the
    features and `owner` (W,) is the true type of each.
    """

    agent: int
    held: Array
    paid: Array
    wishes: Array
    owner: IntArray


def incentive_check(rows: Rows, incentive: Incentive) -> Check:
    """The largest gains from a misreport, over every agent, type and report."""
    found: list[Witness] = []
    for agent, one in enumerate(rows.environment.agents):
        if incentive is Incentive.NONE or one.size == 1:
            continue
        side = stake(rows, agent)
        found += _dominant(rows, side) if incentive is Incentive.DOMINANT else _bayesian(rows, side)
    return check(found)


def own_first(array: Array, shape: tuple[int, ...], agent: int) -> Array:
    """Rows (R, …) of all profiles as (K, M, …): the agent's own type, then the profile of the others."""
    moved = np.moveaxis(array.reshape(*shape, *array.shape[1:]), agent, 0)
    return moved.reshape(shape[agent], -1, *array.shape[1:])


def stake(rows: Rows, agent: int) -> Stake:
    """The agent's side of the mechanism."""
    shape, one = rows.environment.shape, rows.environment.agents[agent]
    if one.types.orders is not None:
        weights, owner = _upper_sets(one.types.orders, rows.allocation.shape[1], rows.exact)
        held = own_first(rows.allocation, shape, agent)
        return Stake(agent, held, np.zeros_like(held[:, :, 0]), weights, owner)  # orders say nothing about money
    values = one.values if rows.exact else one.float_values
    weights = own_first(flat(values), shape, agent) if one.interdependent else values[:, None, :]
    paid = own_first(rows.payments[:, agent], shape, agent)
    return Stake(agent, own_first(rows.held(agent), shape, agent), paid, weights, np.arange(one.size))


def _upper_sets(orders: tuple[tuple[int, ...], ...], outcomes: int, exact: bool) -> tuple[Array, IntArray]:
    """One wish of 0 and 1 for each order and each of its upper sets but the whole."""
    best = np.array(orders)[:, :-1]
    single = np.zeros((*best.shape, outcomes))
    np.put_along_axis(single, best[:, :, None], 1.0, axis=2)
    wishes = single.cumsum(axis=1).reshape(-1, 1, outcomes)
    owner = np.repeat(np.arange(len(orders)), best.shape[1])
    return (exact_array(wishes.ravel().tolist(), wishes.shape) if exact else wishes), owner


def _dominant(rows: Rows, side: Stake) -> list[Witness]:
    """The worst (wish, others) pairs, each with its best misreport, found block by block."""
    found: list[tuple[Number, int, int]] = []
    for part, others in _blocks(len(side.wishes), side.held.shape[1], len(side.held)):
        gains = _best_reports(side, part, others)[0]
        width = gains.shape[1]
        for amount, position in worst_entries(gains.ravel()):
            found.append((amount, part.start + position // width, others.start + position % width))
        found = sorted(found, key=lambda entry: -entry[0])[:FEW]
    return [_dominant_witness(rows, side, wish, other) for _, wish, other in found]


def _blocks(wishes: int, others: int, reports: int) -> Iterator[tuple[slice, slice]]:
    """Slices of wishes and of others' profiles whose comparisons with all reports fit in a block."""
    wide = max(1, min(others, BLOCK // max(1, reports)))
    tall = max(1, min(wishes, BLOCK // max(1, reports * wide)))
    for start in range(0, others, wide):
        for first in range(0, wishes, tall):
            yield slice(first, min(first + tall, wishes)), slice(start, min(start + wide, others))


def _best_reports(side: Stake, part: slice, others: slice) -> tuple[Array, Array]:
    """For wishes and others: the best report's gain over the truth (W, M) and every report's utility (W, M, K)."""
    held = side.held[:, others].transpose(1, 2, 0)  # (others, A, reports)
    weights = side.wishes[part, others if side.wishes.shape[1] > 1 else slice(None)]
    if held.shape[1] == 1:
        utility = weights[:, :, 0, None] * held[:, 0]  # (wishes, others, reports)
    else:
        utility = np.matmul(weights.transpose(1, 0, 2), held).transpose(1, 0, 2)
    utility = utility - side.paid[:, others].T
    truth = np.take_along_axis(utility, side.owner[part, None, None], axis=2)
    return utility.max(axis=2) - truth[:, :, 0], utility


def _dominant_witness(rows: Rows, side: Stake, wish: int, other: int) -> Witness:
    gain, utility = _best_reports(side, slice(wish, wish + 1), slice(other, other + 1))
    true, report = int(side.owner[wish]), int(utility[0, 0].argmax())
    environment = rows.environment
    profile = _insert(environment.shape, side.agent, true, other)
    context = when(environment, profile, skip=side.agent)
    return _witness(environment, side, wish, report, gain[0, 0], context, profile)


def _insert(shape: tuple[int, ...], agent: int, own: int, other: int) -> tuple[int, ...]:
    """The type profile of an agent's own type and the number of the others' profile."""
    profile = [0] * len(shape)
    for i in reversed(range(len(shape))):
        if i == agent:
            profile[i] = own
        else:
            other, profile[i] = divmod(other, shape[i])
    return tuple(profile)


def _witness(
    environment: Environment,
    side: Stake,
    wish: int,
    report: int,
    amount: Number,
    context: str = "",
    profile: tuple[int, ...] | None = None,
) -> Witness:
    """The sentence of a gain: in utility, or in the probability of an upper set."""
    true = int(side.owner[wish])
    liar, said = who(environment, side.agent, true), type_label(environment, side.agent, report)
    gains = f"gains {shown(amount)}"
    if environment.agents[side.agent].types.orders is not None:
        names = environment.allocation.names
        liked = ", ".join(names[o] for o in np.flatnonzero(side.wishes[wish, 0] == 1))
        gains = f"raises the probability of {{{liked}}} by {shown(amount)}"
    sentence = f"{liar} {gains} by saying {said}{context}"
    return Witness("incentive", amount, sentence, side.agent, true, report, profile)


def _bayesian(rows: Rows, side: Stake) -> list[Witness]:
    """The worst wishes, each with its best misreport in expectation."""
    belief = beliefs(rows, side.agent)
    possible = np.flatnonzero(belief.marginal[side.owner] > 0)
    size = max(1, BLOCK // max(1, len(side.held), prod(side.held.shape[1:]) if belief.conditional is not None else 1))
    found: list[tuple[Number, int, int]] = []
    for start in range(0, len(possible), size):
        part = possible[start : start + size]
        utility = belief.utility(side, part)
        truth = np.take_along_axis(utility, side.owner[part, None], axis=1)
        gains = utility.max(axis=1) - truth[:, 0]
        for amount, position in worst_entries(gains):
            found.append((amount, int(part[position]), int(utility[position].argmax())))
        found = sorted(found, key=lambda entry: -entry[0])[:FEW]
    return [_witness(rows.environment, side, wish, report, amount) for amount, wish, report in found]


@dataclass(frozen=True, eq=False)
class Belief:
    """What an agent's types believe of the others.

    `marginal` (K,); `common` (M,) where types are independent, else `conditional` (K, M) with zero rows for types of
    probability zero.
    """

    marginal: Array
    common: Array | None
    conditional: Array | None

    def of(self, types: IntArray) -> Array:
        """The beliefs of some types, (T, M)."""
        if self.conditional is not None:
            return np.asarray(self.conditional[types])
        return np.broadcast_to(self.common, (len(types), len(self.common)))  # type: ignore[arg-type]

    def utility(self, side: Stake, part: IntArray) -> Array:
        """Expected utility (wishes, reports) of wishes `part`, each under its owner's belief."""
        if self.common is not None and side.wishes.shape[1] == 1:
            held = np.tensordot(self.common, side.held, axes=(0, 1))
            return np.asarray(side.wishes[part, 0] @ held.T - side.paid @ self.common)
        believed = self.of(side.owner[part])
        weighed = (believed[:, :, None] * side.wishes[part]).reshape(len(part), -1)
        return np.asarray(weighed @ side.held.reshape(len(side.held), -1).T - believed @ side.paid.T)


def beliefs(rows: Rows, agent: int) -> Belief:
    """The agent's conditional beliefs under the prior."""
    environment = rows.environment
    if environment.joint is None:
        common = np.array([1], dtype=object) if rows.exact else np.ones(1)
        for other, one in enumerate(environment.agents):
            if other != agent:
                own = one.types.exact_probability if rows.exact else one.types.float_probability
                common = np.multiply.outer(common, own).reshape(-1)
        types = environment.agents[agent].types
        return Belief(types.exact_probability if rows.exact else types.float_probability, common, None)
    prior = environment.exact_prior if rows.exact else environment.float_prior
    joint = own_first(prior.reshape(-1), environment.shape, agent)
    marginal = joint.sum(axis=1)
    return Belief(marginal, None, joint / np.where(marginal > 0, marginal, 1)[:, None])
