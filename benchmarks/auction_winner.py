"""Time winner determination on CATS-like instances, beside the natural PuLP model of the same auction.

`python benchmarks/auction_winner.py [--goods 100] [--bids 1000] [--seeds 2] [--limit 60] [--payments] [--only NAME]`.
PuLP runs the solver it finds (CBC, else HiGHS); both get the same time limit.
"""

from __future__ import annotations

import argparse
import time

import pulp

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.generate import DISTRIBUTIONS
from amd.auctions.vickrey import revenue, vcg_payments
from amd.auctions.winner import Winners, determine_winners
from solvers import Settings


def ours(auction: CombinatorialAuction, limit: float) -> tuple[Winners, str]:
    began = time.perf_counter()
    found = determine_winners(auction, settings=Settings(time_limit=limit))
    seconds = time.perf_counter() - began
    state = "proven" if found.proven else f"gap {found.gap:.2%}"
    return found, f"amd {float(found.value):10.2f} {state:10} {seconds:7.2f} s"


def natural(auction: CombinatorialAuction, limit: float) -> str:
    """One binary variable a bid, one row a good and a bidder, as a modelling language has it."""
    began = time.perf_counter()
    model = pulp.LpProblem("auction", pulp.LpMaximize)
    x = [pulp.LpVariable(f"x{b}", cat="Binary") for b in range(len(auction.owner))]
    model += pulp.lpSum(float(price) * x[b] for b, price in enumerate(auction.price))
    units = auction.units.toarray()
    for g, supply in enumerate(auction.supply):
        model += pulp.lpSum(int(units[b, g]) * x[b] for b in range(len(x)) if units[b, g]) <= int(supply)
    for i in range(len(auction.bidders)):
        model += pulp.lpSum(x[b] for b in range(len(x)) if auction.owner[b] == i) <= 1
    built = time.perf_counter() - began
    names = pulp.listSolvers(onlyAvailable=True)
    name = next(name for name in ("PULP_CBC_CMD", "COIN_CMD", "HiGHS") if name in names)
    model.solve(pulp.getSolver(name, msg=False, timeLimit=limit))
    seconds = time.perf_counter() - began
    value = pulp.value(model.objective) or 0.0
    return f"PuLP ({name}) {value:10.2f} {seconds:7.2f} s, {built:.2f} s of it building"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--goods", type=int, default=100)
    parser.add_argument("--bids", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--only", choices=sorted(DISTRIBUTIONS))
    parser.add_argument("--payments", action="store_true", help="VCG payments too")
    arguments = parser.parse_args()
    for name in [arguments.only] if arguments.only else DISTRIBUTIONS:
        for seed in range(arguments.seeds):
            auction = DISTRIBUTIONS[name](arguments.goods, arguments.bids, seed)
            found, line = ours(auction, arguments.limit)
            print(f"{name:11} seed {seed}  {line}   {natural(auction, arguments.limit)}", flush=True)
            if arguments.payments and found.proven:
                began = time.perf_counter()
                vickrey = vcg_payments(auction, found, settings=Settings(time_limit=arguments.limit))
                seconds = time.perf_counter() - began
                paid = float(revenue(vickrey.payments))
                print(f"{'':11} VCG collects {paid:.2f} by {len(found.bids)} solves in {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
