"""The problem file of `kind: mechanism` as one table of shapes: it reads files, and the JSON Schema is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amd.files.faults import Faults
from amd.files.nodes import Mapping, Node
from amd.files.records import Key, Record, Tagged
from amd.files.shapes import ByForm, Choice, Expr, Item, ListOf, MapOf, Table, Text
from amd.model.design import Incentive, Participation

VERSION = "1"
KINDS = ("mechanism", "matching", "exchange", "auction", "axioms", "cooperative")
WISH_FUNCTIONS = frozenset({"payment", "surplus", "probability", "allocated"})

_NUMBER = Expr()
_WHOLE = Expr("a whole number")
_NUMBERS = ListOf(_NUMBER, "a list of numbers", fewest=1)
_FLAG = Choice(
    {"true": True, "false": False},
    {"True": True, "False": False, "TRUE": True, "FALSE": False},
    advice={"yes": "true", "no": "false", "on": "true", "off": "false"},
)

_PROBABILITIES = {
    "prob": Key(_NUMBERS, "their probabilities, which sum to exactly 1; equal when left out"),
    "weights": Key(_NUMBERS, "in place of 'prob': scaled to sum to 1"),
}
_AT = {word: word for word in ("mean", "lower", "upper", "middle")}
_POINTS = {
    "at": Key(Choice(_AT), "which point of its cell a type stands at"),
    "cut": Key(Choice({"width": "width", "mass": "mass"}), "cells of equal width or of equal probability"),
}
_CELLS = {"cells": Key(_WHOLE, "how many cells it is cut into", required=True), **_POINTS}
_ENDS = ListOf(_NUMBER, "a pair of ends [a, b]", fewest=2, most=2)
_SUPPORT = Key(_ENDS, "the interval it is truncated to")


def _continuous(name: str, shape: Any, about: str, support: bool = True) -> Record:
    """A continuous distribution: its own key, the support, and how it is cut."""
    own = Key(shape, about, required=True)
    ends = Key(_ENDS, _SUPPORT.about, required=name == "cdf")
    keys = {name: own, **({"support": ends} if support else {}), **_CELLS}
    hints = {} if support else {"support": "the ends stand in 'uniform' itself"}
    return Record(f"distribution-{name}", keys, f"a distribution by '{name}'", hints=hints)


FAMILIES = {
    "normal": ("mean", "sd"),
    "lognormal": ("mean", "sd"),
    "exponential": ("rate",),
    "beta": ("a", "b"),
    "triangular": ("low", "mode", "high"),
    "pareto": ("scale", "shape"),
}


def _parameters(name: str, *keys: str) -> Record:
    """A distribution of a known family with its numbers."""
    of = "the logarithm, which is normal" if name == "lognormal" else f"the {name} distribution"
    numbers = {key: Key(_NUMBER, f"the {key} of {of}", required=True) for key in keys}
    shape = Record(f"{name}-numbers", numbers, "a mapping of " + " and ".join(f"'{key}'" for key in keys))
    return _continuous(name, shape, f"the {name} distribution")


_POINT = ListOf(_NUMBER, "[x, density]", fewest=2, most=2)
_PIECEWISE = Record(
    "piecewise-points",
    {
        "points": Key(
            ListOf(_POINT, "a list of [x, density]", fewest=2),
            "points of the density, which runs straight between them; it jumps where an x stands twice",
            required=True,
        )
    },
    "a mapping with 'points'",
)
_VALUES = Record(
    "distribution-values",
    {"values": Key(_NUMBERS, "the values there are", required=True), **_PROBABILITIES},
    "a distribution by 'values'",
    hints={"cells": "'values' are finite already"},
)
_SAMPLES = Record(
    "distribution-samples",
    {
        "samples": Key(Text("the name of a CSV file"), "a CSV file below the folder of the problem", required=True),
        "column": Key(Text("the name of a column"), "which column of it", required=True),
        "support": _SUPPORT,
        "cells": Key(_WHOLE, "how many cells; left out, every value is a type"),
        **_POINTS,
    },
    "a distribution by 'samples'",
)

DISTRIBUTION = Tagged(
    {
        "values": _VALUES,
        "uniform": _continuous("uniform", _ENDS, "uniform between two ends", support=False),
        "cdf": _continuous("cdf", Expr("an expression in x"), "distribution function, in x"),
        **{name: _parameters(name, *keys) for name, keys in FAMILIES.items()},
        "piecewise": _continuous("piecewise", _PIECEWISE, "a density given by points"),
        "samples": _SAMPLES,
    },
    "a distribution",
    hint=", such as {uniform: [0, 1], cells: 10} or {values: [10, 50]}",
)

ROW = MapOf(_NUMBER, "a row, {parameter: number, …}", identifiers=True)
_ORDERS = ByForm(
    "'all' or a list of orders",
    scalar=Choice({"all": "all"}),
    sequence=ListOf(ListOf(Text("an outcome"), "an order, best first,"), "a list of orders", fewest=1),
)
TYPES = Tagged(
    {
        "table": Record(
            "types-table",
            {"table": Key(ListOf(ROW, "a list of rows", fewest=1), "one row a type, with 'prob' or 'weights'", True)},
            "a table of types",
            hints={"prob": "the probabilities stand in the rows", "weights": "the weights stand in the rows"},
        ),
        "orders": Record(
            "types-orders",
            {"orders": Key(_ORDERS, "the strict preference orders over outcomes", required=True), **_PROBABILITIES},
            "types that are orders",
        ),
    },
    "a table of types or a list of orders",
)
PRODUCT = MapOf(DISTRIBUTION, "a mapping of parameters to distributions", identifiers=True)

_PRICES = MapOf(_NUMBER, "a mapping of outcomes (or goods) to expressions, such as {trade: v},")
_BUNDLE = Record(
    "bundle",
    {
        "of": Key(ListOf(Text("a good"), "a list of goods", fewest=1), "the goods in it; twice for two units", True),
        "value": Key(_NUMBER, "what it is worth", required=True),
    },
    "a bundle, {of: [a, b], value: expression}",
)


@dataclass(frozen=True)
class TypesShape:
    """A table or orders where one of these keys holds no mapping, else a product of distributions."""

    words: str = "a mapping of parameters to distributions, a table, or orders"
    special: Tagged = TYPES
    product: MapOf = PRODUCT

    def read(self, node: Node, path: str, faults: Faults) -> Item[Any] | None:
        names = _bare_keys(node)
        if any(name in self.special.cases for name in names):
            return self.special.read(node, path, faults)
        if nameless := next((name for name in names if name in DISTRIBUTION.cases), None):
            right = f"name the parameter, such as {{v: {{{nameless}: …}}}}"
            faults.add(node.line, path, f"is a distribution itself; {right}")
            return None
        return self.product.read(node, path, faults)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.special.schema(), self.product.schema()]}


def _bare_keys(node: Node) -> list[str]:
    """The keys whose value is no mapping."""
    if not isinstance(node, Mapping):
        return []
    return [entry.key.text for entry in node.entries if not isinstance(entry.value, Mapping)]


AGENT = Record(
    "agent",
    {
        "count": Key(_WHOLE, "how many exchangeable copies", blank=True),
        "types": Key(TypesShape(), "what it privately knows; left out, it has one type", blank=True),
        "value": Key(
            _PRICES, "what each outcome, or a unit of each good, is worth to it; 0 where left out", blank=True
        ),
        "demand": Key(_WHOLE, "at most this many units in all", blank=True),
        "bundles": Key(ListOf(_BUNDLE, "a list of bundles"), "in place of 'value', with goods", blank=True),
        "outside": Key(_NUMBER, "its payoff from not taking part; 0 when left out", blank=True),
        "budget": Key(_NUMBER, "the most it can ever pay", blank=True),
    },
    "an agent: a mapping with keys such as 'types' and 'value'",
    blank=True,
    hints={
        "cost": "a cost of the agent is a negative value",
        "prob": "probabilities stand with the values of a type",
        "participation": "it belongs to 'design'",
    },
)
_OUTCOME = Record("outcome", {"cost": Key(_NUMBER, "what the designer pays for it")}, "{cost: expression}", blank=True)
_GOOD = Record(
    "good",
    {
        "supply": Key(_WHOLE, "how many units there are", required=True),
        "cost": Key(_NUMBER, "what each unit handed out costs the designer"),
    },
    "{supply: n, cost: expression}",
)
_LIMIT = Record(
    "limit",
    {
        "goods": Key(ListOf(Text("a good"), "a list of goods", fewest=1), "the goods it is about", required=True),
        "at_most": Key(_WHOLE, "so many units of them in all", required=True),
    },
    "{goods: [a, b], at_most: n}",
)

_STAGES = Choice(
    {stage.value: stage for stage in (Participation.INTERIM, Participation.EX_POST)}
    | {stage.value: stage for stage in (Participation.EX_ANTE, Participation.NONE)}
)
_WHEN = Choice({"ex_post": True, "ex_ante": False})
_NO_BUDGET = Choice({"none": None}, advice={"balanced": "{balanced: ex_post}", "no_deficit": "{no_deficit: ex_post}"})
BUDGET = Record(
    "budget",
    {
        "balanced": Key(_WHEN, "payments sum to cost less subsidy"),
        "no_deficit": Key(_WHEN, "payments sum to at least cost less subsidy"),
        "subsidy": Key(_NUMBER, "outside money"),
    },
    "'none' or a mapping such as {balanced: ex_post}",
)
FLAGS = ("efficient", "anonymous", "unanimous", "pareto", "onto", "nondictatorial")
WISH = Expr("a linear expression in quantities, such as revenue,", WISH_FUNCTIONS)
_RELATION = Text('a relation in quotes, such as ">= 3",')

DESIGN = Record(
    "design",
    {
        "maximize": Key(WISH, "what is to be as large as possible"),
        "minimize": Key(WISH, "what is to be as small as possible"),
        "incentive": Key(
            Choice(
                {stage.value: stage for stage in Incentive}, {"bic": Incentive.BAYESIAN, "dsic": Incentive.DOMINANT}
            ),
            "for whom truth must be best",
        ),
        "participation": Key(
            ByForm(
                "one of interim, ex_post, ex_ante and none, or a mapping of agents to them",
                scalar=_STAGES,
                mapping=MapOf(_STAGES, "a mapping of agents to stages"),
            ),
            "when an agent may still walk away; per agent, those left out: interim",
        ),
        "budget": Key(
            ByForm("'none' or a mapping such as {balanced: ex_post}", scalar=_NO_BUDGET, mapping=BUDGET),
            "what payments must sum to",
            blank=True,
        ),
        "transfers": Key(_FLAG, "whether there is money"),
        "allocation": Key(Choice({"lottery": False, "deterministic": True}), "lotteries or sure decisions"),
        "require": Key(
            ListOf(
                ByForm(
                    'a requirement such as efficient, or a bound such as {revenue: ">= 3"},',
                    scalar=Choice({flag: flag for flag in FLAGS}),
                    mapping=MapOf(_RELATION, 'a bound such as {revenue: ">= 3"}', fewest=1),
                ),
                "a list of requirements, such as [efficient],",
            ),
            "what else must hold",
            blank=True,
        ),
    },
    "a mapping with keys such as 'maximize'",
    blank=True,
    hints={"objective": "write 'maximize' or 'minimize'", "subsidy": "it stands inside 'budget'"},
)

PROBLEM = Record(
    "problem",
    {
        "amd": Key(Choice({VERSION: VERSION}), "the version of the format", required=True),
        "kind": Key(Choice({kind: kind for kind in KINDS}), "what sort of problem it is"),
        "title": Key(Text(), "for people", blank=True),
        "source": Key(Text(), "for people: where it comes from", blank=True),
        "notes": Key(Text(), "for people", blank=True),
        "parameters": Key(
            MapOf(_NUMBER, "a mapping of names to numbers", identifiers=True), "named constants", blank=True
        ),
        "agents": Key(MapOf(AGENT, "a mapping of names to agents", fewest=1), "who takes part", required=True),
        "outcomes": Key(
            ByForm(
                "a list of names or a mapping of names to {cost: expression}",
                sequence=ListOf(Text("the name of an outcome"), "a list of names", fewest=1),
                mapping=MapOf(_OUTCOME, "a mapping of names to {cost: expression}", fewest=1),
            ),
            "what can be decided",
        ),
        "goods": Key(
            MapOf(
                ByForm("a supply or {supply: n, cost: expression}", scalar=_WHOLE, mapping=_GOOD),
                "a mapping of goods to their supply, such as {item: 1},",
                fewest=1,
            ),
            "what can be handed out, instead of outcomes",
        ),
        "limits": Key(ListOf(_LIMIT, "a list of limits"), "joint limits on goods", blank=True),
        "prior": Key(
            ByForm(
                "a mapping {joint: TABLE}",
                scalar=Choice({"independent": None}),
                mapping=Record(
                    "prior",
                    {"joint": Key(Table(), "probabilities of type profiles, nested one level an agent", required=True)},
                    "a mapping {joint: TABLE}",
                ),
            ),
            "the joint distribution of types; independent when left out",
            blank=True,
        ),
        "design": Key(DESIGN, "what is wanted; needed to solve"),
    },
    "a mapping with keys such as 'agents' and 'design'",
)
