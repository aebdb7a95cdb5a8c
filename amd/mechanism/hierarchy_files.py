"""Reading the rule of an interim mechanism: lotteries over hierarchies, as `interim_files` says."""

from __future__ import annotations

from typing import Any

import numpy as np

from amd.files.faults import listing
from amd.mechanism.entries import Reader, kind
from amd.mechanism.hierarchies import HierarchyRule, Share
from amd.mechanism.rising import RISING, RisingRule
from amd.model.numbers import FloatArray, IntArray

NOISE = 1e-7  # how far probabilities written in floating point may be from summing to at most 1
LARGE = 1 << 40  # levels are numbered below this


class RuleReader(Reader):
    """Reads a rule against an environment; whatever is wrong goes to `faults` with its place."""

    def rule(
        self, value: Any, classes: list[tuple[int, ...]], held: list[FloatArray], paid: list[FloatArray]
    ) -> HierarchyRule:
        """The rule, for classes whose types are promised `held` (K, m) for `paid` (K,)."""
        if not self.mapping(value, {"kind", "certain_utility", "shares"}, "rule"):
            return HierarchyRule(self.environment, tuple(classes), (), None)
        rising = value["kind"] == RISING
        if value["kind"] not in ("hierarchies", RISING) or not isinstance(value["certain_utility"], bool):
            self.fault("rule", f"needs kind: hierarchies or {RISING}, and certain_utility: true or false")
        elif rising and value["certain_utility"]:
            self.fault("rule.certain_utility", f"is false for {RISING}, whose payments differ from profile to profile")
        sizes = [len(units) for units in held]
        shares: list[Share] = []
        for s, share in enumerate(self.items(value["shares"], "rule.shares"), 1):
            if self.mapping(share, {"goods", "units", "lottery", "split"}, f"rule.shares[{s}]"):
                shares.append(self._share(share, sizes, f"rule.shares[{s}]"))
        given = [g for share in shares for g in share.goods]
        if len(given) != len(set(given)):
            self.fault("rule.shares", "a good stands in two shares, or twice in one")
        if rising:
            return self._rising(classes, tuple(shares), self._utility(classes, held, paid))
        utility = self._utility(classes, held, paid) if value["certain_utility"] is True else None
        return HierarchyRule(self.environment, tuple(classes), tuple(shares), utility)

    def _rising(self, classes: list[tuple[int, ...]], shares: tuple[Share, ...], utility: FloatArray) -> HierarchyRule:
        try:
            return RisingRule(self.environment, tuple(classes), shares, utility)
        except ValueError as error:
            self.fault("rule", str(error))
            return HierarchyRule(self.environment, tuple(classes), shares, utility)

    def _utility(self, classes: list[tuple[int, ...]], held: list[FloatArray], paid: list[FloatArray]) -> FloatArray:
        """The expected utility of all types, end to end."""
        parts = []
        for members, units, payments in zip(classes, held, paid, strict=True):
            agent = self.environment.agents[members[0]]
            parts.append(
                (agent.float_values * units[:, agent.features.indices % len(self.goods)]).sum(axis=1) - payments
            )
        return np.concatenate(parts)

    def _share(self, share: dict[str, Any], sizes: list[int], place: str) -> Share:
        names = self.items(share["goods"], f"{place}.goods")
        goods = [self.goods.index(name) for name in names if name in self.goods]
        if len(goods) < len(names) or not goods:
            self.fault(f"{place}.goods", f"needs names of goods; there are {listing(self.goods)}")
        units = share["units"]
        if type(units) is not int or not 1 <= units < LARGE:
            self.fault(f"{place}.units", f"is {kind(units)}, but needs a whole number from 1")
            units = 1
        items = self.items(share["lottery"], f"{place}.lottery")
        probability, level = np.zeros(len(items)), np.zeros((len(items), sum(sizes)), dtype=np.int64)
        for h, item in enumerate(items):
            here = f"{place}.lottery[{h + 1}]"
            if self.mapping(item, {"probability", "levels"}, here):
                probability[h] = self.number(item["probability"], f"{here}.probability")
                level[h] = self._levels(item["levels"], sizes, f"{here}.levels")
        if probability.min(initial=0) < 0 or probability.sum() > 1 + NOISE:
            self.fault(f"{place}.lottery", "has probabilities below 0, or that sum to more than 1")
        split = self._split(share["split"], sizes, len(goods), f"{place}.split")
        return Share(tuple(goods), units, probability, level, split)

    def _levels(self, value: Any, sizes: list[int], place: str) -> IntArray:
        """Levels from 0 of all types, end to end."""
        parts = self._parts(value, sizes, place)
        if any(type(k) is not int or not 0 <= k < LARGE for part in parts for k in part):
            self.fault(place, "needs whole numbers from 0")
            parts = []
        used: set[int] = set()
        for part in parts:
            shared = used & set(part) - {0}
            if shared:
                self.fault(place, f"level {min(shared)} is shared by types of two entries")
            used |= set(part)
        found = [k for part in parts for k in part]
        return np.array(found or [0] * sum(sizes), dtype=np.int64)

    def _split(self, value: Any, sizes: list[int], goods: int, place: str) -> FloatArray:
        """How a winner of each type (T,) has its units in the goods."""
        rows = [
            self.numbers(row, goods, f"{place}[{c}][{k}]", "good")
            for c, part in enumerate(self._parts(value, sizes, place), 1)
            for k, row in enumerate(part, 1)
        ]
        split = np.array(rows or np.zeros((sum(sizes), goods)), dtype=np.float64).reshape(sum(sizes), goods)
        if split.min(initial=0) < 0 or split.sum(axis=1).max(initial=0) > 1 + NOISE:
            self.fault(place, "has parts below 0, or that sum to more than 1")
        return split

    def _parts(self, value: Any, sizes: list[int], place: str) -> list[list[Any]]:
        """A list for each class with an item for each type; nothing, with a fault, for anything else."""
        lengths = [len(part) if isinstance(part, list) else -1 for part in value] if isinstance(value, list) else []
        if lengths == sizes:
            return value
        self.fault(place, "needs a list for each entry of interim, with an item for each type")
        return []
