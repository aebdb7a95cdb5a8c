"""Balanced budgets in expectation externalities: d'Aspremont and Gérard-Varet (1979), Arrow (1979).

Independent private values. Let agent i's net value of a decision be its value less 1/n of the cost, d* the efficient
decision, and ξ_i(θ_i) = E[Σ_{j≠i} net value of j at d*]. Agent i pays

    cost(d*)/n − ξ_i(θ_i) + Σ_{j≠i} ξ_j(θ_j)/(n − 1),

so payments sum to the cost in every profile, and its expected utility from reporting t_i is E[total net value at
d*(t_i, ·)] less a constant, which the truth maximises. With interim participation such transfers exist if charging
every agent the most its types will bear on top collects the expected cost, the VCG surplus of Krishna and Perry (1998).
"Only if" holds where types form an interval and is false on coarse grids: efficient bilateral trade on N cells of U[0,
1] has a balanced mechanism up to N = 5, while this surplus is −(N² − 1)/(6N²).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from amd.classics.arrays import Array
from amd.classics.decisions import Decisions, list_decisions
from amd.classics.vcg import vcg_mechanism
from amd.model.environment import Environment
from amd.model.numbers import ExactArray


@dataclass(frozen=True, eq=False)
class ExpectedExternality:
    """AGV's mechanism: allocation (*shape, C), payments (*shape, n), and the expected surplus of the test.

    `surplus` is what charging every agent the most its worst-off type bears would leave after the expected cost: where
    it is at least 0, `payments` (shifted by constants that sum to zero) let every type take part, and
    `individually_rational` is True. Where it is negative the constants share the shortfall equally and some type does
    worse than outside.
    """

    allocation: ExactArray
    payments: ExactArray
    surplus: Any
    individually_rational: bool


def expected_externality(environment: Environment) -> ExpectedExternality:
    """Efficient, Bayesian incentive compatible, and balanced: payments sum to the decision's cost in every profile.

    Raises ValueError for a joint prior, a single agent or values that are not private and in money.
    """
    n = len(environment.agents)
    if not environment.independent:
        raise ValueError("expected externality payments need independent types")
    if n < 2:
        raise ValueError("expected externality payments need two agents or more: one agent has nobody to pay")
    decisions = list_decisions(environment)
    allocation, _ = vcg_mechanism(environment)
    cost = allocation.dot(environment.allocation.cost)
    values = [_value(environment, i, allocation) for i in range(n)]
    externality = [_interim(environment, i, sum(values) - values[i] - cost * (n - 1) / n) for i in range(n)]
    payments = [_payment(decisions, i, externality, cost / n) for i in range(n)]
    slack = [_slack(environment, i, values[i] - payments[i]) for i in range(n)]
    surplus = sum(slack)
    shifted = np.stack([p + s - surplus / n for p, s in zip(payments, slack, strict=True)], axis=-1)
    return ExpectedExternality(allocation, shifted, surplus, bool(surplus >= 0))


def _value(environment: Environment, i: int, allocation: ExactArray) -> ExactArray:
    """(*shape,): what agent i's own allocation is worth to its true type."""
    agent = environment.agents[i]
    held = allocation.dot(agent.features.toarray().astype(object).T)
    shape = tuple(agent.size if j == i else 1 for j in range(len(environment.agents)))
    return np.asarray((held * agent.values.reshape((*shape, -1))).sum(axis=-1))


def _interim(environment: Environment, i: int, table: Array) -> ExactArray:
    """(K_i,): the mean of a table over profiles given agent i's type."""
    for j in reversed(range(len(environment.agents))):
        if j != i:
            table = np.tensordot(table, environment.marginal(j), axes=([j], [0]))
    return np.asarray(table)


def _payment(decisions: Decisions, i: int, externality: list[ExactArray], share: ExactArray) -> ExactArray:
    n = len(externality)
    received = [decisions.spread(j, externality[j]) / (n - 1) for j in range(n) if j != i]
    return np.asarray(share - decisions.spread(i, externality[i]) + sum(received))


def _slack(environment: Environment, i: int, utility: ExactArray) -> Any:
    """The most that every type of agent i could be charged on top of its payments and still take part."""
    return (_interim(environment, i, utility) - environment.agents[i].outside).min()
