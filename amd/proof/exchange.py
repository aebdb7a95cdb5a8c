"""Proofs that treat like agents alike: multipliers averaged over the exchanges of copies, and told once.

Claim. Let exchanging two copies of an agent, with what each gets, map a problem to itself. Then it maps its constraints
to each other, and multipliers that prove a bound to multipliers that prove it. So does their average over all such
exchanges, which is the average over each orbit of constraints (multipliers of a bound form a convex set; Bödi, Herr and
Joswig, 2013, on symmetric linear programs).

That a problem is symmetric is not shown here: an averaged proof counts only if the verifier accepts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

Document = dict[str, Any]
Multipliers = list[list[Any]]  # [name, rational text]
Exchange = Callable[[list[Any]], "list[Any] | None"]  # a constraint's image; None where it has none

MOST = Fraction(5, 4)  # times as many multipliers as before may come of an average


def averaged(problem: Document, multipliers: Multipliers) -> Multipliers | None:
    """The average over exchanges of copies; None where it has no fewer orbits than there are multipliers now."""
    found = orbits(problem, [name for name, _ in multipliers], int(MOST * len(multipliers)))
    if found is None or len(found) >= len(multipliers):
        return None
    weight = {_key(name): Fraction(text) for name, text in multipliers}
    result: Multipliers = []
    for orbit in found:
        mean = sum((weight.get(_key(name), Fraction(0)) for name in orbit), Fraction(0)) / len(orbit)
        result += [[name, str(mean)] for name in orbit]
    return result


def orbits(problem: Document, names: list[list[Any]], most: int) -> list[list[list[Any]]] | None:
    """What exchanges of copies make of these constraints, each orbit whole and beginning with one of them; None where
    there are no exchanges, a constraint has no image, or there are more than `most` of them."""
    exchanges = list(_exchanges(problem))
    if not exchanges:
        return None
    seen: set[str] = set()
    found = []
    for name in names:
        if _key(name) in seen:
            continue
        orbit = [name]
        seen.add(_key(name))
        for one in orbit:
            for exchange in exchanges:
                image = exchange(one)
                if image is None:
                    return None
                if _key(image) not in seen:
                    seen.add(_key(image))
                    orbit.append(image)
                if len(seen) > most:
                    return None
        found.append(orbit)
    return found


def alike(problem: Document, multipliers: Multipliers) -> list[tuple[list[Any], str, int]] | None:
    """(a constraint, its multiplier, how many others by exchanges have the same); None where they differ."""
    found = orbits(problem, [name for name, _ in multipliers], len(multipliers))
    weight = {_key(name): text for name, text in multipliers}
    if found is None or any(len({weight.get(_key(name)) for name in orbit}) > 1 for orbit in found):
        return None
    return [(orbit[0], weight[_key(orbit[0])], len(orbit) - 1) for orbit in found]


def _key(name: list[Any]) -> str:
    return repr(name)


def _exchanges(problem: Document) -> Iterator[Exchange]:
    """Those of neighbours among the copies of an agent, which generate all."""
    last: dict[str, int] = {}
    for j, agent in enumerate(problem["agents"]):
        i = last.get(agent["group"])
        if i is not None and len(agent["types"]) == len(problem["agents"][i]["types"]):
            yield _exchange(problem, i, j)
        last[agent["group"]] = j


def _exchange(problem: Document, i: int, j: int) -> Exchange:
    names = [agent["name"] for agent in problem["agents"]]
    agents = {names[i]: names[j], names[j]: names[i]}
    columns = _columns(problem, i, j)
    limits = _limits(problem, columns)

    def profile(data: list[int] | None) -> list[int] | None:
        if data is None:
            return None
        moved = list(data)
        moved[i], moved[j] = data[j], data[i]
        return moved

    def image(name: list[Any]) -> list[Any] | None:
        kind, *rest = name
        if kind == "incentive":
            agent, k, report, *more = rest
            return [kind, agents.get(agent, agent), k, report, *more[:1], *map(profile, more[1:])]
        if kind == "participation":
            agent, *more = rest
            return [kind, agents.get(agent, agent), *more[:1], *map(profile, more[1:])]
        if kind == "feasible":
            limit = limits[rest[0]]
            return None if limit is None else [kind, limit, *map(profile, rest[1:])]
        if kind == "efficient":
            return [kind, profile(rest[0]), [units for _, units in sorted(zip(columns, rest[1], strict=True))]]
        return [kind, rest[0], *map(profile, rest[1:])] if kind in ("need", "worst") else None

    return image


def _limits(problem: Document, columns: list[int]) -> list[int | None]:
    """Which limit each becomes; None where there is no such limit."""
    moved = []
    for row, most, equal in problem["limits"]:
        image = list(row)
        for c, to in enumerate(columns):
            image[to] = row[c]
        moved.append([image, most, equal])
    return [problem["limits"].index(one) if one in problem["limits"] else None for one in moved]


def _columns(problem: Document, i: int, j: int) -> list[int]:
    """What each column becomes: what two agents get changes hands; outcomes without owners stay."""
    units = problem["units"]
    if units is None:
        return list(range(len(problem["cost"])))
    place = {repr(one): c for c, one in enumerate(units)}
    images = []
    for one in units:
        moved = list(one)
        moved[i], moved[j] = one[j], one[i]
        images.append(place.get(repr(moved), place[repr(one)]))
    return images
