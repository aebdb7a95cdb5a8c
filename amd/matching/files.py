"""From a problem file of `kind: matching` to a market, with every fault by its line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from amd.files.document import read
from amd.files.faults import Faults
from amd.files.nodes import Mapping, Node, Scalar, Sequence, child, kind
from amd.files.records import Fields
from amd.matching.clean import Cleaning, clean, one_sided
from amd.matching.couples import Couple, CouplesMarket, couples_market
from amd.matching.market import Lists, Market, MarketError
from amd.matching.reading import Design, Reader, indices, read_design
from amd.matching.roommates import Roommates, clean_roommates
from amd.matching.shapes import MATCHING
from amd.matching.tables import read_applicants, read_preflib, read_programs
from amd.matching.wishes import Wishes, resolve

NONE = "none"  # in a couple's pairs: no place


@dataclass(frozen=True, eq=False)
class MatchingTask:
    """A matching problem as read: one of `market`, `couples`, `roommates`; notes say what was dropped, line by line.

    `priorities` are the programs' lists before cleaning, for top trading cycles.
    """

    title: str
    design: Design
    notes: tuple[str, ...]
    digest: str
    market: Market | None = None
    priorities: Lists | None = None
    couples: CouplesMarket | None = None
    roommates: Roommates | None = None


def read_matching(text: str, origin: str, folder: Path | None = None) -> MatchingTask:
    """The task of a matching file. `folder` is where tables are looked for. Raises InputError with all faults."""
    faults = Faults(origin)
    record = MATCHING.read(read(text, origin, faults), "", faults)
    faults.check()
    if record is None:
        raise MarketError(f"{origin}: the document could not be read")
    fields: Fields = record.value
    reader = Reader(origin, folder, faults)
    if fields.has("agents"):
        task = _roommates(fields, reader)
    else:
        for key in ("applicants", "programs"):
            if not fields.has(key):
                fields.blame(key, faults, "is missing; applicants and programs are wanted, or agents for roommates")
        faults.check()
        task = _two_sided(fields, reader)
    faults.check()
    return task


def _title(fields: Fields) -> str:
    return str(fields.value("title", ""))


def _digest(*parts: Any) -> str:
    """SHA-256 of the canonical JSON of what the problem says."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _side(fields: Fields, key: str, reader: Reader) -> Wishes:
    node = fields.value(key)
    if not isinstance(node, Mapping):
        return Wishes(reader.origin, key)
    names = [entry.key.text for entry in node.entries]
    if "table" in names and set(names) <= {"table", "priorities"}:
        return _table(node, key, reader)
    if names == ["preflib"]:
        found = reader.text(node.entries[0].value, f"{key}.preflib")
        return Wishes(reader.origin, key) if found is None else read_preflib(*found, key)
    return _written(node, key, reader)


def _table(node: Mapping, key: str, reader: Reader) -> Wishes:
    texts = {e.key.text: reader.text(e.value, f"{key}.{e.key.text}") for e in node.entries}
    found = texts["table"]
    if found is None or None in texts.values():
        return Wishes(reader.origin, key)
    if key == "programs":
        return read_programs(*found, texts.get("priorities"), key)
    if "priorities" in texts:
        reader.faults.add(node.line, key, "has 'priorities', which belong to programs")
    return read_applicants(*found, key)


def _written(node: Mapping, key: str, reader: Reader) -> Wishes:
    """Lists in the file itself."""
    wishes = Wishes(reader.origin, key, entry_line=[])
    unranked = 0
    for entry in node.entries:
        name, path, value = entry.key.text, child(key, entry.key.text), entry.value
        if isinstance(value, Mapping) and key == "programs":
            places, ranks = _program(value, path, reader)
            wishes.capacity[name] = (places, value.line)
            unranked += ranks is None
            value = Sequence(value.line, value.column, ()) if ranks is None else ranks
        _add(wishes, name, entry.key.line, value, path, reader.faults)
    wishes.unranked = bool(unranked) and unranked == len(node.entries)
    if unranked and not wishes.unranked:
        reader.faults.add(node.line, key, "some programs have ranks and some have none; give all or none")
    return wishes


def _program(node: Mapping, path: str, reader: Reader) -> tuple[int, Node | None]:
    """Places and ranks of a program written as a mapping."""
    places, ranks = 1, None
    for entry in node.entries:
        if entry.key.text == "capacity":
            places = _places(entry.value, child(path, "capacity"), reader.faults)
        elif entry.key.text == "ranks":
            ranks = entry.value
        else:
            message = "unknown key; a program has 'capacity' and 'ranks'"
            reader.faults.add(entry.key.line, child(path, entry.key.text), message)
    return places, ranks


def _places(node: Node, path: str, faults: Faults) -> int:
    text = node.text if isinstance(node, Scalar) else ""
    if text.isdecimal() and len(text) < 10:
        return int(text)
    faults.add(node.line, path, "a whole number of places, at least 0, is wanted here")
    return 0


def _add(wishes: Wishes, owner: str, line: int | None, node: Node, path: str, faults: Faults) -> None:
    """One list from its node, with a line for each entry."""
    if isinstance(node, Scalar) and node.is_null:
        node = Sequence(node.line, node.column, ())
    if not isinstance(node, Sequence):
        faults.add(node.line, path, f"is {kind(node)}; a list, best first, is wanted here")
        return
    tiers: list[list[str]] = []
    for item in node.items:
        members = item.items if isinstance(item, Sequence) else (item,)
        if not all(isinstance(member, Scalar) for member in members):
            faults.add(item.line, path, "an entry is a name, or a list of names that are tied")
            continue
        scalars = [member for member in members if isinstance(member, Scalar)]
        tiers.append([member.text for member in scalars])
        if wishes.entry_line is not None:
            wishes.entry_line += [member.line for member in scalars]
    wishes.add(owner, line, tiers)


def _two_sided(fields: Fields, reader: Reader) -> MatchingTask:
    applicants, programs = _side(fields, "applicants", reader), _side(fields, "programs", reader)
    reader.faults.check()
    ours = _resolved(applicants, programs.owners, reader)
    theirs = _resolved(programs, applicants.owners, reader)
    design = read_design(
        fields, reader, applicants.owners, "stable" if fields.has("couples") else "deferred_acceptance"
    )
    couples = _couples(fields, reader, applicants.owners, programs.owners)
    reader.faults.check()
    capacity = np.array([programs.capacity.get(name, (1, None))[0] for name in programs.owners], np.int64)
    digest = _digest_arrays(ours, theirs, capacity, applicants.owners, programs.owners, couples)
    names = tuple(applicants.owners), tuple(programs.owners)
    if couples:
        return _with_couples(fields, reader, design, digest, (applicants, ours), (programs, theirs), couples)
    if programs.unranked:
        market, report = one_sided(ours, capacity, *names)
        theirs = market.programs
    else:
        market, report = clean(ours, theirs, capacity, *names)
    notes = _notes(report, applicants, programs)
    _strictly_mutual(fields, reader, notes)
    return MatchingTask(_title(fields), design, notes, digest, market, theirs)


def _resolved(wishes: Wishes, known: list[str], reader: Reader) -> Lists:
    """The lists of one side. Faults of a table are raised under the table's own name."""
    if wishes.origin == reader.origin:
        return resolve(wishes, known, reader.faults)
    faults = Faults(wishes.origin)
    lists = resolve(wishes, known, faults)
    faults.check()
    return lists


def _digest_arrays(ours: Lists, theirs: Lists, capacity: Any, a: list[str], p: list[str], couples: Any) -> str:
    """SHA-256 over names, lists, capacities and couples."""
    digest = hashlib.sha256(json.dumps([a, p, couples]).encode())
    for array in (ours.start, ours.choice, ours.tier, theirs.start, theirs.choice, theirs.tier, capacity):
        digest.update(np.ascontiguousarray(array, np.int64).tobytes())
    return digest.hexdigest()


def _notes(report: Cleaning, applicants: Wishes, programs: Wishes) -> tuple[str, ...]:
    """A sentence with file and line for everything that cleaning dropped."""
    notes = []
    closed = {programs.owners[p] for p in report.closed.tolist()}
    for p in report.closed.tolist():
        name = programs.owners[p]
        line = programs.capacity.get(name, (0, programs.owner_line[p]))[1]
        notes.append(f"{programs.origin}:{line}: {programs.path}.{name}: has no place; nobody can get it")
    for wishes, entries in ((applicants, report.applicant_entries), (programs, report.program_entries)):
        for entry in entries.tolist():
            named, owner = wishes.named[entry], wishes.owners[wishes.owner_of(entry)]
            if named not in closed and owner not in closed:
                notes.append(f"{wishes.place(entry)}: {named} does not list {owner}; the entry is dropped")
    return tuple(notes)


def _strictly_mutual(fields: Fields, reader: Reader, notes: tuple[str, ...]) -> None:
    """With `acceptability: strict` what would be dropped is an error."""
    if fields.value("acceptability", "mutual") == "strict" and notes:
        for note in notes:
            fields.blame("acceptability", reader.faults, f"is strict, but {note}")
        reader.faults.check()


def _couples(
    fields: Fields, reader: Reader, applicants: list[str], programs: list[str]
) -> list[tuple[tuple[int, int], list[tuple[int, int]]]]:
    people = {name: i for i, name in enumerate(applicants)}
    places = {NONE: -1, **{name: i for i, name in enumerate(programs)}}
    found = []
    for item in fields.value("couples", []):
        if item is None:
            continue
        couple: Fields = item.value
        members = indices(couple.value("members", []), people, "applicant", reader.faults)
        ranks = [indices(pair.value, places, "program", reader.faults) for pair in couple.value("ranks", []) if pair]
        found.append(((members[0], members[1]), [(pair[0], pair[1]) for pair in ranks]))
    taken = [a for both, _ in found for a in both]
    if len(set(taken)) < len(taken):
        fields.blame("couples", reader.faults, "somebody stands in two couples, or twice in one")
    return found


def _with_couples(
    fields: Fields,
    reader: Reader,
    design: Design,
    digest: str,
    ours: tuple[Wishes, Lists],
    theirs: tuple[Wishes, Lists],
    couples: list[tuple[tuple[int, int], list[tuple[int, int]]]],
) -> MatchingTask:
    for lists, side in ((ours[1], "applicants"), (theirs[1], "programs")):
        if not lists.is_strict:
            fields.blame(side, reader.faults, "has a tie; with couples all lists are strict")
    for members, _ in couples:
        for a in members:
            if ours[1].of(a).size:
                name = ours[0].owners[a]
                reader.faults.add(ours[0].owner_line[a], f"applicants.{name}", "is in a couple; leave its list empty")
    reader.faults.check()
    rows = [ours[1].of(a).tolist() for a in range(ours[1].count)]
    orders = [theirs[1].of(p).tolist() for p in range(theirs[1].count)]
    capacity = [theirs[0].capacity.get(name, (1, None))[0] for name in theirs[0].owners]
    two = [Couple(members, tuple(options)) for members, options in couples]
    names = tuple(ours[0].owners), tuple(theirs[0].owners)
    try:
        case, _, dropped = couples_market(rows, two, orders, capacity, *names)
    except MarketError as error:
        fields.blame("couples", reader.faults, str(error))
        reader.faults.check()
        raise
    places = {-1: NONE, **dict(enumerate(names[1]))}
    lines = [item.line if item is not None else None for item in fields.value("couples")]
    notes = [
        f"{reader.origin}:{lines[c]}: couples[{c + 1}]: [{places[o[0]]}, {places[o[1]]}] can never happen: a program "
        "of it is closed, does not list the member, or has too few places; the pair is dropped"
        for c, o in dropped
    ]
    filled = _filled(ours[0], two, names[1])
    lists = resolve(filled, theirs[0].owners, Faults(reader.origin))
    report = clean(lists, theirs[1], np.array(capacity, np.int64))[1]
    notes += _notes(report, filled, theirs[0])
    _strictly_mutual(fields, reader, tuple(notes))
    return MatchingTask(_title(fields), design, tuple(notes), digest, couples=case)


def _filled(wishes: Wishes, couples: list[Couple], programs: tuple[str, ...]) -> Wishes:
    """The applicants' lists with, for members of couples, the programs that their pairs name."""
    wanted = {
        a: [programs[p] for p in dict.fromkeys(option[side] for option in couple.options) if p >= 0]
        for couple in couples
        for side, a in enumerate(couple.members)
    }
    filled = Wishes(wishes.origin, wishes.path)
    for a, owner in enumerate(wishes.owners):
        names = wanted.get(a, wishes.named[wishes.start[a] : wishes.start[a + 1]])
        filled.add(owner, wishes.owner_line[a], [[name] for name in names])
    return filled


def _roommates(fields: Fields, reader: Reader) -> MatchingTask:
    for key in ("applicants", "programs", "couples"):
        if fields.has(key):
            fields.blame(key, reader.faults, "stands beside 'agents'; roommates have no sides")
    wishes = _side(fields, "agents", reader)
    reader.faults.check()
    for entry, name in enumerate(wishes.named):
        if name == wishes.owners[wishes.owner_of(entry)]:
            reader.faults.add(wishes.line_of(entry), f"agents.{name}", "names its owner")
    lists = resolve(wishes, wishes.owners, reader.faults)
    tied = lists.tied_owner()
    if tied is not None:
        reader.faults.add(
            wishes.owner_line[tied], f"agents.{wishes.owners[tied]}", "has a tie; roommates rank strictly"
        )
    design = read_design(fields, reader, wishes.owners, "stable")
    reader.faults.check()
    rows = [lists.of(i).tolist() for i in range(lists.count)]
    instance, dropped = clean_roommates(rows, tuple(wishes.owners))
    notes = []
    for i, j in dropped:
        entry = wishes.start[i] + rows[i].index(j)
        named, owner = wishes.owners[j], wishes.owners[i]
        notes.append(f"{wishes.place(entry)}: {named} does not list {owner}; the entry is dropped")
    _strictly_mutual(fields, reader, tuple(notes))
    digest = _digest(wishes.owners, rows)
    return MatchingTask(_title(fields), design, tuple(notes), digest, roommates=instance)
