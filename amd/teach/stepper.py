"""Deferred acceptance step by step, from either side: who proposes, who is held, who is turned away."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from amd.matching.deferred import deferred_acceptance
from amd.matching.market import Market, lists_from

Wishes = Mapping[str, Sequence[str]]


def market_of(students: Wishes, schools: Wishes) -> Market:
    """A market with one seat a school from lists of names, best first. ValueError for a name that does not exist."""
    sides = [list(students), list(schools)]
    rows = []
    for own, other in ((students, sides[1]), (schools, sides[0])):
        places = {name: at for at, name in enumerate(other)}
        unknown = sorted({name for wishes in own.values() for name in wishes} - places.keys())
        if unknown:
            raise ValueError(f"nobody is called {', '.join(unknown)}")
        rows.append(lists_from([[places[name] for name in wishes] for wishes in own.values()]))
    return Market(rows[0], rows[1], np.ones(len(sides[1]), dtype=np.int64), sides[0], sides[1])


def wishes_of(words: str) -> dict[str, list[str]]:
    """Preference lists from a line such as ``A: W, X, Y; B: X, W``, best first. ValueError where it is none."""
    lists: dict[str, list[str]] = {}
    for part in filter(str.strip, words.split(";")):
        name, colon, rest = part.partition(":")
        if not colon or not name.strip() or name.strip() in lists:
            raise ValueError(f"'{part.strip()}' should be a name of its own, a colon and a list, such as A: W, X, Y")
        lists[name.strip()] = [one.strip() for one in rest.split(",") if one.strip()]
        if len(set(lists[name.strip()])) < len(lists[name.strip()]):
            raise ValueError(f"{name.strip()} lists somebody twice")
    return lists


def mutual(students: Wishes, schools: Wishes) -> tuple[Wishes, Wishes]:
    """The lists without those who do not list their owner in turn. ValueError for a name that does not exist."""
    for own, other in ((students, schools), (schools, students)):
        unknown = sorted({name for wishes in own.values() for name in wishes} - set(other))
        if unknown:
            raise ValueError(f"nobody is called {', '.join(unknown)}")
    kept = {who: [name for name in wishes if who in schools[name]] for who, wishes in students.items()}
    return kept, {who: [name for name in wishes if who in students[name]] for who, wishes in schools.items()}


def stepper(students: str, schools: str, round: int, proposing: str = "students") -> Step:
    """`step` for preferences that are typed in, as `wishes_of` reads them."""
    return step(*mutual(wishes_of(students), wishes_of(schools)), round, proposing)


@dataclass(frozen=True)
class Step:
    """The state after a number of rounds: `held` receiver → proposer, and what happened in the last round."""

    proposers: tuple[str, ...]
    receivers: tuple[str, ...]
    lists: Wishes
    held: dict[str, str]
    proposals: tuple[tuple[str, str], ...]
    rejections: tuple[tuple[str, str], ...]
    round: int
    rounds: int
    refused: frozenset[tuple[str, str]]

    @property
    def done(self) -> bool:
        """Whether nothing more happens."""
        return self.round == self.rounds

    def _repr_html_(self) -> str:
        return _page(self)

    def __repr__(self) -> str:
        pairs = ", ".join(f"{who}-{where}" for where, who in sorted(self.held.items(), key=lambda pair: pair[1]))
        return f"round {self.round} of {self.rounds}: {pairs}"


def step(students: Wishes, schools: Wishes, round: int, proposing: str = "students") -> Step:
    """Deferred acceptance after `round` rounds (0: nothing yet), with "students" or "schools" proposing."""
    if proposing not in ("students", "schools"):
        raise ValueError("either students or schools propose")
    market = market_of(students, schools)
    first = proposing == "students"
    trace = deferred_acceptance(market, "applicants" if first else "programs", trace=True).rounds or ()
    own, other = (students, schools) if first else (schools, students)
    proposers, receivers = tuple(own), tuple(other)
    held: dict[str, str] = {}
    refused: set[tuple[str, str]] = set()
    asked: tuple[tuple[str, str], ...] = ()
    turned: tuple[tuple[str, str], ...] = ()
    for one in trace[:round]:
        asked = tuple((proposers[p], receivers[r]) for p, r in one.proposals.tolist())
        turned = tuple((proposers[p], receivers[r]) for p, r in one.rejections.tolist())
        refused |= {*turned}
        held |= {where: who for who, where in asked if (who, where) not in turned}
    return Step(proposers, receivers, own, held, asked, turned, min(round, len(trace)), len(trace), frozenset(refused))


_ASKED, _HELD, _GONE = "rgba(230,159,0,0.45)", "rgba(0,158,115,0.35)", "rgba(128,128,128,0.18)"


def _page(state: Step) -> str:
    """Each proposer's list, with what became of every proposal."""
    rows = "".join(_row(state, who) for who in state.proposers)
    heading = f"Round {state.round} of {state.rounds}" + (" (finished: this matching is stable)" if state.done else "")
    asked = "; ".join(f"{who} asks {where}" for who, where in state.proposals) or "nobody has asked yet"
    turned = "; ".join(f"{where} turns {who} away" for who, where in state.rejections) or "nobody is turned away"
    key = "green: held, orange: asked in this round, struck out: turned away"
    return (
        f"<p><b>{heading}</b><br>{html.escape(asked)}<br>{html.escape(turned)}</p>"
        f'<table style="font-size: 115%"><tbody>{rows}</tbody></table><p style="opacity: 0.75">{key}</p>'
    )


def _row(state: Step, who: str) -> str:
    cells = "".join(_cell(state, who, where) for where in state.lists[who])
    return f"<tr><td><b>{html.escape(who)}</b></td>{cells}</tr>"


def _cell(state: Step, who: str, where: str) -> str:
    color, shown = "transparent", html.escape(where)
    if state.held.get(where) == who:
        color = _ASKED if (who, where) in state.proposals and not state.done else _HELD
    elif (who, where) in state.refused:
        color, shown = _GONE, f"<s>{shown}</s>"
    return f'<td style="background-color: {color}; text-align: center; min-width: 2.2em">{shown}</td>'
