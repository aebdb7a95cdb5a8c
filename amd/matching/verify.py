"""A verifier of matchings and exchanges that shares no code with the algorithms: names, dictionaries, the definitions.

It imports nothing of the project, restates what a blocking pair is in the plainest way, and returns sentences: an
empty list means that the claim holds. A *market* here is what its owners wrote: `applicants` and `programs` map a name
to its list of
tiers (lists of names), `capacity` a program to its places. Acceptability is mutual: an entry that is not answered
counts for nothing.
"""

from __future__ import annotations

from itertools import pairwise

Tiers = list[list[str]]


def verify_matching(
    applicants: dict[str, Tiers], programs: dict[str, Tiers], capacity: dict[str, int], matching: dict[str, str | None]
) -> list[str]:
    """Everything that is wrong with `matching` as a matching, in words."""
    faults = [f"{a} is not an applicant" for a in matching if a not in applicants]
    faults += [f"{a} is left out of the matching" for a in applicants if a not in matching]
    seats = dict.fromkeys(programs, 0)
    for a, p in matching.items():
        if p is None or a not in applicants:
            continue
        if p not in programs:
            faults.append(f"{a} is sent to {p}, which is not a program")
            continue
        seats[p] += 1
        if _rank(applicants[a], p) is None:
            faults.append(f"{a} does not list {p}")
        if _rank(programs[p], a) is None:
            faults.append(f"{p} does not list {a}")
    return faults + [f"{p} has {capacity[p]} places and admits {n}" for p, n in seats.items() if n > capacity[p]]


def verify_stability(
    applicants: dict[str, Tiers],
    programs: dict[str, Tiers],
    capacity: dict[str, int],
    matching: dict[str, str | None],
    notion: str = "weak",
) -> list[str]:
    """Every blocking pair, in words. `notion`: "weak" (both strictly gain), "strong" (one strictly gains, the other
    does not lose) or "super" (neither loses)."""
    if notion not in ("weak", "strong", "super"):
        raise ValueError(f"'{notion}' is no notion of stability: weak, strong or super")
    admitted: dict[str, list[str]] = {p: [a for a, q in matching.items() if q == p] for p in programs}
    found = []
    for a, tiers in applicants.items():
        for p in (p for tier in tiers for p in tier):
            if p not in programs or matching.get(a) == p or _rank(programs[p], a) is None:
                continue
            applicant_gain = _gain(_rank(tiers, p), _now(tiers, matching.get(a)))
            program_gain = _seat_gain(programs[p], a, admitted[p], capacity[p])
            if _blocks(applicant_gain, program_gain, notion):
                found.append(f"{a} and {p} block")
    return found


def _rank(tiers: Tiers, name: str) -> int | None:
    return next((rank for rank, tier in enumerate(tiers) if name in tier), None)


def _now(tiers: Tiers, partner: str | None) -> int:
    rank = None if partner is None else _rank(tiers, partner)
    return len(tiers) if rank is None else rank


def _gain(new: int | None, old: int) -> int:
    """1 strictly better, 0 as good, -1 worse."""
    if new is None:
        return -1
    return (new < old) - (new > old)


def _seat_gain(tiers: Tiers, newcomer: str, admitted: list[str], places: int) -> int:
    """What the program gains by the newcomer: a free seat is a gain, else the best exchange for somebody admitted."""
    if len(admitted) < places:
        return 1
    return max((_gain(_rank(tiers, newcomer), _now(tiers, other)) for other in admitted), default=-1)


def _blocks(one: int, other: int, notion: str) -> bool:
    if notion == "weak":
        return one > 0 and other > 0
    if notion == "strong":
        return one >= 0 and other >= 0 and (one > 0 or other > 0)
    return one >= 0 and other >= 0


def verify_roommates(agents: dict[str, list[str]], matching: dict[str, str | None]) -> list[str]:
    """Everything wrong with a matching of `agents` (strict lists) among themselves, blocking pairs included."""
    faults = []
    for a, b in matching.items():
        if b is None:
            continue
        if b not in agents or matching.get(b) != a:
            faults.append(f"{a} is matched to {b}, but not the other way round")
        elif b not in agents[a] or a not in agents[b]:
            faults.append(f"{a} and {b} do not both list each other")
    for a, wishes in agents.items():
        for b in wishes[: _position(wishes, matching.get(a))]:
            if a < b or b not in agents or a not in agents[b][: _position(agents[b], matching.get(b))]:
                continue
            faults.append(f"{b} and {a} block")
    return faults


def _position(wishes: list[str], partner: str | None) -> int:
    return wishes.index(partner) if partner in wishes else len(wishes)


def verify_stable_partition(agents: dict[str, list[str]], successor: dict[str, str]) -> list[str]:
    """Everything wrong with a stable partition (Tan 1991): a permutation in which everybody likes its successor at
    least as well as its predecessor, and no two like each other better than their predecessors. An odd cycle of three
    or more then proves that no stable matching exists."""
    if sorted(successor) != sorted(agents) or sorted(successor.values()) != sorted(agents):
        return ["the successors are not a permutation of the agents"]
    predecessor = {b: a for a, b in successor.items()}
    faults = []
    for a, b in successor.items():
        others = sorted({b, predecessor[a]} - {a})
        faults += [f"{a} and {o} do not both list each other" for o in others if not _mutual(agents, a, o)]
        if a != b and _position(agents[a], b) > _position(agents[a], predecessor[a]):
            faults.append(f"{a} likes its predecessor {predecessor[a]} better than its successor {b}")
    limit = {a: _position(agents[a], predecessor[a]) for a in agents}
    above = {a: agents[a][: limit[a]] for a in agents}
    rivals = [(a, b) for a in agents for b in above[a] if a < b and a in above.get(b, [])]
    return faults + [f"{a} and {b} like each other better than their predecessors" for a, b in rivals]


def _mutual(agents: dict[str, list[str]], a: str, b: str) -> bool:
    return b in agents[a] and a in agents.get(b, [])


def odd_cycles(successor: dict[str, str]) -> list[list[str]]:
    """The cycles of odd length three or more of a permutation."""
    left, found = set(successor), []
    while left:
        cycle = [left.pop()]
        while (following := successor[cycle[-1]]) != cycle[0]:
            cycle.append(following)
        left -= set(cycle)
        if len(cycle) >= 3 and len(cycle) % 2:
            found.append(cycle)
    return found


def verify_exchange(
    arcs: set[tuple[str, str]],
    altruists: set[str],
    cycles: list[list[str]],
    chains: list[list[str]],
    cycle_cap: int,
    chain_cap: int,
) -> list[str]:
    """Everything wrong with an exchange: cycles (each donor gives to the next, the last to the first) of at most
    `cycle_cap` pairs, chains (the altruist first) of at most `chain_cap` arcs, nobody used twice."""
    faults = []
    for cycle in cycles:
        steps = list(zip(cycle, cycle[1:] + cycle[:1], strict=True))
        faults += [f"nobody at {a} can give to {b}" for a, b in steps if (a, b) not in arcs]
        faults += [f"the altruist {a} is in a cycle" for a in cycle if a in altruists]
        if not 2 <= len(cycle) <= cycle_cap:
            faults.append(f"a cycle of {len(cycle)} pairs, allowed are 2 to {cycle_cap}")
    for chain in chains:
        faults += [f"nobody at {a} can give to {b}" for a, b in pairwise(chain) if (a, b) not in arcs]
        faults += [f"the chain from {chain[0]} does not begin with an altruist"] * (chain[0] not in altruists)
        faults += [f"the altruist {a} stands inside a chain" for a in chain[1:] if a in altruists]
        if not 1 <= len(chain) - 1 <= chain_cap:
            faults.append(f"a chain of {len(chain) - 1} arcs, allowed are 1 to {chain_cap}")
    used = [v for part in cycles + chains for v in part]
    return faults + sorted({f"{v} takes part twice" for v in used if used.count(v) > 1})
