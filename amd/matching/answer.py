"""Answering a matching task: the rule is run, its outcome audited, and both are told in words and as data."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np

from amd.matching import chosen
from amd.matching.audit import Stability, blocking_pairs, envy, validity
from amd.matching.couples import CouplesMarket, couples_blocking, couples_validity
from amd.matching.couples_exact import exact_couples, fewest_blocking
from amd.matching.couples_heuristic import place_couples
from amd.matching.deferred import DeferredAcceptance, Side, deferred_acceptance
from amd.matching.files import MatchingTask
from amd.matching.market import UNMATCHED, IntArray, Market, MarketError, Matching
from amd.matching.misreports import profitable_misreports
from amd.matching.random_assignment import probabilistic_serial
from amd.matching.reading import Design
from amd.matching.result import MatchingResult, few
from amd.matching.roommates import Roommates, solve_roommates
from amd.matching.rotations import all_stable_matchings
from amd.matching.school import (
    immediate_acceptance,
    random_serial_dictatorship,
    serial_dictatorship,
    top_trading_cycles,
)
from amd.matching.ties import break_lists, break_ties
from amd.matching.ties_stable import largest_stable
from amd.matching.trade import pareto_improvement
from solvers import Settings, Status

CHOSEN: dict[str, Callable[[Market], Matching]] = {
    "applicants_best": deferred_acceptance,
    "programs_best": lambda market: deferred_acceptance(market, "programs"),
    "egalitarian": chosen.egalitarian,
    "minimum_regret": chosen.minimum_regret,
    "median": chosen.median,
    "sex_equal": chosen.sex_equal,
}


def solve_task(task: MatchingTask, settings: Settings = Settings()) -> MatchingResult:
    """Run the rule of the design and audit what it gives. Raises MarketError where the rule does not fit the market."""
    if task.roommates is not None:
        return _roommates(task, task.roommates)
    if task.couples is not None:
        return _couples(task, task.couples, settings)
    if task.market is None:
        raise MarketError("the task holds no market")
    if task.design.rule == "probabilistic_serial":
        return _shares(task, task.market)
    return _two_sided(task, task.market, settings)


def strict_market(market: Market, design: Design) -> Market:
    """The market with ties broken as the design says. Raises MarketError where it refuses ties and there are some."""
    if market.is_strict:
        return market
    lottery = design.ties
    if lottery != "refuse":
        return break_ties(market, lottery, design.seed)
    try:
        market.require_strict()
    except MarketError as error:
        raise MarketError(f"{error}; write `ties: single`, `multiple` or `listed` in the design") from None
    return market


def rule_of(task: MatchingTask, market: Market) -> Callable[[Market], Matching]:
    """The deterministic rule of the design, to be run on `market` or on misreports in it."""
    design = task.design
    if design.rule == "deferred_acceptance":
        side: Side = "programs" if design.proposers == "programs" else "applicants"
        return lambda m: deferred_acceptance(strict_market(m, design), side, design.trace)
    if design.rule == "immediate_acceptance":
        return lambda m: immediate_acceptance(strict_market(m, design))
    if design.rule == "top_trading_cycles":
        orders, lottery = task.priorities, design.ties
        if orders is not None and lottery != "refuse":
            orders = break_lists(orders, lottery, design.seed)
        return lambda m: top_trading_cycles(strict_market(m, design), orders)
    if design.rule == "random_serial_dictatorship":
        return lambda m: random_serial_dictatorship(m, design.seed)
    if design.rule == "stable":
        return _stable_rule(design)
    order = np.array(design.order if design.order is not None else range(market.applicant_count))
    return lambda m: serial_dictatorship(m, order)


def _stable_rule(design: Design) -> Callable[[Market], Matching]:
    """The stable matching that the design chooses, as a rule: nobody is matched where there is none."""
    if design.choose != "largest" and design.stability is Stability.WEAK:
        return lambda m: CHOSEN[design.choose](strict_market(m, design))

    def largest(market: Market) -> Matching:
        nobody = Matching(np.full(market.applicant_count, UNMATCHED, np.int64), "no stable matching")
        return largest_stable(market, design.stability).matching or nobody

    return largest


def _two_sided(task: MatchingTask, market: Market, settings: Settings) -> MatchingResult:
    design = task.design
    if design.rule != "stable":
        return _found(task, market, rule_of(task, market)(market))
    if design.choose == "largest" or (design.stability is not Stability.WEAK and not market.is_strict):
        answer = largest_stable(market, design.stability, settings=settings)
        if answer.matching is not None:
            status = Status.OPTIMAL if answer.proven else Status.LIMIT
            return _found(task, market, answer.matching, status, {"proven": answer.proven, "bound": answer.bound})
        if not answer.proven:
            return _none(task, Status.LIMIT, "A limit was reached before a stable matching was found.")
        notion = design.stability
        return _none(task, Status.INFEASIBLE, f"No matching is stable when a pair blocks if {notion.value}: proven.")
    strict = strict_market(market, design)
    details: dict[str, Any] = {}
    if design.listed:
        found = list(islice(all_stable_matchings(strict), design.listed + 1))
        details["stable_matchings"] = [_named(market, a) for a in found[: design.listed]]
        details["all_listed"] = len(found) <= design.listed
    return _found(task, market, CHOSEN[design.choose](strict), Status.OPTIMAL, details)


def _named(market: Market, assignment: IntArray) -> dict[str, str | None]:
    return {market.applicant(a): None if p < 0 else market.program(p) for a, p in enumerate(assignment.tolist())}


def _rosters(market: Market, assignment: IntArray) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {market.program(p): [] for p in range(market.program_count)}
    for a, p in enumerate(assignment.tolist()):
        if p >= 0:
            found[market.program(p)].append(market.applicant(a))
    return found


def _none(task: MatchingTask, status: Status, sentence: str, details: dict[str, Any] | None = None) -> MatchingResult:
    return MatchingResult(
        status, task.title, task.design.rule, (sentence,), None, details or {}, notes=task.notes, digest=task.digest
    )


def audit_matching(market: Market, assignment: IntArray, notion: Stability) -> dict[str, list[str]]:
    """Violations in words: of validity, and blocking pairs."""
    faults = validity(market, assignment)
    wrong = [f"{market.applicant(a)} is at a program off its list" for a in faults.unlisted.tolist()]
    wrong += [f"{market.program(p)} admits more than its {market.capacity[p]} places" for p in faults.overfull.tolist()]
    return {"validity": wrong, "stability": blocking_pairs(market, assignment, notion).sentences(market)}


def _found(
    task: MatchingTask,
    market: Market,
    matching: Matching,
    status: Status = Status.OPTIMAL,
    details: dict[str, Any] | None = None,
) -> MatchingResult:
    """The result of a two-sided task. A rule that does not promise stability is audited for it all the same."""
    assignment = matching.assignment
    audit = audit_matching(market, assignment, task.design.stability)
    details = {**(details or {}), "rosters": _rosters(market, assignment), **_numbers(market, assignment)}
    if isinstance(matching, DeferredAcceptance):
        details["proposals"] = matching.proposals
        if matching.rounds is not None:
            details["rounds"] = _rounds(market, matching)
    told = _story(details.get("rounds", []))
    summary = [f"{matching.method[0].upper()}{matching.method[1:]}.", *_sentences(market, assignment, audit, details)]
    summary[1:1] = told
    if status is Status.LIMIT:
        summary.append(f"A limit was reached: at most {(details or {}).get('bound')} could be matched.")
    if task.design.misreports:
        search = profitable_misreports(market, rule_of(task, market))
        details["misreports"] = [gain.sentence(market) for gain in search.found]
        details["misreports_exhaustive"] = search.exhaustive
        scope = "" if search.exhaustive else " (long lists were searched in part)"
        summary += few(details["misreports"]) or [f"No applicant gains by any misreport tried{scope}."]
    answer = {"matching": _named(market, assignment)}
    return MatchingResult(
        status, task.title, matching.method, tuple(summary), answer, details, audit, task.notes, task.digest
    )


def _story(rounds: list[dict[str, list[list[str]]]]) -> list[str]:
    """The rounds in words, a line each."""
    lines = []
    for number, step in enumerate(rounds, 1):
        asks = ", ".join(few([f"{a} to {b}" for a, b in step["proposals"]], 12))
        refuses = ", ".join(few([f"{b} rejects {a}" for a, b in step["rejections"]], 12))
        lines.append(f"  round {number}: {asks}" + (f"; {refuses}" if refuses else ""))
    return few(lines, 20)


def _rounds(market: Market, matching: DeferredAcceptance) -> list[dict[str, list[list[str]]]]:
    ours, theirs = market.applicant, market.program
    one, other = (ours, theirs) if matching.proposers == "applicants" else (theirs, ours)
    return [
        {
            "proposals": [[one(a), other(b)] for a, b in step.proposals.tolist()],
            "rejections": [[one(a), other(b)] for a, b in step.rejections.tolist()],
        }
        for step in matching.rounds or ()
    ]


def _numbers(market: Market, assignment: IntArray) -> dict[str, Any]:
    """Sizes and ranks; ranks count from 1 as their owners wrote them."""
    entry = market.entry_at(assignment)
    entry = entry[entry >= 0]
    ranks = market.applicants.tier[entry] + 1
    return {
        "matched": int(entry.size),
        "unmatched": int(market.applicant_count - entry.size),
        "free_places": int(np.maximum(market.capacity - market.load(assignment), 0).sum()),
        "mean_rank_of_applicants": float(ranks.mean()) if ranks.size else None,
        "mean_rank_of_programs": float((market.priority[entry] + 1).mean()) if ranks.size else None,
    }


def _sentences(market: Market, assignment: IntArray, audit: dict[str, list[str]], details: dict[str, Any]) -> list[str]:
    lines = [f"{details['matched']} of {market.applicant_count} applicants are matched."]
    if market.program_count <= 40 and market.applicant_count <= 200:
        lines += [f"  {p}: {', '.join(who) or 'nobody'}" for p, who in details["rosters"].items()]
    lines += few(audit["validity"])
    blocking = audit["stability"]
    count = "One pair blocks:" if len(blocking) == 1 else f"{len(blocking)} pairs block:"
    lines += [count, *few(blocking)] if blocking else ["Stable: no pair blocks."]
    details["envy"] = len(envy(market, assignment))
    moves = pareto_improvement(market, assignment)
    details["pareto_efficient_for_applicants"] = moves is None
    if moves is None:
        return [*lines, "Pareto efficient for applicants."]
    parts = zip(moves.applicant.tolist(), moves.source.tolist(), moves.target.tolist(), strict=True)
    words = [f"{market.applicant(a)} to {market.program(q)}" for a, _, q in parts]
    details["pareto_improvement"] = words
    return [*lines, "Not Pareto efficient for applicants: " + ", ".join(few(words)) + " hurts no applicant."]


def _shares(task: MatchingTask, market: Market) -> MatchingResult:
    shares = probabilistic_serial(market)
    exact = {
        market.applicant(a): {market.program(p): str(share) for p, share in row.items()} for a, row in enumerate(shares)
    }
    lines = [f"{a}: " + (", ".join(f"{p} {s}" for p, s in row.items()) or "nothing") for a, row in exact.items()]
    summary = ("Probabilistic serial: shares of places as probabilities.", *few(lines, 40))
    answer = {"probabilities": exact}
    return MatchingResult(
        Status.OPTIMAL, task.title, "probabilistic serial", summary, answer, {}, {}, task.notes, task.digest
    )


def _couples(task: MatchingTask, case: CouplesMarket, settings: Settings) -> MatchingResult:
    """A stable matching by the heuristic, else exactly; where none exists, the one with the fewest blocking."""
    quick = place_couples(case, seed=task.design.seed)
    if quick.is_stable:
        return couples_result(task, case, quick.matching, Status.OPTIMAL, ["Stable, found by the heuristic."])
    exact = exact_couples(case, settings)
    if exact.matching is not None:
        return couples_result(task, case, exact.matching, Status.OPTIMAL, ["Stable, found by the integer program."])
    if not exact.proven:
        text = "A limit was reached before it was known whether a stable matching exists."
        return couples_result(task, case, quick.matching, Status.LIMIT, [text])
    fewest = fewest_blocking(case, settings)
    text = "No stable matching exists: every branch of the integer program is infeasible."
    if fewest.matching is None:
        return _none(task, Status.INFEASIBLE, text)
    least = f"At least {fewest.least} block any matching; this one is blocked by {len(fewest.blocking)}:"
    return couples_result(task, case, fewest.matching, Status.INFEASIBLE, [text, least])


def couples_result(
    task: MatchingTask, case: CouplesMarket, matching: Matching, status: Status, words: list[str]
) -> MatchingResult:
    """A result with couples, audited by their own definition of blocking."""
    market = case.market
    blocking = [b.sentence(market) for b in couples_blocking(case, matching.assignment)]
    audit = {"validity": couples_validity(case, matching.assignment), "stability": blocking}
    rosters = _rosters(market, matching.assignment)
    lines = [f"{matching.matched} of {market.applicant_count} applicants are matched.", *words, *few(blocking)]
    lines += [f"  {p}: {', '.join(who) or 'nobody'}" for p, who in rosters.items()] if len(rosters) <= 40 else []
    answer = {"matching": _named(market, matching.assignment)}
    details = {"rosters": rosters, "matched": matching.matched}
    return MatchingResult(
        status, task.title, matching.method, tuple(lines), answer, details, audit, task.notes, task.digest
    )


def _roommates(task: MatchingTask, instance: Roommates) -> MatchingResult:
    answer = solve_roommates(instance)
    name = instance.name
    successor = {name(a): name(b) for a, b in enumerate(answer.successor)}
    details: dict[str, Any] = {
        "stable_partition": successor,
        "odd_cycles": [[name(a) for a in cycle] for cycle in answer.odd],
    }
    if answer.partner is None:
        cycle = " → ".join(details["odd_cycles"][0] + details["odd_cycles"][0][:1])
        words = f"No stable matching exists: a stable partition has the odd cycle {cycle} (Tan 1991)."
        return _none(task, Status.INFEASIBLE, words, details)
    pairs = {name(a): None if b < 0 else name(b) for a, b in enumerate(answer.partner)}
    lines = [f"  {a} with {b}" for a, b in pairs.items() if b is not None and a < b]
    alone = [a for a, b in pairs.items() if b is None]
    lines += [f"  alone: {', '.join(few(alone))}"] if alone else []
    summary = ("A stable matching (Irving).", *few(lines, 60))
    audit: dict[str, list[str]] = {"validity": [], "stability": []}
    return MatchingResult(
        Status.OPTIMAL,
        task.title,
        "stable roommates (Irving)",
        summary,
        {"matching": pairs},
        details,
        audit,
        task.notes,
        task.digest,
    )
