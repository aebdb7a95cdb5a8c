"""Breaking ties by lottery: one number for each applicant, or one for each applicant at each program.

A *single* lottery uses the same order at every program, a *multiple* one draws a new order for each
(Abdulkadiroğlu, Pathak and Roth 2009 compare the two). Draws are seeded, so an answer can be repeated.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from amd.matching.market import EntryArray, IntArray, Lists, Market

Lottery = Literal["single", "multiple", "listed"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def break_ties(market: Market, lottery: Lottery = "single", seed: int = 0) -> Market:
    """A strict market: ties of the programs by lottery, ties of the applicants by a lottery of their own.

    `listed` breaks every tie in the order in which the entries stand. Tiers become positions 0, 1, …. A draw belongs to
    its applicant and program, whatever else is on the lists: dropping an entry changes no other draw.
    """
    lists = market.applicants
    number = np.zeros(lists.entries, np.uint64) if lottery == "listed" else draw(seed, 0, lists.choice)
    return Market(
        _ordered(lists, number),
        break_lists(market.programs, lottery, seed),
        market.capacity,
        market.applicant_names,
        market.program_names,
    )


def break_lists(lists: Lists, lottery: Lottery = "single", seed: int = 0) -> Lists:
    """Programs' lists made strict, by the draws that `break_ties` makes."""
    if lottery == "listed":
        return _ordered(lists, np.zeros(lists.entries, np.uint64))
    where = lists.owner + 2 if lottery == "multiple" else 1
    return _ordered(lists, draw(seed, where, lists.choice))


def draw(seed: int, where: EntryArray | int, who: EntryArray) -> NDArray[np.uint64]:
    """Pseudo-random 64-bit numbers for (seed, where, who), by the finalizer of SplitMix64 (Steele, Lea and Flood 2014)
    applied to each in turn."""
    number = np.full(who.shape, seed % 2**64, np.uint64)
    for part in (where, who):
        number = _mix(number + np.asarray(part).astype(np.uint64) * _GOLDEN + _GOLDEN)
    return number


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed


def serving_order(market: Market, seed: int = 0) -> IntArray:
    """(n,): the order in which a random serial dictatorship with this seed serves the applicants."""
    return np.argsort(draw(seed, 1, np.arange(market.applicant_count, dtype=np.int32)), kind="stable")


def _ordered(lists: Lists, number: NDArray[np.uint64]) -> Lists:
    """Each tier sorted by `number` (k,), and every entry in a tier of its own."""
    if lists.is_strict:
        return lists
    order = np.lexsort((number, lists.tier, lists.owner))
    return Lists(lists.start, lists.choice[order], positions(lists.start))


def positions(start: IntArray) -> EntryArray:
    """(k,): the place of every entry on its list, 0 first."""
    entries = np.arange(start[-1])
    return (entries - np.repeat(start[:-1], np.diff(start))).astype(np.int32)
