"""Running the command line as a person would: in this process, or as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import amd
from amd.cli import main

ROOT = Path(amd.__file__).resolve().parent.parent


@pytest.fixture
def run() -> Callable[..., Result]:
    """The result of one command in this process; a failure that nobody foresaw is raised."""

    def call(*arguments: object, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin, catch_exceptions=False)

    return call


@pytest.fixture
def answer(run) -> Callable[..., tuple[int, dict]]:
    """Exit status and JSON of a command."""

    def call(*arguments: object) -> tuple[int, dict]:
        result = run(*arguments, "--json")
        return result.exit_code, json.loads(result.stdout)

    return call


@pytest.fixture
def start(tmp_path) -> Callable[..., subprocess.Popen]:
    """A command as a process of its own, in an empty folder."""

    def call(*arguments: object, **environment: str) -> subprocess.Popen:
        variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        return subprocess.Popen(
            [sys.executable, "-m", "amd", *map(str, arguments)],
            cwd=tmp_path,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return call


@pytest.fixture
def problem(tmp_path) -> Callable[..., Path]:
    """A problem file with this text."""

    def write(text: str, name: str = "problem.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def license_file(problem) -> Path:
    """Two firms worth 10 or 50 to whom one license is sold for the greatest revenue: 37.5 (Myerson, 1981)."""
    return problem(
        "amd: 1\n"
        "title: A license\n"
        "parameters: {L: 10, H: 50}\n"
        "agents:\n"
        "  firm: {count: 2, types: {v: {values: [L, H]}}, value: {license: v}}\n"
        "goods: {license: 1}\n"
        "design: {maximize: revenue}\n",
        "license.yaml",
    )


@pytest.fixture
def impossible_file(problem) -> Path:
    """Efficient, voluntary, self-financing trade on a grid of six cells (Myerson and Satterthwaite, 1983)."""
    return problem(
        "amd: 1\n"
        "title: Trade\n"
        "agents:\n"
        "  buyer: {types: {v: {uniform: [0, 1], cells: 6}}, value: {trade: v}}\n"
        "  seller: {types: {c: {uniform: [0, 1], cells: 6}}, value: {trade: -c}}\n"
        "outcomes: [no_trade, trade]\n"
        "design: {budget: {balanced: ex_post}, require: [efficient]}\n",
        "trade.yaml",
    )


@pytest.fixture
def unbounded_file(problem) -> Path:
    """A seller who may charge what she likes, since nobody can walk away."""
    return problem(
        "amd: 1\n"
        "agents: {buyer: {types: {v: {values: [1, 2]}}, value: {lamp: v}}}\n"
        "goods: {lamp: 1}\n"
        "design: {maximize: revenue, participation: none}\n",
        "unbounded.yaml",
    )


@pytest.fixture
def hard_file(problem) -> Path:
    """An integer program that takes minutes: is there a strategy-proof rule for four outcomes without a dictator?"""
    return problem(
        "amd: 1\n"
        "agents: {voter: {count: 2, types: {orders: all}}}\n"
        "outcomes: [a, b, c, d]\n"
        "design: {incentive: dominant, transfers: false, allocation: deterministic, require: [onto, nondictatorial]}\n",
        "hard.yaml",
    )


@pytest.fixture
def matching_file(problem) -> Path:
    """Two students and two schools."""
    return problem(
        "amd: 1\n"
        "kind: matching\n"
        "title: Two and two\n"
        "applicants: {ann: [x, y], bob: [x]}\n"
        "programs: {x: [bob, ann], y: [ann]}\n",
        "matching.yaml",
    )
