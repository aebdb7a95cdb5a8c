"""The multipliers of an exact solution as they stand in a proof: named, in terms of the unreduced problem, and few."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import Any

from amd.compile.context import Context
from amd.model.design import Design
from amd.model.numbers import ExactArray
from amd.model.task import Task
from amd.proof.efficiency import Multipliers, efficiency_of, in_total_value, left
from amd.proof.names import named
from amd.proof.problem import restate
from amd.proof.verify import Problem, add
from solvers import Status
from solvers.exact import ExactSolution

ZERO = Fraction(0)


class Reader:
    """Reads multipliers off the exact solutions of one program. Raises RejectedError where the verifier cannot read
    the problem."""

    def __init__(self, task: Task, design: Design, context: Context, maximize: bool) -> None:
        self.context, self.design, self.maximize = context, design, maximize
        self.document = restate(task)
        self.problem: Any = Problem(self.document)
        self.wish: dict[Any, Any] = {}
        if design.objective is not None:
            add(self.wish, self.problem.wish(self.document["wish"]), 1 if design.maximize else -1)

    def read(self, found: ExactSolution) -> Multipliers:
        """The named multipliers of an optimum, or of a contradiction. Raises ValueError where there are none."""
        if found.row_dual is None:
            raise ValueError("a solution without multipliers proves nothing")
        best = found.status is Status.OPTIMAL
        weights: ExactArray = -found.row_dual if best and self.maximize else found.row_dual
        pairs: Multipliers = [[name, str(weight)] for name, weight in named(self.context, weights)]
        wish = self.wish if best else {}
        if self.design.efficient and not self.problem.single:
            pairs = in_total_value(efficiency_of(self.context.environment), self.problem, wish, pairs)
        if not self.design.deterministic:
            pairs = self._needed(wish, pairs)
        return pairs if best else in_whole_numbers(pairs)

    def _needed(self, wish: dict[Any, Any], pairs: Multipliers) -> Multipliers:
        """Without the limits of those profiles where the ranges of the variables alone give as good a bound."""
        limits: dict[tuple[int, ...], list[list[Any]]] = {}
        for name, text in pairs:
            if name[0] == "feasible":
                limits.setdefault(tuple(name[2]), []).append([name, text])
        kept = [pair for pair in pairs if pair[0][0] != "feasible"]
        rest = left(self.problem, wish, kept)
        for p, here in limits.items():
            bare = {variable: rest.get(variable, ZERO) for variable in self._columns(p)}
            limited = dict(bare)
            for name, text in here:
                add(limited, self.problem.row(name)[0], Fraction(text))
            if self._most(bare) > self._most(limited):
                kept += here
        return kept

    def _most(self, terms: dict[Any, Fraction]) -> Fraction:
        """The greatest value of a sum over the ranges of its variables."""
        return sum((rate * self.problem.span(variable)[rate > 0] for variable, rate in terms.items()), ZERO)

    def _columns(self, p: tuple[int, ...]) -> list[Any]:
        return [("x", p, c) for c in self.problem.columns]


def in_whole_numbers(pairs: Multipliers) -> Multipliers:
    """The weights of a contradiction, scaled to whole numbers without a common divisor."""
    weights = [Fraction(text) for _, text in pairs]
    if not weights:
        return pairs
    scale = Fraction(lcm(*(one.denominator for one in weights)), gcd(*(one.numerator for one in weights)))
    return [[name, str(scale * weight)] for (name, _), weight in zip(pairs, weights, strict=True)]
