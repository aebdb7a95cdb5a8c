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
from amd.proof.statement import impossibility


@dataclass(frozen=True)
class Bounds(Pictured):
    """``lower <= optimum <= upper`` in the problem's own sense; None where no bound is known.

    `cells` is the number of cells a parameter, `relations` name what the bound from above (in the sense of the
    maximisation) used and the kind of mechanism of the other side. `reasons` say in words why a side is missing and
    what was weakened. `verdict` is "impossible" where it is proven that no mechanism meets the design, "possible"
    where one does and the design has no wish, and "" otherwise. `answer` holds the proof objects; None where nothing
    is known of either side.
    """

    lower: Fraction | None
    upper: Fraction | None
    cells: int
    relations: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    answer: Answer | None = None
    verdict: str = ""

    def to_json(self) -> dict[str, Any]:
        """As printed by `amd bounds --json`: floats rounded outward, exact values as texts."""
        return {
            "lower": None if self.lower is None else outward(self.lower, -math.inf),
            "upper": None if self.upper is None else outward(self.upper, math.inf),
            "lower_exact": None if self.lower is None else str(self.lower),
            "upper_exact": None if self.upper is None else str(self.upper),
            "cells": self.cells,
            "relations": list(self.relations),
            "verdict": self.verdict,
            "reasons": list(self.reasons),
        }


def _finite(task: Task) -> Bounds:
    """The grid problem is the whole problem."""
    found = certify(task)
    if isinstance(found, NotProven):
        return Bounds(None, None, 0, (), (found.reason,))
    if found.value is None:
        return Bounds(None, None, 0, (), verdict={"infeasible": "impossible"}.get(found.kind, found.kind))
    return Bounds(found.value, found.value, 0, ("exact optimum",))


def _cells(document: dict[str, Any]) -> int:
    """The cells a parameter of a certificate."""
    agents = document["problem"]["agents"]
    lines = [line for one in agents for line in one.get("lines", [one.get("line")]) if line]
    return max(len(line["masses"]) for line in lines)


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
    impossible = impossibility(setting)
    if impossible is not None:
        families = sorted({relation[0] for relation, _ in impossible["proof"]["relations"]})
        return Bounds(None, None, _cells(impossible), tuple(families), setting.weakened, verdict="impossible")
    answer = continuum_bounds(setting, cells, mechanism_cells)
    if task.design is not None and task.design.objective is None:
        verdict = "" if answer.lower is None else "possible"
        return Bounds(None, None, answer.cells, (), answer.reasons, verdict=verdict)
    low, high = answer.lower, answer.upper
    maximize = task.design is None or task.design.maximize
    if not maximize:
        low, high = (None if high is None else -high), (None if low is None else -low)
    return Bounds(low, high, answer.cells, answer.relations, answer.reasons, answer)
