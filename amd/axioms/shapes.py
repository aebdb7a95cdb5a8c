"""The problem file of `kind: axioms` as a table of shapes; see docs/axioms-format.md."""

from __future__ import annotations

from amd.axioms.clauses import AXIOMS
from amd.files.records import Key, Record
from amd.files.shapes import ByForm, Choice, ListOf, MapOf, Text

ALL, COMPLETE, SINGLE_PEAKED = "all", "complete", "single_peaked"
STRATEGYPROOF = "strategyproof"
WORDS = tuple(dict.fromkeys(word for words in AXIOMS.values() for word in words))


def _words(*words: str) -> dict[str, str]:
    return {word: word for word in words}


_NAMES = ListOf(Text("a name"), "a list of names", fewest=1)
_ORDER = ListOf(Text("a name"), "an order, best first,")
_ORDERS = ListOf(_ORDER, "a list of orders", fewest=1)
_DOMAIN = Choice(_words(ALL, COMPLETE, SINGLE_PEAKED))
_FOR_SOME = Record(
    "axiom-for-some",
    {STRATEGYPROOF: Key(_NAMES, "the agents for whom truth must be best", required=True)},
    "{strategyproof: [names]}",
)

AXIOMS_FILE = Record(
    "axioms",
    {
        "amd": Key(Choice({"1": "1"}), "the version of the format", required=True),
        "kind": Key(Choice({"axioms": "axioms"}), "the kind of problem", required=True),
        "title": Key(Text(), "for people", blank=True),
        "source": Key(Text(), "for people: where it comes from", blank=True),
        "notes": Key(Text(), "for people", blank=True),
        "rule": Key(Choice(_words(*AXIOMS)), "what a rule picks at each profile of preferences", required=True),
        "agents": Key(
            ByForm("how many agents, or a list of their names", scalar=Text("a whole number"), sequence=_NAMES),
            "who has preferences; not for matchings",
        ),
        "alternatives": Key(_NAMES, "what is ranked and picked; the objects of random assignments"),
        "sides": Key(MapOf(_NAMES, "two sides with their agents", fewest=2), "matchings: the two sides"),
        "preferences": Key(
            ByForm(
                "one of all, complete and single_peaked, a list of orders, or agents with lists of orders",
                scalar=_DOMAIN,
                sequence=_ORDERS,
                mapping=MapOf(_ORDERS, "agents with lists of orders", fewest=1),
            ),
            "which orders can occur; all when left out",
        ),
        "require": Key(
            ListOf(
                ByForm("an axiom, or {strategyproof: [names]}", scalar=Choice(_words(*WORDS)), mapping=_FOR_SOME),
                "a list of axioms, such as [strategyproof, onto],",
                fewest=1,
            ),
            "the axioms",
            required=True,
        ),
        "find": Key(
            Choice(_words("one", "all")), "one rule (default), or all of them and the proof that there are no more"
        ),
    },
    "a mapping with keys such as 'rule' and 'require'",
    hints={"voters": "write 'agents'", "axioms": "write 'require'", "outcomes": "write 'alternatives'"},
)
