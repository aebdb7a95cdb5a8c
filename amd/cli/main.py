"""`amd`: the verbs, and what every one of them answers when something goes wrong."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from amd.cli.exits import answered, say
from amd.show.encoding import speak_any_encoding

# verb: the file that holds its command, `VERB_command`
VERBS = {
    "solve": "amd.cli.solve",
    "check": "amd.cli.check",
    "explain": "amd.cli.program",
    "export": "amd.cli.program",
    "bounds": "amd.cli.proof",
    "certify": "amd.cli.certify",
    "verify": "amd.cli.certify",
    "why": "amd.cli.why",
    "plot": "amd.cli.plot",
    "report": "amd.cli.report",
    "sweep": "amd.cli.sweep",
    "simulate": "amd.cli.simulate",
    "list": "amd.cli.catalogue",
    "show": "amd.cli.catalogue",
    "schema": "amd.cli.catalogue",
}


class Verbs(click.Group):
    """A group whose commands are found in `VERBS` and loaded when they are wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(VERBS[cmd_name]), f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown verb is answered with the one that was probably meant, or with where to look."""
        verb = args[0]
        if not ctx.resilient_parsing and not verb.startswith("-") and self.get_command(ctx, verb) is None:
            from amd.files.faults import suggest

            ctx.fail(f"there is no command '{verb}'{suggest(verb, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        with answered():  # help and the version are printed here
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with answered():
            return super().invoke(ctx)


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from amd import __version__

        say(f"amd {__version__}")
        ctx.exit()


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="FILE is a problem file, the name of a bundled problem (see `amd list`), or - for standard input. "
    "Exit status: 0 answered; 1 no such mechanism, or a violation; 2 wrong input; 3 a limit, or a failure.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
def main() -> None:
    """Automated mechanism design: the best mechanism for a problem, audited.

    Start with `amd list`, `amd show license` and `amd solve license`.
    """
    for stream in (sys.stdout, sys.stderr):
        speak_any_encoding(stream)
