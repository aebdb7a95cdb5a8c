"""A design in words: what is asked of the mechanism, and what is wished."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from amd.model.design import Bound, Budget, Design, Incentive, Linear, Participation, Quantity
from amd.model.environment import Environment
from amd.show.numbers import listing, number

_STAGES = {
    Participation.INTERIM: "interim participation",
    Participation.EX_POST: "ex post participation",
    Participation.EX_ANTE: "ex ante participation",
}


def requirements(environment: Environment, design: Design) -> list[str]:
    """What the design asks for, in short phrases, in the order of the format page."""
    return [
        *_incentives(environment, design),
        *_participation(environment, design),
        *([budget_phrase(design.budget)] if design.budget is not None else []),
        *([] if design.transfers else ["no money"]),
        *(["a deterministic allocation"] if design.deterministic else []),
        *_flags(design),
        *(bound_text(bound) for bound in design.bounds),
    ]


def incentive_phrase(environment: Environment, design: Design) -> str:
    """The name of the incentive constraints."""
    orders = any(agent.types.orders is not None for agent in environment.agents)
    if design.incentive is Incentive.BAYESIAN:
        return "ordinal Bayesian incentive compatibility" if orders else "Bayesian incentive compatibility"
    if environment.interdependent:
        return "ex post incentive compatibility"
    return "strategy-proofness" if orders else "dominant-strategy incentive compatibility"


def _incentives(environment: Environment, design: Design) -> list[str]:
    return [] if design.incentive is Incentive.NONE else [incentive_phrase(environment, design)]


def _participation(environment: Environment, design: Design) -> list[str]:
    """One phrase where all agents agree, else one for each stage with its agents."""
    agents = [
        (agent, stage)
        for agent, stage in zip(environment.agents, design.participation, strict=True)
        if agent.types.orders is None
    ]
    stages = [stage for stage in _STAGES if any(stage is other for _, other in agents)]
    if len(stages) == 1 and all(stage is stages[0] for _, stage in agents):
        return [_STAGES[stages[0]]]
    return [f"{_STAGES[stage]} of {listing(agent.name for agent, own in agents if own is stage)}" for stage in stages]


def budget_phrase(budget: Budget) -> str:
    """``a budget balanced in every profile``, ``no deficit on average, with a subsidy of 1/6``."""
    where = "in every profile" if budget.ex_post else "on average"
    words = f"a budget balanced {where}" if budget.balanced else f"no deficit {where}"
    return f"{words}, with a subsidy of {number(budget.subsidy)}" if budget.subsidy else words


def _flags(design: Design) -> list[str]:
    phrases = {
        "an efficient allocation": design.efficient,
        "anonymity": design.anonymous,
        "unanimity": design.unanimous,
        "Pareto efficiency": design.pareto,
        "every outcome chosen somewhere (onto)": design.onto,
        "no dictator": design.nondictatorial,
    }
    return [phrase for phrase, wanted in phrases.items() if wanted]


def bound_text(bound: Bound) -> str:
    """The bound as it was written, or put together from its parts with the constant at the right."""
    left, right = replace(bound.linear, constant=Fraction(0), text=""), -bound.linear.constant
    return bound.text or f"{linear_text(left)} {bound.sense} {number(right)}"


def linear_text(linear: Linear) -> str:
    """The combination as it was written, or put together from its parts."""
    if linear.text:
        return linear.text
    parts = [q.label if weight == 1 else f"{number(weight)}*{q.label}" for weight, q in linear.terms]
    if linear.constant or not parts:
        parts.append(number(linear.constant))
    return " + ".join(parts).replace("+ -", "- ")


def achievement(design: Design, value: str) -> str:
    """What the best mechanism does, as the end of a sentence: ``earns an expected revenue of 37.5``."""
    objective = design.objective
    if objective is None:
        raise ValueError("without a wish there is nothing to achieve")
    single = len(objective.terms) == 1 and objective.terms[0][0] == 1 and objective.constant == 0
    if not single:
        verb = "reaches the greatest" if design.maximize else "reaches the least"
        return f"{verb} {linear_text(objective)}, {value}"
    quantity = objective.terms[0][1]
    if quantity.worst:
        return f"guarantees a {_inside(quantity)} of at least {value} in every type profile"
    return _most(quantity, value) if design.maximize else _least(quantity, value)


def _inside(quantity: Quantity) -> str:
    return quantity.label.removeprefix("worst(").removesuffix(")")


def _of(quantity: Quantity) -> str:
    """What is in the brackets of ``payment(buyer)`` or ``allocated(buyer, lamp)``."""
    return quantity.label.partition("(")[2].removesuffix(")")


def _most(quantity: Quantity, value: str) -> str:
    who = _of(quantity)
    match quantity.name:
        case "revenue" | "profit":
            return f"earns an expected {quantity.name} of {value}"
        case "surplus":
            return f"leaves {who or 'the agents'} an expected surplus of {value}"
        case "payment":
            return f"collects an expected payment of {value} from {who}"
        case "probability":
            return f"reaches {who} with probability {value}"
        case "allocated":
            receiver, comma, good = who.rpartition(", ")
            return f"hands {receiver} {value} units of {good} on average" if comma else f"hands out {value} {good}"
    return f"reaches an expected {quantity.name} of {value}"


def _least(quantity: Quantity, value: str) -> str:
    who = _of(quantity)
    match quantity.name:
        case "probability":
            return f"reaches {who} with a probability of only {value}"
        case "payment":
            return f"takes from {who} an expected payment of only {value}"
        case "deficit":
            return f"runs an expected deficit of only {value}"
    return f"brings the expected {quantity.label} down to {value}"
