"""The tutorial, walked: its file saved, its commands run one after the other, its answers found."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import amd
from amd.cli import main

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(yaml|sh|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "guitar.yaml").write_text(FILE, encoding="utf-8")
    return tmp_path


FILE = BLOCKS[0][1]


def said(command: str) -> str:
    outcome = CliRunner().invoke(main, shlex.split(command.removeprefix("amd ")))
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def test_the_walk(folder):
    pytest.importorskip("matplotlib")
    answers = ""
    commands = 0
    for kind, text in BLOCKS[2:]:  # after the file and the typing mistake
        if kind == "sh":
            answers, commands = said(text.strip()), commands + 1
        else:
            assert all(line in answers for line in text.splitlines()), answers
    assert commands == 5
    assert (folder / "guitar.csv").read_text(encoding="utf-8").count("\n") == 6
    assert (folder / "guitar.profit.png").read_bytes().startswith(b"\x89PNG")
    assert "<script src" not in (folder / "guitar.html").read_text(encoding="utf-8")


def test_the_typing_mistake(folder):
    (folder / "guitar.yaml").write_text(FILE.replace("count: n", "coun: n"), encoding="utf-8")
    outcome = CliRunner().invoke(main, ["solve", "guitar.yaml"])
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines() == [BLOCKS[1][1].strip()]


def test_what_the_text_says_of_the_numbers():
    grid = amd.loads(FILE).solve()
    truth = 688.5  # ∫ (4000 w − 2200) 2w dw over [0.55, 1], with v = 1000 + 2000 w
    assert grid.objective / truth == pytest.approx(1.05, abs=0.005)  # "5 % too high"
    assert amd.loads(FILE, N=200).solve().objective == pytest.approx(691.98, abs=0.005)
    assert amd.loads(FILE, n=3).solve().objective - grid.objective == pytest.approx(209, abs=0.5)
    allocation = grid.mechanism.allocation.sum(axis=2)  # [own type, other's type] of the two alike: who gets a unit
    sold = grid.mechanism.allocation[:, :, 0].max(axis=1) > 1e-9
    assert not sold[:11].any()  # types 1050 to 2050
    assert sold[11:].all()
    assert 1 - allocation.mean() == pytest.approx(0.3025)  # "almost a third": both below the reserve, (11/20)²
