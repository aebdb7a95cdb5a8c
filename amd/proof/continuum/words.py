"""A certificate about the continuum in words: the claim, each relation with its multiplier, what is left.

Few relations are written out, as the verifier rebuilds them; many are counted family by family.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from amd.proof import verify_auction, verify_continuum, verify_rule

ONE = verify_continuum.ONE
SHOWN = 16  # relations, or menu entries, that are written out
LEFT = 10  # terms of what is left
WIDTH = 100

Document = dict[str, Any]

FAMILIES = {
    "need": "what the design asks for: {}",
    "on average": "participation on average",
    "order": "the allocation rises with the type",
    "C0": "types of a cell could report like those of another",
    "C2": "types could report like the one at the same place of another cell",
    "C3": "the envelope theorem in a cell of constant density (C3)",
    "C3 rising": "the utility is convex in a cell of constant density (C3)",
    "C4": "the envelope theorem in a cell of varying density (C4)",
    "C5": "the allocation is the slope of the utility between two faces of a box (C5)",
    "C5 order": "the allocation rises along each parameter (C5)",
    "Border": "a good goes to one agent at a time (Border)",
    "feasible": "one column, or what the limits allow, happens",
    "sum Q": "the allocation of a cell, summed over the others' types",
    "sum W": "the value of a cell, summed over the others' types",
    "C1": "no allocation of a product cell is worth more than the best (C1)",
    "efficient": "the efficient allocation is known",
    "efficient value": "its value is known",
    "utility": "the type at the end of a cell takes part",
}
SYMBOLS = {
    "Q": "Q: what an agent gets, integrated over its types of a cell",
    "W": "W: the same, times the type",
    "P": "P: the same, times the virtual value",
    "U": "U: utility of the lowest type",
    "e": "e: what the type at an end of a cell gets",
    "M": "M: chance of a column and of the cell",
    "w": "w: value of what an agent gets in a cell of all agents",
    "u": "u: average utility in a box",
    "F": "F: average utility on a face of a box",
    "E": "E: average allocation on a face of a box",
}


def in_words(document: Document) -> str:
    """What `amd certify --continuum` prints."""
    body = _rule(document) if document["format"] == verify_rule.FORMAT else _relations(document)
    premises = _verifier(document["problem"]).premises(document["problem"]).removeprefix("; ")
    lines = [_claim(document), _cells(document["problem"]), "", *body, ""]
    lines += [f"{premises[0].upper()}{premises[1:]}.", ""] if premises else []
    return "\n".join([*lines, f"problem sha256 {document['digest']}"])


def _verifier(problem: Document) -> Any:
    return verify_auction if problem["model"] == "goods" else verify_continuum


def _claim(document: Document) -> str:
    claim = document["claim"]
    where = "for the continuous prior"
    if claim["kind"] == "infeasible":
        return f"Claim: {where} no mechanism meets the design."
    if claim["kind"] == "possible":
        return f"Claim: {where} a mechanism meets the design."
    value = _short(claim["value"])
    if document["format"] == verify_rule.FORMAT:
        return f"Claim: {where} a mechanism reaches {value}."
    return f"Claim: {where} the wish is {claim['kind']} {value} in every mechanism."


def _short(text: str) -> str:
    """The rational, with a decimal, or the decimal alone where the rational is long."""
    if Fraction(text).denominator == 1:
        return text
    decimal = f"{float(Fraction(text)):.10g}"
    equal = Fraction(decimal) == Fraction(text)
    return f"{text} ({'=' if equal else 'about'} {decimal})" if len(text) <= 30 else f"about {decimal}"


def _cells(problem: Document) -> str:
    parts = []
    for i, agent in enumerate(problem["agents"]):
        lines = agent["lines"] if "lines" in agent else [agent["line"]] * any(Fraction(x) for x in agent["slopes"])
        for line in lines:
            size = len(line["masses"])
            ends = f"[{line['edges'][0]}, {line['edges'][-1]}]"
            negated = " (its type, negated)" if Fraction(line["edges"][-1]) <= 0 else ""
            parts.append(f"{_agent(problem, i)} on {size} cell{'s' if size > 1 else ''} of {ends}{negated}")
    return "Types: " + "; ".join(dict.fromkeys(parts)) + "."


def _agent(problem: Document, i: int) -> str:
    agent = problem["agents"][i]
    return str(agent["name"]) if "name" in agent else ", ".join(agent["names"])


def _relations(document: Document) -> list[str]:
    problem, relations = document["problem"], document["proof"]["relations"]
    verifier = _verifier(problem)
    model: Any = (verifier.Goods if problem["model"] == "goods" else verifier.Cells)(problem)
    write = _Writer(problem)
    rows = [(name, Fraction(text), *model.row(*name)) for name, text in relations]
    total: dict[Any, Any] = {}
    infeasible = document["claim"]["kind"] == "infeasible"
    if not infeasible:
        verifier.add(total, model.wish(problem["wish"]), 1 if problem["maximize"] else -1)
    few = len(rows) <= SHOWN
    lines = [f"Add up {len(rows)} relations, each times its multiplier:" if rows else "No relation is needed."]
    kinds = {variable[0] for _, _, terms, _ in rows for variable, rate in terms.items() if rate}
    if few:
        lines += ["", *(f"  {text}" for symbol, text in SYMBOLS.items() if symbol in kinds), ""]
        lines += [line for row in rows for line in write.relation(*row)]
    else:
        lines += ["", *_counted(problem, relations)]
    for _, y, terms, _ in rows:
        verifier.add(total, terms, y)
    return [*lines, "", *_left(document, model, write, total)]


def _counted(problem: Document, relations: list[Any]) -> list[str]:
    """How many relations of each family, and what they say."""
    counts = Counter(name[0] for name, _ in relations)
    asked = ", ".join(need["text"] for need in problem["needs"])
    return [f"  {count:>5} × {FAMILIES.get(family, family).format(asked)}" for family, count in sorted(counts.items())]


def _left(document: Document, model: Any, write: _Writer, total: dict[Any, Any]) -> list[str]:
    """What the sum leaves, and the most that it can be."""
    problem, kind = document["problem"], document["claim"]["kind"]
    most = _verifier(problem).most(model, total, [])
    rest = {variable: rate for variable, rate in total.items() if rate}
    free = [variable for variable in rest if variable != ONE]
    negated = "" if problem["maximize"] else ", negated,"
    head = (
        "In every mechanism 0 is at most"
        if kind == "infeasible"
        else f"In every mechanism the wish{negated} is at most"
    )
    lines = [head, f"  {write.sum(rest)}"] if len(rest) <= LEFT else []
    ranges = [write.range(variable, model.ranges[variable]) for variable in free] if len(free) <= LEFT else []
    least = [f"with {', '.join(ranges)};"] if ranges else []
    if lines and not free:
        contradiction = ": a contradiction" if kind == "infeasible" else ""
        return [f"{head} {_short(str(most))}{contradiction}."]
    if kind == "infeasible":
        return [*lines, *least, f"that is at most {most}: a contradiction."]
    if not lines:
        return [f"In every mechanism the wish{negated} is at most what is left, at most {_short(str(most))}."]
    return [*lines, *least, f"that is at most {_short(str(most))}."]


class _Writer:
    """Relations and sums in symbols; cells count from 1."""

    def __init__(self, problem: Document) -> None:
        self.problem = problem

    def relation(self, name: list[Any], y: Fraction, terms: dict[Any, Fraction], equal: bool) -> list[str]:
        asked = self.problem["needs"][name[1]]["text"] if name[0] == "need" else ""
        what = FAMILIES.get(name[0], name[0]).format(asked)
        return [f"  {y!s:>6} × {self.sum(terms)} {'=' if equal else '>='} 0", f"{'':11}{what}"]

    def sum(self, terms: dict[Any, Fraction]) -> str:
        parts = [self.term(variable, rate) for variable, rate in terms.items() if rate]
        return " + ".join(parts).replace("+ -", "- ") or "0"

    def term(self, variable: Any, rate: Fraction) -> str:
        if variable == ONE:
            return str(rate)
        sign = {Fraction(1): "", Fraction(-1): "-"}.get(Fraction(rate), f"{rate} ")
        return f"{sign}{self.symbol(variable)}"

    def symbol(self, variable: Any) -> str:
        kind, *rest = variable
        write: dict[str, Callable[..., str]] = {
            "M": lambda p, c: f"M({self.problem['columns'][c]}{self.where(p)})",
            "w": lambda i, p: f"w({_agent(self.problem, i)}{self.where(p)})",
            "U": lambda i: f"U({_agent(self.problem, i)})",
        }
        if kind in write:
            return write[kind](*rest)
        i, *place = rest
        return f"{kind}({_agent(self.problem, i)}{self.where(place)})"

    def where(self, place: Any) -> str:
        """Which cell, where there is more than one."""
        if isinstance(place, int):
            place = [place]
        flat = [k for part in place for k in (part if isinstance(part, tuple) else (part,))]
        return "" if self._single() and not any(flat) else f"; {','.join(str(k + 1) for k in flat)}"

    def _single(self) -> bool:
        agents = self.problem["agents"]
        return self.problem["model"] == "cells" and all(len(agent["line"]["masses"]) == 1 for agent in agents)

    def range(self, variable: Any, ends: tuple[Any, Any]) -> str:
        low, high = ends
        name = self.symbol(variable)
        if low is None:
            return f"{name} <= {high}"
        return f"{name} >= {low}" if high is None else f"{low} <= {name} <= {high}"


def _rule(document: Document) -> list[str]:
    """Which mechanism it is, and what it meets."""
    needs = [need["text"] for need in document["problem"]["needs"]]
    return [*_kind(document["proof"]["mechanism"]), *([f"It meets: {', '.join(needs)}."] if needs else [])]


def _kind(mechanism: Document) -> list[str]:
    if "menu" in mechanism:
        shown = [f"  {', '.join(y)} for {price}" for y, price in mechanism["menu"][:SHOWN]]
        return ["The buyer takes the entry it likes best (chances of the goods, price):", "", *shown]
    if "scores" in mechanism:
        return ["Each good goes to the highest positive score; scores rise along the cells, and so do payments."]
    if "efficient" in mechanism:
        return ["What happens is efficient, and the lowest types pay all that they have."]
    return [f"A rule that is constant on {len(mechanism['allocation']):,} products of cells, and rises along each."]
