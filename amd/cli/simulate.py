"""`amd simulate`: a mechanism played many times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

from amd.cli.options import file_argument, formulation_option, json_option, set_option, solver_option, time_limit_option
from amd.cli.output import print_json, print_parts
from amd.cli.progress import progress

if TYPE_CHECKING:
    from amd.mechanism.direct import Mechanism
    from amd.mechanism.interim import InterimMechanism
    from amd.model.task import Task


@click.command("simulate", short_help="Play a mechanism many times.")
@file_argument
@click.option("--mechanism", "mechanism_file", metavar="M.json", help="Play this mechanism, not the best one.")
@click.option("--rounds", type=click.IntRange(2), default=100_000, show_default=True, help="How often it is played.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same rounds.")
@json_option
@set_option
@solver_option
@formulation_option
@time_limit_option
def simulate_command(
    file: str,
    mechanism_file: str | None,
    rounds: int,
    seed: int,
    as_json: bool,
    overrides: dict[str, str],
    solver: str,
    formulation: str,
    time_limit: float | None,
) -> None:
    """Play the best mechanism, or another, with truthful agents whose types are drawn from the prior."""
    from amd.cli.kinds import require_defaults, simulate_kind
    from amd.cli.source import MECHANISM, Source, answer_path
    from amd.mechanism.files import read
    from amd.mechanism.quantities import quantities
    from amd.mechanism.simulate import simulate
    from amd.show.simulation import simulation_parts

    source = Source.open(file, overrides)
    if source.kind != MECHANISM:
        require_defaults(source, mechanism=(mechanism_file, None), formulation=(formulation, "auto"))
        raise Exit(simulate_kind(source, rounds, seed, as_json))
    task = source.task()
    if mechanism_file is None:
        mechanism = _best(task, solver, formulation, time_limit)
    else:
        mechanism = read(answer_path(mechanism_file), task.environment)
    with progress() as say:
        say(f"playing {rounds:,} rounds")
        played = simulate(mechanism, rounds, seed, task.design)
    expected = quantities(mechanism, task.design)
    if as_json:
        print_json(
            {
                "rounds": played.rounds,
                "seed": played.seed,
                "means": played.means,
                "standard_errors": played.errors,
                "expected": {label: expected[label] for label in played.means},
                "problem": {"title": task.title, "sha256": task.digest},
            }
        )
    else:
        print_parts(simulation_parts(task, played, expected))


def _best(task: Task, solver: str, formulation: str, time_limit: float | None) -> Mechanism | InterimMechanism:
    """The best mechanism; leaves with the exit status of `amd solve` and its words where there is none."""
    from amd.cli.solve import STATUSES, solved

    result = solved(task, solver, formulation, time_limit)
    if result.mechanism is None or not result.optimal:
        from amd.show.result import answer_parts

        print_parts(answer_parts(result))
        raise Exit(STATUSES[result.status.name])
    return result.mechanism
