"""`amd list`, `amd show` and `amd schema`: the bundled problems and the format itself."""

from __future__ import annotations

import sys

import click

from amd.cli.options import json_option
from amd.cli.output import print_json, print_parts


@click.command("list", short_help="List the bundled problems.")
@click.argument("subject", required=False)
@json_option
def list_command(subject: str | None, as_json: bool) -> None:
    """List the bundled problems, or those of one SUBJECT."""
    from amd.files import bundled

    known = [(name, title) for name, title in bundled.names() if title]
    subjects = list(dict.fromkeys(name.partition("/")[0] for name, _ in known))
    if subject is not None and subject not in subjects:
        raise click.BadParameter(f"'{subject}' is not among {', '.join(subjects)}", param_hint="'SUBJECT'")
    chosen = [(name, title) for name, title in known if subject in (None, name.partition("/")[0])]
    if as_json:
        print_json({"problems": [{"name": name, "title": title} for name, title in chosen]})
        return
    from amd.show.catalogue import catalogue_parts

    print_parts(catalogue_parts(chosen))


@click.command("show", short_help="Print a bundled problem.")
@click.argument("name")
def show_command(name: str) -> None:
    """Print the file of a bundled problem, to be read, copied and changed."""
    from amd.files import open_source

    sys.stdout.write(open_source(name).text)


@click.command("schema", short_help="Print the JSON Schema of problem files.")
def schema_command() -> None:
    """Print the JSON Schema of the problem file, for editors."""
    from amd.cli.kinds import shapes
    from amd.files import schema

    print_json(schema(shapes()))
