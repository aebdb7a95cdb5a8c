"""An audit in words: each kind of constraint on a line, violations with their witnesses."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from amd.mechanism.audit import Audit, Check
from amd.model.design import Design, Incentive, Participation
from amd.model.environment import Environment
from amd.show.design import budget_phrase, incentive_phrase
from amd.show.numbers import number


def audit_parts(audit: Audit, environment: Environment, design: Design, tolerance: float) -> list[RenderableType]:
    """The heading and one line a kind; up to three witnesses of what is violated by more than the tolerance."""
    made = Table.grid(padding=(0, 2), pad_edge=False)
    made.add_column(no_wrap=True)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    asked = _asked(environment, design)
    kinds = sorted(
        audit.checks.items(), key=lambda item: -float(item[1].violation) if _broken(item[1], tolerance) else 0
    )
    for kind, check in kinds:
        verdict, style = _verdict(check, kind in asked or check.violation > 0, tolerance)
        for line, words in enumerate(_words(check, asked.get(kind, ""), tolerance)):
            first = line == 0
            made.add_row(Text(kind if first else ""), Text(verdict if first else "", style=style), Text(words))
    return [Text("Audit, against every constraint of the problem", style="bold"), made]


def _broken(check: Check, tolerance: float) -> bool:
    return float(check.violation) > tolerance


def _verdict(check: Check, asked: bool, tolerance: float) -> tuple[str, str]:
    if _broken(check, tolerance):
        return "VIOLATED", "bold red"
    return ("holds", "green") if asked else ("not asked for", "dim")


def _words(check: Check, asked: str, tolerance: float) -> list[str]:
    """What is wrong, the worst first; or what holds, and how far from exactly."""
    if _broken(check, tolerance):
        return [witness.sentence for witness in check.witnesses if float(witness.amount) > tolerance]
    if check.violation > 0:
        return [f"{asked} (to within {number(float(check.violation), 2, scale=0)})".strip()]
    return [asked]


def _asked(environment: Environment, design: Design) -> dict[str, str]:
    """What is asked for of each kind; feasibility always is."""
    found = {"feasibility": _feasibility(design)}
    if design.incentive is not Incentive.NONE:
        found["incentive"] = incentive_phrase(environment, design)
    stages = dict.fromkeys(
        stage.value.replace("_", " ")
        for agent, stage in zip(environment.agents, design.participation, strict=True)
        if stage is not Participation.NONE and agent.types.orders is None
    )
    if stages:
        found["participation"] = ", ".join(stages)
    if design.budget is not None:
        found["budget"] = budget_phrase(design.budget)
    return found


def _feasibility(design: Design) -> str:
    flags = ("efficient", "anonymous", "unanimous", "pareto", "onto", "nondictatorial", "bounds")
    required = any(getattr(design, flag) for flag in flags)
    return "every decision can be carried out" + (", and everything in `require` is met" if required else "")
