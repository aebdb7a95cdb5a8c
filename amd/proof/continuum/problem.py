"""A continuum problem as a proof restates it: cells of each agent's types, and the design in numbers.

`amd.proof.verify_auction`, `verify_continuum` and `verify_rule` rebuild everything from this. Goods sold by the unit
and other decisions have forms of their own ("goods" and "cells"). Where a law's probabilities are not rational, the
cells carry enclosures; where its density varies, the constants of the tangents (C4) that a proof uses. `is_about`
compares a document with a problem: it derives both again from the laws, at the document's own cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from amd.model.task import Task
from amd.model.types import Law
from amd.proof import verify_rule
from amd.proof.continuum import auction
from amd.proof.continuum.auction import Buyer, buyers
from amd.proof.continuum.cells import Line, Tangent
from amd.proof.continuum.profiles import Party, party
from amd.proof.continuum.reading import read_setting
from amd.proof.continuum.relations import NoBoundError
from amd.proof.continuum.setting import Setting
from amd.proof.wish import Wish

Document = dict[str, Any]
Stated = dict[tuple[int, str, Fraction], Tangent]  # cell, "W" or "P", part of the cell: constants of a tangent
Cut = tuple[Line, Stated]
Lines = Sequence[Sequence[Cut]]  # of each agent


def goods_problem(setting: Setting, groups: Sequence[Buyer], lines: Lines) -> Document:
    """Goods of one unit each, sold to groups of like buyers."""
    agents = [
        {
            "names": list(buyer.names),
            "goods": list(buyer.goods),
            "lines": [restate_line(*cut) for cut in own],
            "outside": str(buyer.outside),
            "stage": setting.agents[buyer.position].participation.value,
        }
        for buyer, own in zip(groups, lines, strict=True)
    ]
    goods = [good.name for good in setting.allocation.goods]
    return {"kind": "continuum", "model": "goods", "agents": agents, "goods": goods, **_design(setting, groups)}


def cells_problem(setting: Setting, parties: Sequence[Party], lines: Sequence[Cut]) -> Document:
    """Any decision, agents with one parameter (those without private information: one that nothing depends on)."""
    limits = [[plain(row), str(upper), equal] for row, upper, equal in setting.column_bounds]
    allocation = setting.allocation
    return {
        "kind": "continuum",
        "model": "cells",
        "agents": [_party(one, own) for one, own in zip(parties, lines, strict=True)],
        "columns": list(allocation.names) or [f"column {c}" for c in range(allocation.size)],
        "caps": [int(cap) for cap in allocation.cap],
        "cost": [str(cost) for cost in allocation.cost],
        "limits": limits,
        "efficient": setting.efficient,
        **_design(setting, None),
    }


def restate_line(cut: Line, stated: Stated) -> Document:
    """The cells of one parameter, with the constants of the tangents that are used. Of what law these numbers are is
    stated where the verifier cannot rebuild them (`verify_premises` checks them then)."""
    constants = [[k, kind, str(part), *plain((t.level, t.above, t.below))] for (k, kind, part), t in stated.items()]
    uniform = list(cut.uniform)
    law = None if all(uniform) else cut.law.restate()
    cells = {"edges": plain(cut.edges), "masses": plain(cut.mass), "uniform": uniform, "constants": constants}
    return {**cells, "law": law}


def plain(value: Any) -> Any:
    """Rationals as texts, tuples as lists."""
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value


def _party(one: Party, own: Cut) -> Document:
    return {
        "name": one.agent.name,
        "line": restate_line(*own),
        "slopes": plain(one.slopes),
        "levels": plain(one.agent.levels),
        "tilt": str(one.tilt),
        "outside": str(one.agent.outside[0]),
        "stage": one.agent.participation.value,
    }


def _design(setting: Setting, groups: Sequence[Buyer] | None) -> Document:
    wish = setting.wish.scaled(Fraction(1 if setting.maximize else -1))
    needs = [
        {"text": need.text, "equal": need.equal, "wish": _wish(setting, need.wish, groups)} for need in setting.needs
    ]
    return {"maximize": setting.maximize, "wish": _wish(setting, wish, groups), "needs": needs}


def _wish(setting: Setting, wish: Wish, groups: Sequence[Buyer] | None) -> Document:
    if groups is None:
        rows = {"payment": wish.payment, "value": wish.value, "column": wish.column}
        return {**{name: plain(row) for name, row in rows.items()}, "constant": str(wish.constant)}
    goods = len(setting.allocation.goods)
    return {
        "payment": [str(wish.payment[buyer.position]) for buyer in groups],
        "value": [str(wish.value[buyer.position]) for buyer in groups],
        "units": [[str(wish.column[buyer.position * goods + g]) for g in buyer.goods] for buyer in groups],
        "constant": str(wish.constant),
    }


def is_about(document: Document, task: Task) -> bool:
    """Whether a document restates the continuum of this problem: cells that cover the laws, their true probabilities
    and constants, and the same design. A mechanism says nothing of a problem that asks for more than is restated."""
    data = document["problem"]
    try:
        setting = read_setting(task)
    except NoBoundError:
        return False
    goods = auction.applies(setting)
    if document["format"] == verify_rule.FORMAT and setting.unproven:
        return False
    if data["model"] != ("goods" if goods else "cells"):
        return False
    laws = [buyer.laws for buyer in buyers(setting)] if goods else [(_oriented(setting, i),) for i in _each(setting)]
    given = [agent["lines"] if goods else [agent["line"]] for agent in data["agents"]]
    if [len(own) for own in laws] != [len(own) for own in given]:
        return False
    lines = [[_cut(*pair) for pair in zip(*pairs, strict=True)] for pairs in zip(laws, given, strict=True)]
    if any((cut.edges[0], cut.edges[-1]) != cut.law.support for own in lines for cut, _ in own):
        return False
    if goods:
        return bool(goods_problem(setting, buyers(setting), lines) == data)
    parties = [party(setting, i, 1) for i in _each(setting)]
    return bool(cells_problem(setting, parties, [own[0] for own in lines]) == data)


def _each(setting: Setting) -> range:
    return range(len(setting.agents))


def _oriented(setting: Setting, i: int) -> Law:
    """The law of an agent's type as the model has it: mirrored for an agent who gives something away."""
    return party(setting, i, 1).cut.law


def _cut(law: Law, given: Document) -> tuple[Line, Stated]:
    """A law at the cells of a document, with its own constants for the tangents that the document uses."""
    cut = Line(law, tuple(Fraction(edge) for edge in given["edges"]))
    stated: Stated = {}
    for k, kind, text, *_ in given["constants"]:
        part = Fraction(text)
        stated[k, kind, part] = tangent_of(cut, k, kind, part)
    return cut, stated


def tangent_of(cut: Line, k: int, kind: str, part: Fraction) -> Tangent:
    """The constants of a tangent of the values ("W") or the virtual values ("P") on cell k."""
    a, b = cut.cell(k)
    split = a + part * (b - a)
    return cut.value_tangent(k, split) if kind == "W" else cut.virtual_tangent(k, split)
