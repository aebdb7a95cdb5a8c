"""Sweeps: their points, what is kept of a kill, who may do the work, and the table."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from amd.cli.main import main
from amd.sweep import Axis, SweepError, parse_axis, points, sweep
from amd.sweep import chain as chaining
from amd.sweep.point import Job, solve_next

PRICE = """
amd: 1
title: One buyer
parameters: {N: 2, x: 0}
agents: {buyer: {types: {v: {uniform: [0, 1], cells: N}}, value: {sale: v}}}
outcomes: {none: {cost: 0}, sale: {cost: x}}
design: {maximize: profit}
"""


@pytest.fixture
def price(tmp_path: Path) -> str:
    path = tmp_path / "price.yaml"
    path.write_text(PRICE)
    return str(path)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("n=2..5", "2 3 4 5"),
        ("N=10,20", "10 20"),
        ("x=0..1..1/4", "0 1/4 1/2 3/4 1"),
        ("x = 0.1 .. 0.3 .. 0.1, 1", "1/10 1/5 3/10 1"),
    ],
)
def test_axes(text, values):
    assert parse_axis(text).values == tuple(values.split())


@pytest.mark.parametrize(
    "text", ["n", "n=", "n=5..2", "n=1..", "n=a..b", "n=1..9..0", "n=1,1", "n=1..10000000", "n=1..2..3..4"]
)
def test_wrong_axes_are_refused(text):
    with pytest.raises(SweepError):
        parse_axis(text)


def test_the_last_axis_runs_fastest():
    found = points([Axis("n", ("1", "2")), Axis("N", ("5", "6"))])
    assert found == [{"n": "1", "N": "5"}, {"n": "1", "N": "6"}, {"n": "2", "N": "5"}, {"n": "2", "N": "6"}]


def test_posted_prices_of_a_grid(price, tmp_path):
    """Midpoints of N cells, no cost: the best price sells to the upper half or just above, N even: (N + 1)/(4 N)."""
    done = sweep(price, [parse_axis("N=2,4,6")], tmp_path / "t.csv")
    assert [row["objective"] for row in done.rows] == pytest.approx([3 / 8, 5 / 16, 7 / 24])
    rows = table(tmp_path / "t.csv")
    assert [row["N"] for row in rows] == ["2", "4", "6"]
    assert not (tmp_path / "t.csv.part").exists()


def test_one_bad_point_does_not_stop_the_rest(price, tmp_path):
    done = sweep(price, [parse_axis("N=2,0,4")], tmp_path / "t.csv")
    assert [row["status"] for row in done.rows] == ["optimal", "wrong input", "optimal"]
    assert "price.yaml" in done.rows[1]["message"]
    assert done.failed == 1


def test_a_killed_sweep_goes_on_where_it_stopped(price, tmp_path, monkeypatch):
    axes, path = [parse_axis("N=2..5")], tmp_path / "t.csv"
    solved: list[str] = []

    def interrupted(job: Job, basis):
        if len(solved) == 2:
            raise KeyboardInterrupt
        solved.append(job.overrides["N"])
        return solve_next(job, basis)

    monkeypatch.setattr(chaining, "solve_next", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sweep(price, axes, path)
    assert not path.exists()
    with (tmp_path / "t.csv.part").open("a") as part:
        part.write('{"point": 3, "ro')  # cut off by the kill
    monkeypatch.undo()
    done = sweep(price, axes, path)
    assert done.resumed == 2
    assert [row["N"] for row in done.rows] == ["2", "3", "4", "5"]
    assert solved == ["2", "3"]


def test_the_journal_of_another_sweep_is_not_used(price, tmp_path):
    (tmp_path / "t.csv.part").write_text(json.dumps({"sweep": "other"}) + "\n")
    with pytest.raises(SweepError, match="belongs to another sweep"):
        sweep(price, [parse_axis("N=2")], tmp_path / "t.csv")


def test_two_processes_give_the_same_table(price, tmp_path):
    axes = [parse_axis("N=2..4"), parse_axis("x=0,1/2")]
    alone = sweep(price, axes, tmp_path / "one.csv")
    together = sweep(price, axes, tmp_path / "two.csv", workers=2)
    assert [row["objective"] for row in alone.rows] == [row["objective"] for row in together.rows]


def test_a_dask_cluster_gives_the_same_table(price, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        done = sweep(price, [parse_axis("N=2,4")], tmp_path / "t.csv", scheduler=cluster.scheduler_address)
    assert [row["objective"] for row in done.rows] == pytest.approx([3 / 8, 5 / 16])


def test_a_scheduler_that_is_not_there(price, tmp_path):
    pytest.importorskip("distributed")
    code = (
        "import sys; from pathlib import Path; from amd.sweep import *\n"
        "try: sweep(sys.argv[1], [parse_axis('N=2')], Path(sys.argv[2]), scheduler='tcp://127.0.0.1:9')\n"
        "except SweepError as error: print(error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, price, str(tmp_path / "t.csv")], capture_output=True, text=True, timeout=120
    )
    assert "the scheduler tcp://127.0.0.1:9 does not answer" in ran.stdout


def test_parquet(price, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    sweep(price, [parse_axis("N=2,0")], tmp_path / "t.parquet")
    assert parquet.read_table(tmp_path / "t.parquet").column("status").to_pylist() == ["optimal", "wrong input"]


def test_the_command_draws_and_says_what_failed(price, tmp_path):
    pytest.importorskip("matplotlib")
    arguments = [
        "sweep",
        price,
        "--set",
        "N=2,4",
        "--set",
        "x=0,1/2",
        "-o",
        str(tmp_path / "t.csv"),
        "--plot",
        "profit",
    ]
    ran = CliRunner().invoke(main, [*arguments, "--workers", "1"])
    assert ran.exit_code == 0, ran.output
    assert "4 points" in ran.output
    assert (tmp_path / "t.profit.png").stat().st_size > 5_000
    ran = CliRunner().invoke(main, ["sweep", price, "--set", "N=2,0", "-o", str(tmp_path / "u.csv"), "--workers", "1"])
    assert ran.exit_code == 3
    assert "1 without an answer" in ran.output


@pytest.mark.parametrize(
    "arguments", [["--set", "N=2", "-o", "t.txt"], ["-o", "t.csv"], ["--set", "N=", "-o", "t.csv"]]
)
def test_wrong_commands(price, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["sweep", price, *arguments]).exit_code == 2
