"""A float answer made exact, where that costs a fraction of a second."""

from __future__ import annotations

import time
from dataclasses import replace

from amd.result import Result


def with_exact_objective(result: Result) -> Result:
    """The result with `objective_exact`, where the optimum is proven in rational arithmetic.

    Left as it is where there is no wish or no optimum, where the design is deterministic, and where the program is not
    small: `amd certify` proves those on request. The seconds are noted under ``exact``.
    """
    from amd.proof.certificate import exact_objective

    start = time.perf_counter()
    exact = exact_objective(result)
    if exact is None:
        return result
    return replace(result, objective_exact=exact, seconds={**result.seconds, "exact": time.perf_counter() - start})
