"""From multipliers of a program's rows to multipliers of named constraints of the unreduced problem.

Rows of a reduced program are constraints of the full one, or follow from them: neighbouring incentives are some of
all incentives; an interim row in interim columns is the same row of the full program once the columns are written
out, so the rows that define them drop out (their columns are free, hence their multipliers cancel); an expected
budget is the average of the budgets of the profiles. Rows that say what one profile's allocation can be are left out
where the verifier can do without: where no column is in two of them, it knows the greatest value of anything over them.
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
from amd.model.restate import restate_design

Name = list[Any]
Multiplier = tuple[Name, Fraction]


def named(context: Context, weights: ExactArray) -> list[Multiplier]:
    """The constraints ``terms >= bound`` and their multipliers; `weights` (m,) multiply the rows as they stand.

    A positive weight stands on a row's lower bound, a negative one on its upper bound.
    """
    found = []
    for family in context.builder.families:
        here = weights[family.start : family.start + family.count]
        for at in np.flatnonzero(here != 0).tolist():
            found += list(_of(context, family, tuple(int(part) for part in family.index[at]), here[at]))
    return found


def _of(context: Context, family: Family, index: tuple[int, ...], weight: Fraction) -> Iterator[Multiplier]:
    if family.kind == "interim" or (family.kind == "allocation" and disjoint(context)):
        return
    flips = family.kind in ("allocation", "nondictatorial")
    flips = flips or (family.kind == "bound" and context.design.bounds[index[0]].sense == "<=")
    yield _NAMES[family.kind](context, family, index), -weight if flips else weight


def disjoint(context: Context) -> bool:
    """Whether no column is in two rows of the allocation."""
    matrix = context.environment.allocation.matrix
    return int(np.bincount(matrix.tocoo().col, minlength=matrix.shape[1]).max(initial=0)) <= 1


def profile(context: Context, p: int) -> list[int]:
    """The types of a profile."""
    return [int(part) for part in np.unravel_index(p, context.environment.shape)]


def _incentive(context: Context, family: Family, index: tuple[int, ...]) -> Name:
    i, (k, report, *rest) = _agent(family), index
    name: Name = ["incentive", context.label(i), k, report]
    dominant = context.design.incentive is Incentive.DOMINANT
    if dominant:
        name.append(profile(context, int(context.profiles(i)[k, rest[0]])))
    if context.agents[i].types.orders is not None:
        name += [rest[-1]] if dominant else [None, rest[-1]]
    return name


def _participation_ex_post(context: Context, family: Family, index: tuple[int, ...]) -> Name:
    i, (k, s) = _agent(family), index
    return ["participation", context.label(i), k, profile(context, int(context.profiles(i)[k, s]))]


def _agent(family: Family) -> int:
    if family.agent is None:
        raise ValueError(f"rows of kind '{family.kind}' belong to an agent")
    return family.agent


def _efficient(context: Context, family: Family, index: tuple[int, ...]) -> Name:
    """A good that is all given, or the total value less cost of a profile."""
    return ["efficient", profile(context, index[0]), *index[1:]]


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
    design = context.design
    restated = restate_design(design, context.environment)
    linears = [bound["linear"] for bound in restated["bounds"]]
    linears += [restated["objective"]] if restated["objective"] is not None else []
    quantities = [quantity for linear in linears for _, quantity in linear["terms"]]
    title = family.label(index).rpartition("@")[0]
    labels = [f"worst({quantity.label})" for quantity in design.quantities]
    return ["worst", quantities[labels.index(title)], profile(context, index[0])]


_NAMES: dict[str, Callable[[Context, Family, tuple[int, ...]], Name]] = {
    "allocation": lambda context, family, index: ["feasible", profile(context, index[0]), index[1]],
    "incentive": _incentive,
    "participation": lambda context, family, index: ["participation", context.label(_agent(family)), index[0]],
    "participation ex post": _participation_ex_post,
    "participation ex ante": lambda context, family, index: ["participation", context.label(_agent(family))],
    "budget": lambda context, family, index: ["budget", profile(context, index[0])],
    "expected budget": lambda context, family, index: ["budget"],
    "efficient": _efficient,
    "anonymous": _anonymous,
    "onto": lambda context, family, index: ["onto", index[0]],
    "nondictatorial": lambda context, family, index: ["nondictatorial", context.label(index[0])],
    "bound": lambda context, family, index: ["bound", index[0]],
    "worst": _worst,
}
