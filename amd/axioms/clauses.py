"""The axioms as named clauses about statements.

A clause is (name, literals): a literal is v + 1 where statement v must be true and -(v + 1) where it must be false. The
names are those that `amd.proof.verify_axioms` rebuilds on its own. What each axiom asks:

* strategyproof: nobody likes what a false report brings better than what the true one does, whatever others report.
* onto: every alternative is picked somewhere. unanimous: a common favourite is picked.
* pareto: what everybody likes less than something else is not picked (a ranking puts it below).
* monotonic: what is picked stays when it falls behind nothing in anybody's order (Maskin).
* anonymous: permuting the orders changes nothing. nondictatorial: no agent's favourite (for rankings, strict order) is
  always followed.
* independent: how society ranks a and b depends only on how each agent ranks a and b (Arrow). strict: no ties.
* stable: nobody has an unacceptable partner, and no two would rather have each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, permutations
from typing import Any

from amd.axioms.setting import MATCHING, RANKING, Profile, Setting

Name = list[Any]
Named = tuple[Name, tuple[int, ...]]
Axiom = tuple[str, tuple[int, ...]]  # the word, and for whom (strategyproof only)


def clauses_of(setting: Setting, axioms: Sequence[Axiom]) -> Iterator[Named]:
    """What makes a rule, and every axiom."""
    yield from _rankings(setting) if setting.rule == RANKING else _functions(setting)
    kept = dict(axioms)
    for word, build in _BUILDERS.items():
        if word in kept:
            yield from build(setting)
    if "strategyproof" in kept:
        yield from _strategyproof(setting, kept["strategyproof"], _possible(setting, kept))


def splits_of(setting: Setting) -> list[list[int]]:
    """Groups of statements of which one is true: what is picked at a profile, or which way round a pair is ranked."""
    every = range(setting.profile_count)
    if setting.rule == RANKING:
        pairs = list(combinations(range(len(setting.alternatives)), 2))
        return [[setting.variable(p, pair), setting.variable(p, pair[::-1])] for p in every for pair in pairs]
    return [[setting.variable(p, option) for option in setting.options] for p in every]


def other(setting: Setting, number: int, true: Sequence[bool]) -> Named:
    """The clause that a rule is not the one in which just these statements are true."""
    if setting.rule == RANKING:
        return ["other", number], tuple(-(v + 1) if value else v + 1 for v, value in enumerate(true))
    return ["other", number], tuple(-(v + 1) for v, value in enumerate(true) if value)


def _functions(setting: Setting) -> Iterator[Named]:
    for at, p in enumerate(setting.profiles):
        group = [setting.variable(at, option) for option in setting.options]
        yield ["some", list(p)], tuple(v + 1 for v in group)
        for a, b in combinations(range(len(group)), 2):
            name = ["one", list(p), _json(setting.options[a]), _json(setting.options[b])]
            yield name, (-(group[a] + 1), -(group[b] + 1))


def _rankings(setting: Setting) -> Iterator[Named]:
    every = range(len(setting.alternatives))
    for at, p in enumerate(setting.profiles):
        for a, b in combinations(every, 2):
            one, two = setting.variable(at, (a, b)), setting.variable(at, (b, a))
            yield ["complete", list(p), a, b], (one + 1, two + 1)
        for a, b, c in permutations(every, 3):
            pairs = ((a, b), (b, c), (a, c))
            first, second, third = (setting.variable(at, pair) + 1 for pair in pairs)
            yield ["transitive", list(p), a, b, c], (-first, -second, third)


def _possible(setting: Setting, kept: dict[str, Any]) -> list[list[int]]:
    """For each profile the numbers of the options that are not ruled out outright: strategyproofness is written for
    these only."""
    every = list(range(len(setting.options)))
    if "stable" not in kept:
        return [every] * setting.profile_count
    return [[o for o in every if is_stable(setting, p, setting.options[o])] for p in setting.profiles]


def _strategyproof(setting: Setting, who: Iterable[int], possible: list[list[int]]) -> Iterator[Named]:
    width, options = len(setting.options), [_json(option) for option in setting.options]
    for i in who:
        for at, p in enumerate(setting.profiles):
            rank = setting.ranks[i][p[i]]
            for k in range(len(setting.reports[i])):
                lie = setting.position[setting.moved(p, i, k)]
                for a in possible[at] if lie != at else ():
                    for b in possible[lie]:
                        if rank[b] < rank[a]:
                            name = ["strategyproof", i, list(p), k, options[a], options[b]]
                            yield name, (-(at * width + a + 1), -(lie * width + b + 1))


def _onto(setting: Setting) -> Iterator[Named]:
    for a in setting.options:
        yield ["onto", a], tuple(setting.variable(at, a) + 1 for at in range(setting.profile_count))


def _unanimous(setting: Setting) -> Iterator[Named]:
    for at, p in enumerate(setting.profiles):
        tops = {order[0] for order in setting.orders(p)}
        if len(tops) == 1:
            (a,) = tops
            yield ["unanimous", list(p), a], (setting.variable(at, a) + 1,)


def _pareto(setting: Setting) -> Iterator[Named]:
    for at, p in enumerate(setting.profiles):
        for a, b in permutations(range(len(setting.alternatives)), 2):
            if all(order.index(a) < order.index(b) for order in setting.orders(p)):
                ruled_out = (b, a) if setting.rule == RANKING else b
                yield ["pareto", list(p), a, b], (-(setting.variable(at, ruled_out) + 1),)


def _nondictatorial(setting: Setting) -> Iterator[Named]:
    for i in range(len(setting.agents)):
        if setting.rule == RANKING:
            against = [
                setting.variable(at, (b, a)) + 1
                for at, p in enumerate(setting.profiles)
                for a, b in combinations(setting.order(i, p), 2)
            ]
        else:
            against = [-(setting.variable(at, setting.order(i, p)[0]) + 1) for at, p in enumerate(setting.profiles)]
        yield ["nondictatorial", i], tuple(against)


def _anonymous(setting: Setting) -> Iterator[Named]:
    yield from _alike(setting, "anonymous", lambda p, option: tuple(sorted(setting.orders(p))))


def _independent(setting: Setting) -> Iterator[Named]:
    for named, literals in _alike(setting, "independent", lambda p, pair: views(setting, p, *pair)):
        _, p, q, pair = named
        yield ["independent", p, q, *pair], literals


def _alike(setting: Setting, word: str, key: Any) -> Iterator[Named]:
    """Profiles with the same key have the same statement true: each is compared with the first, both ways."""
    first: dict[Any, int] = {}
    for at, p in enumerate(setting.profiles):
        for option in setting.options:
            like = first.setdefault((option, key(p, option)), at)
            if like != at:
                one, two = setting.variable(like, option) + 1, setting.variable(at, option) + 1
                here, there = list(setting.profiles[like]), list(p)
                yield [word, here, there, _json(option)], (-one, two)
                yield [word, there, here, _json(option)], (-two, one)


def views(setting: Setting, profile: Profile, a: int, b: int) -> tuple[bool, ...]:
    """Who ranks a above b."""
    return tuple(order.index(a) < order.index(b) for order in setting.orders(profile))


def _strict(setting: Setting) -> Iterator[Named]:
    for at, p in enumerate(setting.profiles):
        for a, b in combinations(range(len(setting.alternatives)), 2):
            one, two = setting.variable(at, (a, b)), setting.variable(at, (b, a))
            yield ["strict", list(p), a, b], (-(one + 1), -(two + 1))


def _monotonic(setting: Setting) -> Iterator[Named]:
    """From each profile to those in which one agent's order alone differs: longer ways are made of such steps only on
    rich domains, so all pairs of profiles are compared."""
    for at, p in enumerate(setting.profiles):
        for there, q in enumerate(setting.profiles):
            for a in setting.options if at != there else ():
                if rises(setting, p, q, a):
                    literals = (-(setting.variable(at, a) + 1), setting.variable(there, a) + 1)
                    yield ["monotonic", list(p), list(q), a], literals


def rises(setting: Setting, p: Profile, q: Profile, a: int) -> bool:
    """Whether everybody who likes a better than something at p does so at q."""
    pairs = zip(setting.orders(p), setting.orders(q), strict=True)
    return all(set(one[one.index(a) :]) <= set(two[two.index(a) :]) for one, two in pairs)


def _stable(setting: Setting) -> Iterator[Named]:
    for at, p in enumerate(setting.profiles):
        for mu in setting.options:
            if not is_stable(setting, p, mu):
                yield ["stable", list(p), _json(mu)], (-(setting.variable(at, mu) + 1),)


def is_stable(setting: Setting, p: Profile, mu: tuple[int | None, ...]) -> bool:
    """Whether nobody would rather be alone, and no two would rather have each other."""
    orders, first = setting.orders(p), setting.first_side
    own = [setting.rank(i, p, mu) for i in range(len(setting.agents))]
    if any(rank > len(order) for rank, order in zip(own, orders, strict=True)):
        return False
    return not any(
        a in orders[first + b] and place < own[a] and orders[first + b].index(a) < own[first + b]
        for a in range(first)
        for place, b in enumerate(orders[a])
    )


def _json(option: Any) -> Any:
    return list(option) if isinstance(option, tuple) else option


_BUILDERS = {
    "unanimous": _unanimous,
    "pareto": _pareto,
    "stable": _stable,
    "strict": _strict,
    "anonymous": _anonymous,
    "independent": _independent,
    "monotonic": _monotonic,
    "onto": _onto,
    "nondictatorial": _nondictatorial,
}
AXIOMS = {
    "choice": ("strategyproof", "onto", "unanimous", "pareto", "nondictatorial", "anonymous", "monotonic"),
    "ranking": ("pareto", "independent", "nondictatorial", "anonymous", "strict"),
    MATCHING: ("stable", "strategyproof"),
    "random_assignment": ("ordinally_efficient", "strategyproof", "equal_treatment"),
}
