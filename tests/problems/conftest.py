"""The catalogue of bundled problems, and one test case an entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

HERE = Path(__file__).parent
PROBLEMS = HERE.parents[1] / "problems"


def read_catalogue() -> dict[str, dict[str, Any]]:
    """The catalogue with every scalar as its text, so that 1/3 and 0.1 stay exact."""
    with (HERE / "catalogue.yaml").open(encoding="utf-8") as file:
        return YAML(typ="safe").load(file)


@dataclass(frozen=True)
class Case:
    """One problem, its overrides, and what it must answer."""

    name: str
    overrides: dict[str, str] = field(default_factory=dict)
    status: str = "optimal"
    value: Fraction | None = None
    digits: int | None = None
    slow: bool = False

    @property
    def stem(self) -> str:
        return self.name.rpartition("/")[2]

    @property
    def label(self) -> str:
        return " ".join([self.name, *(f"{key}={value}" for key, value in self.overrides.items())])


def case(name: str, entry: dict[str, Any]) -> Case:
    value = entry.get("value")
    return Case(
        name=name,
        overrides={key: str(setting) for key, setting in entry.get("set", {}).items()},
        status=entry.get("status", "optimal"),
        value=None if value is None else Fraction(str(value)),
        digits=entry.get("digits"),
        slow=entry.get("slow", False),
    )


CATALOGUE = read_catalogue()
BUNDLED = [case(name, entry) for name, entry in CATALOGUE.items()]
VARIED = [case(name, entry) for name, own in CATALOGUE.items() for entry in own.get("also", [])]


@pytest.fixture(scope="session")
def catalogue() -> dict[str, dict[str, Any]]:
    return CATALOGUE


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`bundled` runs over the files as they are, `varied` over the catalogue's other settings."""
    for fixture, cases in (("bundled", BUNDLED), ("varied", VARIED)):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(
                fixture, [pytest.param(c, id=c.label, marks=[pytest.mark.slow] if c.slow else []) for c in cases]
            )
