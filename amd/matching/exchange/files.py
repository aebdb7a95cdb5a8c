"""From a problem file of `kind: exchange` to a pool and its rules, with every fault by its line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import numpy as np

from amd.files.document import read
from amd.files.faults import Faults, suggest
from amd.files.nodes import Entry, Mapping, Node, Scalar, Sequence, child, kind
from amd.files.records import Fields
from amd.files.shapes import Expr
from amd.matching.exchange.pool import Pool
from amd.matching.exchange.preflib import read_wmd
from amd.matching.exchange.rules import Goal, Rules
from amd.matching.market import MarketError
from amd.matching.reading import Reader
from amd.matching.shapes import ARC, EXCHANGE


@dataclass(frozen=True, eq=False)
class ExchangeTask:
    """An exchange as read; notes say what was left out, with its place."""

    title: str
    pool: Pool
    rules: Rules
    notes: tuple[str, ...]
    digest: str


def read_exchange(text: str, origin: str, folder: Path | None = None) -> ExchangeTask:
    """The task of an exchange file. `folder` is where PrefLib files are looked for. Raises InputError."""
    faults = Faults(origin)
    record = EXCHANGE.read(read(text, origin, faults), "", faults)
    faults.check()
    if record is None:
        raise MarketError(f"{origin}: the document could not be read")
    fields: Fields = record.value
    reader = Reader(origin, folder, faults)
    rules = _rules(fields, reader)
    pool, notes = _from_preflib(fields, reader) if fields.has("wmd") else (_written(fields, reader), ())
    faults.check()
    if pool is None:
        raise MarketError(f"{origin}: the pool could not be read")
    return ExchangeTask(str(fields.value("title", "")), pool, rules, notes, _digest(pool, rules))


def _digest(pool: Pool, rules: Rules) -> str:
    """SHA-256 over vertices, arcs and rules."""
    ordered = pool.sorted()
    names = [ordered.name(v) for v in range(ordered.count)]
    digest = hashlib.sha256(json.dumps([names, repr(rules)]).encode())
    for array in (ordered.altruist, ordered.source, ordered.target, ordered.weight, ordered.chance):
        digest.update(np.ascontiguousarray(array, np.float64).tobytes())
    return digest.hexdigest()


def _rules(fields: Fields, reader: Reader) -> Rules:
    item = fields.get("design")
    if item is None:
        return Rules()
    design: Fields = item.value
    cycle_cap = reader.whole(design, "cycle_cap", 3)
    if cycle_cap == 1:
        design.blame("cycle_cap", reader.faults, "is 1; a cycle has two pairs or more, and 0 means no cycles")
        cycle_cap = 0
    goals = tuple(goal.value for goal in design.value("maximize", []) if goal is not None)
    return Rules(
        cycle_cap,
        reader.whole(design, "chain_cap", 0),
        design.value("counts", "transplants"),
        float(reader.number(design, "waiting_list", Fraction(0))),
        design.value("unused_altruists", False),
        cast("tuple[Goal, ...]", goals) or ("transplants",),
    )


def _from_preflib(fields: Fields, reader: Reader) -> tuple[Pool | None, tuple[str, ...]]:
    for key in ("pairs", "altruists", "arcs"):
        if fields.has(key):
            fields.blame(key, reader.faults, "stands beside 'wmd', which holds the whole pool")
    paths = {key: reader.path(_node(fields, key), key) for key in ("wmd", "dat") if fields.has(key)}
    if None in paths.values():
        return None, ()
    wmd = paths["wmd"]
    if wmd is None:
        return None, ()
    try:
        found = read_wmd(wmd, paths.get("dat"), fields.value("first_index"))
    except MarketError as error:
        fields.blame("wmd", reader.faults, str(error))
        return None, ()
    pool = _with_success(found.pool, fields, reader)
    note = f"{wmd}: {found.returning} arcs of weight 0 into altruists are left out: no patient is there"
    return pool, (note,) if found.returning else ()


def _node(fields: Fields, key: str) -> Node:
    item = fields.get(key)
    if item is None:
        raise RuntimeError(f"'{key}' was read and is not there")
    return item.node


def _success(fields: Fields, reader: Reader) -> float | None:
    if not fields.has("success"):
        return None
    chance = reader.number(fields, "success", Fraction(1))
    if not 0 <= chance <= 1:
        fields.blame("success", reader.faults, f"is {chance}; a chance lies between 0 and 1")
    return float(chance)


def _with_success(pool: Pool, fields: Fields, reader: Reader) -> Pool:
    chance = _success(fields, reader)
    if chance is None or not 0 <= chance <= 1:
        return pool
    success = np.full(pool.arcs, chance)
    return Pool(pool.altruist, pool.source, pool.target, pool.weight, success, pool.names)


def _written(fields: Fields, reader: Reader) -> Pool | None:
    """A pool whose pairs, altruists and arcs stand in the file itself."""
    for key in ("pairs", "arcs"):
        if not fields.has(key):
            fields.blame(key, reader.faults, "is missing; pairs and arcs are wanted, or 'wmd' with a PrefLib file")
    pairs, altruists = ([i.value for i in fields.value(key, []) if i] for key in ("pairs", "altruists"))
    names = [*pairs, *altruists]
    for key in ("pairs", "altruists"):
        for item in fields.value(key, []):
            if item is not None and names.count(item.value) > 1:
                item.blame(reader.faults, f"'{item.value}' stands twice; a name is one pair or one altruist")
    arcs = fields.value("arcs")
    default = _success(fields, reader)
    if not isinstance(arcs, Mapping):
        return None
    found = _Arcs(names, len(pairs), default, reader)
    for entry in arcs.entries:
        found.read_owner(entry)
    if reader.faults:
        return None
    return found.pool()


class _Arcs:
    """Collects arcs from `donor: [patients]` and `donor: {patient: weight or {weight, success}}`."""

    def __init__(self, names: list[str], pairs: int, default: float | None, reader: Reader) -> None:
        self.names, self.pairs, self.default, self.reader = names, pairs, default, reader
        self.index = {name: i for i, name in enumerate(names)}
        self.rows: dict[tuple[int, int], tuple[float, float]] = {}
        self.uneven = default is not None

    def read_owner(self, entry: Entry) -> None:
        name, path = entry.key.text, child("arcs", entry.key.text)
        if name not in self.index:
            self._blame(entry.key, path, f"'{name}' is neither a pair nor an altruist{suggest(name, self.names)}")
        if isinstance(entry.value, Sequence):
            for item in entry.value.items:
                if isinstance(item, Scalar):
                    self._add(name, item, None, path)
                else:
                    self._blame(item, path, "a name is wanted here")
        elif isinstance(entry.value, Mapping):
            for inner in entry.value.entries:
                self._add(name, inner.key, inner.value, child(path, inner.key.text))
        else:
            self._blame(entry.value, path, f"is {kind(entry.value)}; a list or a mapping of patients is wanted here")

    def _blame(self, node: Node, path: str, message: str) -> None:
        self.reader.faults.add(node.line, path, message)

    def _add(self, name: str, target: Scalar, value: Node | None, path: str) -> None:
        if target.text not in self.index:
            self._blame(target, path, f"'{target.text}' is no pair{suggest(target.text, self.names[: self.pairs])}")
            return
        source, to = self.index.get(name, 0), self.index[target.text]
        if name == target.text:
            self._blame(target, path, "an arc goes from a pair to itself")
        elif to >= self.pairs:
            self._blame(target, path, f"'{target.text}' is an altruist, who needs nothing")
        elif (source, to) in self.rows and name in self.index:
            self._blame(target, path, f"'{target.text}' is listed twice; list it once")
        self.rows[source, to] = self._numbers(value, path)

    def _numbers(self, value: Node | None, path: str) -> tuple[float, float]:
        """Weight and chance of an arc."""
        default = 1.0 if self.default is None else self.default
        if value is None or (isinstance(value, Scalar) and value.is_null):
            return 1.0, default
        if not isinstance(value, Mapping):
            weight = Expr("a weight or {weight, success}").read(value, path, self.reader.faults)
            if weight is None:
                return 1.0, default
            record = Fields({"weight": weight}, {}, value, path)
            return float(self.reader.number(record, "weight", Fraction(1))), default
        found = ARC.read(value, path, self.reader.faults)
        if found is None:
            return 1.0, default
        self.uneven |= found.value.has("success")
        chance = self.reader.number(found.value, "success", Fraction(default))
        if not 0 <= chance <= 1:
            found.value.blame("success", self.reader.faults, f"is {chance}; a chance lies between 0 and 1")
        return float(self.reader.number(found.value, "weight", Fraction(1))), float(chance)

    def pool(self) -> Pool:
        arcs = np.array(list(self.rows), np.int64).reshape(-1, 2)
        numbers = np.array(list(self.rows.values()), np.float64).reshape(-1, 2)
        altruist = np.arange(len(self.names)) >= self.pairs
        success = numbers[:, 1] if self.uneven else None
        return Pool(altruist, arcs[:, 0], arcs[:, 1], numbers[:, 0], success, tuple(self.names))
