"""The module's doors: solve, check and simulate a problem of `kind: auction`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from amd.auctions import check
from amd.auctions.answer import expected_revenue, solve_task, task_bidding, task_reserve
from amd.auctions.formats import Format
from amd.auctions.reading import read_auction
from amd.auctions.result import AuctionResult, shown, table
from amd.auctions.simulate import Played, independent, play_rules
from amd.auctions.tasks import AuctionTask, FormatTask
from amd.files.answers import json_object
from amd.files.document import decode
from solvers import Settings, Status

read_task = read_auction
check_task = check.check_task


def solve_text(
    text: str,
    origin: str = "<text>",
    folder: Path | None = None,
    settings: Settings = Settings(),
    overrides: Mapping[str, str] | None = None,
) -> AuctionResult:
    """Run the auction in `text`. Raises InputError with every fault of the input, ValueError where no method covers the
    case, SolverError where a solver fails."""
    start = time.perf_counter()
    task = read_auction(text, origin, folder, overrides)
    middle = time.perf_counter()
    result = solve_task(task, settings)
    return replace(result, seconds={"read": middle - start, "solve": time.perf_counter() - middle}, task=task)


def solve_file(
    path: str | Path, overrides: Mapping[str, str] | None = None, settings: Settings = Settings()
) -> AuctionResult:
    """Run the auction in a file; see `solve_text`."""
    return solve_text(*_opened(path), settings, overrides)


def check_file(problem: str | Path, answer: str | Path, settings: Settings = Settings()) -> AuctionResult:
    """Audit the answer in a JSON file; `holds` says whether it passed. Raises InputError, ValueError."""
    task = read_auction(*_opened(problem))
    return check_task(task, read_answer(decode(Path(answer).read_bytes(), str(answer)), str(answer)), settings)


def read_answer(text: str, origin: str) -> dict[str, Any]:
    """The object in an answer's file. Raises InputError."""
    return json_object(text, origin, "'awards', or with 'payments',")


def simulate_text(
    text: str,
    origin: str = "<text>",
    folder: Path | None = None,
    rounds: int = 100_000,
    seed: int = 0,
    overrides: Mapping[str, str] | None = None,
) -> AuctionResult:
    """Play a format in equilibrium for many rounds, beside the other formats that have a known equilibrium here.

    Raises InputError, and ValueError for auctions without priors.
    """
    return simulate_task(read_auction(text, origin, folder, overrides), rounds, seed)


def simulate_file(
    path: str | Path, rounds: int = 100_000, seed: int = 0, overrides: Mapping[str, str] | None = None
) -> AuctionResult:
    """As `simulate_text`, of a file."""
    return simulate_text(*_opened(path), rounds, seed, overrides)


def simulate_task(task: AuctionTask, rounds: int, seed: int) -> AuctionResult:
    """Play a task's format, and the others for comparison. Raises ValueError for auctions without priors."""
    if not isinstance(task, FormatTask) or not task.priors:
        raise ValueError("only a standard format with a 'prior' can be played: values must be drawn from somewhere")
    played: dict[Format, Played] = {}
    expected: dict[Format, float] = {}
    left_out: list[str] = []
    for form in (task.form, *(other for other in Format if other is not task.form)):
        variant = replace(task, form=form)
        try:
            played |= _played(variant, rounds, seed)
            expected[form] = expected_revenue(variant)
        except ValueError as error:
            if form is task.form:
                raise
            left_out.append(f"{form.value} is left out: {error}.")
    rows = [
        [
            form.value,
            shown(expected[form]),
            shown(p.revenue),
            f"± {p.interval[1] - p.revenue:.3g}",
            shown(p.deviation),
            f"{p.sold:.1%}",
            f"{p.efficient:.1%}",
        ]
        for form, p in played.items()
    ]
    lines = [f"{rounds:,} rounds from seed {seed}, the same values in every format:"]
    lines += table(["format", "expected", "mean revenue", "95 %", "deviation", "sold", "efficient"], rows)
    details = {
        "rounds": rounds,
        "seed": seed,
        "formats": {form.value: {"expected": expected[form], **p.to_json()} for form, p in played.items()},
        "expected_revenue": expected[task.form],
    }
    return AuctionResult(
        Status.OPTIMAL,
        task.title,
        f"{task.form.value}, simulated",
        (*lines, *left_out),
        None,
        details,
        digest=task.digest,
        task=task,
    )


def _played(task: FormatTask, rounds: int, seed: int) -> dict[Format, Played]:
    """The task's own format, played."""
    reserve = task_reserve(task)
    rule = task_bidding(task, reserve)
    if rule is None:
        raise ValueError("equilibrium bids need a 'prior'")
    source, priors = task.affiliation, rule.priors
    draw = source.draw if source is not None else partial(independent, priors)
    return play_rules({task.form: rule}, draw, rounds, seed, float(reserve))


def _opened(path: str | Path) -> tuple[str, str, Path]:
    where = Path(path)
    return decode(where.read_bytes(), str(path)), str(path), where.parent
