"""A mechanism for people: profile by profile where these are few, else what each type expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.model.environment import AllocationKind, Environment
from amd.show.interim import interim_tables
from amd.show.numbers import count, listing, number
from amd.show.tables import table
from amd.show.types import decision_text, type_header, type_text, value_scale

FEW_PROFILES = 30  # shown one by one
MOST_AGENTS = 6  # whose reports and payments get a column each
MOST_WORDS = 28  # characters of a decision in one cell

Profile: TypeAlias = tuple[int, ...]
Column: TypeAlias = tuple[str, bool, list[str]]  # header, whether its cells are numbers, cells


def mechanism_parts(mechanism: Mechanism | InterimMechanism) -> list[RenderableType]:
    """The mechanism as a table of profiles, or its interim view."""
    environment = mechanism.environment
    if (
        isinstance(mechanism, Mechanism)
        and environment.profile_count <= FEW_PROFILES
        and len(environment.agents) <= MOST_AGENTS
    ):
        return [Text("The mechanism", style="bold"), profile_table(mechanism)]
    tables, left = interim_tables(mechanism)
    heading = Text.assemble(
        ("What each type expects", "bold"),
        f"  (there are {count(environment.profile_count, 'type profile')}; `amd solve -o FILE` writes it all)",
    )
    parts: list[RenderableType] = [heading]
    for one in tables:
        parts += [one, Text("")]
    if left:
        parts += [Text(f"not shown: {listing(left)}"), Text("")]
    return parts[:-1]


def profile_table(mechanism: Mechanism) -> Table:
    """One row for each type profile: what is reported, what is decided, what is paid."""
    environment = mechanism.environment
    profiles = list(np.ndindex(environment.shape))
    columns = [*_reports(environment, profiles), *_decided(mechanism, profiles), *_paid(mechanism, profiles)]
    headers = [header for header, _, _ in columns]
    right = [at for at, (_, numeric, _) in enumerate(columns) if numeric]
    rows = list(zip(*(cells for _, _, cells in columns), strict=True))
    return table(headers, rows, right=right)


def _reports(environment: Environment, profiles: Sequence[Profile]) -> list[Column]:
    """What each agent that has something to say reports."""
    columns: list[Column] = []
    for i, agent in enumerate(environment.agents):
        if agent.size > 1:
            said = {"order": "", "type": ""}.get(what := type_header(environment, i), what)
            cells = [type_text(environment, i, profile[i]) for profile in profiles]
            columns.append((f"{agent.name}\n{said}".strip(), agent.types.orders is None, cells))
    return columns


def _decided(mechanism: Mechanism, profiles: Sequence[Profile]) -> list[Column]:
    """What is decided, in words; or in numbers, where one good is shared in ways that take too many words."""
    environment = mechanism.environment
    words = [decision_text(environment, mechanism.allocation[profile]) for profile in profiles]
    shared = environment.allocation.kind is AllocationKind.MARGINALS and len(environment.allocation.goods) == 1
    if not shared or max(map(len, words)) <= MOST_WORDS:
        return [(_decision_header(environment), False, words)]
    return [
        (f"{agent.name}\ngets", True, [number(mechanism.allocation[profile][i]) for profile in profiles])
        for i, agent in enumerate(environment.agents)
    ]


def _paid(mechanism: Mechanism, profiles: Sequence[Profile]) -> list[Column]:
    """What each agent pays, where there is money."""
    payments, scale = mechanism.payments, value_scale(mechanism.environment)
    if payments is None:
        return []
    return [
        (f"{agent.name}\npays", True, [number(payments[profile][i], scale=scale) for profile in profiles])
        for i, agent in enumerate(mechanism.environment.agents)
    ]


def _decision_header(environment: Environment) -> str:
    allocation = environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        return "outcome"
    return f"who gets {allocation.goods[0].name}" if len(allocation.goods) == 1 else "who gets what"
