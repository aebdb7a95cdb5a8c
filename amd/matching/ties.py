"""Breaking ties by lottery: one number for each applicant, or one for each applicant at each program.

A *single* lottery uses the same order at every program, a *multiple* one draws a new order for each
(Abdulkadiroğlu, Pathak and Roth 2009 compare the two). Draws are seeded, so an answer can be repeated.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from amd.matching.market import EntryArray, IntArray, Lists, Market

Lottery = Literal["single", "multiple", "listed"]


def break_ties(market: Market, lottery: Lottery = "single", seed: int = 0) -> Market:
    """A strict market: ties of the programs by lottery, ties of the applicants by a lottery of their own.

    `listed` breaks every tie in the order in which the entries stand. Tiers become positions 0, 1, ….
    """
    if lottery == "listed":
        ours, theirs = np.zeros(market.program_count, np.int64), np.zeros(market.programs.entries, np.int64)
    else:
        rng = np.random.default_rng(seed)
        number = rng.permutation(market.applicant_count)
        several = rng.permutation(market.programs.entries)
        theirs = number[market.programs.choice] if lottery == "single" else several
        ours = rng.permutation(market.program_count)
    applicants = _ordered(market.applicants, ours[market.applicants.choice])
    return Market(
        applicants,
        _ordered(market.programs, theirs),
        market.capacity,
        market.applicant_names,
        market.program_names,
    )


def lottery_numbers(market: Market, seed: int = 0) -> IntArray:
    """(n,): the order in which a random serial dictatorship with this seed serves the applicants."""
    return np.random.default_rng(seed).permutation(market.applicant_count)


def _ordered(lists: Lists, number: IntArray) -> Lists:
    """Each tier sorted by `number` (k,), and every entry in a tier of its own."""
    if lists.is_strict:
        return lists
    order = np.lexsort((number, lists.tier, lists.owner))
    return Lists(lists.start, lists.choice[order], positions(lists.start))


def positions(start: IntArray) -> EntryArray:
    """(k,): the place of every entry on its list, 0 first."""
    entries = np.arange(start[-1])
    return (entries - np.repeat(start[:-1], np.diff(start))).astype(np.int32)
