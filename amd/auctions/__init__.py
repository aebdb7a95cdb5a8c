"""Auctions, the problem kind `auction`: the standard formats, choices by VCG, and combinatorial auctions.

`solve_file`, `check_file` and `simulate_file` work on files. The modules below work on arrays: `formats`, `equilibrium`
and
`simulate` for one good; `bids`, `winner`, `vickrey` and `core` for bundles; `cats` and `generate` for test instances.
"""

from amd.auctions.bids import CombinatorialAuction, combinatorial_auction
from amd.auctions.entry import (
    check_file,
    check_task,
    read_answer,
    read_task,
    simulate_file,
    simulate_task,
    simulate_text,
    solve_file,
    solve_text,
)
from amd.auctions.result import AuctionResult

__all__ = [
    "AuctionResult",
    "CombinatorialAuction",
    "check_file",
    "check_task",
    "combinatorial_auction",
    "read_answer",
    "read_task",
    "simulate_file",
    "simulate_task",
    "simulate_text",
    "solve_file",
    "solve_text",
]
