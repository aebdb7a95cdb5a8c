"""The syntax tree of an expression, and walks over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

AGGREGATES = frozenset({"min", "max", "sum", "mean"})
FUNCTIONS: dict[str, tuple[int, int | None]] = {  # name → (fewest, most) arguments
    "min": (1, None),
    "max": (1, None),
    "sum": (1, None),
    "mean": (1, None),
    "abs": (1, 1),
    "floor": (1, 1),
    "ceil": (1, 1),
    "sqrt": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "if": (3, 3),
}
OTHERS = "others"  # the other copies of an agent's own group


class ExpressionError(ValueError):
    """The expression cannot be read or has no value; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Number:
    """A constant. `value` enters the grid problem; [`low`, `high`] encloses the truth where that is irrational."""

    value: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter of the file or of the own type."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """``owner.name``: a type parameter of another agent."""

    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms added, or taken away where the flag is set."""

    terms: tuple[tuple[bool, Tree], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Factors multiplied, or divided by where the flag is set, from left to right."""

    factors: tuple[tuple[bool, Tree], ...]


@dataclass(frozen=True, slots=True)
class Power:
    base: Tree
    exponent: Tree


@dataclass(frozen=True, slots=True)
class Compare:
    """Worth 1 where it holds and 0 elsewhere."""

    sense: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Call:
    """One of FUNCTIONS."""

    function: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity with arguments, such as ``payment(buyer)``: in wishes only. The arguments are names, as written."""

    quantity: str
    arguments: tuple[str, ...]


Tree: TypeAlias = Number | Name | Member | Sum | Product | Power | Compare | Call | Measure


def number(value: Fraction) -> Number:
    """A constant known exactly."""
    return Number(value, value, value)


def children(tree: Tree) -> tuple[Tree, ...]:
    """The trees directly below."""
    match tree:
        case Sum(terms):
            return tuple(term for _, term in terms)
        case Product(factors):
            return tuple(factor for _, factor in factors)
        case Power(base, exponent):
            return (base, exponent)
        case Compare(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
    return ()


def walk(tree: Tree) -> Iterator[Tree]:
    """Every tree in it, itself included, in the order of the text."""
    stack = [tree]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


def rebuild(tree: Tree, function: Callable[[Tree], Tree]) -> Tree:
    """The tree with `function` applied to the trees directly below; a leaf stays."""
    match tree:
        case Sum(terms):
            return Sum(tuple((flag, function(term)) for flag, term in terms))
        case Product(factors):
            return Product(tuple((flag, function(factor)) for flag, factor in factors))
        case Power(base, exponent):
            return Power(function(base), function(exponent))
        case Compare(sense, left, right):
            return Compare(sense, function(left), function(right))
        case Call(name, arguments):
            return Call(name, tuple(function(argument) for argument in arguments))
    return tree


def transform(tree: Tree, leaf: Callable[[Tree], Tree]) -> Tree:
    """The tree with every leaf replaced."""
    return rebuild(tree, lambda below: transform(below, leaf)) if children(tree) else leaf(tree)


def free_owners(tree: Tree) -> set[str]:
    """The owners named in a tree, those inside an aggregate of its own left out."""
    if isinstance(tree, Member):
        return {tree.owner}
    if isinstance(tree, Call) and tree.function in AGGREGATES:
        return set()
    return set().union(*(free_owners(below) for below in children(tree)))
