"""Audits against the definitions, and the separate verifier against the audits."""

from __future__ import annotations

import numpy as np
import pytest

from amd.matching.audit import Stability, blocking_pairs, envy, validity, waste
from amd.matching.clean import clean, one_sided
from amd.matching.deferred import deferred_acceptance
from amd.matching.market import Lists, Market, MarketError, lists_from
from amd.matching.school import immediate_acceptance
from amd.matching.verify import verify_matching, verify_stability


def spelled(market):
    """The market in the verifier's words."""

    def tiers(lists, owner, names):
        rows: dict[int, list[str]] = {}
        for choice, tier in zip(lists.of(owner).tolist(), lists.tiers_of(owner).tolist(), strict=True):
            rows.setdefault(tier, []).append(f"{names}{choice}")
        return [rows[t] for t in sorted(rows)]

    return (
        {f"a{a}": tiers(market.applicants, a, "p") for a in range(market.applicant_count)},
        {f"p{p}": tiers(market.programs, p, "a") for p in range(market.program_count)},
        {f"p{p}": int(c) for p, c in enumerate(market.capacity)},
    )


@pytest.mark.parametrize("notion", list(Stability))
def test_blocking_pairs_by_definition(random_tied_market, matchings_by_force, blocks_by_force, notion):
    rng = np.random.default_rng(1)
    for _ in range(60):
        market = random_tied_market(rng, 4, 3, 2, 0.8)
        words = spelled(market)
        for pick in list(matchings_by_force(market))[::7]:
            expected = sorted(blocks_by_force(market, pick, notion.name))
            found = blocking_pairs(market, np.array(pick), notion)
            assert sorted(map(tuple, found.pairs.tolist())) == expected
            named = {f"a{a}": None if p < 0 else f"p{p}" for a, p in enumerate(pick)}
            assert not verify_matching(*words, named)
            assert sorted(verify_stability(*words, named, notion.name.lower())) == sorted(
                f"a{a} and p{p} block" for a, p in expected
            )


def test_witness_says_who_gives_way(schools):
    """In the Boston outcome of the example student 4 of school 3 … here: the pair and the displaced are named."""
    assignment = immediate_acceptance(schools).assignment
    found = blocking_pairs(schools, assignment)
    assert [6, 1] in found.pairs.tolist()  # student 7 prefers school 2, which prefers it to student 1
    row = found.pairs.tolist().index([6, 1])
    assert found.displaced[row] == 0
    assert "would give way" in found.sentences(schools)[row]


def test_validity_names_both_faults(make):
    market = make([[0], [0], [1]], [[0, 1], [2]])
    faults = validity(market, np.array([0, 0, 0]))
    assert faults.unlisted.tolist() == [2] and faults.overfull.tolist() == [0] and not faults.holds
    words = spelled(market)
    assert len(verify_matching(*words, {"a0": "p0", "a1": "p0", "a2": "p0"})) == 3


def test_stable_iff_no_envy_and_no_waste(random_market, matchings_by_force):
    rng = np.random.default_rng(2)
    for _ in range(60):
        market = random_market(rng, 4, 3, 2, 0.9)
        for pick in matchings_by_force(market):
            assignment = np.array(pick)
            pairs = {(a, p) for a, p, _ in envy(market, assignment).tolist()}
            pairs |= {(a, p) for a, p in waste(market, assignment).tolist()}
            assert pairs == set(map(tuple, blocking_pairs(market, assignment).pairs.tolist()))


def test_cleaning_reports_everything():
    """Program 2 is closed; 1 does not list program 0 back, applicant 2 not program 1."""
    ours, theirs = lists_from([[0, 1, 2], [1, 0], [0]]), lists_from([[0, 2], [0, 1, 2], [0]])
    market, report = clean(ours, theirs, np.array([1, 1, 0]))
    assert report.closed.tolist() == [2]
    assert report.applicant_entries.tolist() == [2, 4]
    assert report.program_entries.tolist() == [4, 5]
    assert market.applicants.choice.tolist() == [0, 1, 1, 0]
    assert not report.is_empty


def test_dense_and_sparse_alignment_agree(random_market):
    rng = np.random.default_rng(9)
    for keep in (0.1, 0.3, 1.0):
        market = random_market(rng, 40, 30, 1, keep)
        pairs = list(zip(market.applicants.owner.tolist(), market.applicants.choice.tolist(), strict=True))
        for entry, back in enumerate(market.cross.tolist()):
            assert (int(market.programs.choice[back]), int(market.programs.owner[back])) == pairs[entry]


@pytest.mark.parametrize(("wide", "theirs"), [(False, [[0], [0]]), (True, [[0], [0]] + [[]] * 30)])
def test_a_list_that_names_somebody_twice_is_an_error(wide, theirs):
    with pytest.raises(MarketError, match="applicant 1 names number 1 twice"):
        clean(lists_from([[0, 1, 0]]), lists_from(theirs), np.ones(len(theirs), np.int64))


def test_wrong_arrays_are_refused():
    with pytest.raises(MarketError, match="decrease"):
        Lists(np.array([0, 2]), np.array([0, 1], np.int32), np.array([1, 0], np.int32))
    with pytest.raises(MarketError, match="mutual"):
        Market(lists_from([[0]]), lists_from([[]]), np.array([1]))
    with pytest.raises(MarketError, match="capacity"):
        Market(lists_from([[0]]), lists_from([[0]]), np.array([0]))
    with pytest.raises(MarketError, match="names program 3"):
        clean(lists_from([[3]]), lists_from([[0]]), np.array([1]))


def test_objects_without_priorities(make):
    market, report = one_sided(lists_from([[1, 0], [1]]), np.array([1, 2]))
    assert report.is_empty and market.programs.tier.tolist() == [0, 0, 0]
    assert market.programs.of(1).tolist() == [0, 1]


def test_audit_finds_planted_pairs_in_a_national_market():
    """A stable matching of 3,000 applicants, then two applicants of different programs swapped."""
    rng = np.random.default_rng(0)
    n, m = 3000, 200
    ours = lists_from([rng.choice(m, 12, replace=False).tolist() for _ in range(n)])
    theirs = lists_from([rng.permutation(n).tolist() for _ in range(m)])
    market, _ = clean(ours, theirs, np.full(m, 16))
    assignment = deferred_acceptance(market).assignment
    assert blocking_pairs(market, assignment).count == 0
    matched = np.flatnonzero(assignment >= 0)
    assignment[matched[0]] = -1
    assert blocking_pairs(market, assignment).count > 0
