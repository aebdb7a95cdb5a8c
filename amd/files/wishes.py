"""Wishes and bounds: expressions that must be linear in the quantities of a mechanism."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from amd.files.context import Context
from amd.files.decisions import Decisions
from amd.files.evaluate import Scope, evaluate
from amd.files.faults import listing, suggest
from amd.files.roster import Roster
from amd.files.trees import Call, ExpressionError, Measure, Name, Product, Sum, Tree, walk
from amd.model.design import MONEY, NAMES, Linear, Quantity
from amd.model.numbers import ONE, ZERO

BARE = frozenset({"revenue", "cost", "profit", "welfare", "surplus", "deficit"})
_WELFARE = frozenset({"welfare", "surplus"})
_Key: TypeAlias = tuple[str, tuple[int, ...] | None, int | None, bool]


@dataclass
class Combination:
    """A linear combination while it is read: a constant, and a weight for each quantity."""

    constant: Fraction = ZERO
    terms: dict[_Key, tuple[Fraction, Quantity]] = field(default_factory=dict)

    def add(self, other: Combination, weight: Fraction) -> None:
        self.constant += weight * other.constant
        for key, (share, quantity) in other.terms.items():
            before = self.terms.get(key, (ZERO, quantity))[0]
            self.terms[key] = (before + weight * share, quantity)

    def linear(self, text: str) -> Linear:
        """As the model has it, weights of zero left out."""
        terms = tuple((weight, quantity) for weight, quantity in self.terms.values() if weight)
        return Linear(terms, self.constant, text)


@dataclass(frozen=True)
class Wisher:
    """Reads wishes for one problem. `transfers`: whether there is money."""

    roster: Roster
    decisions: Decisions
    transfers: bool
    context: Context

    def read(self, tree: Tree, parameters_first: bool = False) -> Combination:
        """The combination that a tree stands for.

        A name that is a quantity and a parameter too is the parameter where `parameters_first`, else the quantity.
        Raises ExpressionError.
        """
        match tree:
            case Measure(name, arguments):
                return _single(self._measure(name, arguments))
            case Call("worst", (inner,)):
                return _single(self._worst(inner))
            case Name(name) if self._is_quantity(name, parameters_first):
                return _single(self._bare(name))
        if not self._has_quantity(tree, parameters_first):
            return Combination(self._constant(tree))
        match tree:
            case Sum(terms):
                total = Combination()
                for negative, term in terms:
                    total.add(self.read(term, parameters_first), -ONE if negative else ONE)
                return total
            case Product(factors):
                return self._product(factors, parameters_first)
            case Call("sum", added):
                total = Combination()
                for argument in added:
                    total.add(self.read(argument, parameters_first), ONE)
                return total
        raise ExpressionError("a wish is linear in quantities: they may be added, and multiplied by numbers, only")

    def _is_quantity(self, name: str, parameters_first: bool) -> bool:
        if name in self.context.constants or name in self.context.broken:
            return name in BARE and not parameters_first
        return name in NAMES or name == "worst"

    def _has_quantity(self, tree: Tree, parameters_first: bool) -> bool:
        return any(
            isinstance(below, Measure)
            or (isinstance(below, Call) and below.function == "worst")
            or (isinstance(below, Name) and self._is_quantity(below.name, parameters_first))
            for below in walk(tree)
        )

    def _constant(self, tree: Tree) -> Fraction:
        constants = self.context.constants
        for below in walk(tree):
            if isinstance(below, Name) and below.name not in constants:
                raise ExpressionError(f"unknown name '{below.name}'{suggest(below.name, [*NAMES, *constants])}")
        value = evaluate(tree, Scope({name: number.value for name, number in constants.items()}))
        if not isinstance(value, Fraction):
            raise ExpressionError("a number is wanted")
        return value

    def _product(self, factors: tuple[tuple[bool, Tree], ...], parameters_first: bool) -> Combination:
        result: Combination | None = None
        weight = ONE
        for divided, factor in factors:
            part = self.read(factor, parameters_first)
            if part.terms and divided:
                raise ExpressionError("a wish is linear in quantities: it cannot divide by one")
            if part.terms and result is not None:
                raise ExpressionError("a wish is linear in quantities: it cannot multiply two of them")
            if part.terms:
                result = part
            elif divided and part.constant == 0:
                raise ExpressionError("division by zero")
            else:
                weight = weight / part.constant if divided else weight * part.constant
        total = Combination()
        total.add(result or Combination(ONE), weight)
        return total

    def _bare(self, name: str) -> Quantity:
        if name not in BARE:
            example = {"payment": "payment(AGENT)", "probability": "probability(OUTCOME)"}
            raise ExpressionError(f"'{name}' needs to know of what: {example.get(name, f'{name}(…)')}")
        return self._allowed(Quantity(name, name))

    def _worst(self, inner: Tree) -> Quantity:
        found = self.read(inner)
        single = [quantity for weight, quantity in found.terms.values() if weight == 1]
        if found.constant or len(found.terms) != 1 or len(single) != 1 or single[0].worst:
            raise ExpressionError("'worst' takes one quantity by itself, such as worst(revenue)")
        quantity = single[0]
        return Quantity(quantity.name, f"worst({quantity.label})", quantity.agents, quantity.target, worst=True)

    def _measure(self, name: str, arguments: tuple[str, ...]) -> Quantity:
        label = f"{name}({', '.join(arguments)})"
        count = {"allocated": (1, 2)}.get(name, (1,))
        if len(arguments) not in count:
            wanted = "one name or two" if len(count) == 2 else "one name"
            raise ExpressionError(f"'{name}' takes {wanted}, not {len(arguments)}")
        if name == "probability":
            return Quantity(name, label, target=self._target(name, arguments[0], of_goods=False))
        if name == "allocated":
            agents = self._agents(arguments[0]) if len(arguments) == 2 else None
            return Quantity(name, label, agents, self._target(name, arguments[-1], of_goods=True))
        return self._allowed(Quantity(name, label, self._agents(arguments[0])))

    def _agents(self, name: str) -> tuple[int, ...]:
        positions = self.roster.find(name)
        if positions is None and not self.roster.named:
            raise UnsaidError(name)
        if positions is None:
            raise ExpressionError(self.roster.unknown(name))
        return positions

    def _target(self, quantity: str, name: str, of_goods: bool) -> int:
        decisions = self.decisions
        if not decisions.complete:
            raise UnsaidError(name)
        if decisions.by_goods != of_goods:
            instead = f"this problem has {decisions.thing}s ({listing(decisions.names)}): use "
            right = "allocated(GOOD)" if decisions.by_goods else "probability(OUTCOME)"
            raise ExpressionError(f"'{quantity}' does not fit; {instead}{right}")
        if name not in decisions.names:
            raise ExpressionError(f"there is no {decisions.thing} '{name}'{suggest(name, decisions.names)}")
        return decisions.names.index(name)

    def _allowed(self, quantity: Quantity) -> Quantity:
        """The quantity, unless it is about money that is not there or about values of agents that have orders."""
        if quantity.name in MONEY and not self.transfers:
            raise ExpressionError(f"'{quantity.label}' is about money, and there are no transfers")
        ranking = self.roster.ranking
        if quantity.name in _WELFARE and ranking is not None:
            concerned = quantity.agents is None or set(quantity.agents) & set(ranking.positions)
            if concerned:
                raise ExpressionError(f"'{quantity.label}' needs values, and '{ranking.name}' has orders")
        return quantity


class UnsaidError(ExpressionError):
    """What is wrong comes from a part of the file that is at fault itself, so nothing more is said."""


def _single(quantity: Quantity) -> Combination:
    key = (quantity.name, quantity.agents, quantity.target, quantity.worst)
    return Combination(terms={key: (ONE, quantity)})


def check_convex(linear: Linear, sense: str) -> None:
    """Refuse what is not convex: a lowest value may only be pushed up.

    ``worst(Q)`` is a minimum of linear functions, so it is concave: it may be maximised with positive weight, and
    bounded from below. `sense` is ``max``, ``min``, ``>=``, ``<=`` or ``==``. Raises ExpressionError.
    """
    for weight, quantity in linear.terms:
        if not quantity.worst:
            continue
        upward = sense in ("max", ">=")
        if sense == "==" or (weight > 0) != upward:
            raise ExpressionError(
                f"'{quantity.label}' is a lowest value, which may be maximized or bounded below only; "
                "pushing it down is not a convex problem"
            )
