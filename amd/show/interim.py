"""The interim view of a mechanism: what each type of an agent expects before it knows the others' types.

For a type of positive probability all expectations are conditional on it; a type of probability zero has no beliefs
and shows none. Copies of a group that expect the same are shown once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table

from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.rows import Rows, units_of
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import ExactArray, FloatArray, to_float
from amd.show.numbers import number
from amd.show.tables import elided, table
from amd.show.types import type_header, type_text, value_scale

ALIKE = 1e-6  # per unit of the largest number: copies this close expect the same
MOST_COLUMNS = 6  # outcomes or goods that get a column of their own
MONEY = ("value", "pays", "utility")
MOST_AGENTS = 4  # tables shown in all


@dataclass(frozen=True, eq=False)
class Interim:
    """What the K types of one agent expect: `columns` names the M numbers in `expected` (K, M); rows are nan where the
    type has probability zero. `probability` (K,) is that of the types."""

    agent: int
    columns: tuple[str, ...]
    probability: ExactArray
    expected: FloatArray


def interim(mechanism: Mechanism | InterimMechanism, agent: int) -> Interim:
    """The interim view of one agent."""
    return _stated(mechanism, agent) if isinstance(mechanism, InterimMechanism) else _computed(mechanism, agent)


def _stated(mechanism: InterimMechanism, agent: int) -> Interim:
    """What an interim mechanism says itself; goods that the agent does not value are not handed to it."""
    environment, one = mechanism.environment, mechanism.environment.agents[agent]
    held, paid = mechanism.allocation[agent], mechanism.payments[agent]
    units = units_of(environment, held @ one.features)[:, agent]
    value = (one.float_values * held).sum(axis=1)
    parts = {**_handed(environment, units), "value": value, "pays": paid, "utility": value - paid}
    return Interim(agent, tuple(parts), environment.marginal(agent), np.stack(list(parts.values()), axis=1))


def _computed(mechanism: Mechanism, agent: int) -> Interim:
    """Expectations over the type profiles."""
    rows = mechanism.rows()
    environment = mechanism.environment
    parts = {**_decided(environment, rows, agent), **_money(mechanism, rows, agent)}
    prior = environment.float_prior.reshape(-1)
    exact = environment.marginal(agent)
    marginal = to_float(exact)
    totals = [np.bincount(rows.types(agent), weights=prior * part, minlength=len(marginal)) for part in parts.values()]
    possible = np.where(marginal > 0, marginal, np.nan)
    return Interim(agent, tuple(parts), exact, np.stack(totals, axis=1) / possible[:, None])


def _decided(environment: Environment, rows: Rows, agent: int) -> dict[str, Any]:
    """The chance of each outcome or rank, or the units of each good, profile by profile."""
    allocation, one = environment.allocation, environment.agents[agent]
    if one.types.orders is not None:
        ranked = np.array(one.types.orders)[rows.types(agent)][:, :MOST_COLUMNS]
        chance = np.take_along_axis(rows.allocation, ranked, axis=1)
        return {f"chance of\nchoice {place + 1}": chance[:, place] for place in range(chance.shape[1])}
    if allocation.kind is AllocationKind.OUTCOMES:
        if allocation.size > MOST_COLUMNS:
            return {}
        return {f"chance of\n{name}": rows.allocation[:, c] for c, name in enumerate(allocation.names)}
    return _handed(environment, units_of(environment, rows.allocation)[:, agent])


def _handed(environment: Environment, units: Any) -> dict[str, Any]:
    """Units of each good (…, m), or of all where there are many."""
    allocation = environment.allocation
    names = [good.name for good in allocation.goods]
    if len(names) > MOST_COLUMNS:
        return {"units in all": units.sum(axis=1)}
    return {f"gets\n{name}": units[:, g] for g, name in enumerate(names)}


def _money(mechanism: Mechanism, rows: Rows, agent: int) -> dict[str, Any]:
    """Value, payment and utility, profile by profile; orders have no values."""
    parts: dict[str, Any] = {}
    valued = mechanism.environment.agents[agent].types.orders is None
    if valued:
        parts["value"] = rows.value[:, agent]
    if mechanism.payments is not None:
        parts["pays"] = rows.payments[:, agent]
        if valued:
            parts["utility"] = rows.value[:, agent] - rows.payments[:, agent]
    return parts


def interim_tables(mechanism: Mechanism | InterimMechanism) -> tuple[list[Table], list[str]]:
    """A table for each group whose copies expect the same, else for each agent; and the agents left out."""
    tables: list[Table] = []
    left: list[str] = []
    for members, title in audience(mechanism):
        if len(tables) < MOST_AGENTS:
            tables.append(_table(mechanism.environment, members, title))
        else:
            left.append(mechanism.environment.agents[members.agent].name)
    return tables, left


def audience(mechanism: Mechanism | InterimMechanism) -> list[tuple[Interim, str]]:
    """Whose view is shown, under which title."""
    found = []
    for group in mechanism.environment.groups:
        views = [interim(mechanism, member) for member in group.members]
        if len(views) > 1 and _alike(views):
            found.append((views[0], f"each {group.name} ({len(views)} alike)"))
        else:
            found += [(view, mechanism.environment.agents[view.agent].name) for view in views]
    return found


def _alike(views: Sequence[Interim]) -> bool:
    scale = max(1.0, *(float(np.nan_to_num(np.abs(view.expected)).max(initial=0.0)) for view in views))
    first = views[0]
    return all(
        view.expected.shape == first.expected.shape
        and np.array_equal(view.probability, first.probability)
        and np.allclose(view.expected, first.expected, rtol=0, atol=ALIKE * scale, equal_nan=True)
        for view in views[1:]
    )


def _table(environment: Environment, view: Interim, title: str) -> Table:
    scales = [value_scale(environment) if name in MONEY else 1.0 for name in view.columns]

    def row(k: int) -> list[str]:
        expected = zip(view.expected[k], scales, strict=True)
        numbers = ["-" if np.isnan(x) else number(x, scale=scale) for x, scale in expected]
        return [type_text(environment, view.agent, k), number(view.probability[k]), *numbers]

    headers = [type_header(environment, view.agent), "prob", *view.columns]
    rows = elided(len(view.probability), row)
    numeric = environment.agents[view.agent].types.orders is None
    return table(headers, rows, right=range(0 if numeric else 1, len(headers)), title=title)
