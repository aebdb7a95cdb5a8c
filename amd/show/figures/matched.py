"""The pictures of matchings and exchanges."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amd.matching.answer import strict_market
from amd.matching.audit import blocking_pairs
from amd.matching.exchange.files import ExchangeTask
from amd.matching.files import MatchingTask
from amd.matching.market import Market, MarketError
from amd.matching.result import MatchingResult
from amd.show.figures.exchanges import draw_exchange
from amd.show.figures.kind import listed
from amd.show.figures.markets import draw_partners, draw_preferences, draw_ranks, draw_rounds, market_rounds
from amd.show.figures.missing import NoPictureError

SMALL = 400  # pairs up to which blocking ones are marked


def _task(result: MatchingResult) -> MatchingTask | ExchangeTask:
    if not isinstance(result.task, (MatchingTask, ExchangeTask)):
        raise NoPictureError("this result does not know its problem: solve it with solve_file or solve_text")
    return result.task


def _market(result: MatchingResult) -> Market:
    """The two-sided market. NoPictureError for other problems."""
    task = _task(result)
    market = None
    if isinstance(task, MatchingTask):
        market = task.couples.market if task.couples is not None else task.market
    if market is None:
        raise NoPictureError("this needs a market with two sides")
    return market


def _matching(result: MatchingResult) -> dict[str, str | None]:
    found = (result.answer or {}).get("matching")
    if found is None:
        raise NoPictureError("there is no matching to draw")
    return dict(found)


def _rounds(
    result: MatchingResult, *, ax: Axes | None = None, proposers: str | None = None, upto: int | None = None
) -> Figure:
    """Deferred acceptance round by round, from the side that proposed or from `proposers`."""
    task, market = _task(result), _market(result)
    if not isinstance(task, MatchingTask):
        raise NoPictureError("exchanges have no rounds")
    if proposers is None and not result.method.startswith("deferred acceptance"):
        raise NoPictureError("the matching was found in another way; say proposers='applicants' or 'programs'")
    side = proposers or ("programs" if "programs" in result.method else "applicants")
    if side not in ("applicants", "programs"):
        raise NoPictureError(f"'{side}' is no side: say 'applicants' or 'programs'")
    try:
        rounds, receivers = market_rounds(strict_market(market, task.design), side)
    except MarketError as error:
        raise NoPictureError(str(error)) from None
    return draw_rounds(rounds, receivers, ax=ax, proposers=side, upto=upto)


def _preferences(result: MatchingResult, *, ax: Axes | None = None) -> Figure:
    market, matched = _market(result), _matching(result)
    return draw_preferences(market, matched, ax=ax, blocking=_blocking(result, market, matched))


def _blocking(result: MatchingResult, market: Market, matched: dict[str, str | None]) -> list[list[str]]:
    """Blocking pairs of a small market without couples, in names."""
    task = _task(result)
    if not isinstance(task, MatchingTask) or task.couples is not None or market.applicants.entries > SMALL:
        return []
    place = {market.program(p): p for p in range(market.program_count)}
    names = [matched.get(market.applicant(a)) for a in range(market.applicant_count)]
    assignment = np.array([-1 if name is None else place[name] for name in names], dtype=np.int64)
    pairs = blocking_pairs(market, assignment, task.design.stability).pairs
    return [[market.applicant(a), market.program(p)] for a, p in pairs.tolist()]


def _ranks(result: MatchingResult, *, ax: Axes | None = None) -> Figure:
    return draw_ranks(_market(result), _matching(result), ax=ax)


def _partners(result: MatchingResult, *, ax: Axes | None = None) -> Figure:
    task = _task(result)
    if not isinstance(task, MatchingTask) or task.roommates is None:
        raise NoPictureError("only roommates have partners")
    pairs: dict[str, Any] = (result.answer or {}).get("matching", {})
    odd = [] if pairs else result.details.get("odd_cycles", [])
    return draw_partners(pairs, odd, ax=ax)


def _exchange(result: MatchingResult, *, ax: Axes | None = None) -> Figure:
    task = _task(result)
    if not isinstance(task, ExchangeTask) or result.answer is None:
        raise NoPictureError("only exchanges have cycles and chains")
    return draw_exchange(task.pool, result.answer["cycles"], result.answer["chains"], ax=ax)


MATCHING = listed(
    ("exchange", "the compatibility graph with the chosen cycles and chains", _exchange),
    ("partners", "who lives with whom", _partners),
    ("rounds", "deferred acceptance, round by round", _rounds),
    ("preferences", "ranks of both sides, the matching and blocking pairs", _preferences),
    ("ranks", "how many applicants got their first, second, … choice", _ranks),
)
