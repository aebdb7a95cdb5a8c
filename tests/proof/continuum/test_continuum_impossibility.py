"""Myerson and Satterthwaite on the continuum: the subsidies that a few cells prove, and where the relations stop."""

from fractions import Fraction

import pytest

from amd.proof.continuum.averaging import Known, independent, same_offset
from amd.proof.continuum.impossibility import explain_proof, known_trade, prove_subsidy
from amd.proof.continuum.laws import PiecewiseLaw, uniform_law
from amd.proof.continuum.reading import read_setting
from amd.proof.continuum.relations import NoBoundError
from amd.proof.continuum.second_best import explain_second_best, prove_on_one_cell

F = Fraction


@pytest.mark.parametrize("cells", [2, 3, 4, 5, 8])
def test_subsidy_by_independent_averaging(cells):
    expected = F(1, 6) - F(7, 12 * cells) + F(1, 4 * cells**2)
    assert prove_subsidy("C0", cells).subsidy == expected


def test_published_values():
    assert prove_subsidy("C0", 4).subsidy == F(7, 192)
    assert prove_subsidy("C0", 8).subsidy == F(25, 256)
    assert prove_subsidy("C3", 1).subsidy == F(1, 12)
    assert prove_subsidy("identity", 1).subsidy == F(1, 6)


@pytest.mark.parametrize("cells", [2, 3, 4, 6])
def test_subsidy_by_the_same_offset(cells):
    assert prove_subsidy("C2", cells).subsidy == F(cells**2 - 3 * cells + 1, 6 * cells**2)


def test_value_identity_is_exact_for_any_piecewise_density():
    """E[(v − c)⁺] is the subsidy where supports coincide (Myerson and Satterthwaite, theorem 1: E m = E[v − …])."""
    law = PiecewiseLaw((F(0), F(1, 2), F(1)), (F(1, 4), F(3, 4)))
    # Subsidy = ∫ F_seller (1 − F_buyer) over [0, 1] (Makowski and Mezzetti 1994), here by hand:
    # on [0, 1/2]: x/2 (1 − x/2); on [1/2, 1]: G(x) = 1/4 + 3/2 (x − 1/2), G (1 − G)
    low = F(1, 4) * F(1, 4) - F(1, 4) * F(1, 24)  # ∫ x/2 − x²/4 = x²/4 − x³/12 at 1/2 = 1/16 − 1/96
    assert low == F(1, 16) - F(1, 96)
    # with s = G running from 1/4 to 1, dx = 2/3 ds: 2/3 [s²/2 − s³/3]
    high = F(2, 3) * ((F(1, 2) - F(1, 3)) - (F(1, 32) - F(1, 192)))
    assert prove_subsidy("identity", 2, law, law).subsidy == low + high


def test_the_proof_fits_on_one_screen():
    text = explain_proof(prove_subsidy("C0", 4))
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 100
    for part in ("participation 1", "incentive 2→1", "89/384", "103/384", "7/192", "participation 4", "× 3/4"):
        assert part in text


def test_one_cell_exhibit_of_the_second_best(trade_task, no_deficit):
    found = prove_on_one_cell(read_setting(trade_task(budget=no_deficit)))
    assert (found.value, found.split, found.peak, found.budget) == (F(9, 64), F(1, 4), F(9, 128), F(1, 2))
    assert "W <= 9/64" in explain_second_best(found)


def test_no_subsidy_is_proven_where_supports_do_not_overlap():
    """Values above 1, costs below 1: trade at price 1 is efficient, so no positive subsidy may come out."""
    for family in ("C0", "C2", "C3", "identity"):
        found = prove_subsidy(family, 2, uniform_law(1, 2), uniform_law(0, 1))
        assert found.subsidy <= 0
        assert "which says nothing" in explain_proof(found)


def test_same_offset_fails_for_unlike_densities():
    """Price 7/4; cell [0, 2] has half its mass on each of [0, 1/4] and [7/4, 2], cell [2, 4] all of it on [2, 9/4].

    Then u = 1/16 and 3/8, q = 1/2 and 1, x = 1 and 17/8: C2 would ask for 3/8 >= 1/16 + 9/16. C0 holds for any density.
    """
    mass, mean, edges = (F(1, 2), F(1, 2)), (F(1), F(17, 8)), (F(0), F(2), F(4))
    agent = Known("buyer", edges, mass, mean, allocation=(F(1, 2), F(1)), value=(F(15, 16), F(17, 8)))
    paid = {agent.payment(0): F(7, 8), agent.payment(1): F(7, 4)}
    assert same_offset(agent, 1, 0).excess(paid) == F(1, 4)
    assert all(independent(agent, k, 1 - k).excess(paid) <= 0 for k in (0, 1))
    lopsided = PiecewiseLaw((F(0), F(1, 3), F(1)), (F(1, 2), F(1, 2)))
    with pytest.raises(NoBoundError):
        prove_subsidy("C2", 2, lopsided, lopsided)


def test_relations_by_hand():
    """Four cells of the buyer, from the definition: x_2 = 3/8, q_1 = 1/8, w_2 = 9/64 + 1/192."""
    buyer, seller = known_trade(uniform_law(), uniform_law(), 4)
    assert independent(buyer, 1, 0).bound == F(9, 64) + F(1, 192) - F(3, 8) * F(1, 8)
    assert same_offset(buyer, 1, 0).bound == (F(9, 64) - F(1, 64)) - F(1, 8) * F(1, 4)
    assert seller.allocation[::-1] == tuple(1 - q for q in buyer.allocation)
