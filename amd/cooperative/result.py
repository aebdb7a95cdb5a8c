"""What the module answers."""

from __future__ import annotations

from dataclasses import dataclass

from amd.told import ToldResult


@dataclass(frozen=True, eq=False)
class CooperativeResult(ToldResult):
    """`answer`: payoffs by name, in the core or, where it is empty, the nucleolus; None where there is neither."""
