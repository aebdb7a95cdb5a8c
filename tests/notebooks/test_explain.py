"""The program typeset beside its solution: names, numbers, multipliers, and the text of strangers."""

from fractions import Fraction
from html.parser import HTMLParser

import pytest

import amd
from amd.show.latex import amount, linear, pieces, relation, text
from amd.show.notebook_text import unlatex

NASTY = '<script>alert("x")</script> $\\href{javascript:alert(1)}{y}$ _a_ | `b` %'
MULTIPLIER_TOLERANCE = 1e-9  # of multipliers found in floats


def told(name: str, formulation: str = "auto", **overrides):
    return amd.explain(amd.load(name, **overrides), formulation=formulation)


def rows_of(explanation, kind: str) -> dict:
    family = next(one for one in explanation.families if one.kind == kind)
    return {unlatex(row.name): row for row in family.rows}


def test_multipliers_of_the_license_are_flows():
    """A high type is half the firms, and each unit of it that must not lie also keeps the low type's participation:
    by hand, 1/2 on each downward incentive and 1/2 + 1/2 on each low type's participation."""
    explanation = told("license", "full")
    incentives, participation = rows_of(explanation, "incentive"), rows_of(explanation, "participation")
    for firm in ("firm[1]", "firm[2]"):
        assert incentives[f"IC_{firm}(50 → 10)"].multiplier == Fraction(1, 2)
        assert incentives[f"IC_{firm}(10 → 50)"].multiplier == 0
        assert participation[f"IR_{firm}(10)"].multiplier == 1
        assert participation[f"IR_{firm}(50)"].multiplier == 0
    assert rows_of(explanation, "allocation")["F(50, 50)"].multiplier == Fraction(25, 2)
    assert "75/2" in explanation.answer
    assert "exact" in explanation.note


@pytest.mark.parametrize("name", ["license", "license-efficient", "smallest-subsidy", "two-types", "bridge"])
@pytest.mark.parametrize("formulation", ["auto", "full"])
def test_inequalities_have_signs_and_complementary_slackness(name, formulation):
    for family in told(name, formulation).families:
        for row in family.rows:
            if not row.equality and row.multiplier is not None:
                assert row.multiplier >= -MULTIPLIER_TOLERANCE
                assert row.binding or not row.priced
                assert row.slack >= -MULTIPLIER_TOLERANCE


def test_a_relaxed_row_is_worth_its_multiplier():
    """A subsidy relaxes the budget of second-best trade: from the multiplier to the change of the best welfare."""
    step = Fraction(1, 1000)
    before, after = (amd.loads(SECOND_BEST.replace("SUBSIDY", str(subsidy))).solve() for subsidy in (Fraction(0), step))
    worth = rows_of(before.explain(), "expected budget")["BB"].multiplier
    assert worth > 0
    assert after.objective - before.objective == pytest.approx(float(worth * step), rel=1e-6)


SECOND_BEST = """
amd: 1
agents:
  buyer: {types: {v: {uniform: [0, 1], cells: 10}}, value: {trade: v}}
  seller: {types: {c: {uniform: [0, 1], cells: 10}}, value: {trade: -c}}
outcomes: [none, trade]
design: {maximize: welfare, budget: {no_deficit: ex_ante, subsidy: SUBSIDY}}
"""


def test_an_impossibility_is_told_by_its_contradiction():
    """Efficient trade on six cells: weights 4, 3, 2, 1 on the buyer's downward incentives, 5 and 1 on its
    participation, for a budget multiplier of 6 (by hand; sums to -5/36 of trade at ties against 5/36)."""
    explanation = told("myerson-satterthwaite", N=6)
    incentives, participation = rows_of(explanation, "incentive"), rows_of(explanation, "participation")
    assert rows_of(explanation, "expected budget")["BB"].multiplier == 6
    expected = {"5/12 → 1/4": 4, "7/12 → 5/12": 3, "3/4 → 7/12": 2, "11/12 → 3/4": 1, "1/4 → 1/12": 0}
    for lie, weight in expected.items():
        assert incentives[f"IC_buyer({lie})"].multiplier == weight
    assert participation["IR_buyer(1/4)"].multiplier == 5
    assert participation["IR_buyer(1/12)"].multiplier == 1
    assert "exact" in explanation.note
    assert "contradiction" in explanation.answer


def test_large_programs_are_told_by_families():
    explanation = told("optimal-auction", N=30)
    assert not explanation.rowwise
    assert explanation.columns == ()
    page = explanation._repr_html_()
    assert "58" in page  # neighbouring incentives, both ways, of the one bidder that stands for both: 2 · 29
    assert page.count("<tr") < 10
    largest = rows_of_largest(explanation, "incentive")
    assert largest == sorted(largest, reverse=True)
    assert len(str(explanation).splitlines()) < 60


def rows_of_largest(explanation, kind: str) -> list:
    family = next(one for one in explanation.families if one.kind == kind)
    return [row.multiplier for row in family.largest]


@pytest.mark.parametrize(
    "name, overrides, formulation",
    [
        ("gibbard-satterthwaite", {}, "auto"),
        ("random-dictatorship", {}, "auto"),
        ("full-extraction", {}, "auto"),
        ("two-goods", {"N": 4}, "auto"),
        ("two-goods", {"N": 4}, "reduced-form"),
        ("optimal-auction", {"N": 5, "n": 3}, "reduced-form"),
        ("interdependent-values", {}, "auto"),
        ("safe-revenue", {}, "auto"),
        ("correlated-dominant", {}, "auto"),
        ("local-and-global", {}, "auto"),
        ("footbridge", {}, "auto"),
        ("no-money", {}, "auto"),
        ("majority", {}, "auto"),
    ],
)
def test_every_kind_of_problem_can_be_told_in_every_form(name, overrides, formulation):
    explanation = told(name, formulation, **overrides)
    shown = [explanation._repr_html_(), explanation._repr_markdown_(), explanation._repr_latex_()]
    for formula in (row.name + row.formula for family in explanation.families for row in family.rows):
        assert formula.count("{") - formula.count(r"\{") == formula.count("}") - formula.count(r"\}")
    assert all(shown)
    assert "\\text" not in str(explanation)
    assert "\\mathrm" not in str(explanation)


class Tags(HTMLParser):
    """The elements of a page, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.seen.add(tag)
        assert {name for name, _ in attrs} <= {"style", "class", "colspan"}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_text_of_strangers_is_text():
    problem = amd.problem(
        {
            "amd": 1,
            "title": NASTY,
            "agents": {
                NASTY: {"types": {"v": {"values": [1, 2]}}, "value": {"</td>$x$": "v"}},
            },
            "outcomes": ["nothing", "</td>$x$"],
            "design": {"maximize": "revenue"},
        }
    )
    explanation = amd.explain(problem)
    tags = Tags()
    tags.feed(explanation._repr_html_())
    assert not tags.open
    assert tags.seen <= {"div", "h4", "p", "b", "i", "table", "thead", "tbody", "tr", "th", "td", "span", "br"}
    for shown in (explanation._repr_html_(), explanation._repr_markdown_(), explanation._repr_latex_()):
        assert "<script" not in shown
    formulas = [row.name + row.formula for family in explanation.families for row in family.rows]
    assert any("javascript" in formula for formula in formulas)
    for formula in formulas:
        assert r"\href" not in formula
        assert "$" not in formula.replace(r"\$", "")
    assert r"\$" in explanation._repr_markdown_().splitlines()[0]


def test_signs_of_latex():
    assert text("no_trade") == r"\text{no}\_\text{trade}"
    assert text("a\n\x00b") == r"\text{a  b}"
    assert text("") == r"\text{}"
    assert amount(Fraction(-1, 4)) == r"-\tfrac{1}{4}"
    assert amount(12345.0) == r"12{,}345"
    assert amount(1.5e-7) == r"1.5\cdot 10^{-7}"
    assert linear([(1, "x"), (-1, "y"), (Fraction(1, 2), "z")]) == r"x - y + \tfrac{1}{2}\,z"
    assert linear([]) == "0"
    assert linear([(1, "x")] * 20, most=2) == r"x + x + \cdots"
    assert pieces([(1, "x")] * 6, 0, None) == ["x + x + x + x", r"{}+ x + x \ge 0"]
    assert pieces([(1, "x")] * 4 + [(-2, "y")], None, 1) == ["x + x + x + x", r"{}- 2\,y \le 1"]
    assert pieces([(1, "x")] * 13, 1, 1)[-1] == r"{}+ \cdots = 1"
    assert pieces([], 0, None) == [r"0 \ge 0"]
    assert relation("x", 1, 1) == "x = 1"
    assert relation("x", 0, 2) == r"0 \le x \le 2"
    assert relation("x", None, 2) == r"x \le 2"
    assert relation("x", 3, None) == r"x \ge 3"


def test_a_result_without_a_program_has_nothing_to_explain():
    from dataclasses import replace

    result = amd.load("license").solve()
    with pytest.raises(ValueError, match="no program"):
        replace(result, program=None).explain()
    assert str(amd.explain(result)) == str(result.explain())


def test_the_command_prints_the_solution_and_latex():
    from click.testing import CliRunner

    from amd.cli.main import main

    printed = CliRunner().invoke(main, ["explain", "license", "--solution"])
    assert printed.exit_code == 0
    assert "IC_firm[1](50 → 10)" in printed.output
    formula = CliRunner().invoke(main, ["explain", "license", "--latex", "--formulation", "full"])
    assert formula.exit_code == 0
    assert formula.output.startswith("$$\n\\begin{aligned}")
    assert r"[\mathbf{\tfrac{1}{2}}]" in formula.output
