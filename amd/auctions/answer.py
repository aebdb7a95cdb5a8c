"""Answering an auction task: who gets what, who pays what, and what is proven about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from amd.auctions.core import CorePayments, core_payments
from amd.auctions.equilibrium import Bidding, bidding
from amd.auctions.formats import NOBODY, Format, play
from amd.auctions.reserves import optimal_reserve
from amd.auctions.result import AuctionResult, shown, table
from amd.auctions.tasks import AuctionTask, ChoiceTask, CombinatorialTask, FormatTask
from amd.auctions.vickrey import Vickrey, totals, vcg_payments, winning_bidders
from amd.auctions.winner import Winners, determine_winners
from amd.classics.continuous import revenue_at_reserve
from amd.classics.vcg import vcg
from solvers import Settings, Status

LISTED = 40  # awards that are printed


def solve_task(task: AuctionTask, settings: Settings = Settings()) -> AuctionResult:
    """Run the auction of a file. Raises ValueError where no method covers the case, SolverError where a solver
    fails.
    """
    if isinstance(task, CombinatorialTask):
        return _combinatorial(task, settings)
    return _choice(task) if isinstance(task, ChoiceTask) else _format(task)


def _combinatorial(task: CombinatorialTask, settings: Settings) -> AuctionResult:
    auction = task.auction
    winners = determine_winners(auction, task.seed, settings=settings)
    payments, proven, details = _payments(task, winners, settings)
    offered, _ = totals(auction, winners)
    awards = [_award(task, winners, int(i), offered[i], payments[i]) for i in winning_bidders(auction, winners)]
    revenue = sum((payments[i] for i in range(len(payments))), Fraction(0))
    proven &= winners.proven
    details = {
        "value": float(winners.value),
        "value_exact": str(winners.value),
        "bound": winners.bound,
        "relaxation": winners.relaxation,
        "revenue": float(revenue),
        "prices": dict(zip(auction.goods, winners.prices.tolist(), strict=True)),
        "prices_support": winners.prices_support,
        "ties": winners.ties,
        "proven": proven,
        **details,
    }
    lines = _words(task, winners, awards, revenue, details)
    status = Status.OPTIMAL if proven else Status.LIMIT
    return AuctionResult(
        status, task.title, f"combinatorial, {task.payment}", lines, {"awards": awards}, details, digest=task.digest
    )


def _payments(
    task: CombinatorialTask, winners: Winners, settings: Settings
) -> tuple[Sequence[Any], bool, dict[str, Any]]:
    """(payments (N,), proven, what else is known)."""
    auction = task.auction
    if task.payment == "bid":
        return list(totals(auction, winners)[0]), True, {}
    vickrey: Vickrey = vcg_payments(auction, winners, task.seed, settings=settings)
    named = {auction.bidders[i]: float(vickrey.payments[i]) for i in winning_bidders(auction, winners)}
    if task.payment == "vcg":
        return list(vickrey.payments), vickrey.proven, {}
    core: CorePayments = core_payments(auction, winners, vickrey, settings=settings)
    coalitions = [[auction.bidders[i] for i in coalition.members] for coalition in core.coalitions]
    more = {"vcg": named, "coalitions": coalitions, "blocking": core.blocking}
    return core.payments.tolist(), core.proven, more


def _award(task: CombinatorialTask, winners: Winners, bidder: int, offered: Fraction, payment: Any) -> dict[str, Any]:
    goods: dict[str, int] = {}
    for b in winners.bids[task.auction.owner[winners.bids] == bidder]:
        for good, units in task.auction.bundle(int(b)).items():
            goods[good] = goods.get(good, 0) + units
    award = {
        "bidder": task.auction.bidders[bidder],
        "goods": goods,
        "bids": [int(b) for b in winners.bids[task.auction.owner[winners.bids] == bidder]],
        "bid": float(offered),
        "payment": float(payment),
    }
    return award if not isinstance(payment, Fraction) else {**award, "payment_exact": str(payment)}


def _words(
    task: CombinatorialTask, winners: Winners, awards: list[dict[str, Any]], revenue: Any, details: dict[str, Any]
) -> tuple[str, ...]:
    if not awards:
        return ("Nothing is sold: no bid is above what the seller takes.",)
    rule = {"vcg": "VCG", "core": "the core payments nearest to VCG", "bid": "their bids"}[task.payment]
    if task.payment == "core" and not winners.proven:
        rule = "VCG, since core payments need winners that are proved"
    over = " above the reserves" if (task.auction.reserve != 0).any() else ""
    lines = [f"The winning bids are worth {_money(winners.value)}{over}; winners pay {rule}, {_money(revenue)} in all."]
    lines += _award_rows(awards, details.get("vcg"))
    if "vcg" in details and winners.proven:
        lines.append(_core_words(details))
    if winners.prices_support:
        lines.append(
            "The goods have prices at which every bidder is content with this: " + _prices(task, winners) + "."
        )
    lines.append(_proof_words(task, winners, details["proven"]))
    if winners.ties == "solver":
        lines.append("Prices have too many digits for the tie rule; totals that agree to nine digits count as tied.")
    return tuple(lines)


def _award_rows(awards: list[dict[str, Any]], vcg: dict[str, float] | None) -> list[str]:
    """A table of awards; with VCG payments beside what is paid where `vcg` gives them."""
    rows = [
        [award["bidder"], _bundle(award["goods"]), shown(award["bid"])]
        + ([] if vcg is None else [shown(vcg[award["bidder"]])])
        + [shown(award["payment"])]
        for award in awards[:LISTED]
    ]
    lines = table(["winner", "goods", "bid", *([] if vcg is None else ["VCG"]), "pays"], rows)
    return lines + ([f"  … and {len(awards) - LISTED} more"] if len(awards) > LISTED else [])


def _core_words(details: dict[str, Any]) -> str:
    """Why core payments are what they are."""
    collected, coalitions = _money(sum(details["vcg"].values())), details["coalitions"]
    if not details["proven"]:
        return (
            f"VCG collects {collected} as far as it is known; {len(coalitions)} coalitions were found that restrict it."
        )
    if not coalitions:
        return f"VCG would collect {collected}, and no coalition could offer the seller more: it is in the core."
    count = "one coalition" if len(coalitions) == 1 else f"{len(coalitions)} coalitions"
    who = "" if len(coalitions) > 1 or len(coalitions[0]) > 4 else f" ({', '.join(coalitions[0])})"
    return f"VCG would collect {collected}; what is paid above that keeps {count}{who} from offering the seller more."


def _money(value: Fraction | float) -> str:
    """A sum for people: in cents where it is of whole cents, also where it is large."""
    if isinstance(value, Fraction) and value.denominator > 1 and 100 % value.denominator == 0:
        return f"{float(value):.2f}"
    return shown(value)


def _proof_words(task: CombinatorialTask, winners: Winners, proven: bool) -> str:
    if proven:
        return "Proved optimal." + (" That no coalition blocks is proved too." if task.payment == "core" else "")
    if winners.proven:
        return "The winners are proved optimal; the payments are not proved: a limit was reached."
    return f"Not proved: a limit was reached; no allocation is worth more than {shown(winners.bound)}."


def _prices(task: CombinatorialTask, winners: Winners) -> str:
    named = [f"{good} {shown(float(price))}" for good, price in zip(task.auction.goods, winners.prices, strict=True)]
    return ", ".join(named[:8]) + (", …" if len(named) > 8 else "")


def _bundle(goods: dict[str, int]) -> str:
    names = [good if units == 1 else f"{units} × {good}" for good, units in goods.items()]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _choice(task: ChoiceTask) -> AuctionResult:
    if not task.bidders:
        best, found = int(np.argmin(task.cost)), []
        welfare = -task.cost[best]
    else:
        outcome = vcg(task.worth, task.cost)
        best, welfare, found = outcome.decision, outcome.welfare, list(outcome.payments)
    payments = dict(zip(task.bidders, found, strict=True))
    collected, cost = sum(found, Fraction(0)), task.cost[best]
    rows = [[name, shown(task.worth[i, best]), shown(payments[name])] for i, name in enumerate(task.bidders)]
    lines = [f"The choice is {task.outcomes[best]}: total value less cost is {shown(welfare)}."]
    lines += table(["who", "value", "pays"], rows)
    lines.append(f"Payments sum to {shown(collected)} and the cost is {shown(cost)}" + _balance(collected - cost))
    answer = {"outcome": task.outcomes[best], "payments": {name: str(paid) for name, paid in payments.items()}}
    details = {
        "welfare": float(welfare),
        "collected": float(collected),
        "cost": float(cost),
        "deficit": float(cost - collected),
    }
    return AuctionResult(Status.OPTIMAL, task.title, "vcg", tuple(lines), answer, details, digest=task.digest)


def _balance(left: Fraction) -> str:
    if left == 0:
        return "."
    return f": a surplus of {shown(left)}." if left > 0 else f": a deficit of {shown(-left)}."


def _format(task: FormatTask) -> AuctionResult:
    reserve = task_reserve(task)
    rule = task_bidding(task, reserve)
    lines, details = _expected(task, rule)
    bids = _bids(task, rule)
    answer = None
    if any(bid is not None for bid in bids) or not task.bidders:
        answer, words, more = _held(task, bids, reserve)
        lines, details = words + lines, {**details, **more}
    elif rule is None:
        lines.append("Nobody's value, bid or prior is given, so there is nothing to work out.")
    details["reserve"] = float(reserve)
    return AuctionResult(Status.OPTIMAL, task.title, task.form.value, tuple(lines), answer, details, digest=task.digest)


def task_reserve(task: FormatTask) -> Any:
    """The reserve of the file, or the best one for like bidders in its format."""
    if task.reserve is not None:
        return task.reserve
    if not task.priors:
        return Fraction(0)
    risk, wealth = float(task.risk_aversion), float(task.wealth)
    return optimal_reserve(task.form, task.priors[0], len(task.priors), risk, wealth)


def task_bidding(task: FormatTask, reserve: Any) -> Bidding | None:
    """Equilibrium bids; None without priors. Raises ValueError where no method covers the case."""
    if task.affiliation is not None:
        return task.affiliation.bidding(task.form)
    if not task.priors:
        return None
    return bidding(task.form, task.priors, float(reserve), float(task.risk_aversion), float(task.wealth))


def _expected(task: FormatTask, rule: Bidding | None) -> tuple[list[str], dict[str, Any]]:
    """Equilibrium bids at a few values, and expected revenue."""
    if rule is None or not task.priors:
        return [], {}
    like = all(prior is task.priors[0] for prior in task.priors)
    values = np.linspace(rule.values[0][0], rule.values[0][-1], 6)
    table_ = [{"value": float(v), "bid": float(rule.bid(0, np.array([v]))[0])} for v in values]
    lines = ["Equilibrium bids" + ("" if like else f" of {task.bidders[0]}") + ":"]
    lines += table(
        ["value" if task.affiliation is None else "signal", "bid"],
        [[shown(row["value"]), shown(row["bid"])] for row in table_],
    )
    details: dict[str, Any] = {"bids": table_, "equilibrium_loss": rule.loss}
    revenue, error = _revenue(task, rule)
    details |= {"expected_revenue": revenue, "expected_revenue_error": error}
    lines.append(f"Expected revenue: {shown(revenue)}.")
    if task.affiliation is not None:
        details["expected_revenues"] = compared = _linkage(task)
        lines.append("By format: " + ", ".join(f"{name} {shown(found)}" for name, found in compared.items()) + ".")
    return lines, details


def _linkage(task: FormatTask) -> dict[str, float]:
    """Expected revenue of each format that has an equilibrium here."""
    found = {}
    for form in Format:
        try:
            found[form.value] = expected_revenue(replace(task, form=form))
        except ValueError:
            continue
    return found


def _revenue(task: FormatTask, rule: Bidding) -> tuple[float, float]:
    """Expected revenue and its quadrature error: for like bidders by revenue equivalence, where the least value that
    bids is sold to, unless risk aversion moves their bids; else from the bids.
    """
    like = all(prior is rule.priors[0] for prior in rule.priors)
    if not like or task.affiliation is not None or (task.risk_aversion and not task.form.truthful):
        return rule.revenue, 1e-6 * max(prior.high for prior in rule.priors)
    least = float(rule.values[0][0]) if len(rule.priors) > 1 else rule.reserve
    return revenue_at_reserve(rule.priors[0], len(rule.priors), least)


def _bids(task: FormatTask, rule: Bidding | None) -> list[Any]:
    """Each bidder's bid: as given, or its value's in equilibrium; None where neither is given."""
    if task.affiliation is not None and rule is not None:
        seen = [float(signal) for signal in task.values if signal is not None]
        return rule.all_bids(np.array([seen]))[0].tolist() if seen else [None] * len(task.bidders)
    bids: list[Any] = []
    for i, (bid, value) in enumerate(zip(task.bids, task.values, strict=True)):
        if bid is not None or value is None:
            bids.append(bid)
        elif task.form.truthful or rule is None:
            bids.append(value)
        else:
            found = float(rule.bid(i, np.array([float(value)]))[0])
            bids.append(None if np.isnan(found) else found)
    return bids


def _held(task: FormatTask, bids: list[Any], reserve: Any) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """(answer, words, details) of one round with these bids."""
    exact = all(bid is None or isinstance(bid, Fraction) for bid in bids) and isinstance(reserve, Fraction)
    row = np.empty((1, len(bids)), dtype=object if exact else np.float64)
    row[0] = [reserve - 1 if bid is None else bid for bid in bids]
    outcome = play(task.form, row, reserve, np.random.default_rng(task.seed))
    won, paid = int(outcome.winner[0]), list(outcome.payments[0])
    winner = None if won == NOBODY else task.bidders[won]
    paying = [
        [name, "–" if bid is None else shown(bid), shown(pay)]
        for name, bid, pay in zip(task.bidders, bids, paid, strict=True)
    ]
    first = (
        "Nobody bids the reserve: the good stays unsold."
        if winner is None
        else f"{winner} wins and pays {shown(paid[won])}."
    )
    answer = {
        "winner": winner,
        "payments": {name: str(pay) if exact else float(pay) for name, pay in zip(task.bidders, paid, strict=True)},
    }
    more = {
        "revenue": float(sum(paid, 0 * reserve)),
        "offered": {name: None if bid is None else float(bid) for name, bid in zip(task.bidders, bids, strict=True)},
    }
    return answer, [first, *(table(["bidder", "bid", "pays"], paying) if paying else [])], more


def expected_revenue(task: FormatTask) -> float:
    """Expected revenue in the task's own format. Raises ValueError without priors or where no method covers it."""
    rule = task_bidding(task, task_reserve(task))
    if rule is None or not task.priors:
        raise ValueError("expected revenue needs the 'prior' of the values")
    return _revenue(task, rule)[0]
