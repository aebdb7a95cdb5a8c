"""Random pools in the manner of Saidman et al. (2006): blood types, sensitization, incompatible pairs and altruists."""

from __future__ import annotations

import numpy as np

from amd.matching.exchange.pool import FloatArray, Pool
from amd.matching.market import BoolArray, IntArray

# United States, as in Saidman, Roth, Sönmez, Ünver and Delmonico (2006), table 1. Blood types: bit 1 for A, 2 for B.
_BLOOD = np.array([0.4814, 0.3373, 0.1428, 0.0385])  # O, A, B, AB
_FEMALE, _WIFE = 0.4090, 0.4897
_SENSITIZED = np.array([0.7019, 0.2000, 0.0981])
_POSITIVE_CROSSMATCH = np.array([0.05, 0.45, 0.90])
_PREGNANCY = 0.75  # a wife's chance of a negative crossmatch with anybody is this much of what it would be


def saidman_pool(pairs: int, altruists: int = 0, seed: int = 0) -> Pool:
    """A pool of incompatible `pairs` and of `altruists`, all arcs of weight 1."""
    rng = np.random.default_rng(seed)
    patient, donor, risk = _incompatible(rng, pairs)
    donors = np.concatenate([donor, rng.choice(4, altruists, p=_BLOOD)])
    fits = (donors[:, None] & ~patient[None, :]) == 0
    meets = rng.random((donors.size, pairs)) >= risk
    arc = fits & meets
    arc[np.arange(pairs), np.arange(pairs)] = False
    source, target = np.nonzero(arc)
    altruist = np.arange(donors.size) >= pairs
    return Pool(altruist, source.astype(np.int64), target.astype(np.int64), np.ones(source.size))


def _incompatible(rng: np.random.Generator, pairs: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Blood of patients and donors and the patients' chance of a positive crossmatch, of pairs that cannot help
    themselves."""
    parts: list[tuple[IntArray, IntArray, FloatArray]] = []
    found = 0
    while found < pairs:
        size = 4 * pairs + 16
        patient, donor = rng.choice(4, size, p=_BLOOD), rng.choice(4, size, p=_BLOOD)
        risk = _POSITIVE_CROSSMATCH[rng.choice(3, size, p=_SENSITIZED)]
        wife = (rng.random(size) < _FEMALE) & (rng.random(size) < _WIFE)
        risk = np.where(wife, 1 - _PREGNANCY * (1 - risk), risk)
        compatible: BoolArray = ((donor & ~patient) == 0) & (rng.random(size) >= risk)
        parts.append((patient[~compatible], donor[~compatible], risk[~compatible]))
        found += int((~compatible).sum())
    patient, donor, risk = (np.concatenate(column)[:pairs] for column in zip(*parts, strict=True))
    return patient, donor, risk
