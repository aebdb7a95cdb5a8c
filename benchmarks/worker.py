"""One way at one size, in a process of its own: ``python -m benchmarks.worker FAMILY WAY SIZE`` prints its measurement.

A process of its own has its own peak of memory, can be ended at a time limit, and owes nothing to what ran before.
Imports, and a first small run that loads what is loaded lazily, are not counted, for any way.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from typing import Any

from benchmarks.families.family import Family

FAMILIES = ("auction", "trade", "two_goods", "dominant")
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
        result = amd.loads(one.text(size)).solve(formulation=OURS[way])
        found |= {"objective": result.objective, "steps": dict(result.seconds), "nonzeros": result.formulation.nonzeros}
    else:
        found["objective"] = one.models[way](size)
    found["cpu"], found["wall"] = time.process_time() + children() - cpu, time.perf_counter() - wall
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return found


def children() -> float:
    """Processor seconds of processes that were started and have ended: CBC's."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print(json.dumps(measured(family(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
