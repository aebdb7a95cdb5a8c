"""The mechanism behind a reduced form: it can be asked at any profile, also where profiles cannot be listed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from amd.compile.reduced.form import ReducedForm
from amd.compile.reduced.hierarchy import decompose
from amd.compile.reduced.program import LISTED
from amd.compile.reduced.resources import Resource
from amd.mechanism.direct import Mechanism
from amd.mechanism.hierarchies import HierarchyRule, Share
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.rising import RisingRule
from amd.model.numbers import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class HierarchicalRule:
    """For each resource a lottery over hierarchies; the winner gets the resource's goods in the shares of its type.

    Payments are ``value - utility`` in every profile (R1), so every type has its interim utility for certain. The
    lotteries are found when the mechanism is first asked.
    """

    form: ReducedForm
    x: FloatArray

    @cached_property
    def _rule(self) -> HierarchyRule:
        columns = self.form.columns
        utility = np.concatenate([one.utility.take(self.x) for one in columns])
        kind = RisingRule if self.form.dominant else HierarchyRule
        return kind(
            self.form.environment,
            tuple(one.group.members for one in columns),
            tuple(self._share(resource) for resource in self.form.resources),
            utility if self.form.design.transfers else None,
        )

    def _orders(self, resource: Resource) -> list[IntArray]:
        """Each class's types from the lowest value of the one good, where hierarchies are to rise."""
        if not self.form.dominant:
            return []
        sizes = [one.agent.size for one in self.form.columns]
        orders = [np.argsort(one.values[:, resource.goods[0]], kind="stable") for one in self.form.columns]
        return [first + order for first, order in zip(np.cumsum([0, *sizes]), orders, strict=False)]

    def _share(self, resource: Resource) -> Share:
        lottery = decompose(self.form.population, self.form.share(resource, self.x), self._orders(resource))
        held = np.concatenate([one.allocation.take(self.x)[:, list(resource.goods)] for one in self.form.columns])
        total = held.sum(axis=1, keepdims=True)
        return Share(
            goods=resource.goods,
            units=resource.capacity,
            probability=np.array([weight for weight, _ in lottery]),
            level=np.array([one.level for _, one in lottery], dtype=np.int64).reshape(-1, len(held)),
            split=np.divide(held, total, out=np.full_like(held, float(self.form.dominant)), where=total > 0),
        )

    def hierarchies(self) -> HierarchyRule:
        """The rule as plain data."""
        return self._rule

    def allocations(self, profiles: IntArray) -> FloatArray:
        """The allocation at profiles (R, n): (R, n · goods)."""
        return self._rule.allocations(profiles)

    def payments(self, profiles: IntArray, allocation: FloatArray) -> FloatArray:
        """The payments at profiles (R, n) with that allocation (R, n · goods)."""
        return self._rule.payments(profiles, allocation)


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
    class_of = {i: c for c, one in enumerate(form.columns) for i in one.group.members}
    ordered = [shared[class_of[i]] for i in range(len(environment.agents))]
    return InterimMechanism(environment, tuple(q for q, _ in ordered), tuple(paid for _, paid in ordered), rule)
