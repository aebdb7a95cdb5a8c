"""Misreports, improvements by trade, and Roth's impossibility."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from amd.matching.deferred import deferred_acceptance
from amd.matching.market import MarketError, lists_from
from amd.matching.misreports import profitable_misreports, swapped, swapped_rule, with_list
from amd.matching.rotations import all_stable_matchings
from amd.matching.roth import as_market, roth_impossibility, stable_matchings
from amd.matching.school import immediate_acceptance, serial_dictatorship, top_trading_cycles
from amd.matching.trade import blocking_coalition, pareto_improvement


def test_proposers_never_gain(random_market):
    """Dubins and Freedman (1981), Roth (1982): exhaustively over all reports."""
    rng = np.random.default_rng(0)
    for _ in range(25):
        market = random_market(rng, 4, 3, 2, 0.9)
        for rule in (deferred_acceptance, top_trading_cycles, lambda m: serial_dictatorship(m, range(4))):
            search = profitable_misreports(market, rule)
            assert search.exhaustive and not search.found


def test_boston_is_manipulable_and_the_witness_holds(schools):
    search = profitable_misreports(schools, immediate_acceptance)
    assert search.found
    for gain in search.found:
        honest = immediate_acceptance(schools).assignment[gain.applicant]
        lied = immediate_acceptance(with_list(schools, gain.applicant, list(gain.report))).assignment[gain.applicant]
        assert (honest, lied) == (gain.before, gain.after)
        wishes = schools.applicants.of(gain.applicant).tolist()
        assert honest < 0 or wishes.index(lied) < wishes.index(honest)
        assert "by reporting" in gain.sentence(schools)


def test_receivers_gain_exactly_where_there_are_two_stable_matchings(random_market):
    """Gale and Sotomayor (1985): then and only then does a receiver gain by truncation."""
    rng = np.random.default_rng(1)
    both = set()
    for _ in range(15):
        market = random_market(rng, 4, 4, 1, 1.0)
        several = sum(1 for _ in all_stable_matchings(market)) > 1
        search = profitable_misreports(swapped(market), swapped_rule(deferred_acceptance))
        assert bool(search.found) == several
        both.add(several)
    assert both == {True, False}


def test_long_lists_are_searched_in_part(make):
    market = make([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]], [[0, 1]] * 5)
    search = profitable_misreports(market, deferred_acceptance)
    assert not search.exhaustive and not search.found
    with pytest.raises(MarketError, match="true list"):
        with_list(make([[0]], [[0], []]), 0, [1])


def test_roth_1982():
    """Some profile of the 625 defeats every stable rule; the refutations are rechecked by the definition."""
    witness = roth_impossibility()
    assert len(witness.refutations) == len(stable_matchings(witness.profile)) == 2
    for refutation in witness.refutations:
        rows = [list(side) for side in witness.profile]
        truth = rows[refutation.side][refutation.liar]
        rows[refutation.side][refutation.liar] = refutation.report
        assert stable_matchings((tuple(rows[0]), tuple(rows[1]))) == [refutation.outcome]

        def partner(matching, who=refutation):
            return matching[who.liar] if who.side == 0 else matching.index(who.liar) if who.liar in matching else -1

        new, old = partner(refutation.outcome), partner(refutation.picked)
        assert new in truth and (old not in truth or truth.index(new) < truth.index(old))


def test_stability_alone_is_possible_everywhere():
    """The search must fail on a profile with a single stable matching: nothing there is refuted."""
    assert stable_matchings((((0, 1), (1, 0)), ((0, 1), (1, 0)))) == [(0, 1)]
    assert as_market((((0,), ()), ((0,), ()))).applicant_count == 2


@pytest.mark.parametrize("keep", [0.7, 1.0])
def test_pareto_improvements_by_force(random_tied_market, matchings_by_force, keep):
    rng = np.random.default_rng(2)
    for _ in range(25):
        market = random_tied_market(rng, 4, 3, 2, keep)
        everything = list(matchings_by_force(market))
        tiers = [market.tier_at(np.array(m)) for m in everything]
        for pick, now in list(zip(everything, tiers, strict=True))[::9]:
            dominated = any((t <= now).all() and (t < now).any() for t in tiers)
            moves = pareto_improvement(market, np.array(pick))
            assert (moves is not None) == dominated
            if moves is not None:
                after = moves.apply(np.array(pick))
                assert tuple(after.tolist()) in everything
                assert (market.tier_at(after) <= now).all() and (market.tier_at(after) < now).any()


def test_deferred_acceptance_can_be_improved(schools):
    """The stable matching of the example is not Pareto efficient for students; the Boston and TTC ones are."""
    assert pareto_improvement(schools, deferred_acceptance(schools).assignment) is not None
    assert pareto_improvement(schools, top_trading_cycles(schools).assignment) is None
    assert pareto_improvement(schools, immediate_acceptance(schools).assignment) is None


def test_only_top_trading_cycles_is_in_the_core(make):
    """Roth and Postlewaite (1977): with strict wishes the strict core of a housing market is one assignment."""
    rng = np.random.default_rng(3)
    for _ in range(40):
        wishes = [rng.permutation(4).tolist() for _ in range(4)]
        market = make(wishes, [[i, *[j for j in range(4) if j != i]] for i in range(4)])
        chosen = tuple(top_trading_cycles(market).assignment.tolist())
        core = [p for p in permutations(range(4)) if blocking_coalition(lists_from(wishes), np.array(p)) is None]
        assert core == [chosen]


def test_a_coalition_is_a_cycle_of_gains():
    wishes = lists_from([[1, 0], [0, 1], [2]])
    assert sorted(blocking_coalition(wishes, np.array([0, 1, 2])).tolist()) == [0, 1]
