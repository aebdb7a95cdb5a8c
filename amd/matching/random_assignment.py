"""Lotteries over assignments: probabilities of the random serial dictatorship, and the probabilistic serial rule.

`probabilistic_serial` (Bogomolnaia and Moulin 2001): all eat their best program with seats left, at equal speed, for
one unit of time. Ordinally efficient and envy-free, where the random serial dictatorship is strategyproof; no rule for
four or more has all three. Exact arithmetic, since ties in time matter.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from math import factorial

from amd.matching.market import Market, MarketError
from amd.matching.school import rows, serial_dictatorship

Probabilities = list[dict[int, Fraction]]

_MOST_ORDERS = 8  # 8! = 40,320 serial dictatorships take a second or so


def probabilistic_serial(market: Market) -> Probabilities:
    """For each applicant, program → probability (programs of probability zero left out).

    Raises MarketError when an applicant's list has a tie.
    """
    _require_strict_wishes(market)
    wishes, left = rows(market.applicants), [Fraction(int(c)) for c in market.capacity]
    shares: Probabilities = [{} for _ in wishes]
    now = Fraction(0)
    while now < 1:
        eating = {a: p for a, wish in enumerate(wishes) if (p := next((p for p in wish if left[p]), None)) is not None}
        if not eating:
            break
        eaters: dict[int, int] = {}
        for p in eating.values():
            eaters[p] = eaters.get(p, 0) + 1
        step = min(1 - now, *(left[p] / count for p, count in eaters.items()))
        for a, p in eating.items():
            shares[a][p] = shares[a].get(p, Fraction(0)) + step
        for p, count in eaters.items():
            left[p] -= count * step
        now += step
    return shares


def random_serial_dictatorship_probabilities(market: Market) -> Probabilities:
    """Exact probabilities of the random serial dictatorship, by listing all orders.

    Raises MarketError with more than eight applicants (counting is #P-complete: Aziz, Brandt and Brill 2013; draw with
    `amd.matching.school.random_serial_dictatorship` there), or when an applicant's list has a tie.
    """
    _require_strict_wishes(market)
    n = market.applicant_count
    if n > _MOST_ORDERS:
        raise MarketError(f"{n} applicants have too many orders to list: draw some instead")
    counts: list[dict[int, int]] = [{} for _ in range(n)]
    for order in permutations(range(n)):
        for a, p in enumerate(serial_dictatorship(market, order).assignment.tolist()):
            if p >= 0:
                counts[a][p] = counts[a].get(p, 0) + 1
    return [{p: Fraction(count, factorial(n)) for p, count in sorted(row.items())} for row in counts]


def _require_strict_wishes(market: Market) -> None:
    owner = market.applicants.tied_owner()
    if owner is not None:
        raise MarketError(f"the list of {market.applicant(owner)} has a tie: break it first, by a lottery for example")
