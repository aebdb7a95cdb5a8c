"""What the module answers."""

from __future__ import annotations

from dataclasses import dataclass

from amd.told import ToldResult


@dataclass(frozen=True, eq=False)
class AxiomsResult(ToldResult):
    """`answer`: the rules found; `audit`: what `check` found against each axiom."""
