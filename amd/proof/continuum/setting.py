"""A design problem with continuous types, in the form that the bounds work on.

Every agent has independent continuous parameters, and its worth for one unit of each allocation column is affine in
them: private, independent values. Everything else that a problem may ask is translated or refused in words by
`amd.proof.continuum.reading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from amd.model.design import Participation
from amd.model.environment import Allocation, AllocationKind
from amd.model.types import Law
from amd.proof.wish import Row, Wish


@dataclass(frozen=True, eq=False)
class ContinuousAgent:
    """One agent. Its utility from column x per unit is ``levels[x] + Σ_j slopes[j][x] θ_j``, J parameters, C columns.

    `cells` (J,) are the numbers of cells that the problem asks for. The payoff of staying away is ``outside[0] + Σ_j
    outside[1 + j] θ_j``.
    """

    name: str
    group: str
    laws: tuple[Law, ...]
    cells: tuple[int, ...]
    slopes: tuple[Row, ...]
    levels: Row
    outside: Row
    participation: Participation = Participation.INTERIM

    @property
    def dimension(self) -> int:
        return len(self.laws)


@dataclass(frozen=True)
class Need:
    """``wish >= 0`` (``== 0`` where `equal`), called `text`. `spare`: more than 0 will do, since it can be handed
    back."""

    wish: Wish
    equal: bool
    text: str
    spare: bool = False

    def met(self, value: Fraction) -> bool:
        """Whether a mechanism that reaches `value` meets it."""
        return value == 0 or (value > 0 and (self.spare or not self.equal))


@dataclass(frozen=True, eq=False)
class Setting:
    """Maximise `wish` (already negated where the problem minimises: `maximize` is false then).

    `weakened` says which requirements the bound from above replaces by weaker ones; `unproven` why no mechanism can be
    offered as a bound from below (empty when one can).
    """

    agents: tuple[ContinuousAgent, ...]
    allocation: Allocation
    wish: Wish
    needs: tuple[Need, ...] = ()
    efficient: bool = False
    weakened: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    maximize: bool = True

    @property
    def columns(self) -> int:
        return self.allocation.size

    @property
    def column_bounds(self) -> tuple[tuple[Row, Fraction, bool], ...]:
        """The rows of the allocation's polytope: (coefficients, upper bound, equation)."""
        dense = self.allocation.matrix.toarray()
        return tuple(
            (tuple(Fraction(int(v)) for v in row), Fraction(int(upper)), bool(equal))
            for row, upper, equal in zip(dense, self.allocation.upper, self.allocation.equal, strict=True)
        )

    def good_of(self, column: int) -> int:
        return column % len(self.allocation.goods)

    def hands_back(self, need: Need) -> bool:
        """Whether money beyond `need` can be given to an agent (raising its U_0) without touching the wish."""
        return len(self.needs) == 1 and not any(self.wish.payment) and any(weight > 0 for weight in need.wish.payment)

    @property
    def sells_single_units(self) -> bool:
        """Whether goods come in one unit each, with no limits across them, and columns are (agent, good)."""
        allocation = self.allocation
        single = all(good.supply == 1 for good in allocation.goods)
        return allocation.kind is AllocationKind.MARGINALS and single and len(allocation.upper) == len(allocation.goods)
