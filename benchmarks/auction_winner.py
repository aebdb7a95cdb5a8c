"""Time combinatorial auctions on CATS-like instances, beside the natural PuLP model of the same auction.

`python benchmarks/auction_winner.py [--goods 100] [--bids 1000] [--seeds 0 1] [--limit 60] [--only NAME] [--cats2]
[--payments] [--natural]`. Winners are determined and, with `--payments`, VCG and core payments computed; each line says
processor and clock seconds. `--natural` does the same with a natural model for every solve, by the solver that PuLP
finds (CBC, else HiGHS): one binary variable a bid, n + 1 solves from scratch for VCG, and one solve for each coalition
of the core. A whole stage gets `--limit` seconds on the clock (of amd each of its searches). `--cats2` draws with the
parameters of the program CATS 2.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pulp

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.core import core_payments, nearest_to_vcg
from amd.auctions.generate import CATS_2, DISTRIBUTIONS
from amd.auctions.vickrey import revenue, vcg_payments
from amd.auctions.winner import determine_winners
from solvers import Settings

BLOCKING = 1e-6  # relative: the natural loop ends when no coalition gains more


def timed(work: Callable[[], str]) -> str:
    """What `work` says, with the processor and clock seconds of this process and its children."""
    before, began = sum(os.times()[:4]), time.perf_counter()
    said = work()
    return f"{said:42} {sum(os.times()[:4]) - before:8.2f} s CPU {time.perf_counter() - began:8.2f} s"


def state(proven: bool) -> str:
    return "proven" if proven else "not proven"


@dataclass
class Natural:
    """A modelling language's way: every question is a new model, and nothing is kept between them."""

    auction: CombinatorialAuction
    limit: float
    end: float = field(default=0.0)

    def solve(self, charge: np.ndarray, away: int = -1) -> tuple[float, list[int], bool]:
        """(value, bids accepted, proved) when each bidder's bids are charged and one bidder stays away."""
        auction = self.auction
        model = pulp.LpProblem("auction", pulp.LpMaximize)
        bids = [b for b, i in enumerate(auction.owner) if i != away]
        x = {b: pulp.LpVariable(f"x{b}", cat="Binary") for b in bids}
        model += pulp.lpSum((float(auction.price[b]) - charge[auction.owner[b]]) * x[b] for b in bids)
        units = auction.units.toarray()
        for g, supply in enumerate(auction.supply):
            model += pulp.lpSum(int(units[b, g]) * x[b] for b in bids if units[b, g]) <= int(supply)
        for i in range(len(auction.bidders)):
            model += pulp.lpSum(x[b] for b in bids if auction.owner[b] == i) <= 1
        names = pulp.listSolvers(onlyAvailable=True)
        name = next(name for name in ("PULP_CBC_CMD", "COIN_CMD", "HiGHS") if name in names)
        left = max(self.end - time.perf_counter(), 0.1)
        model.solve(pulp.getSolver(name, msg=False, timeLimit=left, gapRel=0))
        done = time.perf_counter() < self.end and model.status == pulp.LpStatusOptimal
        return pulp.value(model.objective) or 0.0, [b for b in bids if (x[b].value() or 0.0) > 0.5], done

    def begin(self) -> np.ndarray:
        self.end = time.perf_counter() + self.limit
        return np.zeros(len(self.auction.bidders))

    def winners(self) -> str:
        value, self.won, self.proved = self.solve(self.begin())
        return f"PuLP winners {value:.2f} {state(self.proved)}"

    def vcg(self) -> str:
        nothing, price = self.begin(), self.auction.price.astype(float)
        self.low = nothing.copy()
        for b in self.won:
            i = int(self.auction.owner[b])
            value, _, done = self.solve(nothing, i)
            self.low[i] = value - (price[self.won].sum() - price[b])
            if not done:
                self.proved = False
                return "PuLP VCG not in time"
        return f"PuLP VCG {self.low.sum():.2f} proven"

    def core(self) -> str:
        self.begin()
        who = np.array(sorted(int(self.auction.owner[b]) for b in self.won))
        high = self.low.copy()
        for b in self.won:
            high[self.auction.owner[b]] = float(self.auction.price[b])
        payments = self.low.copy()
        pays: list[np.ndarray] = []
        least: list[float] = []
        while True:
            surplus = high - payments
            value, chosen, done = self.solve(surplus)
            if not done:
                return f"PuLP core not in time, {len(pays)} coalitions"
            if value - payments.sum() <= BLOCKING * high.sum():
                return f"PuLP core {payments.sum():.2f} proven, {len(pays)} coalitions"
            inside = np.isin(who, self.auction.owner[chosen])
            pays.append(~inside)
            least.append(float(self.auction.price[chosen].sum()) - high[who[inside]].sum())
            found = nearest_to_vcg(self.low[who], high[who], np.array(pays, dtype=float), np.array(least))
            payments[who] = found


@dataclass
class Ours:
    """What the package does with the same auction."""

    auction: CombinatorialAuction
    settings: Settings

    def winners(self) -> str:
        self.found = determine_winners(self.auction, settings=self.settings)
        self.proved = self.found.proven
        return f"amd winners {float(self.found.value):.2f} {state(self.proved)}"

    def vcg(self) -> str:
        self.vickrey = vcg_payments(self.auction, self.found, settings=self.settings)
        self.proved = self.vickrey.proven
        return f"amd VCG {float(revenue(self.vickrey.payments)):.2f} {state(self.proved)}"

    def core(self) -> str:
        paid = core_payments(self.auction, self.found, self.vickrey, settings=self.settings)
        return f"amd core {paid.payments.sum():.2f} {state(paid.proven)}, {len(paid.coalitions)} coalitions"


def stages(way: Ours | Natural, payments: bool) -> None:
    """Winners and payments, each stage where the one before was proved."""
    for stage in (way.winners, way.vcg, way.core)[: 3 if payments else 1]:
        print("  " + timed(stage), flush=True)
        if not way.proved:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--goods", type=int, default=100)
    parser.add_argument("--bids", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--only", choices=sorted(DISTRIBUTIONS))
    parser.add_argument("--cats2", action="store_true", help="the parameters of the program CATS 2")
    parser.add_argument("--payments", action="store_true", help="VCG and core payments too")
    parser.add_argument("--natural", action="store_true", help="beside a natural PuLP model")
    arguments = parser.parse_args()
    for name in [arguments.only] if arguments.only else DISTRIBUTIONS:
        for seed in arguments.seeds:
            more = CATS_2.get(name, {}) if arguments.cats2 else {}
            auction = DISTRIBUTIONS[name](arguments.goods, arguments.bids, seed, **more)
            print(f"{name}, seed {seed}: {len(auction.owner)} bids of {len(auction.bidders)} bidders", flush=True)
            stages(Ours(auction, Settings(time_limit=arguments.limit)), arguments.payments)
            if arguments.natural:
                stages(Natural(auction, arguments.limit), arguments.payments)


if __name__ == "__main__":
    main()
