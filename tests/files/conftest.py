"""Short ways to write problem files in tests."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from amd.files import InputError, loads
from amd.model.task import Task
from amd.model.types import Grid

TRADE = """\
amd: 1                                  # format version
title: Bilateral trade with uniform types
source: Myerson and Satterthwaite (1983)
parameters: {N: 20}
agents:
  buyer:
    types: {v: {uniform: [0, 1], cells: N}}
    value: {trade: v}
  seller:
    types: {c: {uniform: [0, 1], cells: N}}
    value: {trade: -c}
outcomes: [no_trade, trade]
design:
  maximize: welfare
  incentive: bayesian
  participation: interim
  budget: {balanced: ex_post}
"""

ONE_BUYER = """\
amd: 1
agents:
  buyer:
    types: {{v: {distribution}}}
    value: {{sold: v}}
outcomes: [kept, sold]
"""


@pytest.fixture
def trade() -> str:
    """The example of the format page: bilateral trade."""
    return TRADE


@pytest.fixture
def faults() -> Callable[..., list[str]]:
    """What is wrong with a text: one line a fault. Fails where nothing is."""

    def found(text: str, folder: Path | None = None, **overrides: Any) -> list[str]:
        with pytest.raises(InputError) as error:
            loads(text, origin="f.yaml", folder=folder, overrides=overrides)
        return str(error.value).splitlines()

    return found


@pytest.fixture
def grid() -> Callable[..., Grid]:
    """The grid of a distribution, given as it stands in a file."""

    def read(distribution: str, folder: Path | None = None) -> Grid:
        task = loads(ONE_BUYER.format(distribution=distribution), folder=folder)
        return task.environment.agents[0].types.grids[0]

    return read


@pytest.fixture
def grid_faults(faults: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """What is wrong with a distribution."""

    def found(distribution: str, folder: Path | None = None) -> list[str]:
        return faults(ONE_BUYER.format(distribution=distribution), folder=folder)

    return found


@pytest.fixture
def exact() -> Callable[[str], list[Fraction]]:
    """Rationals from a text such as ``1/2 3 0.1``."""
    return lambda text: [Fraction(part) for part in text.split()]


@pytest.fixture
def with_design(trade: str) -> Callable[[str], Task]:
    """Bilateral trade with another design."""
    return lambda design: loads(trade.split("design:")[0] + f"design: {design}\n")
