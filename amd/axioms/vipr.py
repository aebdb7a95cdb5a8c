"""Proofs about axioms as VIPR certificates, for checkers that know nothing of rules.

A statement (profile, option) is a column that is 0 or 1, and a clause the row that says that one of its literals holds.
The rows of an impossibility are those that its proof uses: fewer rows are met the more easily.

Claim. Let a chain of clauses end in a contradiction: all but the last open literal of each are false by then. Going
back from the last clause with weight 1, add to the sum of rows each clause that made a statement known, as often as the
sum has that statement: it cancels. What is left are statements that the case assumes, at their worse end, and the sum
asks for 1 more than they give. (Resolution by cutting planes: Cook, Coullard and Turán, 1987.)

Random assignments: the chances along a trading cycle are columns, with one that is 0 or 1 beside each: if it is 1, the
chance is 0. One of those of a cycle is 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from amd.axioms.assign import searched
from amd.axioms.entry import MOST_RULES
from amd.axioms.prove import Document, Found, find_rules, restate
from amd.axioms.reading import AxiomsTask, read_axioms
from amd.axioms.search import Clause, LimitError, Tree
from amd.axioms.setting import ASSIGNMENT, Setting
from amd.axioms.words import option_words, profile_words
from amd.proof.verify_axioms import Rules
from amd.proof.verify_weights import Lotteries
from solvers import SolverError
from solvers.refutation import Closed, Column, Parted, Row, Sheet
from solvers.refutation import Tree as Cases

ONE, ZERO = Fraction(1), Fraction(0)
BIT = Column(ZERO, ONE, integer=True)


def vipr_text(text: str, origin: str = "<text>", folder: Path | None = None) -> Iterator[str]:
    """The lines of the certificate, without line ends: that no rule meets the axioms (besides those that were found,
    where all are wanted), or one that does. Raises as `certify_text`."""
    task = read_axioms(text, origin)
    remarks = [f"{' '.join(task.title.split()) or 'Axioms'}: statements about a rule", f"problem sha256 {task.digest}"]
    if task.setting.rule == ASSIGNMENT:
        return _assignments(task, remarks)
    try:
        found = find_rules(task.setting, task.axioms, MOST_RULES if task.every else 1)
    except LimitError as limit:
        raise SolverError(str(limit)) from None
    if found.tree is not None and (task.every or not found.rules):
        return _refuted(task.setting, found, remarks)
    return _met(task.setting, found, remarks)


def clause_row(setting: Setting, clause: Clause) -> Row:
    """One of the literals holds: Σ of the true ones − Σ of the false ones >= 1 − how many false ones there are."""
    terms = {_statement(setting, abs(literal) - 1): ONE if literal > 0 else -ONE for literal in clause}
    return Row(terms, ONE - sum(literal < 0 for literal in clause))


def _statement(setting: Setting, variable: int) -> str:
    profile, option = setting.statement(variable)
    return f"{option_words(setting, option)} at {profile_words(setting, profile)}"


def _label(name: Sequence[Any]) -> str:
    """A clause's name as one word."""
    return "_".join("".join(str(part).split()) for part in name)


def _columns(setting: Setting, rows: Mapping[str, Row]) -> dict[str, Column]:
    return {column: BIT for row in rows.values() for column in row.terms}


def _refuted(setting: Setting, found: Found, remarks: list[str]) -> Iterator[str]:
    if found.tree is None:
        raise ValueError("the search left no proof")
    used: set[int] = set()

    def cases(node: Tree, known: dict[int, bool]) -> Cases:
        if node.true is None or node.false is None:
            weights = chain_weights([(k, found.clauses[k]) for k in node.chain], known)
            used.update(weights)
            return Closed({_label(found.names[k]): weight for k, weight in weights.items()})
        low, high = ({**known, node.variable: value} for value in (False, True))
        return Parted(_statement(setting, node.variable), cases(node.false, low), cases(node.true, high))

    tree = cases(found.tree, {})
    rows = {_label(found.names[k]): clause_row(setting, found.clauses[k]) for k in sorted(used)}
    if found.rules:
        remarks.append(f"the rows other_0 to other_{len(found.rules) - 1} exclude the rules that were found")
    columns = {**_columns(setting, rows), **dict.fromkeys(_parted(tree), BIT)}
    return Sheet(columns, rows).refuted(tree, remarks)


def _parted(tree: Cases) -> Iterator[str]:
    """The columns that cases are made of."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Parted):
            yield node.column
            waiting += [node.low, node.high]


def chain_weights(chain: Sequence[tuple[int, Clause]], assumed: Mapping[int, bool]) -> dict[int, Fraction]:
    """How often each clause (by its number) of a chain is added up, so that the sum contradicts what is assumed.

    Raises ValueError where the chain does not end in a contradiction.
    """
    known = dict(assumed)
    steps: list[tuple[int, int, Clause]] = []
    for number, clause in chain:
        open_ones = [one for one in clause if known.get(abs(one) - 1) is not (one < 0)]
        if not open_ones:
            return _back(steps, number, clause)
        if len(open_ones) > 1:
            raise ValueError("a clause leaves more than one possibility")
        variable = abs(open_ones[0]) - 1
        if variable not in known:
            known[variable] = open_ones[0] > 0
            steps.append((variable, number, clause))
    raise ValueError("a chain ends without a contradiction")


def _back(steps: Sequence[tuple[int, int, Clause]], number: int, clause: Clause) -> dict[int, Fraction]:
    weights = {number: ONE}
    total = {abs(one) - 1: ONE if one > 0 else -ONE for one in clause}
    for variable, reason, literals in reversed(steps):
        times = abs(total.get(variable, ZERO))
        if times:
            weights[reason] = weights.get(reason, ZERO) + times
            for one in literals:
                total[abs(one) - 1] = total.get(abs(one) - 1, ZERO) + (times if one > 0 else -times)
    return weights


def _met(setting: Setting, found: Found, remarks: list[str]) -> Iterator[str]:
    """The first rule, with every clause of the axioms."""
    count = len(found.clauses) - sum(name[0] == "other" for name in found.names)
    rows = {_label(found.names[k]): clause_row(setting, found.clauses[k]) for k in range(count)}
    checked = Rules({**restate(setting, ()), "require": []})
    rule = checked.listed([list(one) if isinstance(one, tuple) else one for one in found.rules[0]])
    every = range(setting.profile_count * len(setting.options))
    true = {_statement(setting, v) for v in every if checked.true(rule, *setting.statement(v))}
    return Sheet(_columns(setting, rows), rows).met(dict.fromkeys(true, ONE), remarks)


def _assignments(task: AxiomsTask, remarks: list[str]) -> Iterator[str]:
    search = searched(task.setting, task.axioms)
    if search.tree is None:
        raise SolverError(
            "no VIPR certificate: trades that must not pay are no linear constraints of a rule that exists"
        )
    told = _Assignments(task)
    tree = told.cases(search.tree, ())
    return Sheet(told.columns, told.rows).refuted(tree, remarks)


class _Assignments:
    """The cases of a proof about random assignments, and the rows that they use."""

    def __init__(self, task: AxiomsTask) -> None:
        self.setting, self.checked = task.setting, Lotteries(restate(task.setting, task.axioms))
        self.columns: dict[str, Column] = {}
        self.rows: dict[str, Row] = {}

    def cases(self, node: Document, zero: tuple[Any, ...]) -> Cases:
        if "cycle" not in node:
            return self._closed(node["multipliers"], zero)
        spots = self.checked.cycle(*node["cycle"])
        bits = [self._switch(spot) for spot in spots]
        name = f"trade_{_label([node['cycle']])}"
        self.rows[name] = Row(dict.fromkeys(bits, ONE), ONE)
        tree: Cases = Closed({name: ONE})  # none of them is 0
        for spot, bit, below in reversed(list(zip(spots, bits, node["cases"], strict=True))):
            tree = Parted(bit, tree, self.cases(below, (*zero, spot)))
        return tree

    def _chance(self, spot: Any) -> str:
        p, i, o = spot
        name = f"{self.setting.agents[i]} gets {self.setting.alternatives[o]} at {profile_words(self.setting, p)}"
        self.columns.setdefault(name, Column(ZERO, None))
        return name

    def _switch(self, spot: Any) -> str:
        """The column that is 1 only if the chance is 0."""
        chance = self._chance(spot)
        bit = f"not {chance}"
        self.columns[bit] = BIT
        self.rows[f"zero_{chance}"] = Row({chance: -ONE, bit: -ONE}, -ONE)
        return bit

    def _closed(self, multipliers: Sequence[Any], zero: Sequence[Any]) -> Closed:
        """The named rows, and those that make up for chances that are 0 in this case."""
        weights: dict[str, Fraction] = {}
        total: dict[Any, Fraction] = {}
        for name, text in multipliers:
            terms, bound, equal = self.checked.row(name)
            label, weight = _label(name), Fraction(text)
            self.rows[label] = Row({self._chance(x): Fraction(v) for x, v in terms.items()}, Fraction(bound), equal)
            weights[label] = weights.get(label, ZERO) + weight
            for x, value in terms.items():
                total[x] = total.get(x, ZERO) + weight * value
        for spot in dict.fromkeys(zero):
            if total.get(spot, ZERO) > 0:
                weights[f"zero_{self._chance(spot)}"] = total[spot]
        return Closed(weights)
