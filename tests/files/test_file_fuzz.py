"""Whatever stands in a file, it is a task or an InputError that tells every fault on a line of its own."""

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from alterations import holder_of, places
from hypothesis import example, given
from hypothesis import strategies as st

from amd.files import InputError, from_mapping, kind_of_text, loads
from amd.model.task import Task

SOUND = [
    """\
amd: 1
title: Trade
parameters: {N: 3, b: 1/2, k: "sqrt(b) + N"}
agents:
  buyer: {types: {v: {uniform: [0, 1], cells: N}}, value: {trade: v + b*seller.c}, outside: v/10}
  seller:
    types: {c: {normal: {mean: 0, sd: 1}, support: [-1, 1], cells: N, at: lower, cut: mass}}
    value: {trade: "if(c < 0, -c, max(-c, 0))"}
outcomes: {no_trade: , trade: {cost: b}}
design:
  maximize: 0.5*welfare + worst(revenue) - payment(buyer)
  participation: {buyer: ex_post, seller: none}
  budget: {no_deficit: ex_ante, subsidy: b}
  require: [efficient, {probability(trade): ">= 1/2"}]
""",
    """\
amd: 1
agents:
  bidder:
    count: 2
    types: {v: {values: [1, 2], prob: [1/3, 2/3]}, w: {cdf: "x^2", support: [0, 1], cells: 2}}
    value: {a: v + sum(others.w), b: w}
    demand: 1
    budget: 3
  rich: {bundles: [{of: [a, b], value: 5}]}
goods: {a: 1, b: {supply: 2, cost: 1/2}}
limits: [{goods: [a, b], at_most: 2}]
design: {minimize: cost, incentive: dsic, allocation: deterministic, require: [anonymous]}
""",
    """\
amd: 1
agents:
  voter: {count: 2, types: {orders: [[x, y], [y, x]], weights: [1, 2]}}
outcomes: [x, y]
design: {transfers: false, incentive: dominant, require: [unanimous, pareto]}
""",
    """\
amd: 1
agents:
  p: {types: {table: [{v: 10, w: 3}, {v: 1, w: 2}]}, value: {go: v*w}}
  q: {types: {v: {piecewise: {points: [[0, 1], [2, 0]]}, cells: 2}}, value: {go: -v^2}}
outcomes: [stay, go]
prior: {joint: [[1/4, 1/4], [0, 1/2]]}
design: {maximize: revenue, participation: interim, budget: {balanced: ex_post}}
""",
]
PIECES = [
    "1/0", "-1", "10^9", "[]", "{}", "[1, 2]", "{a: 1}", "null", "''", "!!int 3", "*x", "&x 1", "v", "others.v", "x",
    "sum(others.v)", "\"", "'", "[", "}", ":", "- ", "\t", "? ", "all", "max(1, 2)", "1e400", "9^9^9", "9^9", "0^-1",
    "log(0)", "N", "true", "none", ">= 3", "<<", "worst(revenue)", "payment(bidder[1])", "é", "\x00", "\u2028",
    "---", "...", "0x1F", ".inf", "1_0", "(", "((((", "#", "|", ">", "%", "@", "prob", "table", "orders", "goods",
]  # fmt: skip


def check(text: str) -> None:
    """The property, for a text."""
    try:
        assert isinstance(loads(text, origin="f.yaml"), Task)
    except InputError as error:
        assert error.faults
        told = str(error).splitlines()
        assert len(told) == len(error.faults)
        lines = (
            text.count("\n") + 1 + text.count("\r") + text.count("\u2028") + text.count("\u2029") + text.count("\x85")
        )
        for fault, line in zip(error.faults, told, strict=True):
            assert line.startswith("f.yaml")
            assert fault.message
            assert fault.line is None or 1 <= fault.line <= lines


@pytest.mark.parametrize("text", SOUND)
def test_the_seeds_are_sound(text: str) -> None:
    assert isinstance(loads(text), Task)


@given(st.sampled_from(SOUND), st.lists(st.tuples(st.floats(0, 1), st.sampled_from(PIECES), st.booleans()), max_size=4))
def test_files_with_pieces_put_in(text: str, changes: list[tuple[float, str, bool]]) -> None:
    """Pieces take the place of words or stand between them."""
    for place, piece, replace in changes:
        at = int(place * len(text))
        start = at
        while replace and start < len(text) and text[start].isalnum():
            start += 1
        text = text[:at] + piece + text[start:]
    check(text)


@given(st.sampled_from(SOUND), st.data())
def test_files_with_parts_taken_out_or_doubled(text: str, data: st.DataObject) -> None:
    lines = text.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        kind = data.draw(st.sampled_from(["drop", "double", "indent", "cut", "swap"]))
        row = data.draw(st.integers(0, max(len(lines) - 1, 0)))
        if not lines:
            break
        if kind == "drop":
            del lines[row]
        elif kind == "double":
            lines.insert(row, lines[row])
        elif kind == "indent":
            lines[row] = " " * data.draw(st.integers(1, 4)) + lines[row]
        elif kind == "cut":
            lines[row] = lines[row][: data.draw(st.integers(0, len(lines[row])))]
        else:
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[row], lines[other] = lines[other], lines[row]
    check("".join(lines))


@given(st.text(max_size=60))
@example("\ufeff")
@example("a: &x [*x]")
@example('"\\ud800"')
@example("? ? ? a")
@example("{[]: 1}")
@example("%YAML 1.1\n---\na: 1")
def test_any_text(text: str) -> None:
    check(text)
    with suppress(InputError):
        kind_of_text(text)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**6), st.floats(), st.sampled_from(PIECES), st.text(max_size=5)
)
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
    max_leaves=12,
)


def parsed(text: str) -> Any:
    from ruamel.yaml import YAML

    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text)))


@given(
    st.sampled_from([parsed(text) for text in SOUND]),
    st.lists(st.tuples(trees, st.booleans()), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_data_with_anything_at_any_place(problem: Any, changes: list[tuple[Any, bool]], chance: random.Random) -> None:
    """Several faults at once, too: one may hide what another needs to know."""
    problem = json.loads(json.dumps(problem))
    for value, remove in changes:
        there = list(places(problem))
        if there:
            change(problem, chance.choice(there), value, remove)
    try:
        assert isinstance(from_mapping(problem), Task)
    except InputError as error:
        assert all(fault.line is None for fault in error.faults)


def change(problem: Any, place: tuple[Any, ...], value: Any, remove: bool) -> None:
    """Another value at a place, or none."""
    holder = holder_of(problem, place)
    if remove:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value


@given(trees)
def test_any_data(value: Any) -> None:
    try:
        assert isinstance(from_mapping(value), Task)
    except InputError as error:
        assert str(error)
