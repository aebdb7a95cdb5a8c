"""Time kidney exchange on generated pools and, with `--data FOLDER`, on PrefLib's; `kep_solver` where it is installed.

`python benchmarks/matching_exchange.py [--pairs 128] [--altruists 6] [--seeds 3] [--data FOLDER] [--large]`.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import time
from pathlib import Path

from amd.matching.exchange.generate import saidman_pool
from amd.matching.exchange.pool import Pool
from amd.matching.exchange.preflib import read_wmd
from amd.matching.exchange.rules import Rules
from amd.matching.exchange.solve import solve_exchange
from solvers import Settings

CAPS = ((3, 0), (3, 3), (3, 6), (4, 0), (4, 6))


def measure(name: str, pool: Pool, caps: tuple[int, int], limit: float) -> None:
    began = time.perf_counter()
    answer = solve_exchange(pool, Rules(*caps), Settings(time_limit=limit))
    seconds = time.perf_counter() - began
    state = "proven" if answer.proven else f"at most {answer.bounds['transplants']:g}"
    print(
        f"{name:22} {pool.count:5} vertices {pool.arcs:6} arcs  caps {caps[0]}/{caps[1]}  "
        f"{answer.transplants:4} transplants, {state:12} {seconds:7.2f} s  {answer.columns:7} columns  "
        f"{answer.formulation}",
        flush=True,
    )


def peer(pool: Pool, limit: float) -> None:
    """`kep_solver` (W. Pettersson), where it happens to be installed; it counts the donors of a chain, one more than
    arcs, and a donation to the waiting list for every altruist."""
    if importlib.util.find_spec("kep_solver") is None:
        print("kep_solver is not installed: no peer measured")
        return
    reader = importlib.import_module("kep_solver.fileio")
    model = importlib.import_module("kep_solver.model")
    programme = importlib.import_module("kep_solver.programme")
    instance = reader.parse_json(json.dumps({"data": _donors(pool)}))
    for cycle_cap, chain_cap in CAPS:
        for formulation in (model.CycleAndChainModel, model.PICEF):
            began = time.perf_counter()
            details = formulation is model.CycleAndChainModel
            goals = [model.TransplantCount()]
            scheme = programme.Programme(goals, cycle_cap, chain_cap + 1, "", full_details=details, model=formulation)
            found, _ = scheme.solve_single(instance)
            seconds = time.perf_counter() - began
            value = None if found is None else found.values[0]
            print(
                f"kep_solver {formulation.__name__:20} caps {cycle_cap}/{chain_cap}  {value} {seconds:8.2f} s",
                flush=True,
            )
            if seconds > limit:
                print(f"stopped after more than {limit:g} s")
                return


def _donors(pool: Pool) -> dict[str, object]:
    """The pool as that package's JSON: a donor with its patient, or an altruist, and whom it matches."""
    matches: list[list[dict[str, int]]] = [[] for _ in range(pool.count)]
    for source, target in zip(pool.source.tolist(), pool.target.tolist(), strict=True):
        matches[source].append({"recipient": target + 1, "score": 1})
    own = [{"altruistic": True} if alone else {"sources": [v + 1]} for v, alone in enumerate(pool.altruist.tolist())]
    return {str(v + 1): {**own[v], "dage": 40, "matches": matches[v]} for v in range(pool.count)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=128)
    parser.add_argument("--altruists", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=120.0)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--large", action="store_true", help="a pool of 500 pairs too")
    options = parser.parse_args()
    for wmd in sorted(options.data.glob("*.wmd")) if options.data else ():
        pool = read_wmd(wmd, wmd.with_suffix(".dat")).pool
        for caps in CAPS:
            measure(wmd.stem, pool, caps, options.limit)
    for seed in range(options.seeds):
        for caps in CAPS:
            pool = saidman_pool(options.pairs, options.altruists, seed)
            measure(f"generated, seed {seed}", pool, caps, options.limit)
    if options.large:
        for caps in CAPS[:4]:
            measure("generated, large", saidman_pool(500, 20, 1), caps, options.limit)
    peer(saidman_pool(options.pairs, options.altruists, 0), options.limit)


if __name__ == "__main__":
    main()
