"""The VCG calculator: values in, decision and payments out, for one object or several units, and for a public good."""

from __future__ import annotations

from collections.abc import Sequence

from amd.classics.vcg import public_good, vickrey_units
from amd.teach.sketch import BLUE, ORANGE, Beside, Sketch, beside

SIZE = 470


def units_calculator(values: Sequence[float], units: int = 1, reserve: float = 0.0) -> Beside:
    """Bids and payments for `units` identical units, each bidder wanting one: every winner pays what it displaces."""
    sold = vickrey_units([float(v) for v in values], units, reserve)
    names = [f"{i + 1}{' wins' if wins else ''}" for i, wins in enumerate(sold.wins)]
    paid = [float(one) for one in sold.payments]
    words = f"collected {sum(paid):g}; welfare {sum(v for v, w in zip(values, sold.wins, strict=True) if w):g}"
    return beside(_values(values, names, "bidder"), _paid(paid, names, values, "bidder"), words=words)


def bridge_calculator(values: Sequence[float], cost: float) -> Beside:
    """A public good with pivot payments: built if the values exceed its cost; each pays what the others lack."""
    built, paid = public_good([float(v) for v in values], float(cost))
    names = [str(i + 1) for i in range(len(values))]
    total, collected = sum(values), float(sum(paid))
    verdict = f"{total:g} {'≥' if built else '<'} {cost:g}: {'built' if built else 'not built'}"
    short = f"; collected {collected:g}, deficit {cost - collected:g}" if built else ""
    shown = [float(one) for one in paid]
    return beside(_values(values, names, "citizen"), _paid(shown, names, values, "citizen"), words=verdict + short)


def _values(values: Sequence[float], names: Sequence[str], who: str) -> Sketch:
    return _axes(values, names, (who, "value"), "Reported values").bars(values, BLUE)


def _paid(paid: Sequence[float], names: Sequence[str], values: Sequence[float], who: str) -> Sketch:
    return _axes(values, names, (who, "payment"), "VCG payments").bars(paid, ORANGE)


def _axes(values: Sequence[float], names: Sequence[str], labels: tuple[str, str], title: str) -> Sketch:
    top = max([1.0, *(float(v) for v in values)]) * 1.15
    return Sketch((-0.6, len(names) - 0.4), (0.0, top), labels, title, width=SIZE, names=names)
