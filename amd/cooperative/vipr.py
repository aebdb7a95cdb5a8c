"""The core, or that it is empty, as a VIPR certificate: payoffs are columns, coalitions rows.

An empty core is refuted by its balanced weights: together the coalitions want more than there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

from amd.cooperative.core import core
from amd.cooperative.game import Coalition, Game
from amd.cooperative.reading import read_game
from solvers.refutation import Closed, Column, Row, Sheet

ONE = Fraction(1)


def vipr_text(
    text: str, origin: str = "<text>", folder: Path | None = None, overrides: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The lines of the certificate, without line ends. Raises InputError, SolverError."""
    game = read_game(text, origin, folder, overrides)
    found = core(game)
    remarks = [f"{' '.join(game.title.split()) or 'A game'}: payoffs in the core", f"problem sha256 {game.digest}"]
    sheet = Sheet({name: Column(None, None) for name in game.players}, _rows(game))
    if found.payoff is not None:
        return sheet.met(dict(zip(game.players, found.payoff, strict=True)), remarks)
    weights = {_label(game, one): weight for one, weight in found.weights if weight}
    everybody = _label(game, game.everybody)
    weights[everybody] = weights.get(everybody, Fraction(0)) - 1
    return sheet.refuted(Closed(weights), remarks)


def _rows(game: Game) -> dict[str, Row]:
    every = [*game.coalitions, game.everybody]
    return {_label(game, one): _row(game, one) for one in every}


def _row(game: Game, coalition: Coalition) -> Row:
    terms = {game.players[i]: ONE for i in sorted(coalition)}
    return Row(terms, Fraction(game.value(coalition)), equal=coalition == game.everybody)


def _label(game: Game, coalition: Coalition) -> str:
    return "+".join(game.players[i] for i in sorted(coalition))
