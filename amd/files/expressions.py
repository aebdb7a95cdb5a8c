"""Expressions of a problem file: read, then worth an exact number, an enclosure, or a polynomial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from amd.files import evaluate, intervals, parser, polynomials
from amd.files.evaluate import Scope, Value
from amd.files.functions import Bounds
from amd.files.trees import ExpressionError, Member, Name, Number, Tree, transform, walk

__all__ = ["Expression", "ExpressionError", "Scope", "read"]


@dataclass(frozen=True)
class Expression:
    """An expression as it was written, and its tree.

    `Scope` says what names are worth. Names with an owner, such as ``seller.c`` or ``others.v``, are `members`.
    """

    text: str
    tree: Tree

    @cached_property
    def names(self) -> frozenset[str]:
        """Names without an owner."""
        return frozenset(below.name for below in walk(self.tree) if isinstance(below, Name))

    @cached_property
    def members(self) -> frozenset[tuple[str, str]]:
        """(owner, name) of every parameter of another agent."""
        return frozenset((below.owner, below.name) for below in walk(self.tree) if isinstance(below, Member))

    def evaluate(self, scope: Scope | None = None) -> Value:
        """The exact value: a Fraction, or an object array where names are arrays. sqrt, exp and log that are
        irrational count as their nearest doubles. Raises ExpressionError."""
        value = evaluate.evaluate(self.tree, scope or Scope())
        evaluate.check_range(value)
        return value

    def enclose(self, values: Mapping[str, Fraction | Bounds] | None = None) -> Bounds:
        """Rational ends around the true value for names at these numbers or anywhere in these intervals."""
        given = {name: value if isinstance(value, tuple) else (value, value) for name, value in (values or {}).items()}
        return intervals.enclose(self.tree, given)

    def polynomial(self, *names: str) -> dict[tuple[int, ...], Fraction] | None:
        """{exponents of `names`: coefficient}, or None where it is not a polynomial in them with rational numbers."""
        try:
            return polynomials.polynomial(self.tree, names)
        except ExpressionError:
            return None

    def with_constants(self, constants: Mapping[str, Number]) -> Expression:
        """The expression with names replaced by constants; its text stays."""

        if not constants:
            return self

        def leaf(tree: Tree) -> Tree:
            return constants.get(tree.name, tree) if isinstance(tree, Name) else tree

        return Expression(self.text, transform(self.tree, leaf))

    def __str__(self) -> str:
        return self.text


def read(text: str) -> Expression:
    """An expression from its text. Raises ExpressionError."""
    return Expression(text.strip(), parser.parse(text))
