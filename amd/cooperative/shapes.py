"""The problem file of `kind: cooperative` as a table of shapes; see docs/cooperative-format.md."""

from __future__ import annotations

from amd.files.records import Key, Record
from amd.files.shapes import ByForm, Choice, Expr, ListOf, MapOf, Text

_NAMES = ListOf(Text("a player"), "a list of players", fewest=1)
_NUMBER = Expr("a number")

COALITION = Record(
    "coalition",
    {
        "of": Key(_NAMES, "the players of the coalition", required=True),
        "value": Key(_NUMBER, "what they can have by themselves", required=True),
    },
    "a coalition, {of: [a, b], value: 1},",
    hints={"worth": "what a coalition can have is written 'value'", "players": "its players are written 'of'"},
)
MAJORITY = Record(
    "majority",
    {
        "quota": Key(_NUMBER, "the votes that are needed", required=True),
        "weights": Key(
            ByForm("players with their votes", mapping=MapOf(_NUMBER, "players with their votes", fewest=1)),
            "each player's votes; 1 where left out",
        ),
        "value": Key(_NUMBER, "what a winning coalition has; 1 when left out"),
    },
    "a mapping with 'quota'",
)

COOPERATIVE = Record(
    "cooperative",
    {
        "amd": Key(Choice({"1": "1"}), "the version of the format", required=True),
        "kind": Key(Choice({"cooperative": "cooperative"}), "the kind of problem", required=True),
        "title": Key(Text(), "for people", blank=True),
        "source": Key(Text(), "for people: where it comes from", blank=True),
        "notes": Key(Text(), "for people", blank=True),
        "parameters": Key(
            MapOf(Expr(), "names with numbers", identifiers=True), "constants for expressions", blank=True
        ),
        "players": Key(_NAMES, "who plays", required=True),
        "worth": Key(
            ListOf(COALITION, "a list of coalitions"),
            "what coalitions can have by themselves; 0 where left out",
        ),
        "majority": Key(
            MAJORITY, "instead of 'worth': coalitions with enough votes have something, the others nothing"
        ),
    },
    "a cooperative game",
    hints={"agents": "write 'players'", "values": "write 'worth'", "coalitions": "write 'worth'"},
)
