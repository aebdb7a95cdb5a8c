"""Rules that axioms ask for: social choice functions, social rankings, matchings and random assignments.

Problems of `kind: axioms`; see docs/axioms-format.md.
"""

from amd.axioms.entry import (
    certify_text,
    check_task,
    read_answer,
    read_task,
    solve_file,
    solve_text,
)
from amd.axioms.reading import AxiomsTask
from amd.axioms.result import AxiomsResult
from amd.axioms.vipr import vipr_text
from amd.axioms.why import why_certified, why_text

__all__ = [
    "AxiomsResult",
    "AxiomsTask",
    "certify_text",
    "check_task",
    "read_answer",
    "read_task",
    "solve_file",
    "solve_text",
    "vipr_text",
    "why_certified",
    "why_text",
]
