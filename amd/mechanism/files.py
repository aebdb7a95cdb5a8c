"""Mechanism files: JSON with one entry for each type profile.

`{"profiles": [{"report": [[v, …], …], "outcomes": {name: probability}, "payments": [m_1, …]}, …]}`, reports and
payments in agent order, numbers or rational texts. With goods `allocation` (expected units, a list for each agent) or
`decisions` (a list of `{probability, allocation}`) stands in place of `outcomes`. An order is a list of outcome names.
Where every number of an array is a whole number or a text, the mechanism read is known exactly. Where profiles cannot
be listed, `interim` and `rule` stand in place of `profiles` (see `interim_files`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from amd.files.answers import parse_json
from amd.files.faults import Fault, Faults, InputError
from amd.files.whole import write_whole
from amd.mechanism.direct import Mechanism
from amd.mechanism.entries import kind, plain
from amd.mechanism.gather import Gatherer
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.interim_files import interim_text, read_interim
from amd.mechanism.rows import Array
from amd.model.environment import AllocationKind, Environment

FORMAT = "amd-mechanism-1"
MAX_BYTES = 1 << 30


def read(path: str | os.PathLike[str], environment: Environment) -> Mechanism | InterimMechanism:
    """The mechanism in a file, for an environment. Raises InputError with every fault and its place."""
    origin = os.fspath(path)
    try:
        size = os.stat(path).st_size
        if size > MAX_BYTES:
            raise InputError([Fault(None, "", f"is {size:,} bytes; at most {MAX_BYTES:,} are read")], origin)
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError([Fault(None, "", f"cannot be read: {error.strerror or error}")], origin) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError([Fault(line, "", "is not UTF-8")], origin) from None
    return loads(text, environment, origin)


def loads(text: str, environment: Environment, origin: str = "mechanism") -> Mechanism | InterimMechanism:
    """The mechanism in a JSON text. Raises InputError with every fault and its place."""
    faults = Faults(origin)
    document = parse_json(text, faults)
    if isinstance(document, dict) and "interim" in document and "profiles" not in document:
        faults.check()
        return read_interim(document, environment, faults)
    entries = document.get("profiles") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        faults.add(None, "profiles", f"is {kind(entries)}, but needs a list with an entry for each type profile")
    faults.check()
    return Gatherer(environment, faults).mechanism(entries)  # type: ignore[arg-type]


def write(
    mechanism: Mechanism | InterimMechanism, path: str | os.PathLike[str], title: str = "", digest: str = ""
) -> None:
    """Write the mechanism to a file, whole or not at all; `title` and `digest` are those of its problem.

    Raises OSError where the file cannot be written, ValueError where a file cannot hold the mechanism; an older file of
    that name is then still there.
    """
    write_whole(path, dumps(mechanism, title, digest))


def dumps(mechanism: Mechanism | InterimMechanism, title: str = "", digest: str = "") -> Iterator[str]:
    """The JSON text in pieces, an entry a line; exact numbers are texts such as "3/4" or whole numbers."""
    environment = mechanism.environment
    header = {"format": FORMAT, "title": title, "problem": digest, "agents": [a.name for a in environment.agents]}
    yield json.dumps(header)[:-1]
    yield from interim_text(mechanism) if isinstance(mechanism, InterimMechanism) else _profiles(mechanism)


def _profiles(mechanism: Mechanism) -> Iterator[str]:
    """The `profiles`, as JSON text in pieces that follow a header."""
    environment = mechanism.environment
    yield ', "profiles": ['
    reports = [[_report(environment, i, k) for k in range(size)] for i, size in enumerate(environment.shape)]
    allocation = mechanism.allocation if mechanism.exact_allocation is None else mechanism.exact_allocation
    payments = mechanism.payments if mechanism.exact_payments is None else mechanism.exact_payments
    for number, profile in enumerate(np.ndindex(environment.shape)):
        entry: dict[str, Any] = {"report": [reports[i][k] for i, k in enumerate(profile)]}
        entry |= _decision(environment, allocation[profile])
        if payments is not None:
            entry["payments"] = _numbers(payments[profile])
        yield (",\n" if number else "\n") + json.dumps(entry, allow_nan=False)
    yield "\n]}\n"


def _report(environment: Environment, agent: int, k: int) -> list[Any]:
    types = environment.agents[agent].types
    if types.orders is not None:
        return [environment.allocation.names[outcome] for outcome in types.orders[k]]
    return [plain(value) for value in types.points[k]]


def _numbers(array: Array) -> list[Any]:
    return [plain(value) for value in array.tolist()]


def _decision(environment: Environment, columns: Array) -> dict[str, Any]:
    """The entry's `outcomes`, `allocation` or `decisions`; what has probability 0 is left out."""
    allocation = environment.allocation
    if allocation.kind is AllocationKind.MARGINALS:
        return {"allocation": [_numbers(own) for own in columns.reshape(len(environment.agents), -1)]}
    used = np.flatnonzero(columns != 0).tolist()
    if allocation.units is None:
        return {"outcomes": {allocation.names[column]: plain(columns.tolist()[column]) for column in used}}
    chosen = [
        {"probability": plain(columns.tolist()[column]), "allocation": allocation.units[column].tolist()}
        for column in used
    ]
    return {"decisions": chosen}
