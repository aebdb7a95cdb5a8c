"""How a program is to be written: the textbook's way, or shortened by reductions that lose nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from amd.compile.orbits import Symmetry


@dataclass(frozen=True)
class Verdict:
    """Whether a reduction applies, and why (or why not) in words."""

    applies: bool
    why: str


@dataclass(frozen=True, eq=False)
class Ladder:
    """Types in groups of equal slope, slopes strictly increasing: `rungs` holds the positions of each group's
    types."""

    rungs: tuple[NDArray[np.int64], ...]


@dataclass(frozen=True)
class Plan:
    """What the constraint families consult. The default is the full textbook program.

    `interim_payments` (R1): one payment column per own type. `interim_allocation` (R2): columns for the interim
    allocation. `ladders` (R3): agents whose incentives need neighbouring types only. `generate` (R4): incentive rows
    are added as they are violated. `between`: rows are left out that types between imply. `symmetry` (R5):
    exchangeable columns are one column, exchangeable rows one row. `expected_budget` (R7): the ex post budget is met
    by the lift. `utilities`: columns for utilities instead of
    payments. `equivalence` (R8): Bayesian incentives, lifted to dominant ones. `worst_off`: for some agents the type
    whose participation is everybody's. `reduced_form` (R6) replaces all of these.
    `names` are the reductions in use, `reasons` what was decided about each.
    """

    interim_payments: bool = False
    interim_allocation: bool = False
    ladders: dict[int, Ladder] = field(default_factory=dict)
    generate: bool = False
    between: bool = False
    expected_budget: bool = False
    symmetry: Symmetry | None = None
    utilities: bool = False
    equivalence: bool = False
    worst_off: dict[int, int] = field(default_factory=dict)
    reduced_form: bool = False
    names: tuple[str, ...] = ()
    reasons: dict[str, Verdict] = field(default_factory=dict)
