"""Whether an interim allocation of goods can come from any rule at all, and whether it comes from the one it names.

Border's condition, for one unit of a good: types S_i of each agent i can together be promised it no more often than
one of them shows up, Σ_i f_i(S_i) q_i(S_i) <= 1 − Π_i (1 − f_i(S_i)). Of all sets only the prefixes of one order have
to be tested, that of q_i(k)·Pr[q_i(k') <= q_i(k)] from the greatest down (Border, 1991; Cai, Daskalakis and Weinberg,
2012). Goods without demands and limits across them are separate, and s units of one good are s times one unit. Goods
under one limit no larger than any of their supplies are like a single good: whoever wins a unit may have it in any of
them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from amd.mechanism.audit.result import UnseenError, Witness, shown, who, witnesses
from amd.mechanism.hierarchies import HierarchyRule
from amd.mechanism.interim import InterimMechanism, promised_units
from amd.mechanism.rows import Number
from amd.model.environment import Environment
from amd.model.numbers import FloatArray


def border_witnesses(mechanism: InterimMechanism) -> list[Witness]:
    """Negative promises, and the worst set of types of each scarce thing. UnseenError as `scarce_goods`."""
    agents = mechanism.environment.agents
    found = [witness for agent in range(len(agents)) for witness in _negative(mechanism, agent)]
    masses = tuple(agent.types.float_probability for agent in agents)
    held = promised_units(mechanism)
    for goods, units in scarce_goods(mechanism.environment):
        promises = tuple(own[:, list(goods)].sum(axis=1) / units for own in held)
        excess = units * border_excess(promises, masses)
        if excess > 0:
            names = " and ".join(mechanism.environment.allocation.goods[g].name for g in goods)
            text = f"{names} is promised to some types {shown(excess)} more often than they show up"
            found.append(Witness("border", excess, text))
    return found


def scarce_goods(environment: Environment) -> list[tuple[tuple[int, ...], int]]:
    """Goods that are handed out apart from all others, with the units there are of them together.

    UnseenError where binding demands or limits tie them together in any other way.
    """
    allocation = environment.allocation
    supply = [good.supply for good in allocation.goods]
    binding = [limit for limit in allocation.limits if limit.at_most < sum(supply[g] for g in limit.goods)]
    limited = [g for limit in binding for g in limit.goods]
    apart = len(limited) == len(set(limited))
    if not apart or any(limit.at_most > supply[g] for limit in binding for g in limit.goods):
        raise UnseenError("an interim mechanism can be audited only where limits on goods are disjoint and bind first")
    found = [(limit.goods, limit.at_most) for limit in binding]
    found += [((g,), units) for g, units in enumerate(supply) if g not in limited]
    most = sum(units for _, units in found)
    if any(agent.demand is not None and agent.demand < most for agent in environment.agents):
        raise UnseenError("an interim mechanism can be audited only where no demand binds")
    return found


def delivery_witnesses(mechanism: InterimMechanism) -> list[Witness]:
    """Types to whom the rule, where it is a lottery over hierarchies, does not bring what they are promised."""
    rule = mechanism.lift
    if not isinstance(rule, HierarchyRule):
        return []
    promised, found = promised_units(mechanism), []
    goods = [good.name for good in mechanism.environment.allocation.goods]
    for members, brought in zip(rule.classes, rule.delivered(), strict=True):
        for agent in members:
            apart = np.abs(promised[agent] - brought)
            found += witnesses(apart.reshape(-1), _undelivered(mechanism, agent, promised[agent], brought, goods))
    return found


def _undelivered(
    mechanism: InterimMechanism, agent: int, promised: FloatArray, brought: FloatArray, goods: list[str]
) -> Callable[[Number, int], Witness]:
    def describe(amount: Number, position: int) -> Witness:
        k, good = divmod(position, len(goods))
        promise, less = float(promised[k, good]), promised[k, good] > brought[k, good]
        gives = f"the rule gives {shown(amount)} {'less' if less else 'more'}"
        sentence = f"{who(mechanism.environment, agent, k)} is promised {shown(promise)} of {goods[good]}, {gives}"
        return Witness("rule", amount, sentence, agent, k)

    return describe


def _negative(mechanism: InterimMechanism, agent: int) -> list[Witness]:
    """Types that are promised less than nothing."""

    def describe(amount: Number, k: int) -> Witness:
        sentence = f"{who(mechanism.environment, agent, k)} is promised {shown(-amount)} units"
        return Witness("negative", amount, sentence, agent, k)

    return witnesses(-mechanism.allocation[agent].min(axis=1, initial=0), describe)


def border_excess(promises: tuple[FloatArray, ...], masses: tuple[FloatArray, ...]) -> float:
    """The most by which any sets of types are promised one unit more often than one of them shows up; at least 0.

    `promises[i]` and `masses[i]` (K_i,) are the probabilities promised to agent i's types and the masses of these. A
    type of mass zero counts too: it can be promised no more than 1.
    """
    sorted_types = [_by_promise(promise, mass) for promise, mass in zip(promises, masses, strict=True)]
    keys, promised, absent = (np.concatenate(parts) for parts in zip(*sorted_types, strict=True))
    order = np.argsort(-keys, kind="stable")
    excess = promised[order].cumsum() + np.expm1(absent[order].cumsum())
    return max(0.0, float(excess.max()), *(float(promise.max()) - 1 for promise in promises))


def _by_promise(promise: FloatArray, mass: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """One agent's types of positive mass, the greatest promise first.

    Their keys q·Pr[q' <= q]; their f·q; and what each adds to the logarithm of the probability that the agent's type
    is none of those so far. The last adds −inf.
    """
    order = np.argsort(-promise, kind="stable")
    order = order[mass[order] > 0]
    promise, mass = promise[order], mass[order]
    left = mass[::-1].cumsum()[::-1]  # the mass of this type and all later ones
    first_equal = np.searchsorted(-promise, -promise, side="left")
    with np.errstate(divide="ignore"):
        logs = np.log(np.append(left, 0.0))
    return promise * left[first_equal], promise * mass, np.diff(logs)
