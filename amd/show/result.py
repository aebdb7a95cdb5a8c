"""A result for people: the answer in words, the mechanism, its quantities, the audit, the program and the time."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from amd.compile.plan import Plan
from amd.model.design import Design, Incentive
from amd.model.environment import Environment
from amd.proof.conflict.why import Conflict
from amd.result import Result
from amd.show.audit import audit_parts
from amd.show.conflict import short_parts
from amd.show.design import achievement, requirements
from amd.show.formulation import formulation_parts, time_line
from amd.show.mechanism import mechanism_parts
from amd.show.numbers import headline, number
from amd.show.page import to_text
from amd.show.quantities import quantity_parts
from amd.show.sizes import counted
from amd.show.tables import pairs
from amd.solving import AUDIT_TOLERANCE, scale_of
from solvers import Status

WHY = "`amd why` on the same file: the smallest conflict, and what giving way on each requirement would take"
QUICK = 100_000  # nonzeros up to which the full program is counted exactly beside an answer


def summary(result: Result) -> str:
    """The result as plain text."""
    return to_text(result_parts(result))


def result_parts(result: Result, conflict: Conflict | None = None) -> list[RenderableType]:
    """Everything that `amd solve` prints. `conflict`: why there is no mechanism, where that was looked for."""
    titles = title_parts(result.task.title, result.task.source)
    parts: list[RenderableType] = [*titles, *answer_parts(result, conflict)]
    if result.mechanism is not None:
        parts += [Text(""), *mechanism_parts(result.mechanism)]
    environment, design = result.task.environment, design_of(result)
    blocks = []
    if result.quantities:
        blocks.append(quantity_parts(result.quantities, environment, design))
    if result.audit is not None:
        tolerance = AUDIT_TOLERANCE * scale_of(environment)
        blocks.append(audit_parts(result.audit, environment, design, tolerance))
    blocks.append(formulation_parts(result.formulation, counted(environment, design, Plan(), QUICK)))
    blocks.append([time_line(result.seconds, result.solver, result.peak_memory)])
    for block in blocks:
        parts += [Text(""), *block] if block else []
    return parts


def title_parts(title: str, source: str) -> list[RenderableType]:
    """Title and source, as far as there are any, and a blank line."""
    lines = [Text(title, style="bold")] if title else []
    lines += [Text(source, style="dim")] if source else []
    return [*lines, Text("")] if lines else []


def design_of(result: Result) -> Design:
    """The design that was solved."""
    if result.task.design is None:
        raise ValueError("a result without a design")
    return result.task.design


def answer_parts(result: Result, conflict: Conflict | None = None) -> list[RenderableType]:
    """The answer in words."""
    environment, design = result.task.environment, design_of(result)
    match result.status:
        case Status.OPTIMAL:
            return _found(result, environment, design)
        case Status.INFEASIBLE:
            return _impossible(environment, design, conflict)
        case Status.UNBOUNDED:
            first = "There is no best mechanism: for every mechanism there is a better one."
            return [Text(first, style="bold"), Text(_sentence(result.message))]
        case Status.LIMIT:
            return [Text("A limit was reached before the answer was known.", style="bold"), *_so_far(result)]
    return [
        Text("The solver failed: there is no answer to rely on.", style="bold red"),
        Text(_sentence(result.message)),
    ]


def _found(result: Result, environment: Environment, design: Design) -> list[RenderableType]:
    kind = "deterministic mechanism" if design.deterministic else "mechanism"
    if result.objective is None:
        first = f"There is a {kind} that meets every requirement. Here is one."
    else:
        first = f"The best {kind} {achievement(design, headline(result.objective, result.objective_exact))}."
    return [Text(first, style="bold"), *_asked("Asked for", environment, design)]


def _asked(lead: str, environment: Environment, design: Design) -> list[RenderableType]:
    asked = requirements(environment, design)
    return [Text(f"{lead}: {'; '.join(asked)}.")] if asked else []


def _impossible(environment: Environment, design: Design, conflict: Conflict | None) -> list[RenderableType]:
    asked = _asked("Nothing meets all of this at once", environment, design)
    advice = pairs([("  try", words) for words in [*relaxations(design), WHY]])
    return [
        Text("There is no such mechanism.", style="bold"),
        *(asked if conflict is None else short_parts(conflict)),
        advice,
    ]


def relaxations(design: Design) -> list[str]:
    """What could be given up, as edits of the problem file."""
    advice = []
    if design.budget is not None:
        advice.append("without `budget`, and `minimize: deficit`: the least outside money that makes it possible")
    if design.efficient:
        advice.append("without `efficient`, and `maximize: welfare`: the best that incentives leave (the second best)")
    if design.bounds:
        advice.append("without one bound of `require`, and that quantity as the wish: how far it can be pushed")
    if design.incentive is Incentive.DOMINANT:
        advice.append("`incentive: bayesian`: truth need only be best on average")
    if design.deterministic:
        advice.append("`allocation: lottery`: chance may help")
    if not advice:
        advice.append("a weaker `participation` or `incentive`, one at a time, to see which requirement conflicts")
    return advice


def _so_far(result: Result) -> list[RenderableType]:
    """The best point and the proven bound that an integer program had reached."""
    solution = result.solution
    lines = []
    if solution is not None and solution.objective is not None and solution.x is not None:
        lines.append(Text(f"The best mechanism found so far has a value of {number(solution.objective)}."))
    if solution is not None and solution.bound is not None:
        lines.append(Text(f"No mechanism has a value beyond {number(solution.bound)}."))
    if not lines:
        lines.append(Text("No mechanism was found in that time."))
    return [*lines, Text("Try a larger --time-limit, or fewer types.")]


def _sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""
