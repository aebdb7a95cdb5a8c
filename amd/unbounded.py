"""Why a wish can be met without limit: the constraint that is likely missing."""

from __future__ import annotations

from amd.model.design import Design, Participation
from amd.model.environment import Environment


def likely_missing(environment: Environment, design: Design) -> str:
    """One sentence for people: what to add to the design so that it has a best mechanism."""
    free = [
        agent.name
        for agent, stage in zip(environment.agents, design.participation, strict=True)
        if stage is Participation.NONE
    ]
    names = {quantity.name for quantity in design.quantities}
    takes_money = {"revenue", "profit", "payment"} if design.maximize else {"surplus", "deficit"}
    if free and names & takes_money:
        who = ", ".join(free[:4]) + (", …" if len(free) > 4 else "")
        return (
            "the wish can be met without limit: nothing keeps payments from growing, since participation of "
            f"{who} is `none`. Likely missing: `participation: interim`, or a `budget` of the agent"
        )
    if design.budget is None:
        return (
            "the wish can be met without limit: money may flow to the agents without end. "
            "Likely missing: `budget: {no_deficit: ex_ante}`, or cost in the wish"
        )
    return (
        "the wish can be met without limit: some payments grow without end against others. "
        "Likely missing: participation of every agent, or a `budget` for the agents whose payments are wished for"
    )
