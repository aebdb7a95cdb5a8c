"""How long the notebooks' sliders take to recompute and draw: CPU milliseconds a move, the median and the worst.

python benchmarks/sliders.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from amd.matching.exchange.generate import saidman_pool
from amd.matching.exchange.rules import Rules
from amd.matching.exchange.solve import solve_exchange
from amd.teach.formats import auction_simulator
from amd.teach.menus import menu_explorer
from amd.teach.pivots import bridge_calculator, units_calculator
from amd.teach.reserves import PRIORS, ironing_explorer, marginal_revenue_explorer, reserve_explorer
from amd.teach.stepper import step

STUDENTS = {"A": "WXYZ", "B": "XWYZ", "C": "WYXZ", "D": "YWXZ"}
SCHOOLS = {"W": "BADC", "X": "ABCD", "Y": "CDAB", "Z": "DCBA"}


def kidneys(pairs: int, altruists: int) -> None:
    """What the slider of the kidney notebook solves: three programs."""
    pool = saidman_pool(pairs=pairs, altruists=altruists, seed=1)
    for rules in (Rules(cycle_cap=2), Rules(cycle_cap=3), Rules(cycle_cap=3, chain_cap=4)):
        solve_exchange(pool, rules)


def moves() -> Iterator[tuple[str, Callable[..., Any], list[tuple[Any, ...]]]]:
    """Each slider's function with the settings that are tried."""
    shares = [k / 10 for k in range(1, 10)]
    yield "VCG calculator", lambda *v: units_calculator(v), list(product((2, 5, 9), repeat=3))
    yield "bridge calculator", lambda *v: bridge_calculator(v, 60), list(product((5, 25, 45), repeat=3))
    yield "reserve and virtual value", reserve_explorer, list(product(shares, (1, 2, 8), (1.0,), PRIORS))
    yield "marginal revenue", marginal_revenue_explorer, list(product(shares, PRIORS))
    yield "ironing", ironing_explorer, list(product(shares, (0.0, 0.5, 1.0, 2.0)))
    yield "auction simulator", auction_simulator, list(product((2, 8), (2, 100, 1000, 10000), (0.0, 0.5, 0.9), PRIORS))
    yield (
        "deferred acceptance",
        lambda *at: step(STUDENTS, SCHOOLS, *at),
        list(product(range(7), ("students", "schools"))),
    )
    yield "shop with two goods", menu_explorer, list(product(shares, shares))
    yield "kidney exchange", kidneys, list(product((5, 20, 30), (0, 3)))


def milliseconds(draw: Callable[..., Any], settings: tuple[Any, ...]) -> float:
    """CPU time of one move, the drawing included."""
    start = time.process_time()
    drawn = draw(*settings)
    for form in ("_repr_svg_", "_repr_html_"):
        if hasattr(drawn, form):
            getattr(drawn, form)()
    return 1000 * (time.process_time() - start)


def main() -> None:
    """Prints a table."""
    print(f"{'slider':28} {'moves':>6} {'median ms':>10} {'worst ms':>10}")
    for name, draw, tried in moves():
        draw(*tried[0])
        spent = [milliseconds(draw, settings) for settings in tried]
        print(f"{name:28} {len(spent):6} {statistics.median(spent):10.1f} {max(spent):10.1f}")


if __name__ == "__main__":
    main()
