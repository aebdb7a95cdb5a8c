"""Anonymity: permuting the reports of copies permutes their allocations and payments.

Exchanging neighbouring copies generates every permutation of a group, so rows for these suffice.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from amd.compile.builder import terms
from amd.compile.context import Context
from amd.compile.families.exchange import exchanged_columns
from amd.model.numbers import IntArray


def add_anonymity(context: Context) -> None:
    """One equality for each profile, neighbouring pair of copies, and column or payment that the exchange moves."""
    if not context.design.anonymous:
        return
    for group in context.environment.groups:
        for first, second in pairwise(group.members):
            _exchange(context, first, second)


def exchanged_profiles(context: Context, first: int, second: int) -> IntArray:
    """The profile in which the two agents have each other's type, (P,)."""
    index = np.arange(context.environment.profile_count).reshape(context.environment.shape)
    return np.swapaxes(index, first, second).reshape(-1)


def _exchange(context: Context, first: int, second: int) -> None:
    profiles = exchanged_profiles(context, first, second)
    columns = exchanged_columns(context.environment.allocation, first, second, len(context.agents))
    _equal(context, context.allocation.index, context.allocation[profiles[:, None], columns[None, :]])
    money = context.utilities if context.payments is None else context.payments
    if money is not None:
        order = np.arange(len(context.agents))
        order[[first, second]] = second, first
        _equal(context, money.index, money[profiles[:, None], order[None, :]])
    elif context.interim_payments:
        _equal(context, context.interim_payments[first].index, context.interim_payments[second].index)


def _equal(context: Context, one: IntArray, other: IntArray) -> None:
    one, other = one.ravel(), other.ravel()
    moved = one < other  # the exchange is its own inverse: each moved pair once
    one, other = one[moved], other[moved]
    row = np.arange(len(one))
    unit = np.ones(len(one), dtype=object if context.builder.exact else float)
    index = np.stack([one, other], axis=1)
    context.builder.add_rows(
        "anonymous",
        index,
        [terms(row, one, unit), terms(row, other, -unit)],
        0,
        0,
        lambda at: f"anonymous@{at[0]},{at[1]}",
    )
