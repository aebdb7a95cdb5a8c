"""From multipliers of a program's rows to multipliers of named constraints of the unreduced problem.

Rows of a reduced program are constraints of the full one, or follow from them: neighbouring incentives are some of
all incentives; an interim row in interim columns is the same row of the full program once the columns are written
out, so the rows that define them drop out (their columns are free, hence their multipliers cancel); an expected
budget is the average of the budgets of the profiles. That a good is all given to those who value it most, which the
program asks for good by good, is put in terms of the total value by `amd.proof.efficiency`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from amd.compile.builder import Family
from amd.compile.context import Context
from amd.compile.families.anonymous import exchanged_profiles
from amd.compile.families.exchange import exchanged_columns
from amd.model.design import Incentive
from amd.model.numbers import ExactArray
from amd.proof.efficiency import efficiency_of
from amd.proof.problem import worst_quantities

Name = list[Any]
Multiplier = tuple[Name, Fraction]


def named(context: Context, weights: ExactArray) -> list[Multiplier]:
    """The constraints ``terms >= bound`` and their multipliers; `weights` (m,) multiply the rows as they stand.

    A positive weight stands on a row's lower bound, a negative one on its upper bound. Rows that a good is all given
    are named ``["given", profile, good]``, which no verifier knows.
    """
    found = []
    for family in context.builder.families:
        here = weights[family.start : family.start + family.count]
        for at in np.flatnonzero(here != 0).tolist():
            found += list(_of(context, family, tuple(int(part) for part in family.index[at]), here[at]))
    return found


def _of(context: Context, family: Family, index: tuple[int, ...], weight: Fraction) -> Iterator[Multiplier]:
    if family.kind == "interim":
        return
    flips = family.kind in ("allocation", "nondictatorial")
    flips = flips or (family.kind == "bound" and context.design.bounds[index[0]].sense == "<=")
    yield _NAMES[family.kind](context, family, index), -weight if flips else weight


def profile(context: Context, p: int) -> list[int]:
    """The types of a profile."""
    return [int(part) for part in np.unravel_index(p, context.environment.shape)]


def _incentive(context: Context, family: Family, index: tuple[int, ...]) -> Name:
    i, (k, report, *rest) = _agent(family), index
    name: Name = ["incentive", context.label(i), k, report]
    dominant = context.design.incentive is Incentive.DOMINANT
    test = rest[-1] if context.agents[i].types.orders is not None else 0
    where = [profile(context, int(context.profiles(i)[k, rest[0]]))] if dominant else []
    return [*name, test, *where] if test or where else name


def _participation_ex_post(context: Context, family: Family, index: tuple[int, ...]) -> Name:
    i, (k, s) = _agent(family), index
    return ["participation", context.label(i), k, profile(context, int(context.profiles(i)[k, s]))]


def _agent(family: Family) -> int:
    if family.agent is None:
        raise ValueError(f"rows of kind '{family.kind}' belong to an agent")
    return family.agent


def _efficient(context: Context, family: Family, index: tuple[int, ...]) -> Name:
    """A good that is all given, or the total value less cost of a profile, compared with a best allocation."""
    p = profile(context, index[0])
    if len(index) > 1:
        return ["given", p, index[1]]
    return ["efficient", p, efficiency_of(context.environment).best(index[0])]


def _anonymous(context: Context, family: Family, index: tuple[int, ...]) -> Name:
    """The pair of copies whose exchange equates the two columns of the row."""
    one, other = index
    n = len(context.agents)
    blocks = [context.allocation] if context.payments is None else [context.allocation, context.payments]
    for block in blocks:
        at = np.argwhere(block.index == one)
        if not len(at):
            continue
        p, place = (int(part) for part in at[0])
        for group in context.environment.groups:
            for first, second in pairwise(group.members):
                moved = exchanged_columns(context.environment.allocation, first, second, n)
                order = np.arange(n)
                order[[first, second]] = second, first
                image = moved if block is context.allocation else order
                if block.index[exchanged_profiles(context, first, second)[p], image[place]] == other:
                    head: Name = ["anonymous", context.label(first), context.label(second), profile(context, p)]
                    return [*head, place] if block is context.allocation else [*head, None, context.label(place)]
    raise ValueError("an anonymity row equates columns that no exchange does")


def _worst(context: Context, family: Family, index: tuple[int, ...]) -> Name:
    quantities = worst_quantities(context.design)
    labels = [f"worst({quantity.label})" for quantity in quantities]
    return ["worst", labels.index(family.label(index).rpartition("@")[0]), profile(context, index[0])]


def _bound(context: Context, family: Family, index: tuple[int, ...]) -> Name:
    """Bounds are numbered after the budget, if there is one."""
    return ["need", index[0] + (context.design.budget is not None)]


_NAMES: dict[str, Callable[[Context, Family, tuple[int, ...]], Name]] = {
    "allocation": lambda context, family, index: ["feasible", index[1], profile(context, index[0])],
    "incentive": _incentive,
    "participation": lambda context, family, index: ["participation", context.label(_agent(family)), index[0]],
    "participation ex post": _participation_ex_post,
    "participation ex ante": lambda context, family, index: ["participation", context.label(_agent(family))],
    "budget": lambda context, family, index: ["need", 0, profile(context, index[0])],
    "expected budget": lambda context, family, index: ["need", 0],
    "efficient": _efficient,
    "anonymous": _anonymous,
    "onto": lambda context, family, index: ["onto", index[0]],
    "nondictatorial": lambda context, family, index: ["nondictatorial", context.label(index[0])],
    "bound": _bound,
    "worst": _worst,
}
