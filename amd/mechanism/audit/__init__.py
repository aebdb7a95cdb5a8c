"""The audit: every constraint of the problem, in full, evaluated at a mechanism.

Written from the definitions and apart from the code that builds programs, so that neither can hide the other's
mistakes. Each kind of constraint is a file: incentives, participation, budgets, feasibility with what the design
requires.
"""

from __future__ import annotations

from amd.mechanism.audit.budget import budget_check
from amd.mechanism.audit.feasibility import feasibility_witnesses
from amd.mechanism.audit.incentive import incentive_check
from amd.mechanism.audit.interim import audit_interim
from amd.mechanism.audit.participation import participation_check
from amd.mechanism.audit.requirement import requirement_witnesses
from amd.mechanism.audit.result import Audit, Check, UnseenError, Witness, check
from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.quantities import Report
from amd.model.design import Design

__all__ = ["Audit", "Check", "UnseenError", "Witness", "audit"]


def audit(mechanism: Mechanism | InterimMechanism, design: Design, exact: bool = False) -> Audit:
    """The worst violations of each kind, over the full set of constraints.

    A violation is in the problem's own units; of Bayesian and interim constraints it is conditional on the type. With
    `exact` everything is computed and returned in Fractions; ValueError if the mechanism is not known exactly or if the
    design is for another number of agents; UnseenError if it asks of an interim mechanism what only profiles show.
    """
    agents = len(mechanism.environment.agents)
    if len(design.participation) != agents:
        raise ValueError(f"the design is for {len(design.participation)} agents, the mechanism for {agents}")
    if isinstance(mechanism, InterimMechanism):
        if exact:
            raise ValueError("this mechanism is only known in floating point")
        return audit_interim(mechanism, design)
    report = Report(mechanism, exact)
    rows = report.rows
    return Audit(
        incentive=incentive_check(rows, design.incentive),
        participation=participation_check(rows, design.participation),
        budget=budget_check(rows, design.budget),
        feasibility=check(feasibility_witnesses(rows, design) + requirement_witnesses(rows, report, design)),
    )
