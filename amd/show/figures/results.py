"""The pictures of mechanism design problems: results, mechanisms, simulations, bounds, sweeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amd.classics.virtual import VirtualValues, virtual_values
from amd.mechanism.simulate import Simulation
from amd.model.environment import Environment
from amd.proof.bounds import Bounds, bounds
from amd.proof.continuum.reading import has_continuum
from amd.result import Result
from amd.show.figures.binding import draw_binding
from amd.show.figures.curves import draw_interim, draw_payments, draw_utility
from amd.show.figures.kind import Kind, listed
from amd.show.figures.lines import draw_bracket, draw_intervals, draw_lines
from amd.show.figures.maps import draw_allocation, draw_payment_map, draw_regions
from amd.show.figures.missing import NoPictureError
from amd.show.figures.surfaces import agent_position
from amd.show.figures.virtual import draw_marginal_revenue, draw_reserve, draw_revenue_curve, draw_virtual
from amd.sweep.grid import Axis
from amd.sweep.plot import lines_of
from amd.sweep.run import Sweep

Draw = Callable[..., Figure]

_MAPS: tuple[tuple[str, str, Draw], ...] = (
    ("regions", "what is decided at each pair of types, as regions", draw_regions),
    ("allocation", "how likely each decision is at each pair of types, as heat maps", draw_allocation),
)
_CURVES: tuple[tuple[str, str, Draw], ...] = (
    ("interim", "what each type expects to get", draw_interim),
    (
        "utility",
        "what each type keeps: the upper envelope of what all reports bring, with the allocation as its slope",
        draw_utility,
    ),
    ("payments", "what each type expects to pay", draw_payments),
    ("payment-map", "what is paid at each pair of types, as heat maps", draw_payment_map),
)


def _of_result(draw: Draw) -> Draw:
    """The picture of a result's mechanism."""

    def drawn(result: Result, **options: Any) -> Figure:
        if result.mechanism is None:
            raise NoPictureError("no mechanism was found, so there is nothing to draw")
        return draw(result.mechanism, **options)

    drawn.__doc__ = draw.__doc__
    return drawn


def buyer(result: Result, agent: str | None = None) -> tuple[str, VirtualValues, float, int]:
    """(name, values and prior, cost of serving, copies) of the first agent that buys one thing, or of that named."""
    environment, design = result.task.environment, result.task.design
    if design is not None and not design.transfers:
        raise NoPictureError("without money nobody pays, and there is no marginal revenue")
    wanted = range(len(environment.agents)) if agent is None else [agent_position(environment, agent)]
    for i in wanted:
        known = _virtual(environment, i)
        if known is not None:
            copies = next(len(group.members) for group in environment.groups if i in group.members)
            return environment.agents[i].group, known, _cost(environment, i), copies
    raise NoPictureError("virtual values need an agent with one positive parameter of positive chances for one thing")


def _virtual(environment: Environment, i: int) -> VirtualValues | None:
    """The virtual values of an agent whose types differ by the value of one thing; None for others."""
    agent = environment.agents[i]
    simple = environment.independent and not agent.interdependent and agent.types.orders is None
    if not simple or agent.size < 2 or agent.feature_count != 1 or agent.types.exact_probability.min() <= 0:
        return None
    values, mass = agent.values[:, 0], agent.types.exact_probability
    order = np.argsort(values)
    values, mass = values[order], mass[order]
    if values[0] < 0 or any(low >= high for low, high in pairwise(values)):
        return None
    return virtual_values(values, mass)


def _cost(environment: Environment, i: int) -> float:
    """What one unit for the agent costs the designer; 0 where others share in it or it depends on how it is served."""
    if not sold_alone(environment):
        return 0.0
    columns = environment.agents[i].features.indices
    costs = environment.allocation.float_cost[columns]
    return float(costs[0]) if len(costs) and (costs == costs[0]).all() else 0.0


def sold_alone(environment: Environment) -> bool:
    """Whether an agent's virtual value decides on serving it: goods of its own, or nobody else about."""
    return bool(environment.allocation.goods) or len(environment.agents) == 1


def _of_buyer(draw: Draw, title: str) -> Draw:
    def drawn(result: Result, *, ax: Axes | None = None, agent: str | None = None, **options: Any) -> Figure:
        name, known, cost, _ = buyer(result, agent)
        alone = sold_alone(result.task.environment)
        return draw(known, ax=ax, **{"own_value": cost, "title": f"{title} of {name}", "priced": alone, **options})

    drawn.__doc__ = draw.__doc__
    return drawn


def _reserve(result: Result, *, ax: Axes | None = None, agent: str | None = None, **options: Any) -> Figure:
    """Revenue against the reserve for the copies of one group of buyers, if nobody else takes part."""
    name, known, cost, copies = buyer(result, agent)
    if not result.task.environment.allocation.goods:
        raise NoPictureError("a reserve price needs a good for sale")
    title = f"Revenue against the reserve: {copies} {name}{'s' if copies > 1 else ''}"
    return draw_reserve(known, ax=ax, **{"bidders": copies, "own_value": cost, "title": title, **options})


RESULT = listed(
    *((name, about, _of_result(draw)) for name, about, draw in (*_MAPS, *_CURVES)),
    ("binding", "which incentives bind, how strongly, and the information rents they leave", draw_binding),
    ("virtual-values", "values, virtual values and ironing", _of_buyer(draw_virtual, "Virtual values")),
    ("revenue-curve", "revenue of one buyer by the chance of a sale", _of_buyer(draw_revenue_curve, "Revenue curve")),
    ("marginal-revenue", "demand and marginal revenue", _of_buyer(draw_marginal_revenue, "Marginal revenue")),
    ("reserve", "expected revenue of an auction by its reserve price", _reserve),
)

CELLS = (2, 4, 8, 16)


def _continuum(result: Result, *, ax: Axes | None = None, cells: Sequence[int] = CELLS) -> Figure:
    """What is proven for the continuous prior at growing numbers of cells; every number takes a proof of its own."""
    if not has_continuum(result.task):
        raise NoPictureError("all types are finitely many, so there is no continuum to bound")
    return draw_bracket([bounds(result.task, count) for count in cells], ax=ax)


RESULT["bracket"] = Kind("bracket", "bounds for the continuous prior against cells", _continuum, costly=True)

MECHANISM = listed(*_MAPS, *_CURVES)


def _intervals(simulation: Simulation, **options: Any) -> Figure:
    title = f"Simulation: {simulation.rounds:,} rounds, seed {simulation.seed}"
    return draw_intervals(simulation.means, simulation.errors, **{"title": title, **options})


SIMULATION = listed(("intervals", "means of the quantities with their 95 % intervals", _intervals))


def _bracket(bounds: Bounds, *, ax: Axes | None = None) -> Figure:
    return draw_bracket([bounds], ax=ax)


BOUNDS = listed(("bracket", "what is proven from above and from below", _bracket))


def _sweep(
    done: Sweep, *, ax: Axes | None = None, quantity: str = "objective", axes: Sequence[Axis | str] = ()
) -> Figure:
    """A column of the table against the first parameter, a line for each setting of the others."""
    names = [axis if isinstance(axis, str) else axis.name for axis in axes] or list(done.axes)
    if not names:
        raise NoPictureError("say which parameters were varied: axes=['n']")
    return draw_lines(lines_of(done.rows, names, quantity), names[0], quantity, ax=ax)


SWEEP = listed(("lines", "a quantity against the first parameter", _sweep))
