"""The exact value of an expression over whole arrays of types at once.

Arrays are objects (Fractions) with broadcastable shapes: one axis where all names belong to one agent, one axis an
agent where values are interdependent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from amd.files import functions
from amd.files.trees import (
    AGGREGATES,
    OTHERS,
    Call,
    Compare,
    ExpressionError,
    Measure,
    Member,
    Name,
    Number,
    Power,
    Product,
    Sum,
    Tree,
    free_owners,
)
from amd.model.numbers import ONE, ZERO, ExactArray

Value: TypeAlias = Any  # a Fraction or an ExactArray
Attributes: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True)
class Scope:
    """What the names in an expression are worth.

    `names` holds parameters and the own type; `owners` the agents that ``owner.name`` may speak of, each with the
    attributes of its copies. `others`, and an owner with several copies, may stand only inside an aggregate: the
    innermost one around it ranges over the copies, and `chosen` is the copy at which its argument is worked out.
    """

    names: Attributes = field(default_factory=dict)
    owners: Mapping[str, Sequence[Attributes]] = field(default_factory=dict)
    chosen: Mapping[str, Attributes] = field(default_factory=dict)

    def member(self, owner: str, name: str) -> Value:
        if owner in self.chosen:
            return _attribute(self.chosen[owner], name)
        if owner not in self.owners:
            raise ExpressionError(f"there is no agent '{owner}'")
        if self.plural(owner):
            raise ExpressionError(f"'{owner}.{name}' speaks of several agents: put it inside sum, max, min or mean")
        return _attribute(self.owners[owner][0], name)

    def plural(self, owner: str) -> bool:
        """Whether a name speaks of any number of agents."""
        return owner == OTHERS or len(self.owners.get(owner, ((),))) != 1

    def choose(self, owner: str, copy: Attributes) -> Scope:
        """The scope in which `owner` is this one copy."""
        return Scope(self.names, self.owners, {**self.chosen, owner: copy})

    @property
    def arrays(self) -> dict[str, ExactArray]:
        """Every array by the name it has in the text."""
        found = dict(self.names)
        for owner, copies in self.owners.items():
            for position, copy in enumerate(copies):
                label = f"{owner}[{position + 1}]" if len(copies) > 1 else owner
                found |= {f"{label}.{name}": value for name, value in copy.items()}
        return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}

    @property
    def shape(self) -> tuple[int, ...]:
        return np.broadcast_shapes(*(array.shape for array in self.arrays.values()))

    def where(self, mask: np.ndarray[Any, Any]) -> Scope:
        """The scope of the entries where `mask`, of the scope's shape, holds."""

        def pick(values: Attributes) -> dict[str, Value]:
            return {
                name: np.broadcast_to(value, mask.shape)[mask] if isinstance(value, np.ndarray) else value
                for name, value in values.items()
            }

        owners = {owner: tuple(pick(copy) for copy in copies) for owner, copies in self.owners.items()}
        return Scope(pick(self.names), owners, {owner: pick(copy) for owner, copy in self.chosen.items()})


def _attribute(copy: Attributes, name: str) -> Value:
    if name not in copy:
        raise ExpressionError(f"there is no type parameter '{name}' there")
    return copy[name]


def evaluate(tree: Tree, scope: Scope) -> Value:
    """The value, a Fraction or an array of them. Raises ExpressionError, naming a type where it happens."""
    match tree:
        case Number(value):
            return value
        case Name(name):
            if name not in scope.names:
                raise ExpressionError(f"unknown name '{name}'")
            return scope.names[name]
        case Member(owner, name):
            return scope.member(owner, name)
        case Sum(terms):
            return _sum(terms, scope)
        case Product(factors):
            return _product(factors, scope)
        case Power(base, exponent):
            return _apply(functions.power, scope, evaluate(base, scope), evaluate(exponent, scope))
        case Compare(sense, left, right):
            return _as_number(_COMPARE[sense](evaluate(left, scope), evaluate(right, scope)))
        case Call("if", (condition, then, otherwise)):
            return _choose(evaluate(condition, scope), then, otherwise, scope)
        case Call(function, arguments) if function in AGGREGATES:
            return _aggregate(function, arguments, scope)
        case Call(function, (argument,)) if function in functions.EXACT:
            return _apply(functions.EXACT[function], scope, evaluate(argument, scope))
        case Measure(quantity):
            raise ExpressionError(f"'{quantity}(…)' is a quantity of the mechanism; it stands in wishes only")
    raise ExpressionError("the expression has no value")


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_as_number: Callable[[Any], Value] = np.frompyfunc(lambda holds: ONE if holds else ZERO, 1, 1)
_sized: Callable[[Any], Value] = np.frompyfunc(functions.check_size, 1, 1)


_MAX_VALUE_BITS = functions.MAX_VALUE.numerator.bit_length() - 1  # 2 to that power is no larger


def check_range(value: Value) -> None:
    """Refuse a result that no double could stand for."""
    if any(_beyond(one) for one in np.asarray(value, dtype=object).ravel().tolist()):
        raise ExpressionError("the value is beyond 10^100")


def _beyond(one: Fraction) -> bool:
    """Whether a number is beyond 10^100, which is seen from its digits unless it is close: |n/d| < 2^(bits + 1)."""
    numerator, denominator = one.as_integer_ratio()
    bits = numerator.bit_length() - denominator.bit_length()
    return bits >= _MAX_VALUE_BITS - 1 and abs(one) > functions.MAX_VALUE


def _sum(terms: Sequence[tuple[bool, Tree]], scope: Scope) -> Value:
    total: Value = None
    for negative, term in terms:
        value = evaluate(term, scope)
        if total is None:
            total = np.negative(value) if negative else value
        else:
            total = _sized(np.subtract(total, value) if negative else np.add(total, value))
    return total


def _product(factors: Sequence[tuple[bool, Tree]], scope: Scope) -> Value:
    total: Value = None
    for divided, factor in factors:
        value = evaluate(factor, scope)
        if divided:
            zero = np.equal(value, 0)
            if np.any(zero):
                raise ExpressionError(f"division by zero{_witness(np.asarray(zero), scope)}")
        if total is None:  # the parser never divides by the first factor
            total = value
            continue
        total = _sized(np.divide(total, value) if divided else np.multiply(total, value))
    return total


def _apply(function: Callable[..., Fraction], scope: Scope, *values: Value) -> Value:
    """A function of single numbers, entry by entry."""
    try:
        return np.frompyfunc(function, len(values), 1)(*values)
    except ExpressionError as error:
        raise ExpressionError(f"{error}{_find(function, values, scope)}") from None


def _find(function: Callable[..., Fraction], values: Sequence[Value], scope: Scope) -> str:
    """Where the function has no value."""

    def fails(*arguments: Fraction) -> bool:
        try:
            function(*arguments)
        except ExpressionError:
            return True
        return False

    return _witness(np.asarray(np.frompyfunc(fails, len(values), 1)(*values), dtype=bool), scope)


def _witness(where: np.ndarray[Any, Any], scope: Scope) -> str:
    """Names and values at the first entry of a mask: `` where v = 0``."""
    arrays = scope.arrays
    if not arrays:
        return ""
    mask = np.broadcast_to(where, scope.shape)
    index = np.unravel_index(int(np.argmax(mask)), mask.shape)
    values = [f"{name} = {np.broadcast_to(array, mask.shape)[index]}" for name, array in list(arrays.items())[:4]]
    return " where " + ", ".join(values)


def _choose(condition: Value, then: Tree, otherwise: Tree, scope: Scope) -> Value:
    """``if``: each branch is worked out only where it is taken, so that it may guard a division."""
    holds = np.asarray(np.not_equal(condition, 0), dtype=bool)
    if holds.all():
        return evaluate(then, scope)
    if not holds.any():
        return evaluate(otherwise, scope)
    mask = np.broadcast_to(holds, scope.shape)
    result = np.empty(mask.shape, dtype=object)
    result[mask] = evaluate(then, scope.where(mask))
    result[~mask] = evaluate(otherwise, scope.where(~mask))
    return result


def _aggregate(function: str, arguments: Sequence[Tree], scope: Scope) -> Value:
    values = [value for argument in arguments for value in _spread(argument, scope)]
    if not values:
        if function == "sum":
            return ZERO
        raise ExpressionError(f"'{function}' over no agents has no value; guard it, or give it a further argument")
    if function in ("min", "max"):
        pick = np.minimum if function == "min" else np.maximum
        result = values[0]
        for value in values[1:]:
            result = pick(result, value)
        return result
    total: Value = ZERO
    for value in values:
        total = _sized(np.add(total, value))
    return total if function == "sum" else total / Fraction(len(values))


def _spread(argument: Tree, scope: Scope) -> list[Value]:
    """The values of an argument: one, or one for each copy of the agents that it ranges over."""
    plural = [owner for owner in sorted(free_owners(argument)) if owner in scope.owners and scope.plural(owner)]
    if not plural:
        return [evaluate(argument, scope)]
    if len(plural) > 1:
        raise ExpressionError(f"one argument may range over one group, not over {' and '.join(plural)}")
    return [evaluate(argument, scope.choose(plural[0], copy)) for copy in scope.owners[plural[0]]]
