"""How fast the bounds on the continuum close in: error against cells, with the orders h and h² beside them.

Run ``python benchmarks/continuum_error.py`` (needs matplotlib): prints a table and writes
``docs/figures/continuum-error.png``. The truths are closed forms: 5/12 (two bidders, Myerson 1981), (12 + 2√2)/27
(two goods, Manelli and Vincent 2006), 1/6 (subsidy) and 9/64 (second best, Myerson and Satterthwaite 1983).
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from amd.files import loads
from amd.proof.continuum.answer import continuum_bounds
from amd.proof.continuum.impossibility import prove_subsidy
from amd.proof.continuum.reading import read_setting

FIGURE = Path(__file__).parent.parent / "docs" / "figures" / "continuum-error.png"
AUCTION = """
amd: 1
agents: {bidder: {count: 2, types: {v: {uniform: [0, 1], cells: 4}}, value: {item: v}}}
goods: {item: 1}
design: {maximize: revenue}
"""
GOODS = """
amd: 1
agents: {buyer: {types: {v: {uniform: [0, 1], cells: 4}, w: {uniform: [0, 1], cells: 4}}, value: {apple: v, pear: w}}}
goods: {apple: 1, pear: 1}
design: {maximize: revenue}
"""
TRADE = """
amd: 1
agents:
  buyer: {types: {v: {uniform: [0, 1], cells: 4}}, value: {trade: v}}
  seller: {types: {c: {uniform: [0, 1], cells: 4}}, value: {trade: -c}}
outcomes: [keep, trade]
design: {maximize: welfare, budget: {balanced: ex_ante}}
"""


def gap_above(text: str, truth: float) -> Callable[[int], float]:
    """The relative excess of the bound from above over the truth, as a function of the cells."""
    setting = read_setting(loads(text))

    def error(cells: int) -> float:
        found = continuum_bounds(setting, cells, 2).upper
        return math.nan if found is None else float(found) / truth - 1

    return error


def gap_below(text: str, truth: float) -> Callable[[int], float]:
    """The relative shortfall of the step mechanism."""
    setting = read_setting(loads(text))

    def error(cells: int) -> float:
        found = continuum_bounds(setting, 1, cells).lower
        return math.nan if found is None else 1 - float(found) / truth

    return error


def subsidy_gap(family: str) -> Callable[[int], float]:
    """The part of the smallest subsidy, 1/6, that a family of relations does not prove."""
    return lambda cells: 1 - 6 * float(prove_subsidy(family, cells).subsidy)


SERIES: dict[str, tuple[Callable[[int], float], Sequence[int]]] = {
    "subsidy for efficient trade, C0": (subsidy_gap("C0"), (2, 4, 8, 16, 32)),
    "subsidy for efficient trade, C2": (subsidy_gap("C2"), (2, 4, 8, 16, 32)),
    "two bidders, from above, C3": (gap_above(AUCTION, 5 / 12), (5, 10, 20, 40, 80, 160)),
    "two bidders, from below, steps": (gap_below(AUCTION, 5 / 12), (10, 20, 40, 80, 160)),
    "two goods, from above, C5": (gap_above(GOODS, (12 + 2 * math.sqrt(2)) / 27), (3, 6, 9, 12, 15)),
    "second best of trade, from below, steps": (gap_below(TRADE, 9 / 64), (8, 16, 32, 64)),
}


def order(cells: Sequence[int], errors: Sequence[float]) -> float:
    """The slope of the last step on logarithmic axes: the observed power of h."""
    return math.log(errors[-2] / errors[-1]) / math.log(cells[-1] / cells[-2])


def measure() -> dict[str, tuple[Sequence[int], list[float]]]:
    """Every series, printed as it is found."""
    found = {}
    for name, (error, cells) in SERIES.items():
        start = time.perf_counter()
        errors = [error(n) for n in cells]
        row = "  ".join(f"{n}: {e:.2e}" for n, e in zip(cells, errors, strict=True))
        print(f"{name:40} {row}  order {order(cells, errors):.2f}  {time.perf_counter() - start:.1f} s")
        found[name] = (cells, errors)
    return found


def draw(found: dict[str, tuple[Sequence[int], list[float]]], path: Path) -> None:
    """The figure, on logarithmic axes."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7.5, 5.5), layout="constrained")
    for (name, (cells, errors)), mark in zip(found.items(), "osv^Dx", strict=True):
        axes.loglog(cells, errors, marker=mark, label=f"{name} (order {order(cells, errors):.2f})")
    guide = (2, 160)
    axes.loglog(guide, [1.6 / n for n in guide], "k:", label="order h")
    axes.loglog(guide, [0.5 / n**2 for n in guide], "k--", label="order h²")
    axes.set(xlabel="cells a parameter", ylabel="relative error", title="Bounds on the continuum: error against cells")
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend(fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130, metadata={"Software": None})


def main() -> int:
    draw(measure(), FIGURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
