"""Which reductions to use: all that apply, all that were asked for, or none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from amd.compile.cost import profile_seconds, seconds_in_words
from amd.compile.plan import Plan, Verdict
from amd.compile.reduced import program as reduced
from amd.compile.reductions import (
    adjacent,
    between,
    equivalence,
    expected_budget,
    generation,
    interim_allocation,
    interim_payments,
    symmetry,
    utilities,
    worst_off,
)
from amd.model.design import Design, Incentive
from amd.model.environment import Environment

REDUCTIONS: dict[str, tuple[Callable[[Environment, Design], Verdict], Callable[[Plan, Environment, Design], Plan]]] = {
    equivalence.NAME: (equivalence.applies, lambda plan, environment, _: equivalence.apply(plan, environment)),
    expected_budget.NAME: (expected_budget.applies, lambda plan, *_: expected_budget.apply(plan)),
    interim_payments.NAME: (interim_payments.applies, lambda plan, *_: interim_payments.apply(plan)),
    interim_allocation.NAME: (interim_allocation.applies, lambda plan, *_: interim_allocation.apply(plan)),
    utilities.NAME: (utilities.applies, lambda plan, *_: utilities.apply(plan)),
    worst_off.NAME: (worst_off.applies, worst_off.apply),
    adjacent.NAME: (adjacent.applies, lambda plan, environment, _: adjacent.apply(plan, environment)),
    between.NAME: (between.applies, lambda plan, *_: between.apply(plan)),
    symmetry.NAME: (symmetry.applies, symmetry.apply),
    generation.NAME: (generation.applies, lambda plan, *_: generation.apply(plan)),
}


# the lift of R8 lists profiles, and costs more than it saves; rounds of generated rows leave out more than `between`
ON_REQUEST = (equivalence.NAME, between.NAME)
LISTABLE = 10_000_000  # allocation columns beyond which nobody would list the profiles, whatever the reductions
LISTED = 4_000  # allocation columns over all profiles up to which a program is written profile by profile


class FormulationError(ValueError):
    """A formulation that does not exist, or a reduction that was asked for where it would lose something."""


def choose(environment: Environment, design: Design, formulation: str = "auto") -> Plan:
    """The plan for a formulation: ``auto`` (every reduction that applies), ``full`` (none), or names joined by commas.

    Raises FormulationError for an unknown name and for a named reduction whose condition fails.
    """
    _wanted(formulation)
    verdict = reduced.applies(environment, design)
    if formulation == reduced.NAME and not verdict.applies:
        raise FormulationError(f"reduction '{reduced.NAME}' does not apply here: {verdict.why}")
    if formulation == reduced.NAME or (formulation == "auto" and verdict.applies and worthwhile(environment)):
        why = Verdict(True, f"{verdict.why}; {_beside_profiles(environment, design)}")
        plan = Plan(reduced_form=True, names=(reduced.NAME,), reasons={reduced.NAME: why})
        return plan if design.incentive is not Incentive.DOMINANT else _lifted(plan, environment, design)
    plan = _over_profiles(environment, design, formulation)
    if formulation == "auto":
        why = Verdict(False, _few_enough(environment, design, plan)) if verdict.applies else verdict
        plan = replace(plan, reasons={reduced.NAME: why, **plan.reasons})
    return plan


def _lifted(plan: Plan, environment: Environment, design: Design) -> Plan:
    """A reduced form whose incentives are Bayesian and are lifted to dominant ones."""
    reasons = {**plan.reasons, equivalence.NAME: equivalence.applies(environment, design)}
    return replace(plan, equivalence=True, names=(*plan.names, equivalence.NAME), reasons=reasons)


def _over_profiles(environment: Environment, design: Design, formulation: str, without: tuple[str, ...] = ()) -> Plan:
    """A plan that lists the type profiles, with the reductions of the formulation."""
    wanted, plan = _wanted(formulation), Plan()
    for name, (applies, apply) in ((name, both) for name, both in REDUCTIONS.items() if name not in without):
        verdict = applies(environment, equivalence.relaxed(design) if plan.equivalence else design)
        plan = replace(plan, reasons={**plan.reasons, name: verdict})
        if name not in wanted or _superfluous(name, plan, environment):
            continue
        if verdict.applies:
            plan = replace(apply(plan, environment, design), names=(*plan.names, name))
        elif formulation != "auto":
            raise FormulationError(f"reduction '{name}' does not apply here: {verdict.why}")
    return plan


def _few_enough(environment: Environment, design: Design, plan: Plan) -> str:
    columns = environment.profile_count * environment.allocation.size
    return (
        f"the profiles are few enough to be listed, {columns:,} allocation columns (of at most {LISTED:,}): "
        f"{seconds_in_words(profile_seconds(environment, design, plan))} to solve"
    )


def _beside_profiles(environment: Environment, design: Design) -> str:
    """What listing the profiles would come to."""
    columns = environment.profile_count * environment.allocation.size
    size_alone = (symmetry.NAME,)  # it does not enter the estimate, and is looked for type by type
    listed = _over_profiles(environment, design, "auto", without=size_alone) if columns < LISTABLE else Plan()
    seconds = seconds_in_words(profile_seconds(environment, design, listed))
    return f"over type profiles it would have {_in_short(columns)} allocation columns and take {seconds}"


def _in_short(count: int) -> str:
    return f"{count:,}" if count < 10**9 else f"10^{math.log10(count):.0f}"


def worthwhile(environment: Environment) -> bool:
    """Whether listing profiles would make a large program."""
    return environment.profile_count * environment.allocation.size > LISTED


def _wanted(formulation: str) -> tuple[str, ...]:
    if formulation == "auto":
        return tuple(name for name in REDUCTIONS if name not in ON_REQUEST)
    if formulation == "full":
        return ()
    if formulation == reduced.NAME:
        return ()
    names = tuple(part.strip() for part in formulation.split(","))
    unknown = [name for name in names if name not in REDUCTIONS]
    if unknown:
        choices = ", ".join(["auto", "full", reduced.NAME, *REDUCTIONS])
        raise FormulationError(f"unknown formulation '{', '.join(unknown)}'; choose among {choices}")
    return names


def _superfluous(name: str, plan: Plan, environment: Environment) -> bool:
    """R7 already makes payments interim, and R8 all that R1 to R3 do; nothing is left to generate on ladders."""
    if plan.equivalence and name in equivalence.CONTAINED:
        return True
    if name == interim_payments.NAME:
        return plan.interim_payments
    if name in (between.NAME, generation.NAME):
        return all(i in plan.ladders or agent.size <= 2 for i, agent in enumerate(environment.agents))
    return False
