"""A distribution as a file gives it, to the grid of one parameter."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from amd.files import families
from amd.files.balls import AmbiguousError
from amd.files.cdf import read_cdf
from amd.files.cells import MEAN, cut
from amd.files.context import MAX_TYPES, Context, large, memory
from amd.files.expressions import ExpressionError
from amd.files.format import FAMILIES
from amd.files.laws import ContinuousLaw, Ends
from amd.files.pieces import X
from amd.files.records import Fields
from amd.files.samples import read_samples
from amd.files.shapes import Item
from amd.files.shares import read_shares
from amd.model.numbers import ZERO
from amd.model.types import Grid

_MAX_BETA = 1_000_000  # the series of the incomplete beta function takes about as many terms as its numbers say
_PER_CELL = 5  # exact numbers for a cell: its ends, its mean, its probability, and what they are made from


def read_distribution(item: Item[tuple[str, Fields]], context: Context) -> Grid | None:
    """The grid of a distribution; None, with a fault, where something is wrong with it.

    The numbers in a distribution count as they do in the grid problem (an irrational one is its nearest double), for
    its continuous law too: the law is then exactly what the file says, and ends of cells are rational.
    """
    form, fields = item.value
    if form == "values":
        return _read_values(fields, context)
    support = _read_ends(fields.get("support"), context)
    cells = read_cells(fields, context)
    if fields.has("support") and support is None:
        return None
    at, by = fields.value("at", MEAN), fields.value("cut", "width")
    if form == "samples":
        return read_samples(fields, support, cells, at, by, context)
    law = _LAWS[form](fields, support, context)
    if law is None or cells is None:
        return None
    try:
        return cut(law, cells, at, by)
    except AmbiguousError as error:
        item.blame(context.faults, f"a cell cannot be computed: {error}; choose a 'support' that has more of the mass")
        return None


def read_cells(fields: Fields, context: Context) -> int | None:
    """The number of cells."""
    item = fields.get("cells")
    value = None if item is None else context.number(item)
    if value is not None and item is not None and value.denominator == 1 and value > MAX_TYPES:
        need = memory(_PER_CELL * value.numerator)
        item.blame(context.faults, f"{large(value)} cells would take about {need}; at most {MAX_TYPES:,} are handled")
        return None
    cells = context.whole(item, 1, MAX_TYPES, "a number of cells")
    if cells is None or item is None or not context.fits(item, _PER_CELL * cells, f"{cells:,} cells need room"):
        return None
    return cells


def _read_values(fields: Fields, context: Context) -> Grid | None:
    item = fields.get("values")
    if item is None:
        return None
    values = context.numbers(item.value)
    shares = read_shares(fields, len(item.value), "values", context)
    return None if values is None or shares is None else Grid(tuple(values), shares)


def _read_ends(item: Item[Any] | None, context: Context) -> Ends | None:
    """Two numbers, the first the smaller."""
    if item is None:
        return None
    ends = context.numbers(item.value)
    if ends is None:
        return None
    if ends[0] >= ends[1]:
        item.blame(context.faults, f"goes from {ends[0]} to {ends[1]}; the first end must be below the second")
        return None
    return ends[0], ends[1]


def _uniform(fields: Fields, support: Ends | None, context: Context) -> ContinuousLaw | None:
    ends = _read_ends(fields.get("uniform"), context)
    return None if ends is None else families.uniform(*ends)


def _cdf(fields: Fields, support: Ends | None, context: Context) -> ContinuousLaw | None:
    item = fields.get("cdf")
    formula = None if item is None else context.resolved(item, known=(X,))
    if item is None or formula is None or support is None:
        return None
    try:
        if formula.members:
            raise ExpressionError("a distribution function speaks of x and of parameters only")
        return read_cdf(formula, *support)
    except ExpressionError as error:
        item.blame(context.faults, str(error))
        return None


def _numbers(fields: Fields, form: str, context: Context) -> dict[str, Fraction] | None:
    """The numbers of a family."""
    item = fields.get(form)
    if item is None:
        return None
    values = {key: context.number(below) for key, below in item.value.entries.items()}
    known = {key: value for key, value in values.items() if value is not None}
    wanted = FAMILIES[form]
    return known if all(key in known for key in wanted) else None


def _positive(fields: Fields, form: str, keys: tuple[str, ...], values: dict[str, Fraction], context: Context) -> bool:
    """Whether these numbers are above 0; those that are not are at fault."""
    item = fields.get(form)
    good = item is not None
    for key in keys:
        if values[key] <= 0 and item is not None:
            item.value.entries[key].blame(context.faults, f"is {values[key]}; it must be above 0")
            good = False
    return good


def _within(
    fields: Fields, form: str, support: Ends | None, low: Fraction | None, high: Fraction | None, context: Context
) -> Ends | None:
    """The support: given, inside what the law has, or the law's own where that is bounded."""
    if support is None:
        if low is not None and high is not None:
            return low, high
        fields.blame("support", context.faults, f"is missing; a distribution by '{form}' is unbounded: give [a, b]")
        return None
    if (low is not None and support[0] < low) or (high is not None and support[1] > high):
        there = f"[{low}, {high}]" if low is not None and high is not None else f"values from {low} on"
        fields.blame("support", context.faults, f"leaves what the distribution has, {there}; keep it inside")
        return None
    return support


def _unbounded(
    form: str, keys: tuple[str, ...], make: Callable[..., ContinuousLaw], least: Callable[..., Fraction | None]
) -> Callable[[Fields, Ends | None, Context], ContinuousLaw | None]:
    """A reader of a family without an upper end: `keys` must be above 0, `least` is its lower end."""

    def read(fields: Fields, support: Ends | None, context: Context) -> ContinuousLaw | None:
        values = _numbers(fields, form, context)
        if values is None or not _positive(fields, form, keys, values, context):
            return None
        ends = _within(fields, form, support, least(**values), None, context)
        return None if ends is None else make(ends, **values)

    return read


def _beta(fields: Fields, support: Ends | None, context: Context) -> ContinuousLaw | None:
    values = _numbers(fields, "beta", context)
    if values is None or not _positive(fields, "beta", ("a", "b"), values, context):
        return None
    for key, value in values.items():
        if not 1 / _MAX_BETA <= value <= _MAX_BETA:
            fields.get("beta").value.entries[key].blame(  # type: ignore[union-attr]  # it was read
                context.faults, f"is {float(value):.3g}; numbers from 1/{_MAX_BETA:,} to {_MAX_BETA:,} are handled"
            )
            return None
    ends = _within(fields, "beta", support, ZERO, Fraction(1), context)
    return None if ends is None else families.beta(values["a"], values["b"], ends)


def _triangular(fields: Fields, support: Ends | None, context: Context) -> ContinuousLaw | None:
    values = _numbers(fields, "triangular", context)
    if values is None:
        return None
    low, mode, high = values["low"], values["mode"], values["high"]
    if not low <= mode <= high or low == high:
        right = "low ≤ mode ≤ high, and low < high"
        fields.blame("triangular", context.faults, f"has low {low}, mode {mode}, high {high}; it needs {right}")
        return None
    ends = _within(fields, "triangular", support, low, high, context)
    return None if ends is None else families.truncated(families.triangular(low, mode, high), ends)


def _piecewise(fields: Fields, support: Ends | None, context: Context) -> ContinuousLaw | None:
    item = fields.get("piecewise")
    listed = None if item is None else item.value.get("points")
    if listed is None:
        return None
    points = [None if below is None else context.numbers(below.value) for below in listed.value]
    known = [(point[0], point[1]) for point in points if point is not None]
    if len(known) < len(points) or not _check_points(listed, known, context):
        return None
    law = families.straight(known)
    ends = _within(fields, "piecewise", support, *law.support, context)
    if ends is None:
        return None
    kept = families.truncated(law, ends)
    if kept.total == ZERO:
        fields.blame("support", context.faults, "the density is 0 all over the support")
        return None
    return kept


def _check_points(listed: Item[Any], points: list[tuple[Fraction, Fraction]], context: Context) -> bool:
    good = True
    for below, (x, height) in zip(listed.value, points, strict=True):
        if height < 0:
            below.blame(context.faults, f"the density at {x} is {height}; it is at least 0")
            good = False
    for below, (before, _), (x, _) in zip(listed.value[1:], points, points[1:], strict=False):
        if x < before:
            below.blame(context.faults, f"x = {x} comes after x = {before}; points go from left to right")
            good = False
    if good and points[0][0] == points[-1][0]:
        listed.blame(context.faults, "all points stand at one x; a density needs an interval")
        return False
    if good and families.straight(points).total == ZERO:
        listed.blame(context.faults, "the density is 0 everywhere")
        return False
    return good


def _nothing(**_: Fraction) -> None:
    return None


_LAWS: dict[str, Callable[[Fields, Ends | None, Context], ContinuousLaw | None]] = {
    "uniform": _uniform,
    "cdf": _cdf,
    "normal": _unbounded("normal", ("sd",), families.NormalLaw, _nothing),
    "lognormal": _unbounded("lognormal", ("sd",), families.LognormalLaw, lambda **_: ZERO),
    "exponential": _unbounded("exponential", ("rate",), families.ExponentialLaw, lambda **_: ZERO),
    "beta": _beta,
    "triangular": _triangular,
    "pareto": _unbounded("pareto", ("scale", "shape"), families.ParetoLaw, lambda scale, shape: scale),
    "piecewise": _piecewise,
}
