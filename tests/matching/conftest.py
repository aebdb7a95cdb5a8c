"""Markets from the literature and small random ones, and brute force that knows only the definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import pytest

from amd.matching.clean import clean
from amd.matching.market import Market, lists_from, tied_lists_from

Rows = list[list[int]]
Pairs = list[tuple[int, int]]
Plain = tuple[dict[int, dict[int, int]], dict[int, dict[int, int]], list[int]]


def build(applicants: Rows, programs: Rows, capacity: list[int] | None = None) -> Market:
    """A strict market from lists of indices, cleaned."""
    places = np.array(capacity if capacity is not None else [1] * len(programs), np.int64)
    return clean(lists_from(applicants), lists_from(programs), places)[0]


def letters(rows: list[str], names: str) -> Rows:
    return [[names.index(c) for c in row] for row in rows]


@pytest.fixture(scope="session")
def make() -> Callable[..., Market]:
    return build


@pytest.fixture(scope="session")
def make_tied() -> Callable[..., Market]:
    def tied(applicants: list[Rows], programs: list[Rows], capacity: list[int] | None = None) -> Market:
        places = np.array(capacity if capacity is not None else [1] * len(programs), np.int64)
        return clean(tied_lists_from(applicants), tied_lists_from(programs), places)[0]

    return tied


@pytest.fixture(scope="session")
def textbook() -> Market:
    """Four students and four schools of a textbook example."""
    students = letters(["WXYZ", "XWYZ", "WYXZ", "YWXZ"], "WXYZ")
    return build(students, letters(["BADC", "ABCD", "CDAB", "DCBA"], "ABCD"))


@pytest.fixture(scope="session")
def nrmp() -> Market:
    """NRMP, "Run a Match": Anderson, Chen, Ford, Davis, Eastman; City, Mercy, General with two places each."""
    residents = letters(["C", "CM", "CGM", "MCG", "CMG"], "CMG")
    return build(residents, letters(["EACDF", "CF", "EAFD"], "ACFDE"), [2, 2, 2])


@pytest.fixture(scope="session")
def knuth() -> Market:
    """Knuth (1976): four men and women with ten stable matchings."""
    men = letters(["1234", "2143", "3412", "4321"], "1234")
    return build(men, letters(["4321", "3412", "2143", "1234"], "1234"))


@pytest.fixture(scope="session")
def doubled(knuth: Market) -> Market:
    """The market of size eight built from Knuth's (Irving and Leather 1986): 268 stable matchings."""
    men = [row.tolist() for row in np.split(knuth.applicants.choice, 4)]
    women = [row.tolist() for row in np.split(knuth.programs.choice, 4)]
    up = lambda row: [x + 4 for x in row]  # noqa: E731
    all_men = [r + up(r) for r in men] + [up(r) + r for r in men]
    all_women = [up(r) + r for r in women] + [r + up(r) for r in women]
    return build(all_men, all_women)


@pytest.fixture(scope="session")
def schools() -> Market:
    """Eight students, four schools with 2, 2, 3, 3 seats (Abdulkadiroğlu and Sönmez 2003, example)."""
    rows = ["2134", "1234", "3214", "3412", "1342", "4123", "1234", "1243"]
    orders = ["12345678", "35487216", "53172864", "68742351"]
    return build(letters(rows, "1234"), letters(orders, "12345678"), [2, 2, 3, 3])


def draw(rng: np.random.Generator, n: int, m: int, capacity: int = 1, keep: float = 0.8) -> Market:
    """A random strict market with incomplete lists, not cleaned of one-sided wishes by hand: `clean` does it."""
    ours = [[int(x) for x in rng.permutation(m) if rng.random() < keep] for _ in range(n)]
    theirs = [[int(x) for x in rng.permutation(n) if rng.random() < keep] for _ in range(m)]
    return build(ours, theirs, rng.integers(1, capacity + 1, m).tolist())


def draw_tied(rng: np.random.Generator, n: int, m: int, capacity: int = 1, keep: float = 0.8) -> Market:
    def row(size: int) -> list[list[int]]:
        tiers: list[list[int]] = []
        for x in rng.permutation(size):
            if rng.random() < keep:
                if tiers and rng.random() < 0.5:
                    tiers[-1].append(int(x))
                else:
                    tiers.append([int(x)])
        return tiers

    places = rng.integers(1, capacity + 1, m)
    return clean(tied_lists_from([row(m) for _ in range(n)]), tied_lists_from([row(n) for _ in range(m)]), places)[0]


@pytest.fixture(scope="session")
def random_market() -> Callable[..., Market]:
    return draw


@pytest.fixture(scope="session")
def random_tied_market() -> Callable[..., Market]:
    return draw_tied


def plain(market: Market) -> Plain:
    """The market as dictionaries: owner → choice → tier."""
    return (
        {a: dict(zip(market.applicants.of(a).tolist(), market.applicants.tiers_of(a).tolist(), strict=True))
         for a in range(market.applicant_count)},
        {p: dict(zip(market.programs.of(p).tolist(), market.programs.tiers_of(p).tolist(), strict=True))
         for p in range(market.program_count)},
        market.capacity.tolist(),
    )  # fmt: skip


def all_matchings(market: Market) -> Iterator[tuple[int, ...]]:
    """Every individually rational matching within capacities."""
    ours, _, capacity = plain(market)
    for pick in product(*([-1, *ours[a]] for a in ours)):
        if all(pick.count(p) <= c for p, c in enumerate(capacity)):
            yield pick


def blocking(view: Plain, pick: tuple[int, ...], notion: str) -> Iterator[tuple[int, int]]:
    """Blocking pairs by the definition, one pair at a time."""
    ours, theirs, capacity = view
    inside: list[list[int]] = [[] for _ in capacity]
    for b, p in enumerate(pick):
        if p >= 0:
            inside[p].append(theirs[p][b])
    worst = [10**6 if len(x) < c else max(x) for x, c in zip(inside, capacity, strict=True)]
    for a, wishes in ours.items():
        now = wishes.get(pick[a], 10**6)
        for p, tier in wishes.items():
            one, other = now - tier, worst[p] - theirs[p][a]
            if one < 0 or other < 0 or pick[a] == p:
                continue
            if notion == "SUPER" or (one and other) or (notion == "STRONG" and (one or other)):
                yield a, p


def blocks(market: Market, pick: tuple[int, ...], notion: str = "WEAK") -> Pairs:
    return list(blocking(plain(market), pick, notion))


@pytest.fixture(scope="session")
def stable_by_force() -> Callable[..., list[tuple[int, ...]]]:
    def listed(market: Market, notion: str = "WEAK") -> list[tuple[int, ...]]:
        view = plain(market)
        return [pick for pick in all_matchings(market) if next(blocking(view, pick, notion), None) is None]

    return listed


@pytest.fixture(scope="session")
def matchings_by_force() -> Callable[[Market], Iterator[tuple[int, ...]]]:
    return all_matchings


@pytest.fixture(scope="session")
def blocks_by_force() -> Callable[..., list[tuple[int, int]]]:
    return blocks
