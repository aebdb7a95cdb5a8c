"""The license example: two firms worth 10 or 50, the higher wins (ties to firm 1) and pays 30 (textbook example)."""

from fractions import Fraction

import pytest

from amd.mechanism.audit import audit
from amd.mechanism.direct import Mechanism
from amd.mechanism.quantities import quantities
from amd.model.design import Design, Incentive, Participation


def design(incentive: Incentive, participation: Participation) -> Design:
    return Design((participation, participation), incentive=incentive)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("incentive", [Incentive.BAYESIAN, Incentive.DOMINANT])
def test_truth_is_best_for_both_firms(license: Mechanism, incentive: Incentive, exact: bool) -> None:
    assert audit(license, design(incentive, Participation.NONE), exact).incentive.violation == 0


@pytest.mark.parametrize(
    ("participation", "loss", "sentence"),
    [
        (Participation.EX_POST, 20, "firm[1] with v = 10 loses 20 by taking part when firm[2] reports v = 10"),
        (Participation.INTERIM, 10, "firm[1] with v = 10 loses 10 by taking part"),
    ],
)
def test_firm_1_of_type_10_loses_by_taking_part(
    license: Mechanism, participation: Participation, loss: int, sentence: str
) -> None:
    check = audit(license, design(Incentive.BAYESIAN, participation), exact=True).participation
    assert [witness.sentence for witness in check.witnesses] == [sentence]  # firm 2 never loses
    assert check.violation == loss


def test_before_types_are_known_both_firms_take_part(license: Mechanism) -> None:
    check = audit(license, design(Incentive.BAYESIAN, Participation.EX_ANTE), exact=True).participation
    assert check.violation == 0


def test_quantities(license: Mechanism) -> None:
    found = quantities(license, exact=True)
    assert found["revenue"] == 30
    assert found["welfare"] == 40  # 50 with probability 3/4, else 10
    assert found["payment(firm[1])"] == Fraction(45, 2)
    assert found["allocated(firm[2], license)"] == Fraction(1, 4)
    assert quantities(license) == {label: float(value) for label, value in found.items()}
