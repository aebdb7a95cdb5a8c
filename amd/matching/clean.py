"""Making the two sides agree, and reporting everything that was dropped to get there.

A pair can only match when both list each other, and a program without places admits nobody, so entries without a
counterpart and closed programs never change an answer. They are dropped, and every one of them is reported.
Somebody named twice on one list is an error: there the wish itself is unclear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from amd.matching.market import BoolArray, IntArray, Lists, Market, MarketError, align, require_in_range


@dataclass(frozen=True, eq=False)
class Cleaning:
    """What was dropped. Entries are indices into the lists as given.

    `closed`: programs of capacity zero (everything on and about their lists goes); `applicant_entries`: programs that
    are closed or do not list the applicant back; `program_entries`: the same from the programs' side.
    """

    closed: IntArray
    applicant_entries: IntArray
    program_entries: IntArray

    @property
    def is_empty(self) -> bool:
        return not (self.closed.size or self.applicant_entries.size or self.program_entries.size)


def clean(
    applicants: Lists,
    programs: Lists,
    capacity: IntArray,
    applicant_names: Sequence[str] | None = None,
    program_names: Sequence[str] | None = None,
) -> tuple[Market, Cleaning]:
    """The market of the mutual pairs, and the report of what was dropped.

    Closed programs stay in the market, with an empty list and one place that nobody can take, so that indices do not
    change. Raises MarketError when a list names somebody twice, an index is out of range or a capacity negative.
    """
    if capacity.shape != (programs.count,):
        raise MarketError(f"{programs.count} programs but capacities of shape {capacity.shape}")
    if (capacity < 0).any():
        raise MarketError(f"the capacity of program {int(capacity.argmin()) + 1} is negative")
    require_in_range(applicants, programs.count, "program")
    require_in_range(programs, applicants.count, "applicant")
    aligned = align(applicants, programs)
    is_open = capacity > 0
    if is_open.all() and aligned.size == programs.entries and aligned.min(initial=0) >= 0:
        nothing = np.empty(0, np.int64)
        market = Market(applicants, programs, capacity, applicant_names, program_names, aligned)
        return market, Cleaning(nothing, nothing, nothing)
    ours, theirs = _mutual(aligned, programs.entries)
    ours &= is_open[applicants.choice]
    theirs &= is_open[programs.owner]
    report = Cleaning(np.flatnonzero(~is_open), np.flatnonzero(~ours), np.flatnonzero(~theirs))
    kept = applicants.keep(ours), programs.keep(theirs)
    return Market(*kept, np.maximum(capacity, 1), applicant_names, program_names), report


def _mutual(aligned: IntArray, entries: int) -> tuple[BoolArray, BoolArray]:
    """Which entries of either side have a counterpart on the other: two masks, (k,) and (l,)."""
    ours = aligned >= 0
    theirs = np.zeros(entries, np.bool_)
    theirs[aligned[ours]] = True
    return ours, theirs


def one_sided(
    applicants: Lists,
    capacity: IntArray,
    applicant_names: Sequence[str] | None = None,
    program_names: Sequence[str] | None = None,
) -> tuple[Market, Cleaning]:
    """A market whose programs are objects without priorities: all who list one are tied in its eyes."""
    order = np.argsort(applicants.choice, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(applicants.choice, minlength=capacity.size))])
    programs = Lists(start.astype(np.int64), applicants.owner[order], np.zeros(order.size, np.int32))
    return clean(applicants, programs, capacity, applicant_names, program_names)
