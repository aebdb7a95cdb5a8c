"""What an audit finds: violations with their witnesses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from amd.mechanism.reports import type_label
from amd.mechanism.rows import Array, Number, number
from amd.model.environment import Environment

FEW = 3  # witnesses kept of each family of constraints
_NAMED = 8  # other agents whose reports are spelled out


class UnseenError(ValueError):
    """The design asks of an interim mechanism what only its profiles can show; the message says what."""


@dataclass(frozen=True)
class Witness:
    """One violated constraint: its family, by how much it is violated, and a sentence that says so.

    `agent` is the position of the agent concerned, `type` and `report` its true and its reported type, `profile` the
    type profile where the constraint is that of one profile; None where they mean nothing.
    """

    family: str
    amount: Number
    sentence: str
    agent: int | None = None
    type: int | None = None
    report: int | None = None
    profile: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Check:
    """One kind of constraint: the witnesses of its worst violations, the worst first; none if all of them hold."""

    witnesses: tuple[Witness, ...] = ()

    @property
    def violation(self) -> Number:
        """The worst gain, loss or excess, in the problem's own units; 0 where there is none."""
        return self.witnesses[0].amount if self.witnesses else 0.0

    @property
    def witness(self) -> Witness | None:
        """The worst violation."""
        return self.witnesses[0] if self.witnesses else None

    def to_json(self) -> dict[str, Any]:
        """`{violation, witness}`, the witness as a sentence or null."""
        sentence = self.witness.sentence if self.witness else None
        return {"violation": float(self.violation), "witness": sentence}


@dataclass(frozen=True)
class Audit:
    """What was found of each kind."""

    incentive: Check
    participation: Check
    budget: Check
    feasibility: Check

    @property
    def checks(self) -> dict[str, Check]:
        """The four kinds by name."""
        return {
            "incentive": self.incentive,
            "participation": self.participation,
            "budget": self.budget,
            "feasibility": self.feasibility,
        }

    @property
    def worst(self) -> Number:
        """The worst violation of any kind."""
        return max(check.violation for check in self.checks.values())

    def ok(self, tolerance: float = 1e-7) -> bool:
        """Whether nothing is violated by more than the tolerance."""
        return self.worst <= tolerance

    def to_json(self) -> dict[str, Any]:
        """Each kind as `{violation, witness}`."""
        return {name: check.to_json() for name, check in self.checks.items()}


def check(witnesses: Iterable[Witness]) -> Check:
    """The witnesses in order, the worst first."""
    return Check(tuple(sorted(witnesses, key=lambda witness: witness.amount, reverse=True)))


def worst_entries(amounts: Array, few: int = FEW) -> list[tuple[Number, int]]:
    """The largest positive entries of a flat array with their positions, the largest first, ties by position."""
    positive = np.flatnonzero(amounts > 0)
    if len(positive) > few and amounts.dtype != object:
        threshold = np.partition(amounts[positive], len(positive) - few)[len(positive) - few]
        sure = positive[amounts[positive] > threshold]
        ties = positive[amounts[positive] == threshold]
        positive = np.concatenate([sure, ties[: few - len(sure)]])
    order = sorted(positive.tolist(), key=lambda position: -amounts[position])[:few]
    return [(number(amounts[position]), position) for position in order]


def witnesses(amounts: Array, describe: Callable[[Number, int], Witness]) -> list[Witness]:
    """Witnesses of the largest positive entries."""
    return [describe(amount, position) for amount, position in worst_entries(amounts)]


def shown(amount: Number) -> str:
    """An amount in a sentence: four digits of a float, a rational in full unless it is very long."""
    text = str(amount)
    return text if not isinstance(amount, float) and len(text) <= 24 else f"{float(amount):.4g}"


def who(environment: Environment, agent: int, k: int) -> str:
    """An agent with its type: ``buyer with v = 3/4``; just its name where it has only one type."""
    name, types = environment.agents[agent].name, environment.agents[agent].types
    return name if types.size == 1 else f"{name} with {type_label(environment, agent, k)}"


def when(environment: Environment, profile: tuple[int, ...], skip: int | None = None) -> str:
    """`` when buyer reports v = 3/4 and seller reports c = 1/4``, leaving out `skip` and agents of one type."""
    said = [
        f"{agent.name} reports {type_label(environment, i, profile[i])}"
        for i, agent in enumerate(environment.agents)
        if i != skip and agent.size > 1
    ]
    if len(said) > _NAMED:
        said = [*said[:_NAMED], "…"]
    return f" when {' and '.join(said)}" if said else ""


def profile_at(environment: Environment, position: int) -> tuple[int, ...]:
    """The type profile with this number in row-major order."""
    return tuple(int(k) for k in np.unravel_index(position, environment.shape))
