"""From a problem file of `kind: axioms` to its task, with every fault by its line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any

from amd.axioms.clauses import AXIOMS, Axiom
from amd.axioms.prove import digest, restate
from amd.axioms.setting import ASSIGNMENT, MATCHING, Order, Setting
from amd.axioms.shapes import ALL, AXIOMS_FILE, SINGLE_PEAKED, STRATEGYPROOF
from amd.files import document
from amd.files.faults import Faults, listing, suggest
from amd.files.records import Fields
from amd.files.shapes import Item

MOST_NAMES = 26
MOST_ORDERED = 7  # alternatives of which all orders are listed


@dataclass(frozen=True, eq=False)
class AxiomsTask:
    """A problem as read: the setting, the axioms (word, for whom), and whether all rules are wanted."""

    title: str
    source: str
    setting: Setting
    axioms: tuple[Axiom, ...]
    every: bool = False

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the restated problem."""
        return digest(restate(self.setting, self.axioms))


def read_axioms(text: str, origin: str) -> AxiomsTask:
    """The task of a file. Raises InputError with all faults."""
    faults = Faults(origin)
    record = AXIOMS_FILE.read(document.read(text, origin, faults), "", faults)
    faults.check()
    if record is None:
        raise ValueError(f"{origin}: the document could not be read")
    fields: Fields = record.value
    rule = fields.value("rule")
    _refuse_misplaced(fields, rule, faults)
    faults.check()
    first, agents = _agents(fields, rule, faults)
    alternatives = () if rule == MATCHING else _names(fields.get("alternatives"), faults)
    if rule == ASSIGNMENT and agents and alternatives and len(agents) != len(alternatives):
        fields.blame(
            "alternatives", faults, f"has {len(alternatives)} objects for {len(agents)} agents; as many are wanted"
        )
    faults.check()
    reports = _reports(fields, rule, agents, alternatives, first, faults)
    axioms = _axioms(fields, rule, agents, faults)
    if rule == ASSIGNMENT and fields.value("find") == "all":
        fields.blame("find", faults, "cannot be 'all': random assignment rules are not finite in number")
    faults.check()
    setting = Setting(rule, agents, alternatives, reports, first)
    title, source = (str(fields.value(key, "")) for key in ("title", "source"))
    return AxiomsTask(title, source, setting, axioms, fields.value("find", "one") == "all")


def _refuse_misplaced(fields: Fields, rule: str, faults: Faults) -> None:
    """Keys that the rule needs and lacks, or has and does not need."""
    sides, orders = ["sides"], ["agents", "alternatives"]
    wanted, other = (sides, orders) if rule == MATCHING else (orders, sides)
    for key in wanted:
        if not fields.has(key):
            fields.blame(key, faults, f"is missing; rule '{rule}' needs it")
    for key in other:
        if fields.has(key):
            fields.blame(key, faults, f"means nothing with rule '{rule}'")


def _names(item: Item[Any] | None, faults: Faults) -> tuple[str, ...]:
    if item is None:
        return ()
    names = tuple(one.value for one in item.value if one is not None)
    for name in names:
        if names.count(name) > 1:
            item.blame(faults, f"'{name}' stands there twice")
    if len(names) > MOST_NAMES:
        item.blame(faults, f"has {len(names)} names; at most {MOST_NAMES} can be handled")
    return names


def _agents(fields: Fields, rule: str, faults: Faults) -> tuple[int, tuple[str, ...]]:
    """(size of the first side, agents)."""
    if rule == MATCHING:
        item = fields.get("sides")
        sides = [] if item is None else [_names(side, faults) for side in item.value.values()]
        if item is not None and len(sides) != 2:
            item.blame(faults, f"has {len(sides)} sides; two are wanted")
        both = tuple(name for side in sides for name in side)
        if item is not None and len(set(both)) < len(both):
            item.blame(faults, "somebody stands on both sides")
        return (len(sides[0]) if sides else 0), both
    item = fields.get("agents")
    if item is None or isinstance(item.value, list):
        return 0, _names(item, faults)
    text = str(item.value)
    if not text.isdecimal() or not 1 <= int(text[:3]) <= MOST_NAMES or len(text) > 2:
        item.blame(faults, f"'{text}' is not a number of agents from 1 to {MOST_NAMES}")
        return 0, ()
    return 0, tuple(f"agent {k + 1}" for k in range(int(text)))


def _reports(
    fields: Fields, rule: str, agents: tuple[str, ...], alternatives: tuple[str, ...], first: int, faults: Faults
) -> tuple[tuple[Order, ...], ...]:
    """What each agent may report."""
    item = fields.get("preferences")
    names = [agents[first:] if i < first else agents[:first] for i in range(len(agents))]
    if rule != MATCHING:
        names = [alternatives] * len(agents)
    if item is None or isinstance(item.value, str):
        word = ALL if item is None else item.value
        for ranked in names:
            if word != SINGLE_PEAKED and len(ranked) > MOST_ORDERED:
                fields.blame("preferences", faults, f"{len(ranked)} names have too many orders; list those that occur")
                return ()
        if rule == MATCHING and word == SINGLE_PEAKED:
            fields.blame("preferences", faults, "cannot be 'single_peaked' for matchings")
        return tuple(_domain(word, len(ranked), rule) for ranked in names)
    if isinstance(item.value, list):
        if rule == MATCHING:
            item.blame(faults, "should say whose lists these are: a mapping of agents to lists of orders")
            return ()
        return (_orders(item, alternatives, rule, faults),) * len(agents)
    return _by_agent(item, agents, names, rule, faults)


def _by_agent(
    item: Item[Any], agents: tuple[str, ...], names: list[tuple[str, ...]], rule: str, faults: Faults
) -> tuple[tuple[Order, ...], ...]:
    for name in item.value:
        if name not in agents:
            item.blame(faults, f"there is no agent '{name}'{suggest(name, agents)}")
    left_out = [name for name in agents if name not in item.value]
    if left_out:
        item.blame(faults, f"leaves out {listing(left_out)}")
    reports = []
    for name, ranked in zip(agents, names, strict=True):
        own = item.value.get(name)
        reports.append(() if own is None else _orders(own, ranked, rule, faults))
    return tuple(reports)


def _domain(word: str, count: int, rule: str) -> tuple[Order, ...]:
    if word == SINGLE_PEAKED:
        return tuple(order for order in permutations(range(count)) if _single_peaked(order))
    if rule == MATCHING and word == ALL:
        return tuple(order for size in range(count, -1, -1) for order in permutations(range(count), size))
    return tuple(permutations(range(count)))


def _single_peaked(order: Order) -> bool:
    """Whether the best k alternatives are next to each other in the order of the file, for every k."""
    return all(max(order[:k]) - min(order[:k]) == k - 1 for k in range(1, len(order) + 1))


def _orders(item: Item[Any], names: tuple[str, ...], rule: str, faults: Faults) -> tuple[Order, ...]:
    """Orders of names, for matchings possibly leaving some out."""
    number = {name: k for k, name in enumerate(names)}
    orders: list[Order] = []
    for one in item.value:
        if one is None:
            continue
        listed = [name.value for name in one.value if name is not None]
        unknown = [name for name in listed if name not in number]
        if unknown:
            one.blame(faults, f"'{unknown[0]}' is not among {listing(names)}{_hint(unknown[0], names)}")
            continue
        order = tuple(number[name] for name in listed)
        if len(set(order)) < len(order):
            one.blame(faults, "names one thing twice")
        elif rule != MATCHING and len(order) < len(names):
            one.blame(faults, f"leaves out {listing(name for name in names if name not in listed)}")
        elif order in orders:
            one.blame(faults, "stands there twice")
        orders.append(order)
    return tuple(orders)


def _hint(name: str, names: tuple[str, ...]) -> str:
    hint = suggest(name, names)
    return hint if "did you mean" in hint else ""


def _axioms(fields: Fields, rule: str, agents: tuple[str, ...], faults: Faults) -> tuple[Axiom, ...]:
    found: dict[str, tuple[int, ...]] = {}
    for item in fields.value("require", []):
        if item is None:
            continue
        word = item.value if isinstance(item.value, str) else STRATEGYPROOF
        who: tuple[int, ...] = tuple(range(len(agents))) if word == STRATEGYPROOF and rule != ASSIGNMENT else ()
        if word not in AXIOMS[rule]:
            item.blame(faults, f"'{word}' means nothing with rule '{rule}', which knows {listing(AXIOMS[rule])}")
        elif word in found:
            item.blame(faults, f"'{word}' stands there twice")
        elif not isinstance(item.value, str):
            if rule == ASSIGNMENT:
                item.blame(faults, "strategyproofness is for everybody in random assignments")
            chosen = item.value.get(STRATEGYPROOF)
            names = _names(chosen, faults)
            unknown = [name for name in names if name not in agents]
            if unknown:
                item.blame(faults, f"there is no agent '{unknown[0]}'{suggest(unknown[0], agents)}")
            who = tuple(agents.index(name) for name in names if name in agents)
        found[word] = who
    return tuple(found.items())
