"""Documents of every kind: which verifier checks one, and whether it is about a problem.

The verifiers share nothing, so that each can be read and run by itself: `verify` (finite problems), `verify_auction`
and `verify_continuum` (nothing is better, for continuous types: for goods sold by the unit, and for other decisions),
`verify_rule` (a mechanism for continuous types), `verify_premises` (numbers of laws that these three take as stated),
`verify_axioms` (rules that axioms ask for), `verify_weights` (random assignments, and the core of games).
`verify_conflict` (requirements of a finite problem that conflict) and `verify_mixtures` (all mechanisms that meet a
design) build on `verify`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from os import PathLike
from typing import Any

from amd.model.task import Task
from amd.proof import (
    verify,
    verify_auction,
    verify_axioms,
    verify_conflict,
    verify_continuum,
    verify_mixtures,
    verify_premises,
    verify_rule,
    verify_weights,
)
from amd.proof.continuum.problem import is_about
from amd.proof.problem import restate

Verdict = tuple[bool, str]

VERIFIERS: dict[str, Callable[[Any], Verdict]] = {
    verify.FORMAT: verify.check,
    verify_conflict.FORMAT: verify_conflict.check,
    verify_mixtures.FORMAT: verify_mixtures.check,
    verify_auction.FORMAT: verify_auction.check,
    verify_continuum.FORMAT: verify_continuum.check,
    verify_rule.FORMAT: verify_rule.check,
    verify_axioms.FORMAT: verify_axioms.check,
    verify_weights.FORMAT: verify_weights.check,
}


def check(document: Any) -> Verdict:
    """(holds, message) by the verifier of the document's format."""
    form = document.get("format") if isinstance(document, dict) else None
    if not isinstance(form, str) or form not in VERIFIERS:
        return False, f"this is not a certificate: its format is none of {', '.join(VERIFIERS)}"
    return VERIFIERS[form](document)


def judged(document: Any) -> Verdict:
    """As `check`; a proof about the continuum falls with a false premise, and undecided ones are told."""
    holds, message = check(document)
    if not holds or document["problem"].get("kind") != "continuum":
        return holds, message
    found, words = verify_premises.check(document)
    if found is False:
        return False, f"a premise is false: {words}"
    if "premises" not in message:
        return holds, message
    told = f"they hold: {words}" if found else f"not checked here, since {words}; --problem derives them from its laws"
    return True, f"{message}; {told}"


def read_document(path: str | PathLike[str]) -> Any:
    """The document in a file. Raises ValueError, in words, where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except OSError as fault:
        raise ValueError(f"the file cannot be read: {fault.strerror or fault}") from None
    except (ValueError, RecursionError) as fault:
        raise ValueError(f"the file is not a certificate ({type(fault).__name__}: {str(fault)[:200]})") from None


def concerns(document: Any, task: Task) -> bool:
    """Whether a document that holds restates this problem: its grid, or its laws at the document's own cells."""
    if document["format"] in (verify.FORMAT, verify_conflict.FORMAT, verify_mixtures.FORMAT):
        return bool(task.design is not None and restate(task) == document["problem"])
    if document["format"] in (verify_axioms.FORMAT, verify_weights.FORMAT):  # about other kinds of problems
        return False
    return is_about(document, task)
