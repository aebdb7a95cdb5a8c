"""Design: what is wanted of a mechanism."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction


class Incentive(Enum):
    """For whom truth must be best."""

    BAYESIAN = "bayesian"
    DOMINANT = "dominant"
    NONE = "none"


class Participation(Enum):
    """When an agent may still walk away."""

    INTERIM = "interim"
    EX_POST = "ex_post"
    EX_ANTE = "ex_ante"
    NONE = "none"


@dataclass(frozen=True)
class Budget:
    """Payments sum to cost − subsidy (`balanced`) or at least that, in each profile (`ex_post`) or on average."""

    balanced: bool
    ex_post: bool
    subsidy: Fraction = Fraction(0)


@dataclass(frozen=True)
class Quantity:
    """A number a mechanism has. `name` is one of `NAMES`.

    `agents` (positions) restricts payment, surplus and allocated to those agents; `target` is the index of the
    outcome or good. `worst` asks for its lowest value over type profiles instead of its expectation. `label` is its
    text in the problem file, such as ``payment(buyer)``.
    """

    name: str
    label: str
    agents: tuple[int, ...] | None = None
    target: int | None = None
    worst: bool = False


NAMES = ("revenue", "cost", "profit", "welfare", "surplus", "deficit", "payment", "probability", "allocated")
MONEY = frozenset({"revenue", "profit", "deficit", "payment"})  # and surplus where there is money


@dataclass(frozen=True)
class Linear:
    """A linear combination of quantities plus a constant; `text` is how it was written."""

    terms: tuple[tuple[Fraction, Quantity], ...]
    constant: Fraction = Fraction(0)
    text: str = ""


@dataclass(frozen=True)
class Bound:
    """``linear`` is ``>=``, ``<=`` or ``==`` zero (the right-hand side has been moved to its constant)."""

    linear: Linear
    sense: str
    text: str = ""


@dataclass(frozen=True)
class Design:
    """The wish and the constraints. `participation` has one entry an agent.

    `objective` None: any mechanism that meets the rest.
    """

    participation: tuple[Participation, ...]
    objective: Linear | None = None
    maximize: bool = True
    incentive: Incentive = Incentive.BAYESIAN
    budget: Budget | None = None
    transfers: bool = True
    deterministic: bool = False
    efficient: bool = False
    anonymous: bool = False
    unanimous: bool = False
    pareto: bool = False
    onto: bool = False
    nondictatorial: bool = False
    bounds: tuple[Bound, ...] = ()

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Every quantity the wish and the bounds name."""
        linears = [bound.linear for bound in self.bounds]
        if self.objective is not None:
            linears.append(self.objective)
        return tuple(quantity for linear in linears for _, quantity in linear.terms)
