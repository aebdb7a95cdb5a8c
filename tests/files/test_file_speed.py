"""Large files load in about a second of one core; the limits leave room for slow machines."""

import time

import pytest

from amd.files import loads

LIMIT = 6.0  # seconds of the processor: several times what it takes

AGENT = "amd: 1\nagents: {{a: {{types: {{v: {}}}, value: {{x: v^2/3 + v}}}}}}\noutcomes: [y, x]\n"


@pytest.mark.parametrize(
    "distribution",
    [
        "{uniform: [0, 1], cells: 10000}",
        "{uniform: [0, 1], cells: 10000, cut: mass}",
        "{cdf: x^2, support: [0, 1], cells: 10000}",
        "{cdf: 1 - exp(-x), support: [0, 1], cells: 10000}",
        "{normal: {mean: 0, sd: 1}, support: [-3, 3], cells: 10000}",
        "{triangular: {low: 0, mode: 1, high: 3}, cells: 1000, cut: mass}",
    ],
)
def test_many_cells(distribution: str) -> None:
    start = time.process_time()
    task = loads(AGENT.format(distribution))
    assert task.environment.shape[0] >= 1000
    assert time.process_time() - start < LIMIT


def test_a_large_joint_table() -> None:
    rows = "".join(f"    - [{', '.join(f'{1 + (i * j) % 7}/N' for j in range(100))}]\n" for i in range(100))
    total = sum(1 + (i * j) % 7 for i in range(100) for j in range(100))
    types = "{types: {v: {uniform: [0, 1], cells: 100}}, value: {x: v + a.v}}"
    head = f"amd: 1\nparameters: {{N: {total}}}\nagents: {{a: {types}, b: {types}}}\noutcomes: [y, x]\n"
    start = time.process_time()
    assert loads(f"{head}prior:\n  joint:\n{rows}").environment.shape == (100, 100)
    assert time.process_time() - start < LIMIT


def test_a_thousand_bidders() -> None:
    start = time.process_time()
    bidder = "{count: 1000, types: {v: {uniform: [0, 1], cells: 1000}}, value: {x: v}}"
    text = f"amd: 1\nagents: {{a: {bidder}}}\ngoods: {{x: 1}}\n"
    assert len(loads(text).environment.agents) == 1000
    assert time.process_time() - start < LIMIT
