"""The audit against brute force: the same constraints by definition, in plain loops over Fractions."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.mechanism.audit import audit
from amd.mechanism.audit.efficiency import efficiency_loss
from amd.mechanism.direct import Mechanism
from amd.model.design import Budget, Design, Incentive, Participation
from amd.model.environment import AllocationKind, Environment
from amd.model.goods import enumerate_decisions

Profile = tuple[int, ...]
FLOAT_ERROR = 1e-12  # doubles of numbers below 100, a few dozen operations

KINDS = pytest.mark.parametrize("kind", ["outcomes", "marginals", "decisions", "orders"])


class Twin:
    """A mechanism seen through definitions."""

    def __init__(self, mechanism: Mechanism) -> None:
        self.environment: Environment = mechanism.environment
        self.allocation = mechanism.exact_allocation
        self.payments = mechanism.exact_payments
        self.features = [agent.features.toarray() for agent in self.environment.agents]
        self.profiles = list(product(*map(range, self.environment.shape)))

    def probability(self, profile: Profile) -> Fraction:
        return self.environment.exact_prior[profile]

    def pays(self, i: int, profile: Profile) -> Fraction:
        return Fraction(0) if self.payments is None else self.payments[profile][i]

    def worth(self, i: int, truth: Profile, column: int) -> Fraction:
        """What one whole column is worth to agent i at the true profile."""
        agent = self.environment.agents[i]
        values = agent.values[truth] if agent.interdependent else agent.values[truth[i]]
        return sum((v * int(f) for v, f in zip(values, self.features[i][:, column], strict=True)), Fraction(0))

    def utility(self, i: int, truth: Profile, reported: Profile) -> Fraction:
        allocation = self.allocation[reported]
        value = sum((x * self.worth(i, truth, c) for c, x in enumerate(allocation)), Fraction(0))
        return value - self.pays(i, reported)

    def upper_sets(self, i: int, k: int) -> Iterator[tuple[int, ...]]:
        order = self.environment.agents[i].types.orders[k]
        return (order[:size] for size in range(1, len(order)))

    def gains(self, i: int, truth: Profile, report: int) -> list[Fraction]:
        """In utility, or in the probability of each upper set."""
        reported = (*truth[:i], report, *truth[i + 1 :])
        if self.environment.agents[i].types.orders is None:
            return [self.utility(i, truth, reported) - self.utility(i, truth, truth)]
        x, y = self.allocation[reported], self.allocation[truth]
        return [sum(x[o] - y[o] for o in best) for best in self.upper_sets(i, truth[i])]

    def expected_gains(self, i: int, true: int, report: int) -> list[Fraction]:
        """Under the belief of the true type; none for a type of probability zero."""
        own = [profile for profile in self.profiles if profile[i] == true]
        mass = sum(self.probability(profile) for profile in own)
        if not mass:
            return []
        wishes = zip(*(self.gains(i, profile, report) for profile in own), strict=True)
        beliefs = [self.probability(profile) / mass for profile in own]
        return [sum(p * gain for p, gain in zip(beliefs, wish, strict=True)) for wish in wishes]

    def incentive(self, incentive: Incentive) -> Fraction:
        worst = Fraction(0)
        for i, size in enumerate(self.environment.shape):
            if incentive is Incentive.DOMINANT:
                pairs = product(self.profiles, range(size))
                worst = max(worst, *(gain for profile, report in pairs for gain in self.gains(i, profile, report)))
            if incentive is Incentive.BAYESIAN:
                pairs = product(range(size), repeat=2)
                worst = max(worst, *(gain for true, report in pairs for gain in self.expected_gains(i, true, report)))
        return worst

    def loss(self, i: int, profile: Profile) -> Fraction:
        return self.environment.agents[i].outside[profile[i]] - self.utility(i, profile, profile)

    def participation(self, stage: Participation) -> Fraction:
        worst = Fraction(0)
        for i, agent in enumerate(self.environment.agents):
            if agent.types.orders is not None:
                continue
            if stage is Participation.EX_POST:
                worst = max(worst, *(self.loss(i, profile) for profile in self.profiles))
            if stage is Participation.EX_ANTE:
                worst = max(worst, sum(self.probability(p) * self.loss(i, p) for p in self.profiles))
            if stage is Participation.INTERIM:
                for k in range(agent.size):
                    own = [p for p in self.profiles if p[i] == k]
                    if mass := sum(self.probability(p) for p in own):
                        worst = max(worst, sum(self.probability(p) * self.loss(i, p) for p in own) / mass)
        return worst

    def cost(self, profile: Profile) -> Fraction:
        return sum(x * c for x, c in zip(self.allocation[profile], self.environment.allocation.cost, strict=True))

    def budget(self, budget: Budget) -> Fraction:
        agents = range(len(self.environment.agents))
        short = {p: self.cost(p) - budget.subsidy - sum(self.pays(i, p) for i in agents) for p in self.profiles}
        amounts = list(short.values()) if budget.ex_post else [sum(self.probability(p) * short[p] for p in short)]
        if budget.balanced:
            amounts = [abs(amount) for amount in amounts]
        for i in agents:
            cap = self.environment.agents[i].budget
            if cap is not None:
                amounts += [self.pays(i, p) - cap for p in self.profiles]
        return max(Fraction(0), *amounts)

    def units(self, profile: Profile) -> list[list[Fraction]]:
        n, m = len(self.environment.agents), len(self.environment.allocation.goods)
        return [[self.allocation[profile][i * m + g] for g in range(m)] for i in range(n)]

    def feasibility(self, deterministic: bool) -> Fraction:
        amounts = [Fraction(0)]
        allocation = self.environment.allocation
        for profile in self.profiles:
            x = self.allocation[profile]
            amounts += [-value for value in x]
            if deterministic:
                amounts += [abs(value - round(value)) for value in x]
            if allocation.kind is not AllocationKind.MARGINALS:
                amounts.append(abs(sum(x) - 1))
                continue
            units = self.units(profile)
            amounts += [sum(own[g] for own in units) - good.supply for g, good in enumerate(allocation.goods)]
            amounts += [
                sum(own[g] for own in units for g in limit.goods) - limit.at_most for limit in allocation.limits
            ]
            amounts += [
                sum(own) - agent.demand
                for own, agent in zip(units, self.environment.agents, strict=True)
                if agent.demand is not None
            ]
        return max(amounts)

    def total(self, profile: Profile, column: int) -> Fraction:
        values = sum(self.worth(i, profile, column) for i in range(len(self.environment.agents)))
        return values - self.environment.allocation.cost[column]

    def efficiency(self, profile: Profile) -> Fraction:
        """The greatest total of a whole decision less that of the lottery."""
        allocation = self.environment.allocation
        totals = [self.total(profile, column) for column in range(allocation.size)]
        mine = sum(x * total for x, total in zip(self.allocation[profile], totals, strict=True))
        if allocation.kind is not AllocationKind.MARGINALS:
            return max(totals) * sum(self.allocation[profile]) - mine
        decisions = enumerate_decisions(
            np.array([good.supply for good in allocation.goods]),
            [(limit.goods, limit.at_most) for limit in allocation.limits],
            [agent.demand for agent in self.environment.agents],
        )
        return max(sum(int(u) * t for u, t in zip(d.ravel(), totals, strict=True)) for d in decisions) - mine

    def anonymity(self) -> Fraction:
        """The largest change of a column's probability or of a payment when neighbours are exchanged."""
        worst = Fraction(0)
        for group in self.environment.groups:
            for i, j in pairwise(group.members):
                for profile in self.profiles:
                    swapped = self._swap(profile, i, j)
                    before, after = self._named(profile), self._named(swapped)
                    exchanged = {self._rename(name, i, j): x for name, x in after.items()}
                    worst = max(worst, *(abs(before[name] - exchanged[name]) for name in before))
                    for agent in range(len(self.environment.agents)):
                        other = j if agent == i else i if agent == j else agent
                        worst = max(worst, abs(self.pays(agent, profile) - self.pays(other, swapped)))
        return worst

    @staticmethod
    def _swap(items: tuple, i: int, j: int) -> tuple:  # type: ignore[type-arg]
        swapped = list(items)
        swapped[i], swapped[j] = items[j], items[i]
        return tuple(swapped)

    def _named(self, profile: Profile) -> dict[object, Fraction]:
        """Columns by what they stand for: an outcome, (agent, good), or each agent's holding."""
        allocation = self.environment.allocation
        x = self.allocation[profile]
        if allocation.kind is AllocationKind.OUTCOMES:
            return dict(zip(allocation.names, x, strict=True))
        if allocation.units is not None:
            return {tuple(map(tuple, units.tolist())): p for units, p in zip(allocation.units, x, strict=True)}
        return {(i, g): u for i, own in enumerate(self.units(profile)) for g, u in enumerate(own)}

    def _rename(self, name: object, i: int, j: int) -> object:
        if self.environment.allocation.kind is AllocationKind.OUTCOMES:
            return name
        if self.environment.allocation.units is not None:
            return self._swap(name, i, j)  # type: ignore[arg-type]
        agent, good = name  # type: ignore[misc]
        return (j if agent == i else i if agent == j else agent, good)


def design(mechanism: Mechanism, **more: object) -> Design:
    stage = more.pop("stage", Participation.NONE)
    n = len(mechanism.environment.agents)
    return Design((stage,) * n, **{"incentive": Incentive.NONE, **more})  # type: ignore[arg-type]


def agree(mechanism: Mechanism, wanted: Design, kind: str, expected: Fraction) -> None:
    """Exactly in rationals, and up to rounding in floats."""
    assert getattr(audit(mechanism, wanted, exact=True), kind).violation == expected
    assert abs(getattr(audit(mechanism, wanted), kind).violation - float(expected)) <= FLOAT_ERROR


seeds = st.integers(0, 2**32)


@KINDS
@given(seed=seeds, joint=st.booleans(), interdependent=st.booleans(), incentive=st.sampled_from(Incentive))
def test_incentives(
    random_mechanism: Callable[..., Mechanism],
    kind: str,
    seed: int,
    joint: bool,
    interdependent: bool,
    incentive: Incentive,
) -> None:
    mechanism = random_mechanism(seed, kind, joint, interdependent)
    twin, wanted = Twin(mechanism), design(mechanism, incentive=incentive)
    agree(mechanism, wanted, "incentive", twin.incentive(incentive))
    for witness in audit(mechanism, wanted, exact=True).incentive.witnesses:  # each says what it says
        if incentive is Incentive.DOMINANT:
            assert witness.profile[witness.agent] == witness.type
            gains = twin.gains(witness.agent, witness.profile, witness.report)
        else:
            gains = twin.expected_gains(witness.agent, witness.type, witness.report)
        assert witness.amount in gains


@KINDS
@given(seed=seeds, joint=st.booleans(), interdependent=st.booleans(), stage=st.sampled_from(Participation))
def test_participation(
    random_mechanism: Callable[..., Mechanism],
    kind: str,
    seed: int,
    joint: bool,
    interdependent: bool,
    stage: Participation,
) -> None:
    mechanism = random_mechanism(seed, kind, joint, interdependent)
    agree(mechanism, design(mechanism, stage=stage), "participation", Twin(mechanism).participation(stage))


@KINDS
@given(seed=seeds, joint=st.booleans(), balanced=st.booleans(), ex_post=st.booleans(), subsidy=st.integers(-2, 2))
def test_budgets(
    random_mechanism: Callable[..., Mechanism],
    kind: str,
    seed: int,
    joint: bool,
    balanced: bool,
    ex_post: bool,
    subsidy: int,
) -> None:
    mechanism = random_mechanism(seed, kind, joint)
    budget = Budget(balanced, ex_post, Fraction(subsidy, 3))
    agree(mechanism, design(mechanism, budget=budget), "budget", Twin(mechanism).budget(budget))


@KINDS
@given(seed=seeds, deterministic=st.booleans())
def test_feasibility(random_mechanism: Callable[..., Mechanism], kind: str, seed: int, deterministic: bool) -> None:
    mechanism = random_mechanism(seed, kind)
    expected = Twin(mechanism).feasibility(deterministic)
    agree(mechanism, design(mechanism, deterministic=deterministic), "feasibility", expected)


@pytest.mark.parametrize("kind", ["outcomes", "marginals", "decisions"])
@given(seed=seeds, interdependent=st.booleans())
def test_efficiency(random_mechanism: Callable[..., Mechanism], kind: str, seed: int, interdependent: bool) -> None:
    mechanism = random_mechanism(seed, kind, False, interdependent)
    twin = Twin(mechanism)
    expected = [twin.efficiency(profile) for profile in twin.profiles]
    assert efficiency_loss(mechanism.rows(exact=True)).tolist() == expected
    floats = efficiency_loss(mechanism.rows())
    assert max(abs(loss - float(true)) for loss, true in zip(floats, expected, strict=True)) <= FLOAT_ERROR


@KINDS
@given(seed=seeds)
def test_anonymity(random_mechanism: Callable[..., Mechanism], kind: str, seed: int) -> None:
    mechanism = random_mechanism(seed, kind)
    twin = Twin(mechanism)
    found = audit(mechanism, design(mechanism, anonymous=True), exact=True).feasibility
    amounts = [witness.amount for witness in found.witnesses if witness.family == "anonymous"]
    assert max(amounts, default=0) == twin.anonymity()


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("kind", ["outcomes", "marginals", "decisions", "orders"])
def test_small_blocks_miss_nothing(
    random_mechanism: Callable[..., Mechanism], monkeypatch: pytest.MonkeyPatch, kind: str, size: int
) -> None:
    """The same worst violations when only a few comparisons are held at once."""
    for seed in range(4):
        mechanism = random_mechanism(seed, kind, joint=seed % 2 == 0, interdependent=seed % 4 < 2)
        for incentive in (Incentive.BAYESIAN, Incentive.DOMINANT):
            wanted = design(mechanism, incentive=incentive, efficient=kind != "orders")
            whole = audit(mechanism, wanted, exact=True)
            with monkeypatch.context() as patch:
                patch.setattr("amd.mechanism.audit.incentive.BLOCK", size)
                patch.setattr("amd.mechanism.audit.efficiency.BLOCK", size)
                patch.setattr("amd.mechanism.audit.assignment.BLOCK", size)
                parts = audit(mechanism, wanted, exact=True)
            for name, check in whole.checks.items():
                amounts = [witness.amount for witness in check.witnesses]
                assert [witness.amount for witness in parts.checks[name].witnesses] == amounts
