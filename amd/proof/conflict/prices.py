"""What it would cost to relax one requirement so far that the rest can be met: one program each, linear for lotteries,
and solved by cases (`amd.proof.tree`) where allocations are whole.

* `budget`: the least outside money, on average, put in or taken out (in every profile as much as it needs).
* `efficient`: the least loss of expected welfare, from the first best to the best that the rest leaves.
* `incentive`: the least ε such that nobody gains more than ε by lying (ε-incentive compatibility; for orders, such that
  no lie raises the chance of one's best t outcomes by more than ε).
* `participation`, `cap`, `bound`: the least amount by which it must be missed.
* `unanimous`, `pareto`: the least chance that the outcomes it rules out must be given.

For rules of preference orders without lotteries the last two, `incentive` and `onto` are counts (`counts`). There is no
such number for the others: giving up `anonymous`, `deterministic`, … is all or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amd.compile.builder import Family
from amd.compile.context import Context
from amd.model.design import Budget, Design, Incentive, Linear, Participation, Quantity
from amd.model.environment import Environment
from amd.proof.conflict.clauses import Asked, Clause, without
from amd.proof.conflict.counts import counted, is_counted
from amd.proof.conflict.programs import program_of
from amd.proof.conflict.rational import Answer, Triples
from solvers import Settings

PRICED = frozenset({"budget", "efficient", "incentive", "participation", "cap", "bound", "unanimous", "pareto"})
COUNTED = frozenset({"incentive", "unanimous", "pareto", "onto"})  # for rules of orders without lotteries
CASES = 2_000  # of a search for one price
ROUNDING = 1e-6
_WELFARE = Linear(((Fraction(1), Quantity("welfare", "welfare")),), text="welfare")

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Price:
    """The least relaxation of these clauses, all by the same number, that makes the rest possible.

    `value` is exact (a Fraction) where `proven`. Where the search for the least was given up, `value` is enough (None:
    nothing that is enough was found), and `least` is needed at least; `least` is None where `value` is the least.
    `counted` says that it is a number of profiles (of outcomes, for `onto`). `within` says what the rest is: the whole
    ``design``, or only the ``conflict``, where the design has another one besides. `part` is what matters beside the
    value: of a budget the money that is taken out, of efficiency the greatest welfare of all.
    """

    clauses: tuple[Clause, ...]
    value: Fraction | float | None
    proven: bool
    within: str = "design"
    part: Fraction | float | None = None
    least: Fraction | float | None = None
    counted: bool = False


def price(asked: Asked, clauses: tuple[Clause, ...], exact: bool, settings: Settings) -> Price | None:
    """The price of the clauses (all of one kind) in what is asked; None where there is none, or none was found."""
    kind = clauses[0].kind
    asked = replace(asked, design=replace(asked.design, objective=None))
    if kind in COUNTED and is_counted(asked, clauses):
        found = _priced(clauses, counted(asked, clauses, exact).solve(settings, CASES, grain=1))
        return None if found is None else _whole(found)
    if kind not in PRICED:
        return None
    if kind == "efficient":
        return _welfare(asked, clauses, exact, settings)
    if kind == "budget":
        return _money(asked, clauses, exact, settings)
    fixing = {"unanimous": _ruled_out, "pareto": _ruled_out, "cap": _capped}.get(kind)
    return _priced(clauses, (fixing or _missed)(asked, clauses, exact).solve(settings, CASES))


def _priced(clauses: tuple[Clause, ...], answer: Answer) -> Price | None:
    """The price that an answer tells; None where there is none, or nothing is known of it."""
    if answer.possible is False or (answer.value is None and answer.bound is None):
        return None
    return Price(clauses, answer.value, answer.proven, least=answer.bound)


def _whole(found: Price) -> Price:
    """A count: what bounds it from below is rounded up (floats that are a little above a whole number are not)."""
    if found.least is None:
        return replace(found, counted=True)
    least = Fraction(ceil(found.least if found.proven else found.least - ROUNDING))
    settled = found.value is not None and least >= found.value
    return replace(found, counted=True, least=None if settled else least)


def _welfare(asked: Asked, clauses: tuple[Clause, ...], exact: bool, settings: Settings) -> Price | None:
    rest = without(asked.environment, asked.design, clauses)
    second = replace(rest, design=replace(rest.design, objective=_WELFARE, maximize=True), free=asked.free)
    best = _solved(second, exact, settings)
    first = _solved(Asked(asked.environment, _wish_alone(asked.environment)), exact, settings)
    if not first.possible:
        return None
    top = first.value
    loss, least = (None if x is None else top - x for x in (best.value, best.bound))
    lost = replace(best, value=loss, bound=least, proven=best.proven and first.proven)
    found = _priced(clauses, lost)
    return None if found is None else replace(found, part=top)


def _wish_alone(environment: Environment) -> Design:
    """Greatest welfare, nothing else asked."""
    stages = (Participation.NONE,) * len(environment.agents)
    return Design(stages, _WELFARE, maximize=True, incentive=Incentive.NONE, transfers=False)


def _solved(asked: Asked, exact: bool, settings: Settings) -> Answer:
    return program_of(asked, exact)[1].solve(settings, CASES)


def _money(asked: Asked, clauses: tuple[Clause, ...], exact: bool, settings: Settings) -> Price | None:
    """A column for money put in beside each row of the budget, and one for money taken out where it must balance."""
    budget = asked.design.budget
    if not isinstance(budget, Budget):
        return None
    context, program = program_of(asked, exact)
    family = next(one for one in context.builder.families if one.kind in ("budget", "expected budget"))
    rows = family.start + np.arange(family.count)
    weight = context.prior[family.index[:, 0]] if family.kind == "budget" else program.numbers([1])
    signs = [1, -1] if budget.balanced else [1]
    columns = len(program.cost) + np.arange(len(rows) * len(signs))
    answer = program.wishing(
        np.concatenate([weight] * len(signs)), np.tile(rows, len(signs)), columns, np.repeat(signs, len(rows)).tolist()
    ).solve(settings, CASES)
    found = _priced(clauses, answer)
    if found is None or answer.x is None:
        return found
    out = (answer.x[columns[len(rows) :]] * weight).sum() if budget.balanced else program.numbers([0])[0]
    return replace(found, part=out)


def _missed(asked: Asked, clauses: tuple[Clause, ...], exact: bool) -> Triples:
    """One column that helps every row of the clauses; two for an equation."""
    incentive = clauses[0].kind == "incentive"
    context, program = program_of(asked, exact, every_pair=incentive)
    rows, values, columns = [], [], []
    for family in context.builder.families:
        for clause in clauses:
            if _belongs(family, clause):
                for row in _rows(family, clause).tolist():
                    for sign in _signs(context, family, clause):
                        rows.append(row)
                        values.append(sign)
                        columns.append(len(program.cost) + (sign < 0))
    count = 1 + max(columns, default=len(program.cost)) - len(program.cost)
    return program.wishing(program.numbers([1] * count), rows, columns, values)


def _belongs(family: Family, clause: Clause) -> bool:
    if clause.kind == "bound":
        return family.kind == "bound" and bool((family.index[:, 0] == clause.position).any())
    return family.kind.startswith(clause.kind) and family.agent in clause.agents


def _rows(family: Family, clause: Clause) -> Indices:
    every = np.arange(family.count)
    return family.start + (every if clause.kind != "bound" else every[family.index[:, 0] == clause.position])


def _signs(context: Context, family: Family, clause: Clause) -> tuple[int, ...]:
    if clause.position is None:
        return (1,)
    return {">=": (1,), "<=": (-1,), "==": (1, -1)}[context.design.bounds[clause.position].sense]


def _ruled_out(asked: Asked, clauses: tuple[Clause, ...], exact: bool) -> Triples:
    """The columns that the clauses fix at zero are at most the new column instead."""
    rest = without(asked.environment, asked.design, clauses)
    fixed = program_of(asked, exact)[1].bounds[3]
    _, program = program_of(replace(rest, free=asked.free), exact)
    columns = np.flatnonzero((fixed == 0) & (program.bounds[3] != 0))
    return _slackened(program, columns, program.numbers([0] * len(columns)))


def _capped(asked: Asked, clauses: tuple[Clause, ...], exact: bool) -> Triples:
    """Payments exceed the agents' budgets by at most the new column."""
    context, program = program_of(asked, exact)
    if context.payments is None:
        raise ValueError("agents with budgets have a payment in every profile")
    columns = context.payments.index[:, [i for clause in clauses for i in clause.agents]].ravel()
    caps, upper = program.bounds[3][columns], program.bounds[3].copy()
    upper[columns] = np.inf
    return _slackened(replace(program, bounds=(*program.bounds[:3], upper)), columns, caps)


def _slackened(program: Triples, columns: Indices, caps: Any) -> Triples:
    slack = len(program.cost)
    return program.wishing(program.numbers([1]), [], [], []).below(columns, caps, slack)
