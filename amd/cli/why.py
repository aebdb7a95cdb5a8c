"""`amd why`: which requirements of a problem conflict, and what relaxing each would cost."""

from __future__ import annotations

import click
from click.exceptions import Exit

from amd.cli.exits import ANSWERED, NEGATIVE, FailureError
from amd.cli.options import file_argument, json_option, set_option, time_limit_option
from amd.cli.output import print_json, print_parts
from amd.cli.progress import progress


@click.command("why", short_help="Say which requirements conflict, and their price.")
@file_argument
@json_option
@set_option
@time_limit_option
def why_command(file: str, as_json: bool, overrides: dict[str, str], time_limit: float | None) -> None:
    """Find the smallest set of requirements that no mechanism meets, and how far each would have to give way."""
    from amd.cli.failures import explained, required_design
    from amd.cli.kinds import EXPLAINED, require_defaults, why_kind
    from amd.cli.source import Source
    from amd.proof.conflict.clauses import clauses_of
    from amd.proof.conflict.why import UnknownError, why_infeasible
    from amd.show.conflict import conflict_parts, possible_words
    from amd.show.result import title_parts
    from solvers import Settings

    source = Source.open(file, overrides)
    if source.kind in EXPLAINED:
        require_defaults(source, **{"set": (overrides, {}), "time-limit": (time_limit, None)})
        raise Exit(why_kind(source, as_json))
    task = source.task()
    design = required_design(task)
    try:
        with explained(task), progress() as say:
            found = why_infeasible(task, Settings(time_limit=time_limit), say=say)
    except UnknownError as failure:
        raise FailureError(f"not answered: {failure}") from None
    if found is None:
        if as_json:
            print_json({"status": "feasible", "problem": {"title": task.title, "sha256": task.digest}})
        else:
            words = possible_words(len(clauses_of(task.environment, design)))
            print_parts([*title_parts(task.title, task.source), words])
        raise Exit(ANSWERED)
    if as_json:
        print_json(found.to_json())
    else:
        print_parts([*title_parts(task.title, task.source), *conflict_parts(found)])
    raise Exit(NEGATIVE)
