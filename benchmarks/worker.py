"""One way at one size, in a process of its own: ``python -m benchmarks.worker FAMILY WAY SIZE`` prints its measurement.

A process of its own has its own peak of memory, can be ended at a time limit, and owes nothing to what ran before.
Imports, and a first small run that loads what is loaded lazily, are not counted, for any way.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from benchmarks.families.family import Family

FAMILIES = ("auction", "trade", "two_goods", "dominant")
STEPS = ("build", "solve", "lift", "audit")
OURS = {"amd": "auto", "amd, full program": "full"}


def family(name: str) -> Family:
    """The family of that file."""
    found: Family = import_module(f"benchmarks.families.{name}").FAMILY
    return found


def measured(one: Family, way: str, size: int) -> dict[str, Any]:
    """The optimum, the steps where the way has them, and what it took."""
    import amd

    if way in OURS:
        amd.loads(one.text(one.sizes[0])).solve(formulation=OURS[way])
    else:
        one.models[way](one.sizes[0])
    wall, cpu = time.perf_counter(), time.process_time() + children()
    found: dict[str, Any] = {"steps": {}}
    if way in OURS:
        with processor_steps() as steps:
            problem = amd.loads(one.text(size))
            steps["read"] = time.process_time() + children() - cpu
            result = problem.solve(formulation=OURS[way])
        steps |= {step: spent for step, spent in result.seconds.items() if step in STEPS}
        found |= {"objective": result.objective, "steps": steps, "nonzeros": result.formulation.nonzeros}
    else:
        found["objective"] = one.models[way](size)
    found["cpu"], found["wall"] = time.process_time() + children() - cpu, time.perf_counter() - wall
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return found


def asked_for(one: Family, way: str, size: int) -> dict[str, Any] | None:
    """What was measured; None where the program of this way would not fit in memory."""
    from amd.model.environment import TooLargeError

    try:
        return measured(one, way, size)
    except TooLargeError as refusal:
        print(refusal, file=sys.stderr)
        return None


@contextmanager
def processor_steps() -> Iterator[dict[str, float]]:
    """Steps of a solve are taken in processor seconds; what HiGHS runs for is taken apart from what surrounds it."""
    import amd.solving
    from solvers.highs_engine import Engine

    steps, run, clock = {"highs": 0.0}, Engine.run, amd.solving.time

    def timed(self: Engine, deadline: float | None = None) -> str:
        start = time.process_time()
        try:
            return run(self, deadline)
        finally:
            steps["highs"] += time.process_time() - start

    Engine.run, amd.solving.time = timed, SimpleNamespace(perf_counter=time.process_time)  # type: ignore[method-assign, assignment]
    try:
        yield steps
    finally:
        Engine.run, amd.solving.time = run, clock  # type: ignore[method-assign]


def children() -> float:
    """Processor seconds of processes that were started and have ended: CBC's."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print(json.dumps(asked_for(family(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
