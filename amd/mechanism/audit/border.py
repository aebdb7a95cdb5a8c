"""Whether an interim allocation of goods can come from any rule at all.

Border's condition, for one unit of a good: types S_i of each agent i can together be promised it no more often than
one of them shows up, Σ_i f_i(S_i) q_i(S_i) <= 1 − Π_i (1 − f_i(S_i)). Of all sets only the prefixes of one order have
to be tested, that of q_i(k)·Pr[q_i(k') <= q_i(k)] from the greatest down (Border, 1991; Cai, Daskalakis and Weinberg,
2012). Goods without demands and limits across them are separate, and s units of one good are s times one unit.
"""

from __future__ import annotations

import numpy as np

from amd.mechanism.audit.result import Witness, shown, who, witnesses
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.rows import Number
from amd.model.numbers import FloatArray


def border_witnesses(mechanism: InterimMechanism) -> list[Witness]:
    """Negative promises, and the worst set of types of each good."""
    environment = mechanism.environment
    goods = environment.allocation.goods
    found = [witness for agent in range(len(environment.agents)) for witness in _negative(mechanism, agent)]
    for g, good in enumerate(goods):
        promises = [
            (held[:, column] / good.supply, agent.types.float_probability)
            for agent, held in zip(environment.agents, mechanism.allocation, strict=True)
            for column in np.flatnonzero(agent.features.indices % len(goods) == g)
        ]
        excess = good.supply * border_excess(*zip(*promises, strict=True)) if promises else 0.0
        if excess > 0:
            text = f"{good.name} is promised to some types {shown(excess)} more often than they show up"
            found.append(Witness("border", excess, text))
    return found


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
