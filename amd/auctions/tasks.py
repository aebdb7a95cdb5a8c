"""What an auction file says, once read."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from amd.auctions.affiliation import Affiliation
from amd.auctions.bids import CombinatorialAuction
from amd.auctions.formats import Format
from amd.classics.continuous import Prior
from amd.model.numbers import ExactArray


@dataclass(frozen=True, eq=False)
class CombinatorialTask:
    """A sale of bundles; `payment` is vcg, core or bid, `seed` breaks ties."""

    title: str
    digest: str
    auction: CombinatorialAuction
    payment: str
    seed: int


@dataclass(frozen=True, eq=False)
class FormatTask:
    """One good in a standard format. Per bidder: a `bid`, or a `value` and a prior to compute the bid from, or neither.

    `reserve` None: the optimal one. `priors` is None when none is given; like bidders share one object. `wealth` 0:
    risk aversion is of the gain. With `affiliation`, `values` are signals and `priors` their own parts.
    """

    title: str
    digest: str
    form: Format
    bidders: tuple[str, ...]
    values: tuple[Fraction | None, ...]
    bids: tuple[Fraction | None, ...]
    priors: tuple[Prior, ...] | None
    reserve: Fraction | None
    risk_aversion: Fraction
    seed: int
    wealth: Fraction = Fraction(0)
    affiliation: Affiliation | None = None


@dataclass(frozen=True, eq=False)
class ChoiceTask:
    """A choice among `outcomes` by VCG: `worth` (n, D) to each bidder, `cost` (D,)."""

    title: str
    digest: str
    bidders: tuple[str, ...]
    outcomes: tuple[str, ...]
    worth: ExactArray
    cost: ExactArray


AuctionTask = CombinatorialTask | FormatTask | ChoiceTask
