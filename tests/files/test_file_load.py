"""Where problems come from: files, standard input, bundled names, texts, and Python data."""

import io
import sys
from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction as Q
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import amd
from amd.files import InputError, bundled, from_mapping, kind_of, kind_of_text, load, loads
from amd.files.document import MAX_BYTES


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trade: str) -> Path:
    """A checkout with bundled problems of its own."""
    package = tmp_path / "amd"
    package.mkdir()
    for name in ("trade/uniform.yaml", "auctions/two.yml", "auctions/uniform.yaml"):
        path = tmp_path / "problems" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(trade.replace("Bilateral trade", name), encoding="utf-8")
    monkeypatch.setattr(amd, "__file__", str(package / "__init__.py"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_by_its_path(tmp_path: Path, trade: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + trade.encode())
    task = load(path)
    assert task.origin == str(path)
    assert load(str(path), overrides={"N": "4"}).environment.shape == (4, 4)
    assert load(str(path), overrides={"N": 5}).parameters == {"N": "5"}
    assert task.digest == loads(trade).digest
    assert task.digest != load(path, overrides={"N": "4"}).digest


def test_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("x\n1\n2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    text = b"amd: 1\nagents: {a: {types: {v: {samples: s.csv, column: x}}}}\noutcomes: [o]\n"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    task = load("-")
    assert task.environment.shape == (2,)
    assert task.origin == "<stdin>"


def test_bundled_names(library: Path) -> None:
    assert bundled.names() == [
        ("auctions/two", "auctions/two.yml with uniform types"),
        ("auctions/uniform", "auctions/uniform.yaml with uniform types"),
        ("trade/uniform", "trade/uniform.yaml with uniform types"),
    ]
    assert load("two").title == "auctions/two.yml with uniform types"
    assert load("trade/uniform").title == "trade/uniform.yaml with uniform types"
    assert load("trade/uniform.yaml").origin == "trade/uniform.yaml"
    assert kind_of("two") == "mechanism"
    with pytest.raises(InputError, match="'uniform' may be auctions/uniform and trade/uniform; give the full name"):
        load("uniform")
    with pytest.raises(InputError, match=r"no bundled problem of that name; did you mean 'trade/uniform'\?"):
        load("trade/unifrom")


def test_a_wheel_carries_its_problems_in_the_package(library: Path) -> None:
    (library / "problems").rename(library / "amd" / "_problems")
    assert load("two").environment.shape == (20, 20)
    (library / "amd" / "_problems").rename(library / "gone")
    assert bundled.names() == []
    with pytest.raises(InputError, match="no such file"):
        load("two")


def test_an_existing_file_goes_before_a_bundled_name(library: Path, trade: str) -> None:
    (library / "two").write_text(trade.replace("Bilateral trade", "Mine"), encoding="utf-8")
    assert load("two").title == "Mine with uniform types"


def test_bundled_problems_that_are_broken_are_still_listed(library: Path) -> None:
    (library / "problems" / "auctions" / "two.yml").write_text("a: [", encoding="utf-8")
    assert ("auctions/two", "") in bundled.names()


@pytest.mark.parametrize("source", ["nowhere.yaml", "/nowhere/a.yaml", ".", "a\0b", "x" * 5000])
def test_what_cannot_be_read(source: str) -> None:
    with pytest.raises(InputError, match=r"no such file|cannot be read"):
        load(source)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 10)
    with pytest.raises(InputError, match="at most"):
        load(path)


def test_kinds() -> None:
    assert kind_of_text("amd: 1") == "mechanism"
    assert kind_of_text("kind: exchange\nwhatever: [1]") == "exchange"
    with pytest.raises(InputError, match=r"f:1: kind: 'matchin' is no kind of problem; did you mean 'matching'\?"):
        kind_of_text("kind: matchin", "f")
    with pytest.raises(InputError, match=r"f:2: kind: is empty"):
        kind_of_text("amd: 1\nkind:", "f")


# --- problems built in Python ---------------------------------------------------------------------------------

PYTHON: dict[str, Any] = {
    "amd": 1,
    "parameters": {"N": 20},
    "agents": OrderedDict(
        buyer={"types": {"v": {"uniform": [0, 1.0], "cells": "N"}}, "value": {"trade": "v"}},
        seller={"types": {"c": {"uniform": (Q(0), Decimal(1)), "cells": np.int64(20)}}, "value": {"trade": "-c"}},
    ),
    "outcomes": ["no_trade", "trade"],
    "design": {"maximize": "welfare", "incentive": "bayesian", "budget": {"balanced": "ex_post"}},
}


def test_python_data_say_what_a_file_says(trade: str) -> None:
    assert from_mapping(PYTHON).digest == loads(trade).digest
    assert from_mapping(PYTHON, overrides={"N": 3}).environment.shape == (3, 20)


def test_numbers_in_python_are_read_by_their_texts() -> None:
    values = [0.1, Q(1, 3), 1e-07, "1/3 + 1/6", np.float64(0.25), True < 2, 10**30]
    problem = {"amd": 1, "outcomes": ["x"], "agents": {"a": {"types": {"v": {"values": values[:5] + values[6:]}}}}}
    points = from_mapping(problem).environment.agents[0].types.points
    assert [point for (point,) in points] == [Q(1, 10), Q(1, 3), Q(1, 10**7), Q(1, 2), Q(1, 4), 10**30]


def test_booleans_none_and_arrays_in_python() -> None:
    problem = {
        "amd": 1,
        "outcomes": ["x", "y"],
        "agents": {"a": None, "b": {"types": {"v": {"values": np.arange(3)}}}},
        "prior": {"joint": np.array([[0.5, 0.25, 0.25]])},
        "design": {"transfers": False, "budget": None},
    }
    task = from_mapping(problem)
    assert task.environment.shape == (1, 3)
    assert task.design is not None
    assert not task.design.transfers


def cyclic() -> dict[str, Any]:
    problem: dict[str, Any] = {"amd": 1}
    problem["notes"] = [problem]
    return problem


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ({**PYTHON, "titel": "x"}, "<python>: titel: unknown key 'titel'; did you mean 'title'?"),
        ({**PYTHON, "title": object()}, "<python>: title: is object, a Python object; numbers, texts, lists"),
        ({**PYTHON, "outcomes": {"a", "b"}}, "<python>: outcomes: is set, a Python object"),
        ({**PYTHON, "parameters": {"N": float("nan")}}, "<python>: parameters.N: unknown name 'nan'"),
        ({**PYTHON, "parameters": {"N": float("inf")}}, "<python>: parameters.N: unknown name 'inf'"),
        ({**PYTHON, "parameters": {(1, 2): 3}}, "<python>: parameters: the key (1, 2) is no text"),
        ({**PYTHON, "parameters": {1: 3, "1": 4}}, "<python>: parameters: the key '1' stands there twice"),
        ({**PYTHON, "parameters": {"N": 10**4000}}, "<python>: parameters.N: is int, a Python object"),
        ([], "<python>: is a list; a mapping with keys"),
        (cyclic(), "<python>: notes[1]"),
        ({**PYTHON, "design": {"participation": None}}, "<python>: design.participation: is empty"),
    ],
)
def test_faults_of_python_data_have_no_lines(problem: Any, told: str) -> None:
    with pytest.raises(InputError) as error:
        from_mapping(problem)
    assert str(error.value).startswith(told)
