"""Prices of deterministic voting rules, which are counts: in how many profiles a requirement must be broken.

A rule without lotteries that rewards a lie raises the chance of something better from 0 to 1, so that the greatest gain
tells nothing. What tells is how often: the number of profiles at which somebody gains by lying (Kelly, 1988, Minimal
manipulability and local strategy-proofness; Maus, Peters and Storcken, 2007), at which a common favourite is passed
over, or a dominated outcome is chosen; and how many outcomes are never chosen.

Claim. Let each row of a requirement be relaxed by the new column of its profile (or outcome). In a rule with whole
chances a row is short by 0 or 1, so that the least columns are 0 and 1, and their sum is the count.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from amd.compile.builder import Family
from amd.compile.context import Context
from amd.model.design import Incentive
from amd.proof.conflict.clauses import Asked, Clause, without
from amd.proof.conflict.programs import program_of
from amd.proof.conflict.rational import Triples

Indices = NDArray[np.int64]


def is_counted(asked: Asked, clauses: tuple[Clause, ...]) -> bool:
    """Whether the price of these clauses is a count."""
    agents, design = asked.environment.agents, asked.design
    ordinal = all(agent.types.orders is not None for agent in agents)
    dominant = design.incentive is Incentive.DOMINANT
    kind = clauses[0].kind
    return design.deterministic and ordinal and (kind != "incentive" or dominant)


def counted(asked: Asked, clauses: tuple[Clause, ...], exact: bool) -> Triples:
    """The program whose least value is the count."""
    kind = clauses[0].kind
    if kind == "incentive":
        return _lies(asked, clauses, exact)
    return _missing(asked, exact) if kind == "onto" else _ruled_out(asked, clauses, exact)


def _lies(asked: Asked, clauses: tuple[Clause, ...], exact: bool) -> Triples:
    """Every incentive of the clauses' agents gives way where the column of its profile is 1."""
    context, program = program_of(asked, exact, every_pair=True)
    agents = {i for clause in clauses for i in clause.agents}
    families = [one for one in context.builder.families if one.kind == "incentive" and one.agent in agents]
    rows = np.concatenate([one.start + np.arange(one.count) for one in families])
    profiles = np.concatenate([_profiles(context, one) for one in families])
    return _eased(program, rows, profiles, asked.environment.profile_count)


def _profiles(context: Context, family: Family) -> Indices:
    """The profile in which the true type stands, of each row (type, report, others' profile, upper set)."""
    if family.agent is None:
        raise ValueError("incentives are of an agent")
    return context.profiles(family.agent)[family.index[:, 0], family.index[:, 2]]


def _missing(asked: Asked, exact: bool) -> Triples:
    """Each outcome may be left out where its column is 1."""
    context, program = program_of(asked, exact)
    family = next(one for one in context.builder.families if one.kind == "onto")
    return _eased(program, family.start + np.arange(family.count), family.index[:, 0], family.count)


def _eased(program: Triples, rows: Indices, places: Indices, count: int) -> Triples:
    """With a column for each place that helps its rows."""
    ones = program.numbers([1] * len(rows))
    return program.wishing(program.numbers([1] * count), rows, len(program.cost) + places, ones)


def _ruled_out(asked: Asked, clauses: tuple[Clause, ...], exact: bool) -> Triples:
    """What the clauses rule out at a profile is at most the profile's column instead."""
    rest = replace(without(asked.environment, asked.design, clauses), free=asked.free)
    fixed = program_of(asked, exact)[1].bounds[3]
    context, program = program_of(rest, exact)
    index = context.allocation.index
    profiles, outcomes = np.nonzero((fixed[index] == 0) & (program.bounds[3][index] != 0))
    count, columns = len(index), index[profiles, outcomes]
    new = len(program.cost) + profiles
    eased = program.wishing(program.numbers([1] * count), [], [], [])
    return eased.below(columns, program.numbers([0] * len(columns)), new)
