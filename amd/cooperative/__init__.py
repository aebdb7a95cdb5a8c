"""Cooperative games: the core or the proof that it is empty, the nucleolus, the Shapley value; all in exact numbers.

Problems of `kind: cooperative`; see docs/cooperative-format.md.
"""

from amd.cooperative.entry import (
    certify_text,
    check_task,
    read_answer,
    read_task,
    solve_file,
    solve_text,
)
from amd.cooperative.game import Game
from amd.cooperative.result import CooperativeResult
from amd.cooperative.vipr import vipr_text

__all__ = [
    "CooperativeResult",
    "Game",
    "certify_text",
    "check_task",
    "read_answer",
    "read_task",
    "solve_file",
    "solve_text",
    "vipr_text",
]
