"""Exercises that tell right from wrong without giving the answer away.

An answer in numbers is compared with what the program computes at that moment. An answer in words is compared by its
digest (SHA-256, salted with the question), so that the text of a notebook does not hold it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

TOLERANCE = 1e-3  # relative: an answer with three digits is an answer


@dataclass(frozen=True)
class Verdict:
    """What a check says: `right` is None where nothing was answered."""

    right: bool | None
    hint: str = ""

    def __bool__(self) -> bool:
        return self.right is True

    def __str__(self) -> str:
        if self.right is None:
            return "No answer yet: replace None above and run the cell again."
        return "Right." if self.right else " ".join(part for part in ("Not yet.", self.hint) if part)

    __repr__ = __str__


def check(answer: Any, truth: Callable[[], Any] | Any, hint: str = "", tolerance: float = TOLERANCE) -> Verdict:
    """Whether a number (int, float, Fraction, or a text such as "1/3"), or a list of them, is the truth.

    `truth` is a number or a function that computes it, called only when there is an answer. Wrong lengths and texts
    that are no numbers are wrong answers.
    """
    if answer is None:
        return Verdict(None)
    wanted = _listed(truth() if callable(truth) else truth)
    try:
        given = [float(Fraction(part) if isinstance(part, str) else part) for part in _listed(answer)]
    except (ValueError, TypeError, ZeroDivisionError):
        return Verdict(False, hint or "The answer should be a number.")
    near = len(given) == len(wanted) and all(
        abs(one - float(other)) <= tolerance * max(1.0, abs(float(other)))
        for one, other in zip(given, wanted, strict=True)
    )
    return Verdict(near, hint)


def _listed(value: Any) -> list[Any]:
    """Numbers as a list, one number as a list of it."""
    return list(value) if isinstance(value, (list, tuple)) or np.ndim(value) else [value]


def choose(answer: str | None, question: str, digest: str, hint: str = "") -> Verdict:
    """Whether an answer in words is the one with this digest. Case, blanks and punctuation do not matter."""
    if answer is None:
        return Verdict(None)
    return Verdict(digest_of(answer, question) == digest, hint)


def digest_of(answer: str, question: str) -> str:
    """The first twelve hexadecimal digits of SHA-256 of the question and the plain answer."""
    plain = re.sub(r"[^a-z0-9]", "", str(answer).lower())
    return hashlib.sha256(f"{question}|{plain}".encode()).hexdigest()[:12]
