"""From a problem file of `kind: cooperative` to a game, with every fault by its line."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from amd.cooperative.game import MOST_PLAYERS, Coalition, Game
from amd.cooperative.shapes import COOPERATIVE
from amd.files import document
from amd.files.context import Context
from amd.files.faults import Faults, suggest
from amd.files.parameters import read_parameters
from amd.files.records import Fields


def read_game(text: str, origin: str, folder: Path | None = None, overrides: Mapping[str, str] | None = None) -> Game:
    """The game of a file. Raises InputError with all faults."""
    faults = Faults(origin)
    record = COOPERATIVE.read(document.read(text, origin, faults), "", faults)
    faults.check()
    if record is None:
        raise ValueError(f"{origin}: the document could not be read")
    fields: Fields = record.value
    context = Context(faults, folder)
    read_parameters(fields.get("parameters"), overrides or {}, context)
    players = _players(fields, faults)
    fields.clash("worth", "majority", faults, "stands beside the other; give 'worth' or 'majority'")
    if not fields.has("worth") and not fields.has("majority"):
        fields.blame("worth", faults, "is missing; say what coalitions can have, or give 'majority'")
    faults.check()
    worth = _worth(fields, players, context) if fields.has("worth") else _majority(fields, players, context)
    faults.check()
    return Game(players, worth, str(fields.value("title", "")))


def _players(fields: Fields, faults: Faults) -> tuple[str, ...]:
    item = fields.get("players")
    if item is None:
        return ()
    names = tuple(one.value for one in item.value if one is not None)
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        item.blame(faults, f"'{name}' stands there twice")
    if len(names) > MOST_PLAYERS:
        item.blame(faults, f"has {len(names)} players; at most {MOST_PLAYERS} can be handled")
    return names


def _worth(fields: Fields, players: tuple[str, ...], context: Context) -> dict[Coalition, Fraction]:
    number = {name: i for i, name in enumerate(players)}
    worth: dict[Coalition, Fraction] = {}
    for item in fields.value("worth", []):
        if item is None:
            continue
        own: Fields = item.value
        names = [one.value for one in own.value("of", []) if one is not None]
        unknown = [name for name in names if name not in number]
        if unknown:
            own.blame("of", context.faults, f"'{unknown[0]}' is no player{suggest(unknown[0], players)}")
            continue
        members = frozenset(number[name] for name in names)
        if len(members) < len(names):
            own.blame("of", context.faults, "names a player twice")
        if members in worth:
            own.blame("of", context.faults, "this coalition stood there before")
        value = context.number(own.get("value"))
        if value is not None:
            worth[members] = value
    return worth


def _majority(fields: Fields, players: tuple[str, ...], context: Context) -> dict[Coalition, Fraction]:
    own: Fields = fields.value("majority")
    quota = context.number(own.get("quota"))
    value = context.number(own.get("value")) if own.has("value") else Fraction(1)
    votes = dict.fromkeys(players, Fraction(1))
    for name, item in own.value("weights", {}).items():
        found = context.number(item)
        if name not in votes:
            own.blame("weights", context.faults, f"'{name}' is no player{suggest(name, players)}")
        elif found is not None and found < 0 and item is not None:
            item.blame(context.faults, f"is {found}; votes are at least 0")
        elif found is not None:
            votes[name] = found
    if quota is None or value is None:
        return {}
    if quota <= 0:
        own.blame("quota", context.faults, f"is {quota}; it should be above 0")
    weight = [votes[name] for name in players]
    every = [*Game(players, {}).coalitions, frozenset(range(len(players)))]
    return {one: value for one in every if sum(weight[i] for i in one) >= quota}
