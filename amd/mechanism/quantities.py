"""The quantities of a mechanism: revenue, welfare, payments and the rest, evaluated from the mechanism itself."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from amd.mechanism.direct import Mechanism
from amd.mechanism.rows import Array, Number, Tally, number, units_of
from amd.model.design import Design, Linear, Quantity
from amd.model.environment import AllocationKind, Environment


def quantities(mechanism: Mechanism, design: Design | None = None, exact: bool = False) -> dict[str, Number]:
    """Every quantity by its label: floats, or Fractions when `exact` (ValueError if the mechanism is not exact).

    Expectations under the prior, for each group and each copy; and what the design names, `worst(…)` included.
    """
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


def all_quantities(environment: Environment, design: Design | None = None) -> list[Quantity]:
    """Every quantity that means something here, then those the design names; labels are distinct.

    Agents with orders have no values, so welfare and surplus are left out; so is money where there is none.
    """
    money = design is None or design.transfers
    values = all(agent.types.orders is None for agent in environment.agents)
    plain = [("revenue", money), ("cost", True), ("profit", money), ("welfare", values)]
    plain += [("surplus", values), ("deficit", money)]
    found = [Quantity(name, name) for name, meant in plain if meant]
    people = _people(environment)
    for name, meant in (("payment", money), ("surplus", values)):
        found += [Quantity(name, f"{name}({who})", members) for who, members in people.items() if meant]
    found += _decided(environment, people)
    named = () if design is None else design.quantities
    return list({quantity.label: quantity for quantity in (*found, *named)}.values())


def _people(environment: Environment) -> dict[str, tuple[int, ...]]:
    """Groups, then copies, by name."""
    groups = {group.name: group.members for group in environment.groups}
    return groups | {agent.name: (i,) for i, agent in enumerate(environment.agents)}


def _decided(environment: Environment, people: dict[str, tuple[int, ...]]) -> list[Quantity]:
    allocation = environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        named = enumerate(allocation.names)
        return [Quantity("probability", f"probability({name})", target=o) for o, name in named]
    goods = [(g, good.name) for g, good in enumerate(allocation.goods)]
    found = [Quantity("allocated", f"allocated({name})", target=g) for g, name in goods]
    return found + [
        Quantity("allocated", f"allocated({who}, {name})", members, g)
        for who, members in people.items()
        for g, name in goods
    ]
