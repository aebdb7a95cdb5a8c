"""Border's constraints as rows: all of them where they are few, else those to begin with."""

from __future__ import annotations

import numpy as np

from amd.compile.builder import Terms, terms
from amd.compile.reduced.border import first_sets
from amd.compile.reduced.form import ReducedForm
from amd.compile.reduced.resources import Resource
from amd.model.design import Incentive
from amd.model.numbers import IntArray


def add_single_agent(form: ReducedForm, r: int) -> None:
    """Nobody competes with a single agent: it can have any share of each resource, whatever its type."""
    resource, one = form.resources[r], form.columns[0]
    form.ordered.add(r)
    if len(resource.goods) > 1:
        k = one.truths
        columns = one.allocation.index[k][:, list(resource.goods)]
        parts = [terms(np.arange(len(k))[:, None], columns, 1.0)]
        form.builder.add_rows(
            "resource", k[:, None], parts, -np.inf, resource.capacity, lambda at: f"resource{r}@{at[0]}"
        )


def add_ordered_border(form: ReducedForm, r: int) -> None:
    """The columns s(t) of a single class that is ordered by its value of the resource's one good."""
    resource = form.resources[r]
    order = value_order(form, resource)
    if order is None:
        return
    one = form.columns[0]
    count = len(order)
    below = np.concatenate([[0.0], np.cumsum(one.mass[order])[:-1]])
    with np.errstate(divide="ignore"):
        most = -np.expm1(one.group.size * np.log(below)) * resource.capacity
    column = form.builder.add_columns("sold", (count,), 0, most, lambda at: f"sold@{order[at[0]]}")
    form.sold = column.index
    row = np.arange(count)
    parts = [
        terms(row, column.index, 1.0),
        terms(row[:-1], column[1:], -1.0),
        terms(row, one.allocation[order, resource.goods[0]], -one.weight[order]),
    ]
    form.builder.add_rows("sold", row[:, None], parts, 0, 0, lambda at: f"sold@{at[0]}")
    form.ordered.add(r)


def add_first_border(form: ReducedForm, r: int) -> None:
    """Border's rows to begin with: the types that value the resource most, and those that value everything most."""
    resource = form.resources[r]
    best = np.concatenate([one.values[:, list(resource.goods)].max(axis=1) for one in form.columns])
    total = np.concatenate([one.values.sum(axis=1) for one in form.columns])
    found = first_sets(form.population, [best] if len(form.columns[0].values.T) == 1 else [best, total])
    upper = np.array([right for _, right in found]) * resource.capacity
    key = np.array([[r, len(types)] for types, _ in found])
    form.builder.add_rows("border", key, border_terms(form, resource, found), -np.inf, upper, border_name)


def border_terms(form: ReducedForm, resource: Resource, sets: list[tuple[IntArray, float]]) -> list[Terms]:
    """What the types of each set are given of the resource."""
    goods = list(resource.goods)
    columns = np.concatenate([one.allocation.index[:, goods] for one in form.columns])
    weight = form.population.weight
    row = np.repeat(np.arange(len(sets)), [len(types) for types, _ in sets])
    every = np.concatenate([types for types, _ in sets])
    return [terms(row[:, None], columns[every], weight[every][:, None])]


def border_name(at: tuple[int, ...]) -> str:
    """Of a set of so many types and a resource."""
    return f"border[{at[0]}]@{at[1]}"


def value_order(form: ReducedForm, resource: Resource) -> IntArray | None:
    """The types from lowest to highest value, where incentives make the interim allocation rise with it."""
    if len(form.columns) > 1 or len(resource.goods) > 1 or form.design.incentive is Incentive.NONE:
        return None
    one = form.columns[0]
    goods = len(form.environment.allocation.goods)
    values = one.values[:, resource.goods[0]]
    if goods > 1 or (one.mass == 0).any() or len(np.unique(values)) < len(values):
        return None
    return np.argsort(values)
