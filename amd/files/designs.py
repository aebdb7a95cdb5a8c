"""The design of a problem: the wish and every constraint, with its defaults."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from amd.files.context import Context
from amd.files.decisions import Decisions
from amd.files.expressions import Expression, ExpressionError
from amd.files.faults import Faults
from amd.files.format import FLAGS, WISH_FUNCTIONS
from amd.files.nodes import Mapping, child
from amd.files.records import Fields
from amd.files.roster import Roster
from amd.files.shapes import Item, expression
from amd.files.wishes import UnsaidError, Wisher, check_convex
from amd.model.design import Bound, Budget, Design, Incentive, Linear, Participation
from amd.model.numbers import ONE, ZERO

_RELATION = re.compile(r"\s*(>=|<=|==|≥|≤|=>|=<|>|<|=)\s*(.*)", re.DOTALL)
_INSTEAD = {"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<=", ">": ">=", "<": "<=", "=": "=="}
_FOR_ORDERS = ("unanimous", "pareto", "onto", "nondictatorial")


@dataclass(frozen=True)
class _Reader:
    fields: Fields
    roster: Roster
    wisher: Wisher
    context: Context

    @property
    def faults(self) -> Faults:
        return self.context.faults


def read_design(item: Item[Fields] | None, roster: Roster, decisions: Decisions, context: Context) -> Design | None:
    """The design; None where there is none. What depends on a part of the file that is at fault is not told again."""
    if item is None:
        return None
    transfers = _read_transfers(item.value, roster, context)
    reader = _Reader(item.value, roster, Wisher(roster, decisions, transfers, context), context)
    budget = _read_budget(reader, transfers)
    flags, bounds = _read_requirements(reader)
    deterministic = item.value.value("allocation", False)
    _check_flags(reader, flags, deterministic)
    objective, maximize = _read_wish(reader)
    return Design(
        participation=_read_participation(reader),
        objective=objective,
        maximize=maximize,
        incentive=item.value.value("incentive", Incentive.BAYESIAN),
        budget=budget,
        transfers=transfers,
        deterministic=deterministic,
        bounds=bounds,
        **{flag: flag in flags for flag in FLAGS},
    )


def _read_transfers(fields: Fields, roster: Roster, context: Context) -> bool:
    """Whether there is money: yes unless said otherwise or some agent has orders."""
    ranking = roster.ranking
    if not fields.has("transfers"):
        return ranking is None
    transfers = bool(fields.value("transfers", True))
    if transfers and ranking is not None and fields.get("transfers") is not None:
        fields.blame("transfers", context.faults, f"'{ranking.name}' has orders, which money cannot be weighed against")
    return transfers and ranking is None


def _read_wish(reader: _Reader) -> tuple[Linear | None, bool]:
    reader.fields.clash("maximize", "minimize", reader.faults, "a design has one wish, 'maximize' or 'minimize'")
    key = "minimize" if reader.fields.has("minimize") else "maximize"
    item: Item[Expression] | None = reader.fields.get(key)
    if item is None:
        return None, True
    try:
        linear = reader.wisher.read(item.value.tree).linear(item.value.text)
        check_convex(linear, key[:3])
        return linear, key == "maximize"
    except ExpressionError as error:
        _blame(item, error, reader)
        return None, True


def _blame(item: Item[Expression], error: ExpressionError, reader: _Reader) -> None:
    """Record what is wrong, unless it comes from a part of the file that is at fault itself."""
    if not isinstance(error, UnsaidError) and not item.value.names & reader.context.broken:
        item.blame(reader.faults, str(error))


def _read_participation(reader: _Reader) -> tuple[Participation, ...]:
    """One stage an agent: as given, interim where left out, none for agents with orders."""
    item = reader.fields.get("participation")
    default = item.value if item is not None and isinstance(item.value, Participation) else Participation.INTERIM
    stages = {
        position: Participation.NONE if party.ranks else default
        for party in reader.roster.parties
        for position in party.positions
    }
    if item is not None and isinstance(item.value, dict) and isinstance(item.node, Mapping):
        # the entry that speaks of fewer agents comes last and counts
        entries = sorted(item.node.entries, key=lambda entry: -len(reader.roster.find(entry.key.text) or ()))
        for entry in entries:
            name = entry.key.text
            stage = item.value[name]
            positions = _participants(name, entry.key.line, child(item.path, name), reader)
            stages |= dict.fromkeys(positions, stage.value if stage is not None else default)
            _refuse_orders(positions, stage, reader)
    return tuple(stages[position] for position in sorted(stages))


def _participants(name: str, line: int | None, path: str, reader: _Reader) -> Sequence[int]:
    positions = reader.roster.find(name)
    if positions is None and reader.roster.named:
        reader.faults.add(line, path, reader.roster.unknown(name))
    return positions or ()


def _refuse_orders(positions: Sequence[int], stage: Item[Participation] | None, reader: _Reader) -> None:
    if stage is None or stage.value is Participation.NONE:
        return
    ranking = {position for party in reader.roster.parties if party.ranks for position in party.positions}
    if ranking & set(positions):
        stage.blame(reader.faults, "participation does not apply to agents with orders; leave it out")


def _read_budget(reader: _Reader, transfers: bool) -> Budget | None:
    item = reader.fields.get("budget")
    if item is None or not isinstance(item.value, Fields):
        return None
    fields = item.value
    if not transfers:
        reader.fields.blame("budget", reader.faults, "there are no transfers, so there is no budget; leave it out")
        return None
    fields.clash("balanced", "no_deficit", reader.faults, "a budget is 'balanced' or has 'no_deficit', not both")
    key = "no_deficit" if fields.has("no_deficit") else "balanced"
    if not fields.has(key):
        fields.blame("balanced", reader.faults, "is missing; say {balanced: ex_post}, or no_deficit, or ex_ante")
        return None
    subsidy = reader.context.number(fields.get("subsidy")) if fields.has("subsidy") else ZERO
    return Budget(balanced=key == "balanced", ex_post=bool(fields.value(key)), subsidy=subsidy or ZERO)


def _read_requirements(reader: _Reader) -> tuple[dict[str, Item[Any]], tuple[Bound, ...]]:
    """The named requirements with their places, and the bounds."""
    flags: dict[str, Item[Any]] = {}
    bounds: list[Bound] = []
    for item in reader.fields.value("require", []):
        if item is None:
            continue
        if isinstance(item.value, str):
            flags.setdefault(item.value, item)
            continue
        for entry in item.node.entries:
            relation = item.value[entry.key.text]
            bound = None if relation is None else _read_bound(entry.key.text, relation, reader)
            if bound is not None:
                bounds.append(bound)
    return flags, tuple(bounds)


def _read_bound(text: str, item: Item[str], reader: _Reader) -> Bound | None:
    found = _RELATION.fullmatch(item.value)
    if found is None or found[1] in _INSTEAD:
        right = f"'{_INSTEAD[found[1]]} {found[2]}'" if found else "a relation such as '>= 3'"
        item.blame(reader.faults, f"'{item.value}' is no bound; write {right}")
        return None
    sense, rest = found[1], found[2]
    try:
        left, right_side = expression(text, WISH_FUNCTIONS), expression(rest, WISH_FUNCTIONS)
        if (left.names | right_side.names) & reader.context.broken:
            return None
        combination = reader.wisher.read(left.tree)
        combination.add(reader.wisher.read(right_side.tree, parameters_first=True), -ONE)
        linear = combination.linear(f"{text} - ({rest})")
        if not linear.terms:
            raise ExpressionError("a bound is about at least one quantity, such as revenue")
        check_convex(linear, sense)
        return Bound(linear, sense, f"{text} {sense} {rest}")
    except UnsaidError:
        return None
    except ExpressionError as error:
        item.blame(reader.faults, str(error))
        return None


def _check_flags(reader: _Reader, flags: dict[str, Item[Any]], deterministic: bool) -> None:
    ranking = reader.roster.ranking
    if "efficient" in flags and ranking is not None:
        flags["efficient"].blame(
            reader.faults, f"'efficient' compares total values, and '{ranking.name}' has orders; 'pareto' is for orders"
        )
    valued = next((party for party in reader.roster.parties if not party.ranks), None)
    for flag in _FOR_ORDERS:
        if flag in flags and valued is not None:
            hint = "; 'efficient' is for values" if flag == "pareto" else ""
            flags[flag].blame(reader.faults, f"'{flag}' is about orders, and '{valued.name}' has none{hint}")
    for flag in ("onto", "nondictatorial"):
        if flag in flags and not deterministic:
            flags[flag].blame(reader.faults, f"'{flag}' is for 'allocation: deterministic' only")
