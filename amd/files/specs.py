"""From the parties of a file to the agents of the model: values, bundles, outside options and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from amd.files.context import Context
from amd.files.decisions import MAX_SUPPLY, Decisions
from amd.files.expressions import Expression
from amd.files.roster import Party, Roster
from amd.files.shapes import Item
from amd.files.valuations import Valuer, check_value, positions_of, stacked
from amd.model.build import AgentSpec, Bundle
from amd.model.numbers import ExactArray, exact_zeros

Priced = tuple[Item[Expression], Expression]
OUTSIDE = ""  # the key of the outside option among an agent's formulas: no outcome has an empty name


@dataclass(frozen=True)
class _Worth:
    """What a party's expressions are about: V columns, of which those in `priced` have an expression."""

    size: int
    priced: Mapping[int, Priced]
    names: Sequence[str]
    bundles: tuple[Bundle, ...] | None = None


def read_specs(roster: Roster, decisions: Decisions, context: Context) -> list[AgentSpec]:
    """The agents of the model, copy by copy. What is at fault is left out, so use them only if there are no faults."""
    valuer = Valuer(roster, context)
    specs: list[AgentSpec] = []
    for party in roster.parties:
        specs += _party_specs(party, roster, decisions, valuer, context)
    return specs


def _party_specs(
    party: Party, roster: Roster, decisions: Decisions, valuer: Valuer, context: Context
) -> list[AgentSpec]:
    worth = _read_worth(party, roster, decisions, context)
    demand = _read_demand(party, decisions, context)
    budget = _read_budget(party, context)
    outside = _check_outside(party, roster, context)
    if not roster.complete or not decisions.complete or worth is None or party.types is None:
        return []
    formulas = {worth.names[column]: expression for column, (_, expression) in worth.priced.items()}
    if outside is not None:
        formulas[OUTSIDE] = outside[1]
    around = None if outside is None else valuer.private(*outside, party)
    copies = _copy_values(party, worth, valuer)
    return [
        AgentSpec(
            name=party.copy_name(copy),
            types=party.types,
            values=values,
            group=party.name,
            outside=around,
            budget=budget,
            interdependent=interdependent,
            demand=demand,
            bundles=worth.bundles,
            formulas=formulas,
        )
        for copy, (values, interdependent) in enumerate(copies)
    ]


def _copy_values(party: Party, worth: _Worth, valuer: Valuer) -> list[tuple[ExactArray, bool]]:
    """The values of each copy, and whether they depend on others. Private values are shared among the copies."""
    expressions = [expression for _, expression in worth.priced.values()]
    depends = [
        any(valuer.depends(expression, party, party.start + copy) for expression in expressions)
        for copy in range(party.count)
    ]
    if not any(expression.members for expression in expressions):
        private = _private_values(party, worth, valuer)
        return [] if private is None else [(private, False)] * party.count
    found = []
    for copy, interdependent in enumerate(depends):
        values = _profile_values(party, copy, worth, valuer, interdependent)
        if values is None:
            return []
        found.append((values, interdependent))
    return found


def _private_values(party: Party, worth: _Worth, valuer: Valuer) -> ExactArray | None:
    shape = (valuer.shape[party.start],)
    if worth.priced and not valuer.fits(next(iter(worth.priced.values()))[0], shape, worth.size):
        return None
    zero = exact_zeros(shape)
    parts = []
    for column in range(worth.size):
        part = valuer.private(*worth.priced[column], party) if column in worth.priced else zero
        if part is None:
            return None
        parts.append(part)
    return stacked(parts, shape)


def _profile_values(party: Party, copy: int, worth: _Worth, valuer: Valuer, depends: bool) -> ExactArray | None:
    """Values over all type profiles; over the own types only where nobody else's parameter is used after all."""
    position = party.start + copy
    shape = valuer.shape
    item = next(iter(worth.priced.values()))[0]
    if not valuer.fits(item, shape if depends else shape[position : position + 1], worth.size):
        return None
    parts: list[ExactArray] = []
    for column in range(worth.size):
        if column not in worth.priced:
            parts.append(exact_zeros(()))
            continue
        part = valuer.profiles(*worth.priced[column], party, copy)
        if part is None:
            return None
        parts.append(part)
    if depends:
        return stacked(parts, shape)
    first = tuple(slice(None) if axis == position else 0 for axis in range(len(shape)))
    own = [part[first] if part.shape else part for part in parts]
    return stacked(own, shape[position : position + 1])


def _read_worth(party: Party, roster: Roster, decisions: Decisions, context: Context) -> _Worth | None:
    fields = party.fields
    if party.ranks:
        for key in ("value", "bundles", "outside"):
            if fields.has(key):
                fields.blame(key, context.faults, "the agent has orders, so it has no values; leave this out")
        return _Worth(len(decisions.names), {}, decisions.names)
    fields.clash("value", "bundles", context.faults, "values are given by 'value' or by 'bundles', not both")
    if fields.has("bundles"):
        return _read_bundles(party, roster, decisions, context)
    value = fields.get("value")
    if value is None:
        return None if fields.has("value") else _Worth(len(decisions.names), {}, decisions.names)
    named = positions_of(value, decisions, context)
    priced = {column: _priced(item, party, roster, context) for column, item in named.items()}
    return _Worth(len(decisions.names), _kept(priced), decisions.names)


def _priced(item: Item[Expression] | None, party: Party, roster: Roster, context: Context) -> Priced | None:
    expression = check_value(item, party, roster, context)
    return None if item is None or expression is None else (item, expression)


def _kept(priced: Mapping[int, Priced | None]) -> dict[int, Priced]:
    return {column: found for column, found in priced.items() if found is not None}


def _read_bundles(party: Party, roster: Roster, decisions: Decisions, context: Context) -> _Worth | None:
    if not decisions.by_goods:
        party.fields.blame(
            "bundles", context.faults, "bundles are of goods, and this problem has outcomes: use 'value'"
        )
        return None
    item = party.fields.get("bundles")
    if item is None:
        return None
    bundles: list[Bundle] = []
    priced: dict[int, Priced | None] = {}
    for below in item.value:
        bundle = None if below is None else _read_bundle(below, decisions, context)
        if below is None or bundle is None:
            continue
        if bundle in bundles:
            below.blame(context.faults, "this bundle is listed twice")
        priced[len(bundles)] = _priced(below.value.get("value"), party, roster, context)
        bundles.append(bundle)
    names = [bundle_name(bundle, decisions) for bundle in bundles]
    return _Worth(len(bundles), _kept(priced), names, tuple(bundles))


def _read_bundle(item: Item[Any], decisions: Decisions, context: Context) -> Bundle | None:
    named = item.value.get("of")
    if named is None:
        return None
    positions = [None if name is None else decisions.position(name, context) for name in named.value]
    if None in positions or not decisions.complete:
        return None
    units = tuple(positions.count(good) for good in range(len(decisions.goods)))
    for good, count in zip(decisions.goods, units, strict=True):
        if count > good.supply:
            named.blame(context.faults, f"holds {count} of '{good.name}', of which there are {good.supply}")
    return Bundle(units)


def bundle_name(bundle: Bundle, decisions: Decisions) -> str:
    """The bundle's goods with their numbers: ``a + 2 b``."""
    return " + ".join(
        good.name if units == 1 else f"{units} {good.name}"
        for good, units in zip(decisions.goods, bundle.units, strict=True)
        if units
    )


def _read_demand(party: Party, decisions: Decisions, context: Context) -> int | None:
    if not party.fields.has("demand"):
        return None
    if not decisions.by_goods and decisions.complete:
        party.fields.blame("demand", context.faults, "demand is about goods, and this problem has outcomes")
        return None
    return context.whole(party.fields.get("demand"), 0, MAX_SUPPLY, "a demand")


def _read_budget(party: Party, context: Context) -> Fraction | None:
    item: Item[Expression] | None = party.fields.get("budget")
    if item is not None and item.value.names & set(party.parameters or ()) - context.constants.keys():
        item.blame(context.faults, "a budget is one number for all types; only parameters of the file may stand here")
        return None
    return context.number(item)


def _check_outside(party: Party, roster: Roster, context: Context) -> Priced | None:
    item: Item[Expression] | None = party.fields.get("outside")
    expression = check_value(item, party, roster, context, private=True)
    return None if item is None or expression is None or party.ranks else (item, expression)
