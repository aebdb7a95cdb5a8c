"""The benchmarks measure what they say: every way to an optimum agrees, and exponents are those of the data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAMILIES = ("auction", "trade", "two_goods", "dominant")


@pytest.fixture
def report(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import report

    return report


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_all_ways_to_the_optimum_agree(family):
    pytest.importorskip("cvxpy")
    pytest.importorskip("pulp")
    code = (
        "import json, sys; from benchmarks.worker import OURS, family, measured\n"
        "one = family(sys.argv[1]); found = [measured(one, way, one.sizes[0] + 1) for way in (*OURS, *one.models)]\n"
        "if one.closed_form: found.append({'objective': one.closed_form(one.sizes[0] + 1)})\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, family], capture_output=True, text=True, cwd=ROOT, check=True, timeout=300
    )
    optima = [one["objective"] for one in json.loads(done.stdout.splitlines()[-1])]
    assert len(optima) >= 4
    assert optima == pytest.approx([optima[0]] * len(optima), abs=1e-7)


def test_exponents_are_fitted_to_what_takes_time(report):
    cubic = {str(size): {"cpu": size**3 / 1000} for size in (1, 2, 4, 8, 16)}  # the first is below 0.05 s
    cubic["2"]["cpu"] = 0.04
    assert report.exponent(cubic) == pytest.approx(3)
    assert report.exponent({"10": {"cpu": 1.0}, "20": {"cpu": 2.0}}) is None


def test_only_the_marked_part_of_the_readme_is_written(report, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write_section(readme, "new")
    assert readme.read_text() == f"before\n{report.BEGIN}\n\nnew\n{report.END}\nafter\n"
    (tmp_path / "other.md").write_text("no place")
    with pytest.raises(ValueError, match="no place for the tables"):
        report.write_section(tmp_path / "other.md", "new")


def test_a_stopped_command_goes_on_where_it_was(tmp_path, monkeypatch):
    """No run is measured twice, none is left out, and what was kept is whole whenever it is stopped."""
    pytest.importorskip("cvxpy")
    pytest.importorskip("pulp")
    pytest.importorskip("matplotlib")
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import __main__ as command

    asked = []

    def measure(name, way, size, limit):
        asked.append((name, way, size))
        if len(asked) in (6, 11):
            raise KeyboardInterrupt
        if way == "natural PuLP" and size > 5:
            return None
        steps = {"read": 0.1, "build": 0.1, "solve": 0.7, "highs": 0.6, "lift": 0.0, "audit": 0.1}
        return {
            "objective": command.family(name).closed_form(size),
            "cpu": 1.0,
            "steps": steps,
            "nonzeros": 7,
            "peak": 1e6,
        }

    monkeypatch.setattr(command, "measure", measure)
    monkeypatch.setattr(sys, "argv", ["benchmarks", "auction", "--limit", "7", "--into", str(tmp_path)])
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            command.main()
        assert json.loads((tmp_path / "measured.json").read_text())["auction"]["unfinished"]
    command.main()
    sizes = command.family("auction").sizes
    ways = {way for _, way, _ in asked}
    answered = [one for k, one in enumerate(asked, 1) if k not in (6, 11)]
    wanted = {(way, size) for way in ways for size in sizes if way != "natural PuLP" or size <= sizes[1]}
    assert len(answered) == len(set(answered))
    assert {(way, size) for _, way, size in answered} == wanted
    kept = json.loads((tmp_path / "measured.json").read_text())["auction"]
    assert "unfinished" not in kept
    assert sorted(map(int, kept["ways"]["amd"])) == sorted(sizes)
    assert "| 40% |" in (tmp_path / "README.md").read_text()
    assert (tmp_path / "figures" / "auction.svg").exists()
    assert not list(tmp_path.glob(".*"))


def test_a_wrong_optimum_of_another_way_is_told_and_one_of_ours_ends_the_command(report, monkeypatch):
    pytest.importorskip("cvxpy")
    pytest.importorskip("pulp")
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import __main__ as command

    one = command.family("auction")
    right = {"objective": one.closed_form(70)}
    ways = {"amd": {"70": right}, "natural PuLP": {"70": {"objective": 0.0}}, "natural cvxpy": {"70": right}}
    assert command.disagreeing(one, 70, ways) == {"natural PuLP": 0.0}
    assert report._wrong([["natural PuLP", 70, 0.0]]) == [
        "At 70, the natural PuLP model ended with a wrong optimum, 0."
    ]
    with pytest.raises(SystemExit, match="the ways disagree"):
        command.disagreeing(one, 70, ways | {"amd": {"70": {"objective": 0.4}}})
