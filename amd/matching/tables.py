"""Markets from CSV tables: an applicant a row, a program a row, and priorities as rows or as ranks.

* applicants: a header, then `name, first choice, second choice, …`; tied choices share a cell, `City|Mercy`.
* programs: a header whose second column is `capacity`, then `name, places`, and perhaps ranked applicants after it.
* priorities, a file of its own: columns `program, applicant, rank`; equal ranks are ties.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from amd.files.document import decode
from amd.files.faults import Faults
from amd.matching.wishes import Wishes, refuse

Row = tuple[int, list[str]]
Line = tuple[int, str]


def read_text(path: Path, shown: str) -> str:
    """The file's text. Raises InputError where it cannot be read or is not UTF-8."""
    try:
        return decode(path.read_bytes(), shown)
    except OSError as error:
        return refuse(shown, None, "", f"cannot be read: {error.strerror}")


def read_rows(text: str, shown: str) -> Iterator[Row]:
    """Line and cells of every row that is not empty, the header first. Raises InputError on text that is not CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        refuse(shown, reader.line_num, "", f"is not CSV: {error}")


def read_applicants(text: str, shown: str, path: str = "applicants") -> Wishes:
    """The applicants' table. Raises InputError with every fault at once."""
    wishes, faults = Wishes(shown, path), Faults(shown)
    rows = read_rows(text, shown)
    if next(rows, None) is None:
        refuse(shown, 1, "", "is empty; a header and an applicant a row are wanted")
    for line, row in rows:
        name = row[0].strip()
        if not name:
            faults.add(line, path, "an applicant has no name in the first column")
            continue
        wishes.add(name, line, _choices(row, line, f"{path}.{name}", faults))
    faults.check()
    return wishes


def _choices(row: list[str], line: int, path: str, faults: Faults) -> list[list[str]]:
    """The tiers in the cells after the first; cells at the end may be empty."""
    cells = [cell.strip() for cell in row[1:]]
    while cells and not cells[-1]:
        cells.pop()
    if "" in cells:
        faults.add(line, path, f"choice {cells.index('') + 1} is empty and later ones are not; close the gap")
    return [[part.strip() for part in cell.split("|")] if "|" in cell else [cell] for cell in cells if cell]


def read_programs(text: str, shown: str, priorities: tuple[str, str] | None, path: str = "programs") -> Wishes:
    """The programs' table, with `priorities` (text, name of the file) where they have a table of their own; without
    either, the programs are objects without priorities. Raises InputError with every fault at once."""
    wishes, faults = Wishes(shown, path), Faults(shown)
    rows = read_rows(text, shown)
    header = next(rows, None)
    if header is None or len(header[1]) < 2 or header[1][1].strip() != "capacity":
        refuse(shown, 1, "", "needs a header whose second column is 'capacity'")
    for line, row in rows:
        name = row[0].strip()
        if not name:
            faults.add(line, path, "a program has no name in the first column")
            continue
        wishes.capacity[name] = (_whole(row[1] if len(row) > 1 else "", line, f"{path}.{name}", faults), line)
        wishes.add(name, line, _choices(row[1:], line, f"{path}.{name}", faults))
    faults.check()
    if priorities is not None:
        if wishes.named:
            refuse(shown, None, "", "has ranked applicants, and there is a table of priorities too; keep one")
        return _with_priorities(wishes, *priorities)
    wishes.unranked = not wishes.named
    return wishes


def _whole(cell: str, line: int, path: str, faults: Faults) -> int:
    text = cell.strip()
    if text.isdecimal() and len(text) < 10:
        return int(text)
    faults.add(line, path, f"the capacity '{text}' is not a whole number of at least 0")
    return 0


def _with_priorities(programs: Wishes, text: str, shown: str) -> Wishes:
    """The programs' lists from rows of `program, applicant, rank`."""
    faults = Faults(shown)
    rows = read_rows(text, shown)
    header = next(rows, None)
    if header is None or [cell.strip() for cell in header[1]] != ["program", "applicant", "rank"]:
        refuse(shown, 1, "", "needs the header program,applicant,rank")
    known = set(programs.owners)
    lists: dict[str, list[tuple[int, int, str]]] = {name: [] for name in programs.owners}
    for line, row in rows:
        if len(row) != 3:
            faults.add(line, programs.path, f"has {len(row)} cells; program,applicant,rank are wanted")
            continue
        program, applicant, rank = (cell.strip() for cell in row)
        if program not in known:
            faults.add(line, programs.path, f"'{program}' is not in the table of programs")
        elif not rank.isdecimal():
            faults.add(line, f"{programs.path}.{program}", f"the rank '{rank}' is not a whole number")
        else:
            lists[program].append((int(rank), line, applicant))
    faults.check()
    result = Wishes(shown, programs.path, capacity=programs.capacity, entry_line=[])
    for name, where in zip(programs.owners, programs.owner_line, strict=True):
        _add_ranked(result, name, where, sorted(lists[name]))
    return result


def _add_ranked(wishes: Wishes, owner: str, line: int | None, ranked: list[tuple[int, int, str]]) -> None:
    tier, before = -1, -1
    for rank, where, name in ranked:
        tier += rank != before
        before = rank
        wishes.named.append(name)
        wishes.tier.append(tier)
        if wishes.entry_line is not None:
            wishes.entry_line.append(where)
    wishes.owners.append(owner)
    wishes.owner_line.append(line)
    wishes.start.append(len(wishes.named))


def read_preflib(text: str, shown: str, path: str) -> Wishes:
    """PrefLib's orders (soc, soi, toc, toi), old and new: each voter an owner, the alternatives whom it ranks.

    A line `3: 1,{2,4},5` stands for three owners who rank 1 first, then 2 and 4 as equals. Owners are named `1`, `2`, …
    in the order of the file, alternatives by their names. Raises InputError with every fault at once.
    """
    faults = Faults(shown)
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        refuse(shown, 1, "", "is empty")
    names, orders = (_new_head if lines[0][1].startswith("#") else _old_head)(lines, shown)
    wishes = Wishes(shown, path)
    for line, order in orders:
        head, colon, tail = order.partition(":")
        if not colon:  # old files: count,1,2,…
            head, _, tail = order.partition(",")
        tiers = _tiers(tail, names, line, path, faults)
        if not head.strip().isdecimal():
            faults.add(line, path, f"'{head.strip()}' should be how many have this order")
            continue
        for _ in range(int(head)):
            wishes.add(str(len(wishes.owners) + 1), line, tiers)
    faults.check()
    return wishes


def _new_head(lines: list[Line], shown: str) -> tuple[dict[int, str], list[Line]]:
    names: dict[int, str] = {}
    for line, text in lines:
        key, colon, value = text.lstrip("# ").partition(":")
        if text.startswith("#") and colon and key.startswith("ALTERNATIVE NAME "):
            number = key.removeprefix("ALTERNATIVE NAME ").strip()
            if not number.isdecimal():
                refuse(shown, line, "", f"'{number}' is not the number of an alternative")
            names[int(number)] = value.strip()
    return names, [row for row in lines if not row[1].startswith("#")]


def _old_head(lines: list[Line], shown: str) -> tuple[dict[int, str], list[Line]]:
    """A line with the number of alternatives, their names, a line of three counts, then the orders."""
    first = lines[0][1]
    if not first.isdecimal() or len(lines) < int(first) + 2:
        refuse(shown, lines[0][0], "", "should be the number of alternatives, followed by as many names and the orders")
    count = int(first)
    pairs = [text.partition(",")[::2] for _, text in lines[1 : count + 1]]
    names = {int(number): name.strip() for number, name in pairs if number.strip().isdecimal()}
    if sorted(names) != list(range(1, count + 1)):
        refuse(shown, lines[1][0], "", f"the names of alternatives 1 … {count} are wanted, each as number,name")
    return names, lines[count + 2 :]


def _tiers(text: str, names: dict[int, str], line: int, path: str, faults: Faults) -> list[list[str]]:
    tiers: list[list[str]] = []
    inside = False
    for raw in text.split(","):
        part = raw.strip()
        opens, closes = part.startswith("{"), part.endswith("}")
        number = part.strip("{} ")
        if not number and opens and closes:
            continue  # {}: an empty group
        if not number.isdecimal() or int(number) not in names:
            faults.add(line, path, f"'{number}' is not the number of an alternative")
            continue
        if inside and not opens:
            tiers[-1].append(names[int(number)])
        else:
            tiers.append([names[int(number)]])
        inside = (inside or opens) and not closes
    return tiers
