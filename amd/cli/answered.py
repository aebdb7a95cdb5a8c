"""A problem of any kind, solved for a picture or a report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from amd.cli.exits import FailureError

if TYPE_CHECKING:
    from amd.auctions.result import AuctionResult
    from amd.cli.source import Source
    from amd.matching.result import MatchingResult
    from amd.result import Result


def answer(source: Source, solver: str, formulation: str, time_limit: float | None) -> Any:
    """The result of a problem of any kind, its optimum exact where that is cheap."""
    from amd.cli.kinds import require_defaults, solved_kind
    from amd.cli.options import SOLVERS
    from amd.cli.solve import solved
    from amd.cli.source import MECHANISM
    from amd.exactness import with_exact_objective
    from solvers import Settings

    if source.kind != MECHANISM:
        require_defaults(source, formulation=(formulation, "auto"), solver=(solver, SOLVERS[0]))
        other: MatchingResult | AuctionResult = solved_kind(source, Settings(time_limit=time_limit))
        return other
    result: Result = with_exact_objective(solved(source.task(), solver, formulation, time_limit, source.seconds))
    return result


@contextmanager
def needing_extra(name: str) -> Iterator[None]:
    """What an optional package is missing for becomes a message with the remedy."""
    try:
        yield
    except ImportError as error:
        remedy = f"pip install 'automated-mechanism-design[{name}]'"
        text = str(error)
        raise FailureError(text.partition(": pip install")[0] + f": {remedy}") from None


def command_of(verb: str, file: str, overrides: dict[str, str], **options: Any) -> str:
    """The command line that gives this answer again."""
    import shlex

    words = ["amd", verb, file]
    words += [part for name, value in overrides.items() for part in ("--set", f"{name}={value}")]
    for name, (given, default) in options.items():
        if given != default:
            words += [f"--{name.replace('_', '-')}", str(given)]
    return shlex.join(words)
