"""Which quantities an environment has, with their labels."""

from __future__ import annotations

from amd.model.design import Design, Quantity
from amd.model.environment import AllocationKind, Environment


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
