"""What `amd certify --continuum` says: a claim about the continuous prior in words, and its certificate."""

from __future__ import annotations

from typing import Any

from amd.model.design import Budget
from amd.model.task import Task
from amd.model.types import Law
from amd.proof.bounds import bounds
from amd.proof.continuum.certificate import lower_certificate, trade_certificate, upper_certificate
from amd.proof.continuum.impossibility import explain_proof, prove_subsidy
from amd.proof.continuum.relations import NoBoundError
from amd.proof.verify import check

CELLS = 4  # enough for the uniform case by C0, and few enough to print
FAMILIES = ("C0", "C3", "C2", "identity")  # simplest first

Document = dict[str, Any]


def continuum_statement(task: Task) -> tuple[str, Document, bool]:
    """The words, the certificate, and whether the statement is an impossibility.

    Efficient trade between a buyer and a seller without outside money: impossibility, where a few cells prove it.
    Otherwise the bound of the wish from above, or from below where only that is known. Raises NoBoundError where
    nothing can be certified.
    """
    laws = _trade(task)
    if laws is not None:
        for family in FAMILIES:
            found = prove_subsidy(family, CELLS, *laws)
            if found.subsidy > _subsidy(task):
                return explain_proof(found), _checked(trade_certificate(found)), True
    answer = bounds(task).answer
    if answer is None:
        raise NoBoundError("; ".join(bounds(task).reasons))
    above = answer.upper is not None
    document = _checked(upper_certificate(answer) if above else lower_certificate(answer))
    claim = document["claim"]
    negated = " (the wish is minimized: this is about its negative)" if task.design and not task.design.maximize else ""
    text = f"Claim: over all mechanisms for the continuous prior the best wish is {claim['wish']} {claim['value']}."
    return f"{text}{negated}\nBy {', '.join(answer.relations)}, on {answer.cells} cells a parameter.", document, False


def _checked(document: Document) -> Document:
    """The document, which the verifier accepts. Raises NoBoundError where it does not."""
    holds, message = check(document)
    if not holds:
        raise NoBoundError(f"the verifier refuses the proof: {message}")
    return document


def _subsidy(task: Task) -> Any:
    budget = None if task.design is None else task.design.budget
    return 0 if budget is None else budget.subsidy


def _trade(task: Task) -> tuple[Law, Law] | None:
    """The laws of a buyer with value v and a seller with value −c for trade, where the design asks the impossible."""
    design, environment = task.design, task.environment
    if design is None or len(environment.agents) != 2 or not design.efficient or not isinstance(design.budget, Budget):
        return None
    if design.deterministic or design.bounds or environment.joint is not None or environment.interdependent:
        return None
    stages = {stage.value for stage in design.participation}
    if not stages <= {"interim", "ex_post"} or design.incentive.value == "none":
        return None
    if environment.allocation.cost.any() or environment.allocation.size != 2:
        return None
    laws = []
    for agent, sign in zip(environment.agents, (1, -1), strict=True):
        grids = agent.types.grids
        if len(grids) != 1 or grids[0].law is None or agent.feature_count != 1 or agent.outside.any():
            return None
        if any(value != sign * point[0] for value, point in zip(agent.values[:, 0], agent.types.points, strict=True)):
            return None
        laws.append(grids[0].law)
    if (environment.agents[0].features != environment.agents[1].features).nnz:
        return None
    return laws[0], laws[1]
