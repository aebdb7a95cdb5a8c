"""Myerson and Satterthwaite's theorem for the continuum, proven on a handful of cells and told in words.

A buyer of value v and a seller of cost c, independent, each with a piecewise constant density. Trade is to be
efficient (exactly when v > c), truth a best reply, and nobody to lose by taking part. Then the payments collected
fall short of those handed out by at least the subsidy proven here. For the uniform case C0 gives 1/6 − 7/(12N) +
1/(4N²) on N cells a side (7/192 at N = 4), C2 gives (N² − 3N + 1)/(6N²), C3 1/12 on a single cell, and the value
identity exactly 1/6 (Myerson and Satterthwaite 1983).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from amd.model.types import Law
from amd.proof.continuum.averaging import Known, most_collected
from amd.proof.continuum.cells import Line, line
from amd.proof.continuum.laws import equal_edges, moved, uniform_law
from amd.proof.continuum.polytope import Affine, best_shares
from amd.proof.continuum.relations import NoBoundError, Proof, Relation, prove

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class TradeProof:
    """Efficient trade needs an expected subsidy of at least `subsidy`; an impossibility without one where it is
    positive."""

    subsidy: Fraction
    buyer: Known
    seller: Known
    proof: Proof


def known_trade(buyer: Law, seller: Law, cells: int) -> tuple[Known, Known]:
    """What efficient trade gives each cell of the buyer and of the seller (the seller's type is −c, mirrored)."""
    rows = line(buyer, equal_edges(buyer, cells))
    columns = line(moved(seller, -ONE), equal_edges(moved(seller, -ONE), cells))
    if not all(rows.uniform + columns.uniform):
        raise NoBoundError("the values of efficient trade are rational for piecewise constant densities only")
    gain: Affine = (ZERO, (ONE, ONE))  # v − c, in v and −c
    nothing: Affine = (ZERO, (ZERO, ZERO))
    shares = [
        [best_shares((rows.cell(k), columns.cell(s)), (nothing, gain))[1] for s in range(columns.size)]
        for k in range(rows.size)
    ]
    across = [list(row) for row in zip(*shares, strict=True)]
    return _known("buyer", rows, columns, shares, 1), _known("seller", columns, rows, across, 2)


def _known(name: str, own: Line, other: Line, shares: Sequence[Sequence[Sequence[Fraction]]], axis: int) -> Known:
    """Conditional averages of the allocation and the value on each cell of `own`."""
    allocation, value = [], []
    for k, row in enumerate(shares):
        density = [other.mass[s][0] / other.width(s) / own.width(k) for s in range(other.size)]
        allocation.append(sum((d * share[0] for d, share in zip(density, row, strict=True)), ZERO))
        value.append(sum((d * share[axis] for d, share in zip(density, row, strict=True)), ZERO))
    mass = tuple(f for f, _ in own.mass)
    means = tuple(own.middle(k) for k in range(own.size))
    return Known(name, own.edges, mass, means, tuple(allocation), tuple(value))


def prove_subsidy(
    family: str = "C0", cells: int = 4, buyer: Law | None = None, seller: Law | None = None
) -> TradeProof:
    """The least subsidy that the relations of one family ("C0", "C2", "C3", "identity") prove.

    Raises NoBoundError for other densities than piecewise constant, and for C2 where cells are unlike.
    """
    left, right = known_trade(buyer or uniform_law(), seller or uniform_law(), cells)
    if family == "C2" and any(_widths(agent) != 1 for agent in (left, right)):
        raise NoBoundError("the same offset needs cells of equal width")
    proof = prove(most_collected((left, right), family))
    return TradeProof(-proof.value, left, right, proof)


def _widths(agent: Known) -> int:
    return len({b - a for a, b in pairwise(agent.edges)})


def explain_proof(found: TradeProof) -> str:
    """The argument line by line, as a student would write it."""
    lines = [
        "Claim. If trade happens exactly when v > c, truth is a best reply and nobody loses by taking part,",
        f"       the payments handed out exceed those collected by at least {found.subsidy} in expectation.",
        "In cell k (from the lowest): x_k mean type, q_k chance of trade, w_k average of type times trade,",
        "m_k average payment of the buyer, r_k average receipt of the seller, U_0 utility of the worst type.",
    ]
    for agent in (found.buyer, found.seller):
        lines += [*_side(agent, found.proof)]
    verdict = "hence no mechanism does this without outside money." if found.subsidy > 0 else "which says nothing."
    lines += [f"Together: E r − E m >= {found.subsidy}, {verdict}"]
    return "\n".join(lines)


def _side(agent: Known, proof: Proof) -> list[str]:
    """One agent's numbers, its relations with their multipliers, and their sum."""
    mine = [(relation, y) for relation, y in proof.multipliers if relation.name[1] == agent.name]
    total = sum((y * relation.bound for relation, y in mine), ZERO)
    seller = agent.name == "seller"
    cells = range(agent.size - 1, -1, -1) if seller else range(agent.size)
    sign = -1 if seller else 1
    table = {"x": [sign * agent.mean[k] for k in cells], "q": [agent.allocation[k] for k in cells],
             "w": [sign * agent.value[k] for k in cells]}  # fmt: skip
    rows = [f"{agent.name.capitalize()}:", *(f"  {name} = {', '.join(map(str, row))}" for name, row in table.items())]
    rows += [f"  {sentence(agent, relation):58} × {abs(y)}" for relation, y in mine]
    rows.append(f"  sum: E r >= {-total}" if seller else f"  sum: E m <= {total}")
    return rows


def sentence(agent: Known, relation: Relation) -> str:
    """A relation of one agent in symbols, cells numbered from the agent's lowest parameter."""
    family, _, k, *rest = relation.name
    seller = agent.name == "seller"
    here, bound = _number(agent, k), -relation.bound if seller else relation.bound
    money, order = ("r", ">=") if seller else ("m", "<=")
    if family == "participation":
        return f"participation {here}: {money}_{here} {order} w_{here} = {bound}"
    if family in ("C0", "C2"):
        there = _number(agent, rest[0])
        why = f"w_{here} − x_{here} q_{there}"
        if family == "C2":
            why = f"w_{here} − w_{there} − (x_{here} − x_{there}) q_{there}"
        return f"incentive {here}→{there}: {money}_{here} − {money}_{there} {order} {why} = {bound}"
    what = "value identity" if family == "identity" else f"envelope, split at {rest[0]}"
    return f"{what}: {money}_{here} {'−' if seller else '+'} U_0 {'=' if relation.equal else order} {bound}"


def _number(agent: Known, k: int) -> int:
    """Cells counted from 1 along the agent's own parameter: the seller's are mirrored."""
    return agent.size - k if agent.name == "seller" else k + 1
