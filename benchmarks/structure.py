"""Structure: what the reductions make of problems that are hopeless when written out.

    python benchmarks/structure.py [--largest]

Each line reads, builds, solves, lifts and audits one problem in this process, and says what the textbook's program
would have been. Times are processor seconds, which other programs on the machine inflate little; memory is the most
that the process has held so far. ``--largest`` adds the sizes that take longer, and ``--only TEXT`` keeps the problems
whose name contains a text.
"""

from __future__ import annotations

import argparse
import resource
import time
from decimal import Decimal

import amd
from amd.compile.plan import Plan
from amd.compile.size import estimate

BIDDERS = """
amd: 1
parameters: {{n: {n}, N: {cells}}}
agents: {{bidder: {{count: n, types: {{v: {{uniform: [0, 1], cells: N}}}}, value: {{item: v}}}}}}
goods: {{item: 1}}
design: {{maximize: revenue}}
"""
GOODS = """
amd: 1
parameters: {{n: {n}, N: {cells}}}
agents:
  buyer:
    count: n
    types: {{{types}}}
    value: {{{values}}}
goods: {{{goods}}}
design: {{maximize: revenue, incentive: {incentive}{stage}}}
"""
GRADES = """
amd: 1
parameters: {{N: {cells}}}
agents:
  buyer:
    count: 2
    types: {{a: {{uniform: [0, 1], cells: N}}, b: {{uniform: [0, 1], cells: N}}}}
    value: {{good: a, better: b}}
goods: {{good: 1, better: 1}}
limits: [{{goods: [good, better], at_most: 1}}]
design: {{maximize: revenue}}
"""


def goods(n: int, count: int, cells: int, incentive: str = "bayesian", stage: str = "") -> str:
    """n buyers of `count` goods, values uniform on [0, 1]."""
    names = "abc"[:count]
    return GOODS.format(
        n=n,
        cells=cells,
        types=", ".join(f"{x}: {{uniform: [0, 1], cells: N}}" for x in names),
        values=", ".join(f"{x}: {x}" for x in names),
        goods=", ".join(f"{x}: 1" for x in names),
        incentive=incentive,
        stage=stage,
    )


CASES = {
    "2 bidders × 1,000 types": BIDDERS.format(n=2, cells=1000),
    "10 bidders × 1,000 types": BIDDERS.format(n=10, cells=1000),
    "1,000 bidders × 1,000 types": BIDDERS.format(n=1000, cells=1000),
    "10 bidders × 10,000 types": BIDDERS.format(n=10, cells=10000),
    "one buyer, two goods, 20 × 20": goods(1, 2, 20),
    "one buyer, two goods, 60 × 60": goods(1, 2, 60),
    "one buyer, three goods, 8³": goods(1, 3, 8),
    "two bidders, two goods, 10 × 10": goods(2, 2, 10),
    "two bidders, two goods, 20 × 20": goods(2, 2, 20),
    "two bidders, three goods × 5, dominant": goods(2, 3, 5, "dominant", ", participation: ex_post"),
    "two buyers, two grades, 441 types": GRADES.format(cells=21),
}
LARGEST = {
    "one buyer, two goods, 100 × 100": goods(1, 2, 100),
    "two bidders, two goods, 30 × 30": goods(2, 2, 30),
    "two bidders, three goods × 6, dominant": goods(2, 3, 6, "dominant", ", participation: ex_post"),
    "two bidders, three goods × 7, dominant": goods(2, 3, 7, "dominant", ", participation: ex_post"),
    "two buyers, two grades, 961 types": GRADES.format(cells=31),
}


def short(count: int) -> str:
    """A whole number, however large, in a few characters."""
    return f"{count:,}" if count < 10**9 else f"{Decimal(count):.0e}"


def main() -> None:
    """One table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--largest", action="store_true")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    for small in (BIDDERS.format(n=2, cells=3), goods(2, 2, 3), GRADES.format(cells=3)):
        amd.loads(small).solve()
    print("| problem | textbook nonzeros | solved nonzeros | rounds | in all | optimum | peak memory |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    cases = {**CASES, **(LARGEST if arguments.largest else {})}
    for name, text in ((name, text) for name, text in cases.items() if arguments.only in name):
        start = time.process_time()
        problem = amd.loads(text)
        result = problem.solve()
        spent = time.process_time() - start
        textbook = estimate(problem.environment, problem.design, Plan()).nonzeros
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        form = result.formulation
        answer = f"{result.objective:.9f}" if result.optimal else result.status.name.lower()
        print(
            f"| {name} | {short(textbook)} | {form.nonzeros:,} | {form.rounds} | {spent:.2f} s | {answer} | "
            f"{peak:.2f} GB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
