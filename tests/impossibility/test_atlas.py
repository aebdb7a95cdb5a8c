"""The atlas and the pages of the two formats say what is so: every file is there, is certified, and is verified."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import amd
from amd import axioms, cooperative
from amd.cli.main import main
from amd.files import bundled, kind_of
from amd.proof.certificate import certify
from amd.proof.documents import check

DOCS = Path(__file__).resolve().parents[2] / "docs"
PROBLEMS = Path(__file__).resolve().parents[2] / "problems"
ATLAS = (DOCS / "impossibility.md").read_text(encoding="utf-8")
FILES = sorted((PROBLEMS / "impossibility").glob("*.yaml"))
NAMED = sorted(set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", ATLAS)))
# what is no impossibility: where it does not hold, what is left, what it costs
POSSIBLE = {"no-overlap": "possible", "vcg-deficit": "optimal", "agv-condition": "optimal"}
LEFT = {"arrows-dictators", "dictators", "roth-one-side"}
YAML = re.compile(r"```yaml\n(?P<file>.*?)```\n\nAnswer: (?P<answer>[^\n]*)\.\n", re.DOTALL)


def test_every_file_is_in_the_atlas_and_every_name_is_a_file():
    assert {path.stem for path in FILES} <= set(NAMED)
    words = {"trade", "voting", "partnership", "auctions", "onto"}
    for name in set(NAMED) - words:
        assert bundled.resolve(name) is not None, name


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_each_is_certified_and_verified(path, certified):
    if kind_of(path) == "mechanism":
        found = certify(amd.load(path).task)
        kind, document = found.kind, found.document
        assert kind == POSSIBLE.get(path.stem, "infeasible")
    else:
        _, document, impossible = certified(f"impossibility/{path.stem}")
        assert impossible == (path.stem not in LEFT)
    holds, message = check(json.loads(json.dumps(document)))
    assert holds, message


@pytest.mark.parametrize("name", ["myerson-satterthwaite", "hopeful-buyer"])
def test_the_continuum(name):
    ran = CliRunner().invoke(main, ["certify", name, "--continuum"])
    assert ran.exit_code == 1
    assert "contradiction" in ran.output or "no mechanism" in ran.output


@pytest.mark.parametrize(
    ("gap", "deficit"), [("0", "5/216"), ("1/2", "2/27"), ("2/3", "7/216"), ("5/6", "-5/108"), ("1", "-1/6")]
)
def test_a_balanced_budget_exists_just_where_vcg_runs_no_deficit(gap, deficit):
    """AGV's condition both ways: the deficit from the atlas, each side by a program of its own."""
    shift = amd.load("agv-condition", s=f"6*{gap}").solve()
    assert shift.objective_exact == deficit
    assert amd.load("no-overlap", gap=gap).solve().optimal == deficit.startswith("-")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("myerson-satterthwaite", ["subsidy of 5/216", "welfare of 5/648", "35/216"]),
        ("green-laffont", ["thrown away, 1/32", "every citizen can gain up to 1/32"]),
        ("compromise", ["missed by 1/15", "by up to 1/20"]),
        ("private-rents", ["missed by 5/2"]),
    ],
)
def test_the_prices_in_the_atlas(name, words):
    text = amd.load(name).why().summary()
    assert all(word in text for word in words)


@pytest.mark.parametrize("page", ["axioms-format.md", "cooperative-format.md"])
def test_examples_of_the_formats_answer_what_the_pages_say(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    examples = list(YAML.finditer(text))
    assert len(examples) == text.count("```yaml") == 2
    for example in examples:
        if page.startswith("axioms"):
            found = axioms.solve_text(example["file"], page)
            count = found.details["count"]
            assert example["answer"] == f"{count} rule{'s' if count != 1 else ''}"
        else:
            found = cooperative.solve_text(example["file"], page)
            sides = [", ".join(found.details[key].values()) for key in ("nucleolus", "shapley")]
            told = f"the core is {found.details['core']}; nucleolus {sides[0]}; Shapley value {sides[1]}"
            assert example["answer"] == told


def test_every_key_and_axiom_is_documented():
    from amd.axioms.clauses import AXIOMS
    from amd.axioms.shapes import AXIOMS_FILE
    from amd.cooperative.shapes import COOPERATIVE

    page = (DOCS / "axioms-format.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in page for key in [*AXIOMS_FILE.keys, *AXIOMS])
    assert all(f"| `{word}` |" in page for words in AXIOMS.values() for word in words)
    game = (DOCS / "cooperative-format.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in game for key in COOPERATIVE.keys)
