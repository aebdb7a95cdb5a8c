"""The audit of a dominant mechanism whose profiles cannot be listed: whether its hierarchies rise, and bring what is
promised.

That is enough, by the claim of `amd.mechanism.rising`: a lottery over hierarchies that rise, with the payments of that
claim, is dominant whatever its λ in [0, 1]. What remains to be seen is that every hierarchy does rise, that the rule
brings about the promised utilities in expectation, and that its lowest types have nowhere better to go.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from amd.mechanism.audit.result import Witness, shown, who
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.rising import RisingRule
from amd.model.design import Participation


def falling_witnesses(mechanism: InterimMechanism, rule: RisingRule) -> list[Witness]:
    """For each class the type that stands below a lower one with the greatest probability, and at most what there is
    to gain from that: the unit, for the whole spread of values."""
    found = []
    for members, steps in zip(rule.classes, rule.steps, strict=True):
        agent = members[0]
        place = rule.start[agent] + steps.order
        for share in rule.shares:
            level = share.level[:, place]
            falls = level < np.maximum.accumulate(level, axis=1)
            often = share.probability @ falls
            k = int(often.argmax())
            if often[k] > 0:
                h = int((share.probability * falls[:, k]).argmax())
                true, lie = int(steps.order[k]), int(steps.order[int(level[h, :k].argmax())])
                least = f"a type that values the good less stands above it in hierarchy {h + 1}"
                sentence = f"{who(mechanism.environment, agent, true)} may gain by a lower report: {least}"
                amount = float(share.units * often[k] * steps.rise.sum())
                found.append(Witness("incentive", amount, sentence, agent, true, lie))
    return found


def utility_witnesses(mechanism: InterimMechanism, rule: RisingRule) -> Iterator[Witness]:
    """For each class the type whose expected utility is farthest from what it is promised."""
    for members, steps, brought in zip(rule.classes, rule.steps, rule.delivered(), strict=True):
        agent = members[0]
        promised = mechanism.environment.agents[agent].float_values[:, 0] * mechanism.allocation[agent][:, 0]
        apart = np.abs(steps.utilities(brought.T)[0] - (promised - mechanism.payments[agent]))
        k = int(apart.argmax())
        if apart[k] > 0:
            sentence = (
                f"{who(mechanism.environment, agent, k)} gets {shown(float(apart[k]))} more or less than promised"
            )
            yield Witness("rule", float(apart[k]), sentence, agent, k)


def staying_witnesses(mechanism: InterimMechanism, rule: RisingRule, stage: tuple[Participation, ...]) -> list[Witness]:
    """Agents of ex post participation whose lowest type gets less than the best outside option of any type.

    Every type gets at least what the lowest gets, which is the same in all profiles.
    """
    found = []
    for i, one in enumerate(mechanism.environment.agents):
        steps = rule.steps[rule.owner[i]]
        short = float(one.float_outside.max()) - steps.lowest
        if stage[i] is Participation.EX_POST and short > 0:
            k = int(steps.order[0])
            sentence = f"{who(mechanism.environment, i, k)} may lose {shown(short)} by taking part"
            found.append(Witness("participation", short, sentence, i, k))
    return found
