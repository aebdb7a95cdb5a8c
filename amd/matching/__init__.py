"""Matching and exchange, where prices cannot be used: the problem kinds `matching` and `exchange`.

`solve_file` and `check_file` work on files; the modules below work on arrays: `market` and `clean` (the market type),
`deferred`, `school`, `random_assignment`, `rotations`, `chosen`, `ties_stable`, `couples*`, `roommates`, `polytope`,
`assignment`, `exchange`, and for audits `audit`, `trade`, `misreports`, `verify`.
"""

from amd.matching.entry import check_file, check_task, read_answer, read_task, solve_file, solve_text
from amd.matching.market import Lists, Market, MarketError, Matching
from amd.matching.result import MatchingResult

__all__ = [
    "Lists",
    "Market",
    "MarketError",
    "Matching",
    "MatchingResult",
    "check_file",
    "check_task",
    "read_answer",
    "read_task",
    "solve_file",
    "solve_text",
]
