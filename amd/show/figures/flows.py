"""The numbers behind the graph of binding incentives: who is tempted by whose report, and what that is worth.

Incentive and participation rows have multipliers. Where payments are free, complementary slackness and the payment
columns make them a flow (Rochet and Choné, 1998; Vohra, 2011): in a revenue program the mass of a type and what flows
in from the types that would mimic it flow on to the types it would mimic, and in the end out of participation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amd.compile.builder import Family
from amd.compile.program import Compiled
from amd.compile.reduced.approach import Reduced
from amd.model.environment import Environment
from amd.model.numbers import FloatArray
from amd.result import Result
from amd.show.figures.curves import report_values, utility_column
from amd.show.figures.missing import NoPictureError
from amd.show.interim import interim
from amd.show.types import value_scale

TIGHT = 1e-7  # of the largest value: a lie that loses no more than this binds
SMALLEST = 1e-7  # of the largest multiplier: less is a solver's noise


@dataclass(frozen=True, eq=False)
class Flows:
    """Of one agent: `arcs` (K, K) multiplier of "type k does not say r", `out` (K,) of participation, `rent` (K,) the
    interim utility (nan for orders). `priced` False: no multipliers are known, and arcs are 1 where a lie costs
    nothing."""

    agent: int
    arcs: FloatArray
    out: FloatArray
    rent: FloatArray
    priced: bool


def flows(result: Result, agent: int) -> Flows:
    """The flows of an agent, or of the one that stands for its group. NoPictureError where there are none."""
    environment = result.task.environment
    K = environment.agents[agent].size
    if result.mechanism is None:
        raise NoPictureError("no mechanism was found, so nothing binds")
    if K < 2:
        raise NoPictureError(f"{environment.agents[agent].name} has one type only, and nothing to lie about")
    view = interim(result.mechanism, agent)
    kept = utility_column(view)
    rent = np.full(K, np.nan) if kept is None else view.expected[:, kept]
    arcs, out = np.zeros((K, K)), np.zeros(K)
    dual = None if result.solution is None else result.solution.row_dual
    if dual is not None and result.compiled is not None:
        weight = np.abs(dual) / _stands_for(result.compiled, environment, agent)
        _collect(result.compiled, environment, agent, weight, arcs, out)
    most = max(float(arcs.max()), float(out.max()))
    if most > 0:
        arcs, out = (np.where(part > SMALLEST * most, part, 0.0) for part in (arcs, out))
        return Flows(agent, arcs, out, rent, priced=True)
    return Flows(agent, _tight(result, agent), out, rent, priced=False)


def _collect(
    compiled: Compiled | Reduced,
    environment: Environment,
    agent: int,
    weight: FloatArray,
    arcs: FloatArray,
    out: FloatArray,
) -> None:
    """Adds the multipliers of the agent's rows, over profiles of the others and upper sets."""
    builder = compiled.form.builder if isinstance(compiled, Reduced) else compiled.context.builder
    for family in builder.families:
        if not family.count or not _concerns(family, environment, agent):
            continue
        here = weight[family.start : family.start + family.count]
        if family.kind == "incentive":
            np.add.at(arcs, (family.index[:, 0], family.index[:, 1]), here)
        elif family.kind in ("participation", "participation ex post"):
            np.add.at(out, family.index[:, 0], here)


def _stands_for(compiled: Compiled | Reduced, environment: Environment, agent: int) -> int:
    """For how many alike agents the rows of this one were written."""
    if isinstance(compiled, Reduced):
        return next(one.group.size for one in compiled.form.columns if agent in one.group.members)
    members = next(group.members for group in environment.groups if agent in group.members)
    written = {family.agent for family in compiled.context.builder.families if family.count}
    return max(1, len(members) // max(1, len(written.intersection(members))))


def _concerns(family: Family, environment: Environment, agent: int) -> bool:
    """Whether these rows are of the agent; of a symmetric program, of the copy that stands for its group."""
    one = environment.agents[agent]
    if family.agent is not None:
        return family.agent == agent
    name = family.label(tuple(int(part) for part in family.index[0]))
    return name.partition("[")[2].startswith(f"{one.group}]@")


def _tight(result: Result, agent: int) -> FloatArray:
    """1 where a lie costs nothing, (K, K)."""
    if result.mechanism is None:
        raise NoPictureError("no mechanism was found, so nothing binds")
    brought = report_values(result.mechanism, agent)
    if brought is None:
        raise NoPictureError("without multipliers, and with correlated types or orders, nothing is known of what binds")
    loss = np.diag(brought)[:, None] - brought
    tight = (loss <= TIGHT * value_scale(result.task.environment)).astype(np.float64)
    np.fill_diagonal(tight, 0.0)
    return tight
