"""R6: the program in interim allocations q and interim utilities u.

Claim. Independent types, private additive values of goods, lotteries, Bayesian incentives (or none), no cap on
payments,
no ``worst``, no ``efficient``, no ex post budget. Everything the design speaks of is then a function of each
class's interim
allocation q(k, g) and interim utility u(k), since payments are m = V q - u (R1):

    incentive k→l       u(k) >= u(l) + (V(k) - V(l)) · q(l)
    participation       u(k) >= outside(k)
    expectations        Σ count f(k) (…)

and q is feasible if and only if Border's constraints hold for each resource (`border`). Resources are independent of
each other: rules that reach each resource's interim allocation can be run side by side.

Where a single class is ordered by its value of a resource of one good, incentives make q rise with the value, so only
the sets of highest types matter: their probabilities are the columns s(t) = s(t + 1) + count f(t) q(t), bounded by
1 - F(t - 1)^count. The bounds are computed by ``expm1``, and no row is longer than three entries: for a thousand
bidders with ten
thousand types rows that sum over types lose all accuracy. Other classes get Border's rows as they are violated.

With several units per agent that are not additive, or correlated types the claim fails. With ``dominant`` incentives
it holds for one good where R8 does (`equivalence`): its lottery over hierarchies can be taken to rise with the value in
each (`rising`). With several goods of one dimension the interim allocation of a good need not rise by itself, and with
several dimensions dominant mechanisms reach less than Bayesian ones (Gershkov et al., 2013): there profiles are listed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from amd.compile.builder import ProgramBuilder, Terms, terms
from amd.compile.orbits import first_of_orbits, itself
from amd.compile.plan import Verdict
from amd.compile.reduced.border import Population
from amd.compile.reduced.border_rows import add_first_border, add_ordered_border, add_single_agent
from amd.compile.reduced.classes import AgentClass, classes
from amd.compile.reduced.form import ClassColumns, ReducedForm
from amd.compile.reduced.resources import Resource, resources
from amd.compile.reductions import equivalence
from amd.compile.reductions.adjacent import cross, find_ladder, rung_pairs
from amd.compile.reductions.generation import grid_neighbours
from amd.compile.reductions.symmetry import good_exchanges
from amd.model.design import Design, Incentive, Linear, Participation, Quantity
from amd.model.environment import Environment
from amd.model.numbers import FloatArray, IntArray

NAME = "reduced-form"
LISTED = 200_000  # allocation entries up to which the mechanism is written out profile by profile
ALL_PAIRS = 3_000  # pairs of types of a class up to which all its incentive rows are written down


def applies(environment: Environment, design: Design) -> Verdict:
    """The conditions of the claim, in words."""
    obstacles = {
        "types are correlated": not environment.independent,
        "values are interdependent": environment.interdependent,
        "the mechanism is to be deterministic": design.deterministic,
        "efficiency looks at every profile": design.efficient,
        "a worst case looks at every profile": any(quantity.worst for quantity in design.quantities),
        "the budget must hold in every profile": design.budget is not None and design.budget.ex_post,
        "an agent's budget caps its payment in every profile": any(a.budget is not None for a in environment.agents),
        "there are no goods, or they are tied together": resources(environment) is None,
        "ex post participation cannot be audited where profiles are too many to list": (
            Participation.EX_POST in design.participation
            and design.incentive is not Incentive.DOMINANT
            and environment.profile_count * environment.allocation.size > LISTED
        ),
    }
    reason = next((why for why, holds in obstacles.items() if holds), None) or _not_dominant(environment, design)
    if reason is not None:
        return Verdict(False, reason)
    if design.incentive is Incentive.DOMINANT:
        return Verdict(True, "one good, types of one dimension: what Border's constraints permit, dominant rules reach")
    return Verdict(True, "goods are handed out independently: interim allocations with Border's constraints say it all")


def _not_dominant(environment: Environment, design: Design) -> str | None:
    """Why dominant incentives, where they are asked for, cannot be had by a lottery over rising hierarchies."""
    if design.incentive is not Incentive.DOMINANT:
        return None
    if len(environment.allocation.goods) > 1:
        return "dominant incentives look at every profile, where there is more than one good"
    verdict = equivalence.applies(environment, design)
    return None if verdict.applies else f"dominant incentives look at every profile: {verdict.why}"


def build_reduced(environment: Environment, design: Design) -> ReducedForm:
    """All rows but those that are generated. Dominant incentives become Bayesian ones (R8)."""
    dominant = design.incentive is Incentive.DOMINANT
    design = equivalence.relaxed(design) if dominant else design
    scarce = resources(environment)
    if scarce is None:
        raise ValueError("the goods are tied together: there is no reduced form")
    builder = ProgramBuilder()
    symmetry = _Goods.of(environment, design)
    columns = [_columns(builder, environment, group, scarce, symmetry) for group in classes(environment, design)]
    population = Population.of([one.mass for one in columns], [one.group.size for one in columns])
    form = ReducedForm(environment, design, builder, scarce, columns, population, dominant=dominant)
    form.generated = {position for position, one in enumerate(columns) if _generates(form, one)}
    for position, one in enumerate(columns):
        _add_money(form, one)
        _add_incentives(form, position, one)
        if position not in form.generated or not len(staying(form, one)):
            _add_participation(form, one)
    _add_budget(form)
    for position, bound in enumerate(design.bounds):
        right = -float(bound.linear.constant)
        lower = right if bound.sense in (">=", "==") else -np.inf
        upper = right if bound.sense in ("<=", "==") else np.inf
        parts = linear_terms(form, bound.linear)
        builder.add_rows("bound", np.full((1, 1), position), parts, lower, upper, lambda at: f"bound{at[0]}")
    if design.objective is not None:
        for part in linear_terms(form, design.objective):
            builder.add_cost(part)
    for r in range(len(scarce)):
        if symmetry.repeats(scarce, r):
            form.ordered.add(r)
        elif len(environment.agents) == 1:
            add_single_agent(form, r)
        else:
            add_ordered_border(form, r)
    form.permanent = builder.row_count
    for one in (columns[position] for position in sorted(form.generated)):
        if len(staying(form, one)):
            _add_participation(form, one)
    for r in (r for r in range(len(scarce)) if r not in form.ordered):
        add_first_border(form, r)
    return form


@dataclass(frozen=True, eq=False)
class _Goods:
    """Exchanges of goods (R5): for each the goods' new places, and each agent's types'."""

    exchanges: tuple[tuple[IntArray, tuple[IntArray, ...]], ...]

    @classmethod
    def of(cls, environment: Environment, design: Design) -> _Goods:
        """All exchanges of two goods that leave the problem as it is."""
        goods = len(environment.allocation.goods)
        return cls(tuple((one.columns[:goods], one.types) for one in good_exchanges(environment, design)))

    def cells(self, agent: int, types: int, goods: int) -> IntArray:
        """The first (type, good) of each orbit, flat, (types, goods)."""

        def goes(order: IntArray, moved: tuple[IntArray, ...]) -> IntArray:
            return (moved[agent][:, None] * goods + order).reshape(-1)

        maps = [partial(goes, *exchange) for exchange in self.exchanges]
        return first_of_orbits(types * goods, maps).reshape(types, goods)

    def types(self, agent: int, count: int) -> IntArray:
        """The first type of each orbit, (types,)."""
        return first_of_orbits(count, [partial(itself, moved[agent]) for _, moved in self.exchanges])

    def repeats(self, scarce: tuple[Resource, ...], r: int) -> bool:
        """Whether an exchange makes an earlier resource of this one, whose rows then serve for both."""
        return any(
            {int(order[good]) for good in scarce[r].goods} == set(earlier.goods)
            for order, _ in self.exchanges
            for earlier in scarce[:r]
        )


def _columns(
    builder: ProgramBuilder,
    environment: Environment,
    group: AgentClass,
    scarce: tuple[Resource, ...],
    symmetry: _Goods,
) -> ClassColumns:
    agent, goods = environment.agents[group.first], len(environment.allocation.goods)
    values = np.zeros((agent.size, goods))
    values[:, agent.features.indices % goods] = agent.float_values
    cap = np.zeros(goods)
    for resource in scarce:
        cap[list(resource.goods)] = resource.capacity
    name, names = agent.group, [good.name for good in environment.allocation.goods]
    allocation = builder.add_columns(
        "interim allocation",
        values.shape,
        0,
        cap[None, :],
        lambda at: f"q[{name}]@{at[0]}:{names[at[1]]}",
        orbits=symmetry.cells(group.first, agent.size, goods),
    )
    types = symmetry.types(group.first, agent.size)
    utility = builder.add_columns(
        "utility", (agent.size,), -np.inf, np.inf, lambda at: f"u[{name}]@{at[0]}", orbits=types
    )
    return ClassColumns(group, agent, values, allocation, utility, np.unique(types))


def _add_money(form: ReducedForm, one: ClassColumns) -> None:
    """Without money the utility is the value of the allocation."""
    if form.design.transfers:
        return
    k = np.arange(one.agent.size)
    parts = [terms(k, one.utility.index, 1.0), terms(k[:, None], one.allocation.index, -one.values)]
    name = one.agent.group
    form.builder.add_rows("no money", k[:, None], parts, 0, 0, lambda at: f"value[{name}]@{at[0]}")


def incentive_terms(one: ClassColumns, pairs: IntArray) -> list[Terms]:
    """u(k) - u(l) - (V(k) - V(l)) · q(l) for each pair (k, l)."""
    k, report = pairs[:, 0], pairs[:, 1]
    row = np.arange(len(pairs))
    return [
        terms(row, one.utility[k], 1.0),
        terms(row, one.utility[report], -1.0),
        terms(row[:, None], one.allocation[report], one.values[report] - one.values[k]),
    ]


def _add_incentives(form: ReducedForm, position: int, one: ClassColumns) -> None:
    if form.design.incentive is Incentive.NONE:
        return
    pairs = _pairs(form, position, one)
    pairs = pairs[np.isin(pairs[:, 0], one.truths)]
    form.builder.add_rows("incentive", pairs, incentive_terms(one, pairs), 0, np.inf, incentive_name(one))


def incentive_name(one: ClassColumns) -> Callable[[tuple[int, ...]], str]:
    """Of a pair of a class."""
    name = one.agent.group
    return lambda at: f"incentive[{name}]@{at[0]}->{at[1]}"


def _pairs(form: ReducedForm, position: int, one: ClassColumns) -> IntArray:
    """Neighbouring rungs (R3), every pair, or neighbours to start from (R4); types of probability zero have none."""
    size = one.agent.size
    possible = np.flatnonzero(one.mass > 0)
    ladder = find_ladder(one.agent, form.environment.allocation.kind)
    if position in form.generated:
        pairs = grid_neighbours(one.agent)
        pairs = pairs[np.isin(pairs[:, 0], possible)]
    elif ladder is not None and len(possible) == size:
        pairs = rung_pairs(ladder.rungs)
    else:
        pairs = cross(possible, np.arange(size))
    return pairs[pairs[:, 0] != pairs[:, 1]]


def _generates(form: ReducedForm, one: ClassColumns) -> bool:
    """Whether the incentive rows of a class are many and no ladder shortens them."""
    size = one.agent.size
    few = size * (size - 1) <= ALL_PAIRS or len(one.agent.types.shape) == 1
    if form.design.incentive is Incentive.NONE or few:
        return False
    return find_ladder(one.agent, form.environment.allocation.kind) is None or bool((one.mass == 0).any())


def _add_participation(form: ReducedForm, one: ClassColumns) -> None:
    """Rows u(k) >= outside(k); ex post participation is met by the lift as soon as every type's row holds (R1)."""
    types = staying(form, one)
    if form.design.participation[one.group.first] is Participation.EX_ANTE:
        zero, least, name = np.zeros((1, 0), dtype=int), one.mass @ one.agent.float_outside, one.agent.group
        parts = [terms(0, one.utility.index, one.mass)]
        form.builder.add_rows("participation ex ante", zero, parts, least, np.inf, lambda at: f"participation[{name}]")
    elif len(types):
        least, parts = one.agent.float_outside[types], participation_terms(one, types)
        form.builder.add_rows("participation", types[:, None], parts, least, np.inf, participation_name(one))


def staying(form: ReducedForm, one: ClassColumns) -> IntArray:
    """The types that have a participation row of their own."""
    stage = form.design.participation[one.group.first]
    if stage in (Participation.EX_ANTE, Participation.NONE):
        return np.zeros(0, dtype=np.int64)
    return one.truths if stage is Participation.EX_POST else one.truths[one.mass[one.truths] > 0]


def participation_terms(one: ClassColumns, types: IntArray) -> list[Terms]:
    """u(k) for each of the types."""
    return [terms(np.arange(len(types)), one.utility[types], 1.0)]


def participation_name(one: ClassColumns) -> Callable[[tuple[int, ...]], str]:
    """Of a type of a class."""
    name = one.agent.group
    return lambda at: f"participation[{name}]@{at[0]}"


def _add_budget(form: ReducedForm) -> None:
    budget = form.design.budget
    if budget is None:
        return
    profit = Linear(((1, Quantity("profit", "profit")),))  # type: ignore[arg-type]
    least = -float(budget.subsidy)
    most = least if budget.balanced else np.inf
    zero = np.zeros((1, 0), dtype=int)
    form.builder.add_rows("expected budget", zero, linear_terms(form, profit), least, most, lambda at: "budget")


def linear_terms(form: ReducedForm, linear: Linear) -> list[Terms]:
    """A combination of expected quantities as terms of row 0."""
    parts = []
    for one in form.columns:
        on_goods, on_utility = np.zeros(one.values.shape), np.zeros(one.agent.size)
        for weight, quantity in linear.terms:
            goods, money = _weights(form, one, quantity)
            on_goods += float(weight) * (goods + money * one.values)
            on_utility -= float(weight) * money
        parts.append(terms(0, one.allocation.index, one.weight[:, None] * on_goods))
        parts.append(terms(0, one.utility.index, one.weight * on_utility))
    return parts


def _weights(form: ReducedForm, one: ClassColumns, quantity: Quantity) -> tuple[FloatArray, float]:
    """The weight of each type's expected goods (K, m) and of its expected payment in a quantity."""
    zero = np.zeros(one.values.shape)
    if quantity.agents is not None and one.group.first not in quantity.agents:
        return zero, 0.0
    costs = form.environment.allocation.float_cost.reshape(len(form.environment.agents), -1)[one.group.first]
    cost = np.broadcast_to(costs, zero.shape)
    target = zero.copy()
    if quantity.name == "allocated":
        target[:, quantity.target] = 1
    return {
        "revenue": (zero, 1.0),
        "payment": (zero, 1.0),
        "cost": (cost, 0.0),
        "profit": (-cost, 1.0),
        "deficit": (cost, -1.0),
        "welfare": (one.values - cost, 0.0),
        "surplus": (one.values, -1.0),
        "allocated": (target, 0.0),
    }[quantity.name]
