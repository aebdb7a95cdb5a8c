"""The reports about rules that axioms ask for and about cooperative games: what is said of them, and the audit."""

from __future__ import annotations

from amd.show.numbers import seconds
from amd.show.report.blocks import Block, Page, Pairs, Pre, Words, sections
from amd.show.report.made import facts_about, made
from amd.told import ToldResult
from solvers import Status

VERDICTS = {Status.OPTIMAL: "good", Status.INFEASIBLE: "bad"}


def told_page(result: ToldResult, command: str) -> Page:
    """Everything that is known of such an answer."""
    first, *rest = result.lines or (result.status.value,)
    answer: list[Block] = [Words(first)]
    answer += [Pre("\n".join(rest))] if rest else []
    audit = tuple((kind, "; ".join(found) or "nothing found") for kind, found in result.audit.items())
    time = seconds(sum(result.seconds.values())) if result.seconds else ""
    return Page(
        title=result.title or "An answer",
        source="",
        answer=first.rstrip(":"),
        verdict=VERDICTS.get(result.status, "open"),
        facts=facts_about({"Status": result.status.value, "Time": time}),
        sections=sections(("answer", "The answer", answer), ("audit", "Audit", [Pairs(audit)] if audit else [])),
        made=made(command, ("", ""), result.digest),
    )
