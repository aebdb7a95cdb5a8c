"""The utility of an agent of type k that reports l, as coefficients: what incentives and participation are made of.

With beliefs b and worth w, the interim utility is the sum over the others' profiles s of
``b[k, s] (w[k, s] @ x[report, s] - m[report, s])``, and ex post it is ``w[k, s] @ x[report, s] - m[report, s]``.
With utility columns u it is ``u[report, s] + (w[k, s] - w[report, s]) @ x[report, s]``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from amd.compile.builder import Numbers, Terms, terms
from amd.compile.context import Context
from amd.model.numbers import IntArray


def interim_utility(
    context: Context, agent: int, k: IntArray, report: IntArray, test: IntArray | None = None
) -> list[Terms]:
    """Row r: the interim utility of type k[r] reporting report[r].

    For orders: the chance of getting one of its best test[r] + 1 outcomes."""
    if context.utilities is not None:
        return _interim_from_utilities(context, agent, k, report)
    return [*_interim_value(context, agent, k, report, test), *_interim_payment(context, agent, k, report)]


def ex_post_utility(
    context: Context,
    agent: int,
    k: IntArray,
    report: IntArray,
    s: IntArray,
    test: IntArray | None = None,
) -> list[Terms]:
    """Row r: the utility of type k[r] reporting report[r] where the others' profile is s[r]."""
    row = np.arange(len(k))
    profile = context.profiles(agent)[report, s]
    worth = _worth(context, agent, k, test)
    if context.utilities is not None:
        worth = worth - context.worth(agent)[report]
    worth = worth[:, 0] if worth.shape[1] == 1 else worth[row, s]
    columns = context.allocation[profile[:, None], context.support(agent)[None, :]]
    parts = [terms(row[:, None], columns, worth)]
    if context.payments is not None:
        parts.append(terms(row, context.payments[profile, agent], -_ones(context, len(k))))
    if context.utilities is not None:
        parts.append(terms(row, context.utilities[profile, agent], _ones(context, len(k))))
    return parts


def _interim_from_utilities(context: Context, agent: int, k: IntArray, report: IntArray) -> list[Terms]:
    if context.utilities is None:
        raise ValueError("there are no utility columns")
    row, profiles = np.arange(len(k))[:, None], context.profiles(agent)[report]
    belief = belief_rows(context, agent, k)
    worth = belief[:, :, None] * (context.worth(agent)[k] - context.worth(agent)[report])
    columns = context.allocation[profiles[:, :, None], context.support(agent)[None, None, :]]
    parts = [terms(row[:, :, None], columns, worth)] if (k != report).any() else []
    return [*parts, terms(row, context.utilities[profiles, agent], belief)]


def _worth(context: Context, agent: int, k: IntArray, test: IntArray | None) -> Numbers:
    """(rows, 1 or S, |support|)."""
    worth = context.worth(agent)
    return worth[k] if test is None else worth[k, test][:, None, :]


def _interim_value(context: Context, agent: int, k: IntArray, report: IntArray, test: IntArray | None) -> list[Terms]:
    row = np.arange(len(k))
    if agent in context.interim_allocation:
        values = context.numbers(context.agents[agent].values)
        return [terms(row[:, None], context.interim_allocation[agent][report], values[k])]
    columns = context.allocation[context.profiles(agent)[report][:, :, None], context.support(agent)[None, None, :]]
    belief = belief_rows(context, agent, k)
    return [terms(row[:, None, None], columns, belief[:, :, None] * _worth(context, agent, k, test))]


def _interim_payment(context: Context, agent: int, k: IntArray, report: IntArray) -> list[Terms]:
    row = np.arange(len(k))
    if agent in context.interim_payments:
        return [terms(row, context.interim_payments[agent][report], -_ones(context, len(k)))]
    if context.payments is None:
        return []
    columns = context.payments[context.profiles(agent)[report], agent]
    return [terms(row[:, None], columns, -belief_rows(context, agent, k))]


def belief_rows(context: Context, agent: int, k: IntArray) -> Numbers:
    """The beliefs of the types k, (rows, S)."""
    beliefs = context.beliefs(agent)
    return np.broadcast_to(beliefs, (len(k), beliefs.shape[1])) if len(beliefs) == 1 else beliefs[k]


def _ones(context: Context, count: int) -> Any:
    return np.ones(count, dtype=object if context.builder.exact else np.float64)
