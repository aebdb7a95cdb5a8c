"""Mechanism files: what is written is read back, and every fault is told with its place."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.files.faults import InputError
from amd.mechanism import files
from amd.mechanism.direct import Mechanism
from amd.mechanism.files import dumps, loads, read, write
from amd.model.build import AgentSpec, Bundle, goods_environment
from amd.model.environment import AllocationKind, Environment, Good
from amd.model.numbers import exact_array, exact_zeros
from amd.model.types import TypeSpace, single_type


def text_of(mechanism: Mechanism) -> str:
    return "".join(dumps(mechanism))


def same(one: Mechanism, other: Mechanism) -> None:
    for name in ("allocation", "payments", "exact_allocation", "exact_payments"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None)
        assert a is None or (a == b).all()


@pytest.mark.parametrize("kind", ["outcomes", "marginals", "orders"])
@given(seed=st.integers(0, 2**32), exact=st.booleans())
def test_there_and_back(random_mechanism: Callable[..., Mechanism], kind: str, seed: int, exact: bool) -> None:
    mechanism = random_mechanism(seed, kind)
    if not exact:
        mechanism = Mechanism(mechanism.environment, mechanism.allocation * 1.1, mechanism.payments)
    same(loads(text_of(mechanism), mechanism.environment), mechanism)


@pytest.fixture(scope="session")
def pairs() -> Environment:
    """Two agents who want the lamp and the desk together: decisions are listed."""
    bundles = (Bundle((1, 1)),)
    specs = [AgentSpec(name, single_type(), exact_array([3], (1, 1)), bundles=bundles) for name in ("ann", "bob")]
    return goods_environment(specs, [Good("lamp", 1), Good("desk", 1)])


@pytest.mark.parametrize("exact", [False, True])
def test_listed_decisions_there_and_back(pairs: Environment, exact: bool) -> None:
    columns = exact_zeros((1, 1, pairs.allocation.size))
    columns[0, 0, 0], columns[0, 0, 3] = Fraction(1, 3), Fraction(2, 3)
    mechanism = Mechanism.from_exact(pairs, columns, exact_array([1, 2], (1, 1, 2)))
    if not exact:
        mechanism = Mechanism(pairs, mechanism.allocation, mechanism.payments)
    same(loads(text_of(mechanism), pairs), mechanism)


def test_one_whole_decision_may_be_said_as_an_allocation(pairs: Environment) -> None:
    entry = {"report": [[], []], "allocation": [[1, 1], [0, 0]]}
    mechanism = loads(json.dumps({"profiles": [entry]}), pairs)
    assert mechanism(None, None).allocation["ann"] == {"lamp": 1, "desk": 1}
    assert mechanism.payments is None


def test_decisions_become_expected_units(license_environment: Environment) -> None:
    """A lottery over whole decisions, where the environment needs no more than expected units."""
    listed = [{"probability": "1/4", "allocation": [[1], [0]]}, {"probability": "3/4", "allocation": [[0], [1]]}]
    entries = [{"report": [[v], [w]], "decisions": listed} for v in (10, 50) for w in (10, 50)]
    mechanism = loads(json.dumps({"profiles": entries}), license_environment)
    assert (mechanism.exact_allocation == exact_array(["1/4", "3/4"])).all()


LICENSE = [
    {
        "report": [[v], [str(w)]],
        "allocation": [[int(v >= w)], ["1/1" if v < w else 0]],
        "payments": [30 if v >= w else 0, 0.0 if v >= w else 3e1],
    }
    for w in (10, 50)
    for v in (50, 10)
]


def test_the_license_by_hand(license: Mechanism) -> None:
    """Any order of profiles, values as numbers or texts; a float among the payments makes only these inexact."""
    mechanism = loads(json.dumps({"profiles": LICENSE, "notes": "by hand"}), license.environment)
    assert (mechanism.exact_allocation == license.exact_allocation).all()
    assert mechanism.exact_payments is None
    assert (mechanism.payments == license.payments).all()


def changed(entry: int = 0, **keys: Any) -> list[dict[str, Any]]:
    """The license with one entry changed; a key set to None is left out."""
    entries = [dict(each) for each in LICENSE]
    entries[entry] |= keys
    entries[entry] = {key: value for key, value in entries[entry].items() if value is not None}
    return entries


DEEP = json.loads("[" * 200 + "]" * 200)

FAULTS = {
    "no list": ({}, "profiles: is a mapping, but needs a list with an entry for each type profile"),
    "missing": (LICENSE[:3], "profiles: 1 type profiles have no entry; the first is firm[1]: v = 10; firm[2]: v = 50"),
    "twice": ([*LICENSE, LICENSE[1]], "profiles[5].report: is the profile of profiles[2] again"),
    "no entry": ([*LICENSE, 3], "profiles[5]: is 3, but needs report, a decision and payments"),
    "unknown key": (changed(payment=[0, 0]), "profiles[1].payment: is no key of an entry"),
    "no report": (changed(report=None), "profiles[1].report: is missing, but needs a report for each of 2 agents"),
    "short report": (changed(report=[[1]]), "profiles[1].report: is a list of 1, but needs a report for each of 2"),
    "no type": (changed(1, report=[[20], [10]]), "profiles[2].report[1]: firm[1] has no type v = 20; its types are v"),
    "two values": (changed(report=[[10, 1], [10]]), "profiles[1].report[1]: firm[1] reports 1 value (v), not 2"),
    "bare value": (changed(report=[10, [10]]), "profiles[1].report[1]: is 10, but needs a list of numbers or names"),
    "true": (changed(report=[[True], [10]]), "profiles[1].report[1]: holds true, but needs numbers or names"),
    "huge": (changed(report=[["1e9999999"], [10]]), "profiles[1].report[1]: '1e9999999' is not a number such as 3/4"),
    "deep": (changed(report=[DEEP, [10]]), "profiles[1].report[1]: holds a list of 1, but needs numbers or names"),
    "no decision": (changed(allocation=None), "profiles[1]: needs allocation or decisions"),
    "two decisions": (changed(decisions=[]), "profiles[1]: needs allocation or decisions, not both"),
    "outcomes": (changed(allocation=None, outcomes={}), "profiles[1]: needs allocation or decisions"),
    "one agent": (
        changed(allocation=[[1]]),
        "profiles[1].allocation: is a list of 1, but needs a list for each",
    ),
    "two goods": (
        changed(allocation=[[1, 1], [0]]),
        "profiles[1].allocation[1]: is a list of 2, but needs a list of 1",
    ),
    "NaN": (changed(payments=[float("nan"), 0]), "profiles[1].payments[1]: nan is not a finite number"),
    "infinity": (changed(allocation=[[0], [float("inf")]]), "profiles[1].allocation[2][1]: inf is not a finite number"),
    "text": (changed(payments=["ten", 0]), "profiles[1].payments[1]: 'ten' is not a number such as 3/4 or 0.75"),
    "divided": (changed(payments=["1/0", 0]), "profiles[1].payments[1]: '1/0' divides by zero"),
    "bool": (changed(payments=[True, 0]), "profiles[1].payments[1]: true is not a number"),
    "large": (changed(payments=[10**400, 0]), "profiles[1].payments[1]: is too large"),
    "three payments": (
        changed(payments=[1, 2, 3]),
        "profiles[1].payments: is a list of 3, but needs a list of 2 numbers",
    ),
    "no payments": (changed(2, payments=None), "profiles[3].payments: is missing, but needs a list of 2 numbers"),
}


def faults_of(text: str, environment: Environment) -> str:
    with pytest.raises(InputError) as caught:
        loads(text, environment, "m.json")
    return str(caught.value)


@pytest.mark.parametrize("name", FAULTS)
def test_faults_with_their_places(license_environment: Environment, name: str) -> None:
    profiles, message = FAULTS[name]
    assert f"m.json: {message}" in faults_of(json.dumps({"profiles": profiles}), license_environment)


def test_all_faults_at_once(license_environment: Environment) -> None:
    profiles = changed(payments=["x", "y"], report=[[1], [2]])
    assert len(faults_of(json.dumps({"profiles": profiles}), license_environment).splitlines()) == 4


def test_faults_without_end_are_cut_off(license_environment: Environment) -> None:
    found = faults_of(json.dumps({"profiles": [3] * 10_000}), license_environment)
    assert len(found.splitlines()) < 100


def decided(**item: Any) -> list[dict[str, Any]]:
    listed = [{"probability": 1, "allocation": [[1], [0]]} | item]
    return changed(allocation=None, decisions=listed)


@pytest.mark.parametrize(
    ("profiles", "message"),
    [
        (decided(probability=0.5), "profiles[1].decisions: the probabilities sum to 0.5, not to 1"),
        (decided(probability="-1"), "profiles[1].decisions[1].probability: is below 0"),
        (decided(allocation=[[1], [1]]), "profiles[1].decisions[1].allocation: is no whole feasible decision"),
        (decided(allocation=[["1/2"], [0]]), "profiles[1].decisions[1].allocation: is no whole feasible decision"),
        (decided(allocation=[[-1], [0]]), "profiles[1].decisions[1].allocation: is no whole feasible decision"),
        (decided(more=1), "profiles[1].decisions[1]: needs probability and allocation, and nothing else"),
        (changed(allocation=None, decisions=7), "profiles[1].decisions: is 7, but needs a list of {probability, alloc"),
    ],
)
def test_faults_of_decisions(license_environment: Environment, profiles: list, message: str) -> None:
    assert f"m.json: {message}" in faults_of(json.dumps({"profiles": profiles}), license_environment)


def test_faults_of_listed_decisions(pairs: Environment) -> None:
    listed = [{"probability": 1, "allocation": [[1, 1], [1, 0]]}]
    found = faults_of(json.dumps({"profiles": [{"report": [[], []], "decisions": listed}]}), pairs)
    assert "profiles[1].decisions[1].allocation: is no whole feasible decision" in found
    half = {"report": [[], []], "allocation": [["1/2", 0], [0, 0]]}
    found = faults_of(json.dumps({"profiles": [half]}), pairs)
    assert "profiles[1].allocation: is no whole feasible decision; a lottery over decisions is listed under" in found


def test_faults_of_outcomes(voting: Callable[..., Environment]) -> None:
    environment = voting(1, "ab")
    entries = [
        {"report": [["a", "b"]], "outcomes": {"A": 1}},
        {"report": [["b", "c"]], "outcomes": [1]},
    ]
    found = faults_of(json.dumps({"profiles": entries}), environment).splitlines()
    assert "m.json: profiles[1].outcomes.A: is no outcome; did you mean 'a'?" in found
    assert "m.json: profiles[2].report[1]: voter[1] ranks 'c', which is no outcome" in found
    assert any("profiles[2].outcomes: is a list of 1, but needs the probability of each" in line for line in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "m.json:1: is not JSON"),
        ('{"profiles":\n[}', "m.json:2: is not JSON"),
        ("[" * 100_000, "m.json: is nested too deeply"),
        ("[" * 900 + "]" * 900, "m.json: profiles: is missing"),
        ('{"profiles": ' + "9" * 5000 + "}", "m.json: holds a number that cannot be read"),
        ('{"profiles": [{"report": [], "report": []}]}', "m.json: the key report stands twice in one mapping"),
        ("[]", "m.json: profiles: is missing"),
        ("", "m.json:1: is not JSON"),
    ],
)
def test_texts_that_are_no_mechanism(license_environment: Environment, text: str, message: str) -> None:
    assert message in faults_of(text, license_environment)


def test_files(license: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.json"
    write(license, path, title="A license", digest="ab12")
    same(read(path, license.environment), license)
    header = json.loads(path.read_text())
    assert (header["format"], header["title"], header["problem"]) == ("amd-mechanism-1", "A license", "ab12")
    assert header["agents"] == ["firm[1]", "firm[2]"]
    assert header["profiles"][1] == {"report": [[10], [50]], "allocation": [[0], [1]], "payments": [0, 30]}
    assert [each.name for each in tmp_path.iterdir()] == ["m.json"]
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="at most 10 are read"):
        read(path, license.environment)


def test_files_that_cannot_be_read(license_environment: Environment, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read(tmp_path / "none.json", license_environment)
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read(tmp_path, license_environment)
    (tmp_path / "latin.json").write_bytes(b'{\n"profiles": "\xe9"}')
    with pytest.raises(InputError, match=r"latin\.json:2: is not UTF-8"):
        read(tmp_path / "latin.json", license_environment)


def test_written_whole_or_not_at_all(license: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.json"
    path.write_text("old")

    def broken(mechanism: Mechanism, *_: str) -> Any:
        yield "new"
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "dumps", broken)
    with pytest.raises(KeyboardInterrupt):
        write(license, path)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["m.json"]


def test_links_are_followed_and_devices_written_to(license: Mechanism, tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "m.json")
    write(license, tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    same(read(tmp_path / "m.json", license.environment), license)
    write(license, "/dev/null")
    with pytest.raises(FileNotFoundError):
        write(license, tmp_path / "none" / "m.json")


def test_irrational_types_come_back(types_of: Callable[..., TypeSpace]) -> None:
    """A mean that is a double read as a rational is written in full, and may be said as a float."""
    mean = Fraction(2**0.5)
    specs = [AgentSpec("ann", types_of("v", [str(mean)]), exact_array([mean], (1, 1)))]
    environment = goods_environment(specs, [Good("lamp", 1)])
    assert environment.allocation.kind is AllocationKind.MARGINALS
    mechanism = Mechanism(environment, np.ones((1, 1)), np.array([[2**0.5]]))
    same(loads(text_of(mechanism), environment), mechanism)
    entry = {"report": [[2**0.5]], "allocation": [[1.0]], "payments": [2**0.5]}
    same(loads(json.dumps({"profiles": [entry]}), environment), mechanism)
