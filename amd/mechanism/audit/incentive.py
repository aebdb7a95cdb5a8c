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

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from amd.mechanism.audit.belief import Belief, belief_of, own_first
from amd.mechanism.audit.result import FEW, Check, Witness, check, shown, when, who, worst_entries
from amd.mechanism.reports import type_label
from amd.mechanism.rows import Array, Number, Rows, flat
from amd.model.design import Incentive
from amd.model.environment import Agent
from amd.model.numbers import IntArray

BLOCK = 1 << 16  # comparisons of (wish, others, report) held at once: they stay in the processor's cache


@dataclass(frozen=True, eq=False)
class Stake:
    """One agent's side of a mechanism: W wishes, M profiles of the others, K reports, A features.

    `menus` (A + 1, M, K) are what each report gets, features and then the payment; `wishes` (W, A + 1, 1 or M) weigh
    these, the payment with −1; `owner` (W,) is the true type of each wish.
    """

    agent: int
    menus: Array
    wishes: Array
    owner: IntArray

    def of(self, wishes: IntArray) -> Stake:
        """Only some of the wishes."""
        return replace(self, wishes=self.wishes[wishes], owner=self.owner[wishes])


# The wish and the others' profile where a block starts, and utilities (wishes, others, reports).
Block: TypeAlias = tuple[int, int, Array]


@dataclass(frozen=True)
class Gain:
    """The best misreport for a wish at a profile of the others (0 where expectations are taken)."""

    amount: Number
    wish: int
    others: int
    report: int


def incentive_check(rows: Rows, incentive: Incentive) -> Check:
    """The largest gains from a misreport, over every agent, type and report."""
    found: list[Witness] = []
    for agent, one in enumerate(rows.environment.agents):
        if incentive is Incentive.NONE or one.size == 1:
            continue
        side = stake(rows, agent)
        if incentive is Incentive.DOMINANT:
            gains = worst_gains(side, _at_each_profile(side))
        else:
            belief = belief_of(rows, agent)
            side = side.of(np.flatnonzero(belief.marginal[side.owner] > 0))
            gains = worst_gains(side, _in_expectation(side, belief))
        found += [_witness(rows, side, gain, incentive) for gain in gains]
    return check(found)


def stake(rows: Rows, agent: int) -> Stake:
    """The agent's side of the mechanism."""
    shape, one = rows.environment.shape, rows.environment.agents[agent]
    if one.types.orders is not None:
        held = own_first(rows.allocation, shape, agent)
        wishes, owner = _upper_sets(one.types.orders, rows.allocation.shape[1])
        paid = np.zeros_like(held[:, :, 0])  # orders say nothing about money
    else:
        held = own_first(rows.held(agent), shape, agent)
        wishes, owner = _values(one, rows.exact, shape, agent), np.arange(one.size)
        paid = own_first(rows.payments[:, agent], shape, agent)
    menus = np.concatenate([held.transpose(2, 1, 0), paid.T[None]])
    minus = np.full((len(wishes), 1, wishes.shape[2]), -1, dtype=wishes.dtype)
    return Stake(agent, menus, np.concatenate([wishes, minus], axis=1), owner)


def _values(one: Agent, exact: bool, shape: tuple[int, ...], agent: int) -> Array:
    """The values of each type as wishes (K, A, 1 or M)."""
    values: Array = one.values if exact else one.float_values
    if one.interdependent:
        return own_first(flat(values), shape, agent).transpose(0, 2, 1)
    return values[:, :, None]


def _upper_sets(orders: tuple[tuple[int, ...], ...], outcomes: int) -> tuple[Array, IntArray]:
    """One wish of 0 and 1 for each order and each of its upper sets but the whole."""
    best = np.array(orders)[:, :-1]
    single = np.zeros((*best.shape, outcomes), dtype=np.int64)
    np.put_along_axis(single, best[:, :, None], 1, axis=2)
    return single.cumsum(axis=1).reshape(-1, outcomes, 1), np.repeat(np.arange(len(orders)), best.shape[1])


def _at_each_profile(side: Stake) -> Iterator[Block]:
    """Utilities at each profile of the others."""
    features, others, reports = side.menus.shape
    wide = max(1, min(others, BLOCK // reports))
    tall = max(1, BLOCK // (reports * wide))
    for start in range(0, others, wide):
        menus = side.menus[:, start : start + wide]
        for first in range(0, len(side.wishes), tall):
            wishes = side.wishes[first : first + tall]
            if wishes.shape[2] == 1:
                utility = (wishes[:, :, 0] @ menus.reshape(features, -1)).reshape(len(wishes), -1, reports)
            else:
                here = wishes[:, :, start : start + wide]
                utility = np.matmul(here.transpose(2, 0, 1), menus.transpose(1, 0, 2)).transpose(1, 0, 2)
            yield first, start, utility


def _in_expectation(side: Stake, belief: Belief) -> Iterator[Block]:
    """Expected utilities, as if the others had a single profile.

    Where types are independent and values private, what a report gets is averaged once for all types.
    """
    if belief.common is not None and side.wishes.shape[2] == 1:
        menus = np.tensordot(side.menus, belief.common, axes=(1, 0))
        yield from _at_each_profile(replace(side, menus=menus[:, None, :]))
        return
    features, others, reports = side.menus.shape
    menus = side.menus.reshape(-1, reports)
    tall = max(1, BLOCK // max(reports, features * others))
    for first in range(0, len(side.wishes), tall):
        believed = belief.of(side.owner[first : first + tall])
        weighed = side.wishes[first : first + tall] * believed[:, None, :]
        yield first, 0, (weighed.reshape(len(weighed), -1) @ menus)[:, None, :]


def worst_gains(side: Stake, blocks: Iterable[Block]) -> list[Gain]:
    """The largest gains over the truth, at most one for each wish and profile of the others."""
    found: list[Gain] = []
    for first, start, utility in blocks:
        owner = side.owner[first : first + len(utility), None, None]
        gains = utility.max(axis=2) - np.take_along_axis(utility, owner, axis=2)[:, :, 0]
        enough = found[-1].amount if len(found) == FEW else 0
        if gains.max() <= enough:
            continue
        width = gains.shape[1]
        for amount, position in worst_entries(gains.reshape(-1)):
            wish, other = divmod(position, width)
            report = int(utility[wish, other].argmax())
            found.append(Gain(amount, first + wish, start + other, report))
        found = sorted(found, key=lambda gain: -gain.amount)[:FEW]
    return found


def _witness(rows: Rows, side: Stake, gain: Gain, incentive: Incentive) -> Witness:
    """The sentence of a gain: in utility, or in the probability of an upper set."""
    environment, agent = rows.environment, side.agent
    true = int(side.owner[gain.wish])
    profile = None
    context = ""
    if incentive is Incentive.DOMINANT:
        profile = _insert(environment.shape, agent, true, gain.others)
        context = when(environment, profile, skip=agent)
    gains = f"gains {shown(gain.amount)}"
    if environment.agents[agent].types.orders is not None:
        liked = ", ".join(environment.allocation.names[o] for o in np.flatnonzero(side.wishes[gain.wish, :-1, 0]))
        gains = f"raises the probability of {{{liked}}} by {shown(gain.amount)}"
    said = type_label(environment, agent, gain.report)
    sentence = f"{who(environment, agent, true)} {gains} by saying {said}{context}"
    return Witness("incentive", gain.amount, sentence, agent, true, gain.report, profile)


def _insert(shape: tuple[int, ...], agent: int, own: int, others: int) -> tuple[int, ...]:
    """The type profile of an agent's own type and the number of the others' profile."""
    profile = [0] * len(shape)
    for i in reversed(range(len(shape))):
        if i == agent:
            profile[i] = own
        else:
            others, profile[i] = divmod(others, shape[i])
    return tuple(profile)
