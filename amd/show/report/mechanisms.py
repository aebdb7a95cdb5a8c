"""The report about a mechanism design problem: problem, program, mechanism, pictures, audit, proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from amd.compile.plan import Plan
from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.proof.bounds import bounds
from amd.proof.certificate import SMALL, Certificate, NotProven, certify
from amd.proof.continuum.reading import has_continuum
from amd.result import Result
from amd.show.audit import audit_parts
from amd.show.bounds import bounds_parts
from amd.show.explain import explain_parts
from amd.show.figures import NoPictureError, plot
from amd.show.formulation import formulation_parts
from amd.show.interim import MONEY, Interim, audience
from amd.show.mechanism import profile_table
from amd.show.numbers import count, headline, number, seconds
from amd.show.people import people_parts
from amd.show.problem import wish_lines
from amd.show.quantities import quantity_parts
from amd.show.report.blocks import (
    Block,
    Cell,
    Drawing,
    Heading,
    Page,
    Pre,
    Table,
    Words,
    cell,
    from_rich,
    sections,
    table,
)
from amd.show.report.drawing import drawings, svg
from amd.show.report.made import facts_about, made
from amd.show.result import QUICK, answer_parts, design_of
from amd.show.sizes import counted
from amd.show.types import type_header, type_text, value_scale
from amd.solving import AUDIT_TOLERANCE, scale_of
from solvers import Status

MOST_PROFILES = 400  # listed one by one
MOST_TYPES = 400  # rows of an interim table
MOST_TABLES = 8
MOST_AGENTS = 8  # whose reports get a column each
VERDICTS = {Status.OPTIMAL: "good", Status.INFEASIBLE: "bad", Status.UNBOUNDED: "bad"}


def mechanism_page(result: Result, command: str, prove: bool = False) -> Page:
    """Everything that is known of the answer."""
    proof = _proven(result, prove)
    if isinstance(proof, Certificate) and proof.value is not None and result.objective is not None:
        result = replace(result, objective_exact=str(proof.value))
    task, answer = (
        result.task,
        [part for part in from_rich(answer_parts(result), "") if isinstance(part, (Words, Heading))],
    )
    first = answer[0].text if answer else result.message
    return Page(
        title=task.title or "A mechanism design problem",
        source=task.source,
        answer=first,
        verdict=VERDICTS.get(result.status, "open"),
        facts=_facts(result),
        sections=sections(
            ("problem", "The problem", _problem(result)),
            ("answer", "The answer", _answer(result, answer)),
            ("figures", "Pictures", drawings(result)),
            (
                "mechanism",
                "The mechanism",
                [] if result.mechanism is None else list(mechanism_blocks(result.mechanism)),
            ),
            ("audit", "Audit", _audit(result)),
            ("program", "The program", _program(result)),
            ("proof", "Proof", _proof(proof)),
            ("continuum", "The continuous prior", _continuum(result) if prove else []),
        ),
        made=made(command, result.solver, task.digest, task.parameters),
    )


def _facts(result: Result) -> tuple[tuple[str, str], ...]:
    exact = None if result.objective is None else headline(result.objective, result.objective_exact)
    return facts_about(
        {
            "Optimal value" if result.optimal else "Value": exact,
            "Status": result.status.value,
            "Type profiles": f"{result.task.environment.profile_count:,}",
            "Time": seconds(sum(result.seconds.values())),
        }
    )


def _problem(result: Result) -> list[Block]:
    """Agents, decision, wish and requirements in words, and the author's notes."""
    task = result.task
    blocks = from_rich(people_parts(task.environment), "Who takes part")
    blocks += [Words(line) for line in wish_lines(task)]
    if task.notes:
        blocks += [Heading("Notes"), Words(task.notes)]
    return blocks


def _answer(result: Result, answer: Sequence[Words | Heading]) -> list[Block]:
    """What follows the headline, and the quantities."""
    blocks: list[Block] = [Words(part.text) for part in answer[1:]]
    if result.status is Status.INFEASIBLE:
        blocks = from_rich(answer_parts(result), "")[1:]
    if result.quantities:
        environment = result.task.environment
        parts = quantity_parts(result.quantities, environment, design_of(result))
        blocks += from_rich(parts, "Quantities")
    return blocks


def mechanism_blocks(mechanism: Mechanism | InterimMechanism) -> Iterator[Block]:
    """What happens at each type profile where these are not too many, and what each type expects."""
    environment = mechanism.environment
    listed = environment.profile_count <= MOST_PROFILES and len(environment.agents) <= MOST_AGENTS
    if isinstance(mechanism, Mechanism) and listed:
        yield from from_rich([profile_table(mechanism)], "What happens at each type profile")
    else:
        yield Words(f"There are {count(environment.profile_count, 'type profile')}, too many to list here.")
    shown = [pair for pair in audience(mechanism) if environment.agents[pair[0].agent].size > 1]
    for view, title in shown[:MOST_TABLES]:
        yield _interim_table(mechanism, view, title)
    if len(shown) > MOST_TABLES:
        yield Words(f"{count(len(shown) - MOST_TABLES, 'more agent')} are not shown.")


def _interim_table(mechanism: Mechanism | InterimMechanism, view: Interim, title: str) -> Table:
    """What each type expects, before it knows the others' types."""
    environment = mechanism.environment
    scales = [value_scale(environment) if name in MONEY else 1.0 for name in view.columns]
    rows = []
    for k in range(min(len(view.probability), MOST_TYPES)):
        expected = zip(view.expected[k], scales, strict=True)
        numbers = ["–" if np.isnan(x) else number(x, scale=scale) for x, scale in expected]
        rows.append([type_text(environment, view.agent, k), number(view.probability[k]), *numbers])
    numeric = environment.agents[view.agent].types.orders is None
    headers = [type_header(environment, view.agent), "probability", *view.columns]
    return table(
        f"What each type of {title} expects",
        headers,
        rows,
        range(0 if numeric else 1, len(headers)),
        max(0, len(view.probability) - MOST_TYPES),
    )


def _audit(result: Result) -> list[Block]:
    """Every kind of constraint with its verdict, and the worst violations in words."""
    if result.audit is None:
        return []
    environment, design = result.task.environment, design_of(result)
    tolerance = AUDIT_TOLERANCE * scale_of(environment)
    parts = audit_parts(result.audit, environment, design, tolerance)
    blocks: list[Block] = [
        Words(
            "Every constraint of the problem, evaluated at this mechanism by code that shares nothing with the code "
            "that wrote the program."
        )
    ]
    blocks += [part for part in from_rich(parts, "Audit") if not isinstance(part, Heading)]
    return blocks


def _program(result: Result) -> list[Block]:
    """Its size, what was reduced and why; then the whole program in notation."""
    environment, design = result.task.environment, design_of(result)
    parts = formulation_parts(result.formulation, counted(environment, design, Plan(), QUICK))
    blocks: list[Block] = [part for part in from_rich(parts, "Program") if not isinstance(part, Heading)]
    told = False
    for part in from_rich(explain_parts(result.task, "auto"), "Program"):
        told = told or (isinstance(part, Heading) and part.text == "Choose")
        if told:
            blocks.append(part)
    rows = tuple((cell(step), Cell(seconds(amount), amount)) for step, amount in result.seconds.items())
    return [*blocks, Table("Time of each step", ("step", "time"), rows, frozenset({1}))]


def _proven(result: Result, prove: bool) -> Certificate | NotProven | None:
    """An exact proof, where that costs a fraction of a second or is asked for; None where it was not tried."""
    small = result.formulation.nonzeros <= SMALL and not design_of(result).deterministic
    if not (small or prove) or result.status not in (Status.OPTIMAL, Status.INFEASIBLE):
        return None
    return certify(result.task)


def _continuum(result: Result) -> list[Block]:
    """What is proven for all mechanisms under the continuous prior, where there is one."""
    if not has_continuum(result.task):
        return []
    known = from_rich(bounds_parts(result.task, bounds(result.task)), "Bounds")
    blocks = [part for part in known if part not in (Heading(result.task.title), Words(result.task.source))]
    try:
        figure = plot(result, "bracket")
    except NoPictureError:
        return blocks
    caption = "Bounds for the continuous prior: the optimum lies in the shaded band."
    return [*blocks, Drawing(svg(figure, "bracket-"), caption, caption)]


def _proof(found: Certificate | NotProven | None) -> list[Block]:
    """The argument in words."""
    if found is None:
        return [Words("No exact proof was looked for here: `amd certify` does, or `amd report --certify`.")]
    if isinstance(found, NotProven):
        return [Words(f"Not proven: {found.reason}.")]
    return [
        Words("Proven in rational arithmetic; `amd certify` writes the proof to a file, `amd verify` checks it."),
        Pre(found.summary()),
    ]
