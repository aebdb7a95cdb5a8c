"""The reports about matchings, exchanges and auctions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from amd.auctions.result import AuctionResult
from amd.auctions.tasks import ChoiceTask, CombinatorialTask, FormatTask
from amd.matching.exchange.files import ExchangeTask
from amd.matching.files import MatchingTask
from amd.matching.result import MatchingResult
from amd.show.numbers import count, listing, number, seconds
from amd.show.report.blocks import Block, Heading, Lines, Page, Pairs, Words, sections, table
from amd.show.report.drawing import drawings
from amd.show.report.made import facts_about, made
from solvers import Status

MOST_ROWS = 2000
VERDICTS = {Status.OPTIMAL: "good", Status.INFEASIBLE: "bad", Status.UNBOUNDED: "bad"}


def matching_page(result: MatchingResult, command: str) -> Page:
    """Everything that is known of a matching or an exchange."""
    spoken = [line for line in result.summary if line.strip() and not line.startswith("  ")]
    rounds = tuple(line.strip() for line in result.summary if line.startswith("  round "))
    return Page(
        title=result.title or "A matching problem",
        source="",
        answer=_headline(result, spoken),
        verdict=VERDICTS.get(result.status, "open"),
        facts=_facts(result.status, result.method, result.seconds),
        sections=sections(
            ("problem", "The problem", list(_market(result))),
            ("answer", "The answer", [*map(Words, spoken), *([Lines(rounds)] if rounds else []), *_matching(result)]),
            ("figures", "Pictures", [] if result.task is None else drawings(result)),
            ("audit", "Audit", _audit(result.audit)),
            ("notes", "Notes on the input", [Words(text) for text in result.notes]),
        ),
        made=made(command, ("", ""), result.digest),
    )


def _headline(result: MatchingResult, spoken: Sequence[str]) -> str:
    wanted = next((line for line in spoken if "matched" in line or "transplants" in line or "stable" in line), "")
    return wanted or (spoken[0] if spoken else result.status.value)


def _facts(status: Status, method: str, spent: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    time = seconds(sum(spent.values())) if spent else ""
    return facts_about({"Method": method, "Status": status.value, "Time": time})


def _market(result: MatchingResult) -> Iterator[Block]:
    """Who takes part, in a few words."""
    task = result.task
    if isinstance(task, ExchangeTask):
        altruists = int(task.pool.altruist.sum())
        pairs, givers = count(task.pool.count - altruists, "pair"), count(altruists, "altruist")
        yield Words(f"A pool of {pairs} and {givers}, with {count(task.pool.arcs, 'possible transplant')}.")
    elif isinstance(task, MatchingTask):
        market = task.couples.market if task.couples is not None else task.market
        if market is not None:
            places = int(market.capacity.sum())
            one, other = count(market.applicant_count, "applicant"), count(market.program_count, "program")
            yield Words(f"{one} and {other} with {count(places, 'place')} in all.")
        if task.couples is not None:
            yield Words("Some applicants are couples, who rank pairs of places together.")
        if task.roommates is not None:
            yield Words(f"{count(len(task.roommates.lists), 'roommate')}, each of whom may live with any other.")
        yield Words(f"Rule: {task.design.rule.replace('_', ' ')}.")


def _matching(result: MatchingResult) -> Iterator[Block]:
    """The matching as a table, the rosters, or the cycles and chains."""
    answer = result.answer or {}
    if "matching" in answer:
        rows = [[name, partner or "–"] for name, partner in list(answer["matching"].items())[:MOST_ROWS]]
        left = max(0, len(answer["matching"]) - MOST_ROWS)
        yield table("Who is matched with whom", ["who", "with"], rows, left_out=left)
    if "rosters" in result.details:
        listed = list(result.details["rosters"].items())[:MOST_ROWS]
        rows = [[program, f"{len(who):,}", listing(who, most=40)] for program, who in listed]
        yield table("Whom each program admits", ["program", "admitted", "who"], rows, [1])
    if "probabilities" in answer:
        shares = [
            [who, program, share] for who, row in answer["probabilities"].items() for program, share in row.items()
        ]
        yield table("Shares as probabilities", ["who", "program", "share"], shares[:MOST_ROWS], [2])
    for key, close in (("cycles", True), ("chains", False)):
        parts = answer.get(key, [])
        if parts:
            rows = [[" → ".join([*part, part[0]] if close else part), str(len(part) - (not close))] for part in parts]
            yield table(f"Chosen {key}", ["who gives to whom", "transplants"], rows, [1])


def _audit(audit: Mapping[str, Sequence[str]]) -> list[Block]:
    """What was checked, and what was found."""
    rows = tuple((kind, "; ".join(found[:20]) or "nothing found") for kind, found in audit.items())
    if not rows:
        return []
    held = not any(audit.values())
    verdict = Words(
        "Nothing was found against it." if held else "Something was found.", verdict="good" if held else "bad"
    )
    return [verdict, Pairs(rows)]


def auction_page(result: AuctionResult, command: str) -> Page:
    """Everything that is known of an auction's outcome."""
    spoken = [line for line in result.lines if line.strip() and not line.startswith("  ")]
    return Page(
        title=result.title or "An auction",
        source="",
        answer=spoken[0] if spoken else result.status.value,
        verdict=VERDICTS.get(result.status, "open"),
        facts=_facts(result.status, result.method, result.seconds),
        sections=sections(
            ("problem", "The problem", list(_sale(result))),
            ("answer", "The answer", [*(Words(line) for line in spoken if not line.endswith(":")), *_outcome(result)]),
            ("figures", "Pictures", [] if result.task is None else drawings(result)),
            ("audit", "Audit", _audit(result.audit)),
        ),
        made=made(command, ("", ""), result.digest),
    )


def _sale(result: AuctionResult) -> Iterator[Block]:
    """What is sold, to whom, by which rule."""
    task = result.task
    if isinstance(task, CombinatorialTask):
        auction = task.auction
        goods, bidders = count(len(auction.goods), "good"), count(len(auction.bidders), "bidder")
        yield Words(f"{goods} for sale to {bidders}, who made {count(len(auction.owner), 'bid')} for bundles.")
        yield Words(f"Winners pay: {task.payment}.")
    elif isinstance(task, FormatTask):
        yield Words(f"One good in a {task.form.value} auction with {count(len(task.bidders), 'bidder')}.")
    elif isinstance(task, ChoiceTask):
        who = count(len(task.bidders), "agent")
        yield Words(f"One of {listing(task.outcomes)} is chosen for {who}, by the VCG mechanism.")


def _outcome(result: AuctionResult) -> Iterator[Block]:
    """Awards, payments, bids and prices as tables."""
    answer, details = result.answer or {}, result.details
    if answer.get("awards"):
        rows = [
            [award["bidder"], _goods(award["goods"]), number(award["bid"]), number(award["payment"])]
            for award in answer["awards"]
        ]
        yield table(
            "Winners", ["winner", "goods", "bid", "pays"], rows[:MOST_ROWS], [2, 3], max(0, len(rows) - MOST_ROWS)
        )
    if isinstance(answer.get("payments"), dict):
        offered = details.get("offered", {})
        rows = [
            [name, _known(offered.get(name)), paid if isinstance(paid, str) else number(paid)]
            for name, paid in answer["payments"].items()
        ]
        keep = [0, 2] if not offered else [0, 1, 2]
        headers = ["who", "bid", "pays"]
        yield table(
            "Payments", [headers[c] for c in keep], [[row[c] for c in keep] for row in rows], range(1, len(keep))
        )
    if details.get("bids"):
        rows = [[number(row["value"]), number(row["bid"])] for row in details["bids"]]
        yield table("Equilibrium bids", ["value", "bid"], rows, [0, 1])
    if isinstance(details.get("prices"), dict) and details.get("prices_support"):
        yield Heading("Prices of the goods")
        rows = [[good, number(price)] for good, price in details["prices"].items()]
        yield table("Prices at which every bidder is content", ["good", "price"], rows, [1])
    if details.get("formats"):
        rows = [
            [
                name,
                number(one["revenue"]),
                number(one["standard_error"]),
                f"{one['sold']:.1%}",
                f"{one['efficient']:.1%}",
            ]
            for name, one in details["formats"].items()
        ]
        yield table("Simulated", ["format", "mean revenue", "standard error", "sold", "efficient"], rows, range(1, 5))


def _known(value: Any) -> str:
    return "–" if value is None else number(value)


def _goods(goods: Mapping[str, int]) -> str:
    return listing((good if units == 1 else f"{units} × {good}" for good, units in goods.items()), most=40)
