"""What a rule is: agents with reports, profiles of reports, and what can be picked at each profile.

A *statement* is (profile, option). For a social choice the options are alternatives, and a statement says that the
rule picks this one; for a matching rule they are matchings. For a ranking rule an option is a pair (a, b), and a
statement says that society ranks a no lower than b. Options are numbered 0, …, in the order of `options`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product
from math import prod
from typing import Any

CHOICE, RANKING, MATCHING, ASSIGNMENT = "choice", "ranking", "matching", "random_assignment"
MOST_STATEMENTS = 60_000

Profile = tuple[int, ...]
Order = tuple[int, ...]


class TooManyError(ValueError):
    """The problem has more profiles and options than can be searched."""


@dataclass(frozen=True, eq=False)
class Setting:
    """`rule` is what is sought; `reports[i]` are agent i's possible orders, best first, over alternatives or, for
    matchings, over the agents of the other side (those left out are unacceptable). The first `first_side` agents of a
    matching problem form the first side."""

    rule: str
    agents: tuple[str, ...]
    alternatives: tuple[str, ...]
    reports: tuple[tuple[Order, ...], ...]
    first_side: int = 0

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(orders) for orders in self.reports)

    @property
    def profile_count(self) -> int:
        return prod(self.sizes)

    @cached_property
    def profiles(self) -> list[Profile]:
        """All profiles, the last agent running fastest."""
        return list(product(*map(range, self.sizes)))

    @cached_property
    def position(self) -> dict[Profile, int]:
        return {profile: at for at, profile in enumerate(self.profiles)}

    @cached_property
    def options(self) -> list[Any]:
        """Alternatives (numbers), ordered pairs of them, or matchings (the partner of each agent of the first side)."""
        if self.rule == RANKING:
            return list(permutations(range(len(self.alternatives)), 2))
        if self.rule == MATCHING:
            return list(_matchings(self.first_side, len(self.agents) - self.first_side))
        return list(range(len(self.alternatives)))

    @cached_property
    def option_number(self) -> dict[Any, int]:
        return {option: at for at, option in enumerate(self.options)}

    def variable(self, profile: int, option: Any) -> int:
        """The number of a statement."""
        return profile * len(self.options) + self.option_number[option]

    def statement(self, variable: int) -> tuple[Profile, Any]:
        """The statement of that number."""
        profile, option = divmod(variable, len(self.options))
        return self.profiles[profile], self.options[option]

    def order(self, agent: int, profile: Profile) -> Order:
        """The agent's order at a profile."""
        return self.reports[agent][profile[agent]]

    def orders(self, profile: Profile) -> tuple[Order, ...]:
        """Everybody's order at a profile."""
        return tuple(self.order(i, profile) for i in range(len(self.agents)))

    def moved(self, profile: Profile, agent: int, report: int) -> Profile:
        """The profile with another report of one agent."""
        return (*profile[:agent], report, *profile[agent + 1 :])

    def rank(self, agent: int, profile: Profile, option: Any) -> int:
        """How far down the agent's list an option of a choice or a matching is; alone comes after those listed."""
        order = self.order(agent, profile)
        if self.rule == MATCHING:
            partner = self.partner(agent, option)
            if partner is None:
                return len(order)
            return order.index(partner) if partner in order else len(order) + 1
        return order.index(option)

    @cached_property
    def ranks(self) -> list[list[list[int]]]:
        """`rank` of every option (by number) in every report of every agent."""
        tables = []
        for i, orders in enumerate(self.reports):
            profiles = [(0,) * i + (k,) + (0,) * (len(self.agents) - i - 1) for k in range(len(orders))]
            tables.append([[self.rank(i, profile, option) for option in self.options] for profile in profiles])
        return tables

    def partner(self, agent: int, matching: tuple[int | None, ...]) -> int | None:
        """Whom the agent is matched to, by number within the other side."""
        if agent < self.first_side:
            return matching[agent]
        wanted = agent - self.first_side
        return next((a for a, partner in enumerate(matching) if partner == wanted), None)

    def require_searchable(self) -> None:
        """Raises TooManyError where there are too many statements to be searched."""
        options = len(self.options) if self.profile_count <= MOST_STATEMENTS else 1
        if self.profile_count * options > MOST_STATEMENTS:
            raise TooManyError(
                f"there are {self.profile_count:,} profiles of reports; at most {MOST_STATEMENTS:,} statements "
                "(profile, option) can be searched: allow fewer preferences"
            )


def _matchings(first: int, second: int) -> Iterator[tuple[int | None, ...]]:
    """All one-to-one matchings of two sides, as the partner of each agent of the first."""
    for chosen in product([*range(second), None], repeat=first):
        partners = [one for one in chosen if one is not None]
        if len(set(partners)) == len(partners):
            yield chosen
