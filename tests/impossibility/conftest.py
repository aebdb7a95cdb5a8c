"""Bundled problems of the kinds axioms and cooperative, solved and certified once."""

import json
from functools import cache
from pathlib import Path

import pytest

from amd import axioms, cooperative

PROBLEMS = Path(__file__).resolve().parents[2] / "problems"
MODULES = {"axioms": axioms, "cooperative": cooperative}


def _text(name):
    return (PROBLEMS / f"{name}.yaml").read_text(encoding="utf-8")


def _module(name):
    return MODULES["axioms" if "kind: axioms" in _text(name) else "cooperative"]


@cache
def _solved(name):
    return _module(name).solve_text(_text(name), name)


@cache
def _certified(name):
    return _module(name).certify_text(_text(name), name)


@pytest.fixture(scope="session")
def solved():
    return _solved


@pytest.fixture(scope="session")
def certified():
    return _certified


@pytest.fixture(scope="session")
def document():
    """A fresh copy of a bundled problem's certificate."""
    return lambda name: json.loads(json.dumps(_certified(name)[1]))


@pytest.fixture(scope="session")
def problem_text():
    return _text
