"""The problem files of `kind: matching` and `kind: exchange` as tables of shapes; see docs/matching-format.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amd.files.faults import Faults
from amd.files.nodes import Mapping, Node, Scalar, Sequence, kind
from amd.files.records import Key, Record
from amd.files.shapes import Choice, Expr, Item, ListOf, Text

RULES = (
    "deferred_acceptance",
    "immediate_acceptance",
    "top_trading_cycles",
    "serial_dictatorship",
    "random_serial_dictatorship",
    "probabilistic_serial",
    "stable",
)
CHOICES = (
    "applicants_best",
    "programs_best",
    "egalitarian",
    "minimum_regret",
    "median",
    "sex_equal",
    "largest",
)


def _words(*words: str) -> dict[str, str]:
    return {word: word for word in words}


_FLAG = Choice({"true": True, "false": False}, {"True": True, "False": False, "TRUE": True, "FALSE": False})
NAME = Text("a name")
_NUMBER = Expr("a number")


@dataclass(frozen=True)
class Raw:
    """A node that the module reads itself; only its kind is checked here."""

    kinds: tuple[type, ...]
    words: str
    json: tuple[str, ...]

    def read(self, node: Node, path: str, faults: Faults) -> Item[Node] | None:
        if isinstance(node, self.kinds) and not (isinstance(node, Scalar) and node.is_null):
            return Item(node, node, path)
        faults.add(node.line, path, f"is {kind(node)}; {self.words} is wanted here")
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": list(self.json)}


_SIDE = Raw((Mapping,), "a mapping of names to lists, or {table: FILE.csv} or {preflib: FILE}", ("object",))

COUPLE = Record(
    "couple",
    {
        "members": Key(ListOf(NAME, "two names", fewest=2, most=2), "the two applicants", required=True),
        "ranks": Key(
            ListOf(ListOf(NAME, "a pair [program, program]", fewest=2, most=2), "a list of pairs"),
            "pairs of programs, best first; 'none' is no place",
            required=True,
        ),
    },
    "a couple: {members: [a, b], ranks: [[p, q], …]}",
)

DESIGN = Record(
    "matching-design",
    {
        "rule": Key(Choice(_words(*RULES), {"boston": "immediate_acceptance"}), "how places are given out"),
        "proposers": Key(Choice(_words("applicants", "programs")), "who proposes in deferred acceptance"),
        "choose": Key(Choice(_words(*CHOICES)), "with rule 'stable': which stable matching"),
        "stability": Key(Choice(_words("weak", "strong", "super")), "with rule 'stable' and ties: in which sense"),
        "ties": Key(Choice(_words("refuse", "single", "multiple", "listed")), "how ties are broken"),
        "seed": Key(Expr("a whole number"), "of the lotteries"),
        "order": Key(ListOf(NAME, "a list of names"), "of a serial dictatorship"),
        "trace": Key(_FLAG, "keep the rounds of deferred acceptance"),
        "list": Key(Expr("a whole number"), "with rule 'stable': list so many stable matchings at most"),
        "misreports": Key(_FLAG, "look for profitable misreports of applicants"),
    },
    "a mapping of 'rule' and its options",
    blank=True,
)

_HEAD = {
    "amd": Key(Choice({"1": "1"}), "format version", required=True),
    "kind": Key(Choice(_words("matching", "exchange")), "which kind of problem", required=True),
    "title": Key(Text(), "for people"),
    "source": Key(Text(), "for people"),
    "notes": Key(Text(), "for people"),
}

MATCHING = Record(
    "matching",
    {
        **_HEAD,
        "applicants": Key(_SIDE, "name → programs, best first; a list inside is a tie"),
        "programs": Key(_SIDE, "name → applicants, best first, or {capacity: n, ranks: […]}"),
        "agents": Key(_SIDE, "roommates: name → other agents, best first; in place of applicants and programs"),
        "couples": Key(ListOf(COUPLE, "a list of couples"), "applicants who rank pairs of programs"),
        "acceptability": Key(Choice(_words("mutual", "strict")), "what one-sided wishes are: dropped, or errors"),
        "design": Key(DESIGN, "what is wanted", blank=True),
    },
    "a matching problem",
)

_GOALS = _words("transplants", "weight", "expected_transplants", "expected_weight", "two_way", "fewest_long_cycles")
EXCHANGE_DESIGN = Record(
    "exchange-design",
    {
        "cycle_cap": Key(Expr("a whole number"), "pairs in a cycle at most (default 3; 0 for no cycles)"),
        "chain_cap": Key(Expr("a whole number"), "length of a chain at most (default 0, no chains)"),
        "counts": Key(Choice(_words("transplants", "donations")), "what the chain cap counts"),
        "waiting_list": Key(_NUMBER, "worth of the last donor's donation to the waiting list (default 0)"),
        "unused_altruists": Key(_FLAG, "altruists without a chain donate to the waiting list too"),
        "maximize": Key(ListOf(Choice(_GOALS), "a list of goals", fewest=1), "goals, the most important first"),
    },
    "a mapping of caps and goals",
    blank=True,
)

EXCHANGE = Record(
    "exchange",
    {
        **_HEAD,
        "pairs": Key(ListOf(NAME, "a list of names"), "incompatible pairs"),
        "altruists": Key(ListOf(NAME, "a list of names"), "donors without a patient"),
        "arcs": Key(
            Raw((Mapping,), "a mapping of names to who can receive", ("object",)),
            "name → names that its donor can give to, or name → {name: weight or {weight, success}}",
        ),
        "wmd": Key(Text("the name of a file"), "a PrefLib file of arcs, in place of 'pairs' and 'arcs'"),
        "dat": Key(Text("the name of a file"), "the PrefLib file that marks the altruists"),
        "first_index": Key(Choice({"0": 0, "1": 1}), "how the .wmd file counts, where its header misleads"),
        "success": Key(_NUMBER, "chance that an agreed transplant takes place, for arcs without one of their own"),
        "design": Key(EXCHANGE_DESIGN, "what is wanted", blank=True),
    },
    "an exchange problem",
)

ARC = Record(
    "arc",
    {
        "weight": Key(_NUMBER, "worth of the transplant (default 1)"),
        "success": Key(_NUMBER, "chance that it takes place once agreed"),
    },
    "a weight or {weight, success}",
)

LISTS = (Sequence,)
