"""A mechanism for people: profile by profile where these are few, else what each type expects."""

from __future__ import annotations

from math import prod

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
    talkers = [i for i, agent in enumerate(environment.agents) if agent.size > 1]
    headers = [_report_header(environment, i) for i in talkers] + [_decision_header(environment)]
    right = [at for at, i in enumerate(talkers) if environment.agents[i].types.orders is None]
    payments = mechanism.payments
    if payments is not None:
        right += range(len(headers), len(headers) + len(environment.agents))
        headers += [f"{agent.name} pays" for agent in environment.agents]
    scale = value_scale(environment)
    rows = []
    for position in range(prod(environment.shape)):
        profile = tuple(int(k) for k in np.unravel_index(position, environment.shape))
        row = [type_text(environment, i, profile[i]) for i in talkers]
        row.append(decision_text(environment, mechanism.allocation[profile]))
        if payments is not None:
            row += [number(amount, scale=scale) for amount in payments[profile]]
        rows.append(row)
    return table(headers, rows, right=right)


def _report_header(environment: Environment, agent: int) -> str:
    name, header = environment.agents[agent].name, type_header(environment, agent)
    return name if header in ("order", "type") else f"{name} {header}"


def _decision_header(environment: Environment) -> str:
    allocation = environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        return "outcome"
    return f"who gets {allocation.goods[0].name}" if len(allocation.goods) == 1 else "who gets what"
