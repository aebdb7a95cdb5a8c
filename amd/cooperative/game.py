"""A cooperative game: players, and what each coalition can have by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import factorial
from typing import Any

MOST_PLAYERS = 12  # 4,095 coalitions
ZERO = Fraction(0)

Coalition = frozenset[int]


@dataclass(frozen=True, eq=False)
class Game:
    """`worth` maps coalitions (of player numbers) to what they can have; those left out can have nothing."""

    players: tuple[str, ...]
    worth: Mapping[Coalition, Fraction]
    title: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def size(self) -> int:
        return len(self.players)

    @property
    def everybody(self) -> Coalition:
        return frozenset(range(self.size))

    @property
    def total(self) -> Fraction:
        """What everybody together can have."""
        return self.value(self.everybody)

    def value(self, coalition: Coalition) -> Fraction:
        """What a coalition can have by itself."""
        return self.worth.get(coalition, ZERO)

    @cached_property
    def coalitions(self) -> list[Coalition]:
        """All but the empty one and that of everybody, smallest first."""
        every = [_members(bits) for bits in range(1, 2**self.size - 1)]
        return sorted(every, key=lambda one: (len(one), sorted(one)))

    def names(self, coalition: Coalition) -> str:
        """Such as ``{a, b}``."""
        return "{" + ", ".join(self.players[i] for i in sorted(coalition)) + "}"

    def restated(self) -> dict[str, Any]:
        """The game as the verifier reads it."""
        listed = [[sorted(one), str(worth)] for one, worth in self.worth.items() if worth]
        return {"players": list(self.players), "worth": sorted(listed)}

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the restated game."""
        text = json.dumps(self.restated(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def _members(bits: int) -> Coalition:
    return frozenset(i for i in range(bits.bit_length()) if bits >> i & 1)


def shapley(game: Game) -> list[Fraction]:
    """Each player's average contribution over all orders in which everybody may arrive (Shapley, 1953)."""
    n = game.size
    weight = [Fraction(factorial(s) * factorial(n - s - 1), factorial(n)) for s in range(n)]
    value = [ZERO] * n
    for bits in range(2**n):
        before = _members(bits)
        worth = game.value(before)
        for i in range(n):
            if i not in before:
                value[i] += weight[len(before)] * (game.value(before | {i}) - worth)
    return value
