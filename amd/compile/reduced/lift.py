"""The mechanism behind a reduced form: it can be asked at any profile, also where profiles cannot be listed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from amd.compile.reduced.hierarchy import Hierarchy, decompose
from amd.compile.reduced.program import LISTED, ReducedForm
from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.model.numbers import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class HierarchicalRule:
    """For each resource a lottery over hierarchies; the winner gets the resource's goods in the shares of its type.

    Payments are ``value - utility`` in every profile (R1), so every type has its interim utility for certain.
    """

    form: ReducedForm
    x: FloatArray

    @cached_property
    def lotteries(self) -> list[list[tuple[float, Hierarchy]]]:
        """One a resource; found when the mechanism is first asked."""
        return [decompose(self.form.population, self.form.share(resource, self.x)) for resource in self.form.resources]

    @cached_property
    def class_of(self) -> IntArray:
        """The class of each agent (n,)."""
        result = np.empty(len(self.form.environment.agents), dtype=np.int64)
        for c, one in enumerate(self.form.columns):
            result[list(one.group.members)] = c
        return result

    @cached_property
    def start(self) -> IntArray:
        """Where each class begins among all types laid end to end."""
        return np.concatenate([[0], np.cumsum([one.agent.size for one in self.form.columns])[:-1]]).astype(np.int64)

    @cached_property
    def goods(self) -> list[FloatArray]:
        """For each resource how a winner of each type (T,) splits it among the goods (T, goods of the resource)."""
        parts = []
        for resource in self.form.resources:
            held = np.concatenate([one.allocation.take(self.x)[:, list(resource.goods)] for one in self.form.columns])
            total = held.sum(axis=1, keepdims=True)
            parts.append(np.divide(held, total, out=np.zeros_like(held), where=total > 0))
        return parts

    def allocations(self, profiles: IntArray) -> FloatArray:
        """The allocation at profiles (R, n): (R, n · goods)."""
        place = self.start[self.class_of][None, :] + profiles
        goods = len(self.form.environment.allocation.goods)
        result = np.zeros((*profiles.shape, goods))
        for resource, lottery, split in zip(self.form.resources, self.lotteries, self.goods, strict=True):
            share = np.zeros(profiles.shape)
            for weight, one in lottery:
                level = one.level[place]
                top = level.max(axis=1, keepdims=True)
                winners = (level == top) & (top > 0)
                share += weight * winners / np.maximum(winners.sum(axis=1, keepdims=True), 1)
            result[:, :, list(resource.goods)] += resource.capacity * share[:, :, None] * split[place]
        return result.reshape(len(profiles), -1)

    def payments(self, profiles: IntArray, allocation: FloatArray) -> FloatArray:
        """The payments at profiles (R, n) with that allocation (R, n · goods)."""
        if not self.form.design.transfers:
            return np.zeros(profiles.shape)
        held = allocation.reshape(*profiles.shape, -1)
        paid = np.empty(profiles.shape)
        for i, c in enumerate(self.class_of):
            one = self.form.columns[c]
            paid[:, i] = (one.values[profiles[:, i]] * held[:, i]).sum(axis=1) - one.utility.take(self.x)[
                profiles[:, i]
            ]
        return paid

    def allocation_at(self, profile: tuple[int, ...]) -> FloatArray:
        """The allocation's columns (C,) at one profile."""
        return np.asarray(self.allocations(np.array([profile]))[0])

    def payments_at(self, profile: tuple[int, ...]) -> FloatArray:
        """The payments (n,) at one profile."""
        at = np.array([profile])
        return np.asarray(self.payments(at, self.allocations(at))[0])


def lift(form: ReducedForm, x: FloatArray) -> Mechanism | InterimMechanism:
    """The direct mechanism where profiles can be listed, else the interim one with its rule."""
    environment, rule = form.environment, HierarchicalRule(form, x)
    if environment.profile_count * environment.allocation.size > LISTED:
        return interim(form, x, rule)
    profiles = np.indices(environment.shape).reshape(len(environment.agents), -1).T
    allocation = rule.allocations(profiles)
    payments = rule.payments(profiles, allocation) if form.design.transfers else None
    shape = environment.shape
    shaped = None if payments is None else payments.reshape(*shape, -1)
    return Mechanism(environment, allocation.reshape(*shape, -1), shaped)


def interim(form: ReducedForm, x: FloatArray, rule: HierarchicalRule) -> InterimMechanism:
    """What each type can expect; members of a class share their arrays."""
    environment, goods = form.environment, len(form.environment.allocation.goods)
    shared = []
    for one in form.columns:
        q = one.allocation.take(x)
        paid = (one.values * q).sum(axis=1) - one.utility.take(x) if form.design.transfers else np.zeros(len(q))
        shared.append((q[:, one.agent.features.indices % goods], paid))
    held = tuple(shared[c][0] for c in rule.class_of)
    return InterimMechanism(environment, held, tuple(shared[c][1] for c in rule.class_of), rule)
