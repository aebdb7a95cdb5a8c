"""Roth (1982): no rule that always picks a stable matching makes honesty a dominant strategy for everybody.

Shown by exhaustion for two applicants and two programs of one place each: among all profiles of (possibly short) lists
one is found at which, whatever stable matching a rule picks, somebody can report another list and face a market with a
single stable matching, which any stable rule must pick and which is better for the liar.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from amd.matching.clean import clean
from amd.matching.market import Market, lists_from
from amd.matching.rotations import all_stable_matchings

Row = tuple[int, ...]
Profile = tuple[tuple[Row, ...], tuple[Row, ...]]


@dataclass(frozen=True)
class Refutation:
    """If a rule picks `picked` (applicants' programs), then `liar` (of side 0, applicants, or 1, programs) reports
    `report` and gets `outcome`, the only stable matching of the reported market."""

    picked: tuple[int, ...]
    side: int
    liar: int
    report: Row
    outcome: tuple[int, ...]


@dataclass(frozen=True)
class RothWitness:
    """A profile at which every stable matching is refuted, and how many profiles were looked at."""

    profile: Profile
    refutations: tuple[Refutation, ...]
    looked_at: int


def roth_impossibility(size: int = 2) -> RothWitness:
    """Search all profiles of `size` applicants and programs for one that defeats every stable rule."""
    rows = [row for length in range(size + 1) for row in permutations(range(size), length)]
    for looked_at, flat in enumerate(product(rows, repeat=2 * size), 1):
        profile = (flat[:size], flat[size:])
        refutations = _refute_all(profile, rows)
        if refutations is not None:
            return RothWitness(profile, refutations, looked_at)
    raise RuntimeError(f"no profile of {size} and {size} defeats every stable rule, against Roth's theorem")


def stable_matchings(profile: Profile) -> list[tuple[int, ...]]:
    return [tuple(a.tolist()) for a in all_stable_matchings(as_market(profile))]


def as_market(profile: Profile) -> Market:
    """The market of a profile, mutual pairs only."""
    places = np.ones(len(profile[1]), np.int64)
    return clean(lists_from(profile[0]), lists_from(profile[1]), places)[0]


def _refute_all(profile: Profile, rows: list[Row]) -> tuple[Refutation, ...] | None:
    stable = stable_matchings(profile)
    if len(stable) < 2:
        return None
    found = [_refute(profile, picked, rows) for picked in stable]
    complete = tuple(refutation for refutation in found if refutation is not None)
    return complete if len(complete) == len(found) else None


def _refute(profile: Profile, picked: tuple[int, ...], rows: list[Row]) -> Refutation | None:
    for side, liar, report in product((0, 1), range(len(profile[0])), rows):
        reported = _with(profile, side, liar, report)
        outcomes = stable_matchings(reported)
        if len(outcomes) == 1 and _better(profile, side, liar, outcomes[0], picked):
            return Refutation(picked, side, liar, report, outcomes[0])
    return None


def _with(profile: Profile, side: int, liar: int, report: Row) -> Profile:
    rows = list(profile[side])
    rows[liar] = report
    return (tuple(rows), profile[1]) if side == 0 else (profile[0], tuple(rows))


def _better(profile: Profile, side: int, who: int, new: tuple[int, ...], old: tuple[int, ...]) -> bool:
    wishes = profile[side][who]

    def rank(matching: tuple[int, ...]) -> int:
        partner = matching[who] if side == 0 else next((a for a, p in enumerate(matching) if p == who), -1)
        return wishes.index(partner) if partner in wishes else len(wishes)

    return rank(new) < rank(old)
