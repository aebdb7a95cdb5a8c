"""Task: an environment together with what is wanted of it, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from amd.model.design import Design
from amd.model.environment import Environment


@dataclass(frozen=True, eq=False)
class Task:
    """What a problem file says. `design` is None when the file only describes an environment.

    `parameters` are the file's named constants after `--set`, as texts; `lines` maps key paths to line numbers of
    `origin` for messages.
    """

    environment: Environment
    design: Design | None
    title: str = ""
    source: str = ""
    notes: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical JSON of the restated problem."""
        from amd.model.restate import digest

        return digest(self)
