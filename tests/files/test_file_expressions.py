"""Expressions: exact values, precedence, laziness, bounds."""

from fractions import Fraction as Q

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.files.expressions import Expression, ExpressionError, Scope, read
from amd.model.numbers import exact_array


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Q(1, 10)),
        ("1/3", Q(1, 3)),
        ("2e-3", Q(1, 500)),
        (".5", Q(1, 2)),
        ("5.", Q(5)),
        ("1E2", Q(100)),
        ("+3", Q(3)),
        ("-2^2", Q(-4)),
        ("(-2)^2", Q(4)),
        ("2^3^2", Q(512)),
        ("2^-1", Q(1, 2)),
        ("2*-3", Q(-6)),
        ("--3", Q(3)),
        ("1 - 2 - 3", Q(-4)),
        ("12/3/2", Q(2)),
        ("12/3*2", Q(8)),
        ("1 + 2*3^2", Q(19)),
        ("-(1 + 2)*3", Q(-9)),
        ("1 < 2", Q(1)),
        ("2 <= 1", Q(0)),
        ("1 + 1 == 2", Q(1)),
        ("1 != 1", Q(0)),
        ("3*(2 > 1) + (1 >= 2)", Q(3)),
        ("min(3, 1, 2)", Q(1)),
        ("max(3, 1, 2)", Q(3)),
        ("sum(3, 1, 2)", Q(6)),
        ("mean(3, 1, 3)", Q(7, 3)),
        ("abs(-1/2)", Q(1, 2)),
        ("floor(-1/2)", Q(-1)),
        ("ceil(-1/2)", Q(0)),
        ("if(1 < 2, 5, 1/0)", Q(5)),
        ("if(0, 1/0, 6)", Q(6)),
        ("if(-1, 7, 0)", Q(7)),
        ("0^0", Q(1)),
        ("8^(1/3)", Q(2)),
        ("(8/27)^(-2/3)", Q(9, 4)),
        ("4^0.5", Q(2)),
        ("0^0.5", Q(0)),
        ("exp(0)", Q(1)),
        ("log(1)", Q(0)),
        ("sqrt(4)", Q(2)),
        ("sqrt(9/16)", Q(3, 4)),
    ],
)
def test_rational_values_are_exact(text: str, value: Q) -> None:
    expression = read(text)
    assert expression.evaluate() == value
    assert expression.enclose() == (value, value)


@pytest.mark.parametrize(
    ("text", "double"),
    [
        ("sqrt(2)", 1.4142135623730951),
        ("exp(1)", 2.718281828459045),
        ("log(2)", 0.6931471805599453),
        ("2^0.5", 1.4142135623730951),
        ("exp(-900)", 0.0),
        ("10^(1/3)", 2.154434690031884),
    ],
)
def test_irrational_values_are_nearest_doubles_and_enclosed(text: str, double: float) -> None:
    value = read(text).evaluate()
    low, high = read(text).enclose()
    assert value == Q(double)
    assert low < high
    assert float(low) == float(high) == double
    assert high - low < Q(1, 2**100)


def test_powers_of_enclosures_square_back() -> None:
    low, high = read("sqrt(2)^2").enclose()
    assert low < 2 < high
    assert read("sqrt(2)^2").evaluate() != 2  # the nearest double, squared exactly


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing"),
        ("1 +", "ends too early"),
        ("(1", "')' is missing"),
        ("1)", "operator was expected"),
        ("2v", "'*'"),
        ("2 (3)", "'*'"),
        ("1,5", "point"),
        ("x**2", "'^'"),
        ("1 = 2", "'=='"),
        ("1 < 2 < 3", "chained"),
        ("−3", "'-'"),
        ("foo(2)", "unknown function"),
        ("flor(2)", "did you mean 'floor'"),
        ("sqrt()", "expected"),
        ("sqrt(1, 2)", "takes 1 argument"),
        ("if(1, 2)", "takes 3 arguments"),
        ("'abc", "never closed"),
        ("a.", "type parameter was expected"),
        ("0x10", "operator was expected"),
        ("1_000", "operator was expected"),
        ("#", "no meaning"),
        ("1e5000", "too long or too large"),
        ("1" * 2000, "too long"),
        ("(" * 60 + "1" + ")" * 60, "nested"),
        ("-" * 60 + "1", "nested"),
        ("2^" * 60 + "1", "nested"),
        ("1+" * 10_000 + "1", "characters"),
        ("1/0", "division by zero"),
        ("0^-1", "division by zero"),
        ("1/(2 - 2)", "division by zero"),
        ("sqrt(-1)", "square root of a negative"),
        ("(-8)^(1/3)", "negative number to a power"),
        ("log(0)", "logarithm"),
        ("9^9^9", "exponent"),
        ("(2^1000)^1000", "bits"),
        ("10^101", "beyond 10^100"),
        ("exp(10^6)", "exp of more"),
        ("exp(999)", "too large"),
        ("unknown", "unknown name"),
        ("a.b", "no agent"),
        ("payment(a)", "unknown function"),
        ("true and false", "operator was expected"),
        ("__import__('os')", "unknown function"),
    ],
)
def test_what_has_no_value_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=r".") as error:
        read(text).evaluate()
    assert why in str(error.value)


def test_names_of_copies_and_quoted_names() -> None:
    assert read("bidder[2].v + 'the firm'.v - \"x y\".w").members == {
        ("bidder[2]", "v"),
        ("the firm", "v"),
        ("x y", "w"),
    }
    assert read("a*b + min(c, seller.d)").names == {"a", "b", "c"}


def test_division_by_zero_names_the_type() -> None:
    scope = Scope({"v": exact_array([1, 2, 3]), "r": Q(2)})
    with pytest.raises(ExpressionError, match="division by zero where v = 2"):
        read("1/(v - r)").evaluate(scope)
    with pytest.raises(ExpressionError, match="negative number where v = 1"):
        read("sqrt(v - r)").evaluate(scope)


def test_if_works_out_each_branch_only_where_it_is_taken() -> None:
    v = exact_array([0, 1, 2])
    scope = Scope({"v": v})
    assert list(read("if(v == 0, 9, 1/v)").evaluate(scope)) == [9, 1, Q(1, 2)]
    assert list(read("if(v > 0, if(v > 1, 1/(v - 1), 5), 1/(v + 1))").evaluate(scope)) == [1, 5, 1]


def test_if_over_profiles_mixes_axes() -> None:
    scope = Scope({"v": exact_array([0, 1]).reshape(2, 1)}, {"s": ({"c": exact_array([0, 2]).reshape(1, 2)},)})
    value = read("if(v < s.c, s.c/(s.c - v), v)").evaluate(scope)
    assert value.tolist() == [[0, 1], [1, 2]]


def test_aggregates_range_over_copies() -> None:
    others = ({"v": Q(2), "w": Q(1)}, {"v": Q(3), "w": Q(5)})
    scope = Scope({"v": Q(1)}, {"others": others, "g": others, "one": ({"v": Q(7)},)})
    values = {
        "sum(others.v)": 5,
        "max(others.v, v)": 3,
        "min(others.v, v)": 1,
        "mean(others.v)": Q(5, 2),
        "mean(others.v, v)": 2,
        "sum(others.v*others.w)": 17,  # one copy at a time
        "sum(others.v)*2 + v": 11,
        "sum(others.v*max(others.v))": 15,  # the inner aggregate ranges by itself
        "sum(g.v)": 5,
        "sum(one.v)": 7,
        "one.v": 7,
        "sum(if(others.v > 2, others.w, 0))": 5,
    }
    for text, value in values.items():
        assert read(text).evaluate(scope) == value, text


def test_aggregates_over_nobody() -> None:
    scope = Scope({"v": Q(1)}, {"others": ()})
    assert read("sum(others.v)").evaluate(scope) == 0
    assert read("max(others.v, v)").evaluate(scope) == 1
    for name in ("min", "max", "mean"):
        with pytest.raises(ExpressionError, match="over no agents"):
            read(f"{name}(others.v)").evaluate(scope)


def test_several_agents_outside_an_aggregate_are_refused() -> None:
    scope = Scope({}, {"others": ({"v": Q(1)},), "g": ({"v": Q(1)}, {"v": Q(2)})})
    for text in ("others.v", "abs(others.v)", "g.v + 1", "sum(others.v*g.v)"):
        with pytest.raises(ExpressionError, match=r"several agents|range over one group"):
            read(text).evaluate(scope)


def test_arrays_give_the_same_as_single_numbers() -> None:
    points = [Q(k, 7) for k in range(1, 30)]
    text = "if(v > 2, max(v, w)^2/(v - 2) - log(w), floor(3*v) + abs(1 - w)*sqrt(v))"
    array = read(text).evaluate(Scope({"v": exact_array(points), "w": exact_array(points[::-1])}))
    single = [read(text).evaluate(Scope({"v": v, "w": w})) for v, w in zip(points, points[::-1], strict=True)]
    assert array.tolist() == single


def test_ten_thousand_types_at_once() -> None:
    v = exact_array([Q(2 * k + 1, 20_000) for k in range(10_000)])
    value = read("v^2*3 - v/7 + if(v > 1/2, 1/v, v)").evaluate(Scope({"v": v}))
    assert value[0] == 3 * v[0] ** 2 - v[0] / 7 + v[0]
    assert value[-1] == 3 * v[-1] ** 2 - v[-1] / 7 + 1 / v[-1]


rationals = st.fractions(min_value=-5, max_value=5, max_denominator=12)


@st.composite
def trees(draw: st.DrawFn, depth: int = 4) -> tuple[str, object]:
    """A text with the function of v and w that it stands for, put together side by side."""
    if depth == 0 or draw(st.booleans()):
        leaf = draw(st.sampled_from(["v", "w", "number"]))
        if leaf == "number":
            value = draw(st.fractions(min_value=0, max_value=9, max_denominator=9))
            return f"({value})", lambda v, w: value
        return leaf, (lambda v, w: v) if leaf == "v" else (lambda v, w: w)
    (left, f), (right, g) = draw(trees(depth=depth - 1)), draw(trees(depth=depth - 1))
    kind = draw(st.sampled_from(["+", "-", "*", "neg", "min", "max", "if", "<", "square", "abs", "floor"]))
    made = {
        "+": (f"({left} + {right})", lambda v, w: f(v, w) + g(v, w)),
        "-": (f"({left} - {right})", lambda v, w: f(v, w) - g(v, w)),
        "*": (f"({left})*({right})", lambda v, w: f(v, w) * g(v, w)),
        "neg": (f"(-({left}))", lambda v, w: -f(v, w)),
        "min": (f"min({left}, {right})", lambda v, w: min(f(v, w), g(v, w))),
        "max": (f"max({left}, {right})", lambda v, w: max(f(v, w), g(v, w))),
        "if": (f"if({left} > 0, {left}, {right})", lambda v, w: f(v, w) if f(v, w) > 0 else g(v, w)),
        "<": (f"({left} < {right})", lambda v, w: Q(f(v, w) < g(v, w))),
        "square": (f"({left})^2", lambda v, w: f(v, w) ** 2),
        "abs": (f"abs({left})", lambda v, w: abs(f(v, w))),
        "floor": (f"floor({left})", lambda v, w: Q(f(v, w) // 1)),
    }
    return made[kind]


@given(trees(), st.lists(st.tuples(rationals, rationals), min_size=1, max_size=4))
def test_any_expression_has_the_value_of_its_parts(tree: tuple[str, object], points: list[tuple[Q, Q]]) -> None:
    text, function = tree
    v, w = (exact_array([point[side] for point in points]) for side in (0, 1))
    value = np.broadcast_to(np.asarray(read(text).evaluate(Scope({"v": v, "w": w})), dtype=object), (len(points),))
    assert value.tolist() == [function(*point) for point in points]  # type: ignore[operator]


@given(trees(), rationals, rationals, rationals, rationals)
def test_intervals_hold_every_value(tree: tuple[str, object], a: Q, b: Q, c: Q, d: Q) -> None:
    text, function = tree
    bounds = {"v": (min(a, b), max(a, b)), "w": (min(c, d), max(c, d))}
    low, high = read(text).enclose(bounds)
    for share in (Q(0), Q(1, 3), Q(1, 2), Q(1)):
        for other in (Q(0), Q(2, 5), Q(1)):
            v = bounds["v"][0] + share * (bounds["v"][1] - bounds["v"][0])
            w = bounds["w"][0] + other * (bounds["w"][1] - bounds["w"][0])
            assert low <= function(v, w) <= high  # type: ignore[operator]


@given(st.fractions(min_value="1/50", max_value=20, max_denominator=50), st.fractions(-3, 3, max_denominator=6))
def test_irrational_functions_are_enclosed_outward(x: Q, t: Q) -> None:
    for text in ("sqrt(x)", "log(x)", "exp(-x)", "x^t", "exp(x)/sqrt(x) - log(x)^2"):
        low, high = read(text).enclose({"x": x, "t": t})
        near = read(text).evaluate(Scope({"x": x, "t": t}))
        slack = Q(1, 2**30) * (1 + abs(near))
        assert low <= high
        assert low - slack <= near <= high + slack


def test_monotone_functions_of_intervals() -> None:
    low, high = read("sqrt(x)").enclose({"x": (Q(4), Q(9))})
    assert (low, high) == (2, 3)
    low, high = read("x^2").enclose({"x": (Q(-3), Q(2))})
    assert (low, high) == (0, 9)
    assert read("1/x").enclose({"x": (Q(2), Q(4))}) == (Q(1, 4), Q(1, 2))
    assert read("x < 3").enclose({"x": (Q(1), Q(2))}) == (1, 1)
    assert read("x < 3").enclose({"x": (Q(1), Q(4))}) == (0, 1)
    with pytest.raises(ExpressionError, match="holds zero"):
        read("1/x").enclose({"x": (Q(-1), Q(1))})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v", {(1, 0): Q(1)}),
        ("2*v - w/4 + 1", {(1, 0): Q(2), (0, 1): Q(-1, 4), (0, 0): Q(1)}),
        ("(v + w)^2", {(2, 0): Q(1), (1, 1): Q(2), (0, 2): Q(1)}),
        ("v - v", {}),
        ("sum(v, w, 1)", {(1, 0): Q(1), (0, 1): Q(1), (0, 0): Q(1)}),
        ("max(1, 2)*v", {(1, 0): Q(2)}),
        ("sqrt(4)*v", {(1, 0): Q(2)}),
        ("v*2^-1", {(1, 0): Q(1, 2)}),
        ("sqrt(2)*v", None),
        ("1/v", None),
        ("max(v, 1)", None),
        ("v^w", None),
        ("v^0.5", None),
        ("u", None),
        ("v < 1", None),
        ("(v + w + 1)^100", None),
    ],
)
def test_polynomials(text: str, expected: dict[tuple[int, ...], Q] | None) -> None:
    assert read(text).polynomial("v", "w") == expected


@given(trees(depth=3), rationals, rationals)
def test_a_polynomial_has_the_values_of_its_expression(tree: tuple[str, object], v: Q, w: Q) -> None:
    text, function = tree
    monomials = read(text).polynomial("v", "w")
    if monomials is not None:
        assert sum((c * v**i * w**j for (i, j), c in monomials.items()), Q(0)) == function(v, w)  # type: ignore[operator]


def test_polynomial_of_another_agents_type() -> None:
    assert read("2*seller.c").polynomial("seller.c") == {(1,): 2}


def test_an_expression_shows_its_text() -> None:
    assert str(read(" 1 + v ")) == "1 + v"
    assert isinstance(read("v"), Expression)


words = st.sampled_from(
    [*"0123456789", *"+-*/^(),.<>='\"[]", "1e9", "1/3", "x", "y", "max(", "if(", "sqrt(", "exp(", "log(", "sum(",
     "others.", "a.", "==", "<=", "9^9", "10^50", " "]
)  # fmt: skip


@given(st.lists(words, max_size=14).map("".join))
def test_any_text_has_a_value_or_is_refused_in_words(text: str) -> None:
    scope = Scope({"x": exact_array([0, Q(1, 2), 3]), "y": Q(2)}, {"a": ({"x": Q(1)},), "others": ({"x": Q(5)},)})
    for work in (
        lambda: read(text).evaluate(scope),
        lambda: read(text).enclose({"x": (Q(-1), Q(1)), "y": Q(2), "a.x": Q(1)}),
        lambda: read(text).polynomial("x", "y"),
    ):
        try:
            work()
        except ExpressionError as error:
            assert str(error)
