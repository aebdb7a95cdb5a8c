"""From the tree of a problem file to a task: every part is read, all faults are gathered, then the model is built."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from amd.files.context import Context, constants_as_text
from amd.files.decisions import Decisions, read_decisions
from amd.files.designs import read_design
from amd.files.faults import Faults
from amd.files.format import PROBLEM
from amd.files.nodes import Node, lines
from amd.files.parameters import read_parameters
from amd.files.prior import read_joint, with_marginals
from amd.files.records import Fields
from amd.files.roster import read_roster
from amd.files.specs import read_specs
from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.environment import Environment, TooLargeError
from amd.model.numbers import ExactArray, exact_array
from amd.model.task import Task


def read_problem(root: Node, faults: Faults, folder: Path | None, overrides: Mapping[str, str]) -> Task:
    """The task of a problem of kind mechanism. Raises InputError with everything that is wrong."""
    found = PROBLEM.read(root, "", faults)
    if found is None:
        faults.check()
    problem: Fields = found.value if found is not None else Fields({}, {}, root, "")
    context = Context(faults, folder)
    read_parameters(problem.get("parameters"), overrides, context)
    decisions = read_decisions(problem, context)
    prior = problem.get("prior")
    table = None if prior is None or prior.value is None else prior.value.get("joint")
    roster = read_roster(problem.get("agents"), decisions, problem.has("prior") and table is not None, context)
    specs = read_specs(roster, decisions, context)
    joint = read_joint(table, roster, context)
    design = read_design(problem.get("design"), roster, decisions, context)
    faults.check()
    environment = _environment(problem, specs, decisions, joint, faults)
    return Task(
        environment=environment,
        design=design,
        title=problem.value("title", ""),
        source=problem.value("source", ""),
        notes=problem.value("notes", ""),
        parameters=constants_as_text(context.constants),
        origin=faults.origin,
        lines=lines(root),
    )


def _environment(
    problem: Fields, specs: list[AgentSpec], decisions: Decisions, joint: ExactArray | None, faults: Faults
) -> Environment:
    agents = specs if joint is None else with_marginals(specs, joint)
    try:
        if decisions.by_goods:
            return goods_environment(agents, decisions.goods, decisions.limits, joint)
        return outcome_environment(agents, decisions.outcomes, exact_array(decisions.cost), joint)
    except TooLargeError as error:
        problem.blame("goods" if decisions.by_goods else "outcomes", faults, str(error))
        faults.check()
        raise
