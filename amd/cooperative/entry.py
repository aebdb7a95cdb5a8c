"""The module's doors: solve, check and certify problems of `kind: cooperative`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from amd.cooperative.core import Core, core, nucleolus
from amd.cooperative.game import ZERO, Game, shapley
from amd.cooperative.reading import read_game
from amd.cooperative.result import CooperativeResult
from amd.files.answers import json_object
from amd.files.document import decode
from amd.proof.verify_weights import FORMAT, check
from solvers import Settings, SolverError, Status

NUCLEOLUS = 9  # players up to which the nucleolus is worked out
SHOWN = 20

Document = dict[str, Any]

read_task = read_game


def solve_text(
    text: str,
    origin: str = "<text>",
    folder: Path | None = None,
    settings: Settings = Settings(),
    overrides: Mapping[str, str] | None = None,
) -> CooperativeResult:
    """The core of the game in `text`, its nucleolus and Shapley value. Raises InputError, SolverError."""
    start = time.perf_counter()
    game = read_game(text, origin, folder, overrides)
    middle = time.perf_counter()
    result = solve_game(game)
    return replace(result, seconds={"read": middle - start, "solve": time.perf_counter() - middle})


def solve_file(
    path: str | Path, overrides: Mapping[str, str] | None = None, settings: Settings = Settings()
) -> CooperativeResult:
    """Solve a problem file of `kind: cooperative`; see `solve_text`."""
    where = Path(path)
    return solve_text(decode(where.read_bytes(), str(path)), str(path), where.parent, settings, overrides)


def solve_game(game: Game) -> CooperativeResult:
    """The core, the nucleolus and the Shapley value of a game, exactly."""
    found = core(game)
    fair, middle = shapley(game), nucleolus(game) if game.size <= NUCLEOLUS else None
    payoff = middle or found.payoff
    lines = [*_core_lines(game, found), "", *_table(game, found, middle, fair)]
    details = {
        "core": "empty" if found.payoff is None else "not empty",
        "outside_money": str(max(found.short, ZERO)),
        "weights": [{"of": [game.players[i] for i in sorted(one)], "weight": str(w)} for one, w in found.weights],
        "nucleolus": None if middle is None else _named(game, middle),
        "shapley": _named(game, fair),
    }
    status = Status.INFEASIBLE if found.payoff is None else Status.OPTIMAL
    answer = None if payoff is None else {"payoff": _named(game, payoff)}
    return CooperativeResult(status, game.title, tuple(lines), answer, details, digest=game.digest)


def _named(game: Game, payoff: Sequence[Fraction]) -> dict[str, str]:
    return {name: str(amount) for name, amount in zip(game.players, payoff, strict=True)}


def _core_lines(game: Game, found: Core) -> list[str]:
    if found.payoff is not None:
        asked = f", and the coalitions ask for {game.total + found.short} in all" if found.short < 0 else ""
        return [f"The core is not empty: everybody together can have {game.total}{asked}. No coalition needs to leave."]
    worth = sum((weight * game.value(one) for one, weight in found.weights), ZERO)
    return [
        f"The core is empty: however {game.total} is shared, some coalition does better by itself.",
        "These coalitions, with weights that sum to 1 for each player, want more than there is:",
        *_weights(game, found),
        f"Together they want {worth}; there is {game.total}.",
        f"Outside money of {found.short} would keep everybody together.",
    ]


def _weights(game: Game, found: Core) -> list[str]:
    rows = [f"  {w!s:>6} × {game.names(one)}, worth {game.value(one)}" for one, w in found.weights]
    return rows[:SHOWN] + ([f"  … and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else [])


def _table(game: Game, found: Core, middle: Sequence[Fraction] | None, fair: Sequence[Fraction]) -> list[str]:
    columns: list[tuple[str, Sequence[Fraction]]] = []
    if middle is not None:
        columns.append(("nucleolus", middle))
    elif found.payoff is not None:
        columns.append(("in the core", found.payoff))
    columns.append(("Shapley value", fair))
    header = ["player", *(title for title, _ in columns)]
    rows = [[name, *(str(values[i]) for _, values in columns)] for i, name in enumerate(game.players)]
    widths = [max(len(row[c]) for row in [header, *rows]) for c in range(len(header))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [header, *rows]
    ]


def certify_text(
    text: str, origin: str = "<text>", folder: Path | None = None, overrides: Mapping[str, str] | None = None
) -> tuple[str, Document, bool]:
    """The argument in words, the certificate, and whether it is an impossibility. Raises InputError, SolverError."""
    game = read_game(text, origin, folder, overrides)
    found = core(game)
    empty = found.payoff is None
    proof: Document = {"payoff": [str(one) for one in found.payoff or []]}
    if empty:
        proof = {"weights": [[sorted(one), str(weight)] for one, weight in found.weights]}
    document = {
        "format": FORMAT,
        "digest": game.digest,
        "problem": game.restated(),
        "claim": {"kind": "empty core" if empty else "core"},
        "proof": proof,
    }
    holds, message = check(document)
    if not holds:
        raise SolverError(f"not proven: the verifier refuses the proof: {message}")
    head = [game.title, ""] if game.title else []
    return "\n".join([*head, *_argument(game, found), "", f"problem sha256 {game.digest}"]), document, empty


def _argument(game: Game, found: Core) -> list[str]:
    if found.payoff is not None:
        shares = ", ".join(f"{name} {amount}" for name, amount in _named(game, found.payoff).items())
        lines = ["Claim: the core is not empty.", f"Payoffs {shares} sum to {game.total};"]
        return [*lines, f"none of the {len(game.coalitions)} other coalitions can have more by itself than it gets."]
    worth = sum((weight * game.value(one) for one, weight in found.weights), ZERO)
    return [
        "Claim: the core is empty.",
        "Let x be payoffs with which no coalition would rather be alone. Add up, each times its weight:",
        *(f"  {w!s:>6} × x{game.names(one)} >= {game.value(one)}" for one, w in found.weights),
        f"The weights sum to 1 for each player, so everybody's payoffs sum to at least {worth}.",
        f"There is only {game.total}: a contradiction.",
    ]


def read_answer(text: str, origin: str) -> dict[str, Any]:
    """The object in an answer's file. Raises InputError."""
    return json_object(text, origin, "'payoff'")


def check_task(game: Game, data: dict[str, Any]) -> CooperativeResult:
    """Audit payoffs that somebody else made: do they sum to what there is, and which coalitions would leave, the most
    wronged first. Raises ValueError where the answer holds no payoffs for this game."""
    payoff = _payoff(game, data)
    handed = sum(payoff, ZERO)
    sums = [] if handed == game.total else [f"the payoffs sum to {handed}; everybody together can have {game.total}"]
    short = [(game.value(one) - sum((payoff[i] for i in one), ZERO), one) for one in game.coalitions]
    worst = sorted((pair for pair in short if pair[0] > 0), key=lambda pair: (-pair[0], sorted(pair[1])))
    leaving = [f"{game.names(one)} can have {game.value(one)} and gets {game.value(one) - gap}" for gap, one in worst]
    audit = {"sum": sums, "core": leaving}
    more = [f"… and {len(leaving) - SHOWN} coalitions more"] if len(leaving) > SHOWN else []
    lines = (*sums, *leaving[:SHOWN], *more) or ("The payoffs are in the core.",)
    return CooperativeResult(Status.OPTIMAL, game.title, lines, data, {}, audit, game.digest)


def _payoff(game: Game, data: dict[str, Any]) -> list[Fraction]:
    named = data.get("payoff")
    if not isinstance(named, dict) or set(named) != set(game.players):
        raise ValueError("an answer holds 'payoff', an object with an amount for each player")
    try:
        return [Fraction(str(named[name])) for name in game.players]
    except (ValueError, ZeroDivisionError):
        raise ValueError("the payoffs must be numbers, or rationals as text") from None
