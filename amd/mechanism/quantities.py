"""The quantities of a mechanism: revenue, welfare, payments and the rest, evaluated from the mechanism itself."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal, overload

import numpy as np

from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism, interim_quantities
from amd.mechanism.labels import all_quantities
from amd.mechanism.rows import Array, Number, Tally, number, units_of
from amd.model.design import Design, Linear, Quantity


@overload
def quantities(
    mechanism: Mechanism | InterimMechanism, design: Design | None = None, exact: Literal[False] = False
) -> dict[str, float]: ...


@overload
def quantities(
    mechanism: Mechanism | InterimMechanism, design: Design | None, exact: bool
) -> dict[str, float] | dict[str, Number]: ...


@overload
def quantities(
    mechanism: Mechanism | InterimMechanism, design: Design | None = None, *, exact: bool
) -> dict[str, float] | dict[str, Number]: ...


def quantities(
    mechanism: Mechanism | InterimMechanism, design: Design | None = None, exact: bool = False
) -> dict[str, float] | dict[str, Number]:
    """Every quantity by its label: floats, or Fractions when `exact` (ValueError if the mechanism is not exact).

    Expectations under the prior, for each group and each copy; and what the design names, `worst(…)` included unless
    the mechanism is interim, which cannot tell.
    """
    if isinstance(mechanism, InterimMechanism):
        if exact:
            raise ValueError("this mechanism is only known in floating point")
        return interim_quantities(mechanism, design)
    report = Report(mechanism, exact)
    return {quantity.label: report.of(quantity) for quantity in all_quantities(mechanism.environment, design)}


class Report:
    """Quantities of one mechanism, in floats or exactly."""

    def __init__(self, mechanism: Mechanism, exact: bool = False) -> None:
        self.environment = mechanism.environment
        self.rows = mechanism.rows(exact)

    def of(self, quantity: Quantity) -> Number:
        """The quantity's expectation, or its lowest value over all type profiles if it is a `worst`."""
        return number(values_of(self.rows.tally if quantity.worst else self._mean, quantity).min())

    @cached_property
    def _mean(self) -> Tally:
        """The expected tally; every quantity is linear in it."""
        prior = self.environment.exact_prior if self.rows.exact else self.environment.float_prior
        return self.rows.tally.mean(prior.reshape(-1))

    def linear(self, linear: Linear) -> Number:
        """A linear combination of quantities plus its constant."""
        total: Any = linear.constant
        for weight, quantity in linear.terms:
            total = total + (weight if self.rows.exact else float(weight)) * self.of(quantity)
        return number(total)


def values_of(tally: Tally, quantity: Quantity) -> Array:
    """A quantity in each row (R,), whether its expectation or its `worst` is meant.

    Without `agents` a quantity is that of all agents together.
    """
    members = list(range(len(tally.environment.agents)) if quantity.agents is None else quantity.agents)
    match quantity.name:
        case "revenue" | "payment":
            return _total(tally.payments[:, members])
        case "cost":
            return tally.cost
        case "profit":
            return _total(tally.payments) - tally.cost
        case "deficit":
            return tally.cost - _total(tally.payments)
        case "welfare":
            return _total(tally.value) - tally.cost
        case "surplus":
            return _total(tally.value[:, members] - tally.payments[:, members])
        case "probability":
            return np.asarray(tally.allocation[:, quantity.target])
        case "allocated":
            return _total(units_of(tally.environment, tally.allocation)[:, members, quantity.target])
    raise ValueError(f"{quantity.name!r} is no quantity")


def _total(array: Array) -> Array:
    return np.asarray(array.sum(axis=-1))
