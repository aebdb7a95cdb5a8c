"""The page of the problem format: its examples are files that load and answer what the page says."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

import amd
from amd.files import expressions

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "problem-format.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```yaml\n(?P<file>.*?)```\n\nAnswer: (?P<status>\w+)(?:, (?P<value>[\d/-]+))?\.", re.DOTALL)
EXAMPLES = [(match["file"], match["status"], match["value"]) for match in EXAMPLE.finditer(PAGE)]
TITLES = [re.search(r"^title: (.*)$", file, re.MULTILINE)[1] for file, _, _ in EXAMPLES]
WORTH = re.findall(r"^\| `([^`]+)` \| (-?[\d/]+) \|$", PAGE, re.MULTILINE)


def test_every_example_has_an_answer():
    assert len(EXAMPLES) == PAGE.count("```yaml")


@pytest.mark.parametrize(("file", "status", "value"), EXAMPLES, ids=TITLES)
def test_example_answers_what_the_page_says(file, status, value):
    result = amd.loads(file).solve()
    assert result.status.name.lower() == status
    assert result.objective == pytest.approx(float(Fraction(value)), abs=1e-9, rel=1e-9)


@pytest.mark.parametrize(("text", "worth"), WORTH)
def test_expression_is_worth_what_the_page_says(text, worth):
    assert expressions.Expression(text, expressions.parser.parse(text)).evaluate() == Fraction(worth)


def test_the_table_of_expressions_was_found():
    assert len(WORTH) >= 8


def test_the_license_mechanism_of_the_page_fails_participation(tmp_path):
    path = tmp_path / "mechanism.json"
    path.write_text(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1], encoding="utf-8")
    audit = amd.load("license").check(path, exact=True)
    assert audit.incentive.violation == 0
    assert audit.participation.violation == 10


def test_fine_print_about_names_and_overrides():
    file = EXAMPLES[0][0]
    assert amd.loads(file, N="2*2 + 1").environment.shape == (5, 5)
    own = amd.loads(file.replace("{v: {uniform", "{N: {uniform").replace("trade: v", "trade: N"))  # the own type counts
    assert own.environment.agents[0].values[-1, 0] == Fraction(39, 40)
    with pytest.raises(amd.InputError, match=">="):
        amd.loads(file + '  require: [{revenue: "> 0"}]\n')
