"""Bounds on the best mechanism for the continuous prior, proven in exact arithmetic.

From above: relations C1 to C5 that every mechanism satisfies, summed with rational multipliers. From below:
mechanisms that are exactly incentive compatible in the continuum (C6), with exact values. `bounds` chooses the model
and names what it used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from amd.model.task import Task
from amd.pictures import Pictured
from amd.proof.certificate import NotProven, certify
from amd.proof.continuum.answer import Answer, continuum_bounds
from amd.proof.continuum.reading import has_continuum, read_setting
from amd.proof.continuum.relations import NoBoundError


@dataclass(frozen=True)
class Bounds(Pictured):
    """``lower <= optimum <= upper`` in the problem's own sense; None where no bound is known.

    `cells` is the number of cells a parameter, `relations` name what the bound from above (in the sense of the
    maximisation) used and the kind of mechanism of the other side. `reasons` say in words why a side is missing and
    what was weakened. `answer` holds the proof objects; None where nothing is known of either side.
    """

    lower: Fraction | None
    upper: Fraction | None
    cells: int
    relations: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    answer: Answer | None = None

    def to_json(self) -> dict[str, Any]:
        """As printed by `amd bounds --json`: floats rounded outward, exact values as texts."""
        return {
            "lower": None if self.lower is None else outward(self.lower, -math.inf),
            "upper": None if self.upper is None else outward(self.upper, math.inf),
            "lower_exact": None if self.lower is None else str(self.lower),
            "upper_exact": None if self.upper is None else str(self.upper),
            "cells": self.cells,
            "relations": list(self.relations),
            "reasons": list(self.reasons),
        }


def _finite(task: Task) -> Bounds:
    """The grid problem is the whole problem."""
    found = certify(task)
    if isinstance(found, NotProven):
        return Bounds(None, None, 0, (), (found.reason,))
    if found.value is None:
        words = {"infeasible": "no mechanism meets the design", "possible": "the design has no wish to bound"}
        return Bounds(None, None, 0, (), (words[found.kind],))
    return Bounds(found.value, found.value, 0, ("exact optimum",))


def outward(value: Fraction, direction: float) -> float:
    """The nearest double to `value` that does not lie on the other side of it."""
    double = float(value)
    past = Fraction(double) < value if direction > 0 else Fraction(double) > value
    return math.nextafter(double, direction) if past else double


def bounds(task: Task, cells: int | None = None, mechanism_cells: int | None = None) -> Bounds:
    """An interval that contains the optimum over all mechanisms for the continuous prior.

    `cells` is the number of cells a parameter for the relations, `mechanism_cells` that for step mechanisms; both
    have defaults that take seconds. Where all types are finite both bounds are the exact optimum, where it can be
    certified.
    """
    if not has_continuum(task):
        return _finite(task)
    try:
        setting = read_setting(task)
    except NoBoundError as refusal:
        return Bounds(None, None, cells or 0, (), (str(refusal),))
    answer = continuum_bounds(setting, cells, mechanism_cells)
    low, high = answer.lower, answer.upper
    maximize = task.design is None or task.design.maximize
    if not maximize:
        low, high = (None if high is None else -high), (None if low is None else -low)
    return Bounds(low, high, answer.cells, answer.relations, answer.reasons, answer)
