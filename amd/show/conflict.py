"""Why nothing meets a design, for people: the requirements that conflict, and what relaxing each would cost."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from amd.model.environment import Environment
from amd.model.task import Task
from amd.proof.conflict.clauses import Clause
from amd.proof.conflict.prices import Price
from amd.proof.conflict.why import Conflict
from amd.show.design import bound_text, budget_phrase, incentive_phrase
from amd.show.numbers import count, listing, number
from amd.show.page import to_text
from amd.show.tables import pairs

_FLAGS = {
    "efficient": "an efficient allocation in every profile",
    "anonymous": "anonymity",
    "unanimous": "unanimity",
    "pareto": "Pareto efficiency",
    "onto": "every outcome chosen somewhere (onto)",
    "nondictatorial": "no dictator",
    "money": "no money",
    "deterministic": "a deterministic allocation",
}


def summary(conflict: Conflict) -> str:
    """The conflict as plain text."""
    return to_text(conflict_parts(conflict))


def conflict_parts(conflict: Conflict) -> list[RenderableType]:
    """Everything that `amd why` prints about a design that nothing meets."""
    task = conflict.task
    parts: list[RenderableType] = [Text("There is no such mechanism.", style="bold"), *short_parts(conflict)]
    if conflict.superfluous:
        words = listing(clause_words(task, clause) for clause in conflict.superfluous)
        parts.append(Text(f"The conflict does not need: {words}."))
    parts += [Text(""), *_price_parts(conflict)]
    how = (
        "Proven in rational arithmetic, each dropped in turn."
        if conflict.proven
        else "Found in floats, and not proven."
    )
    return [*parts, Text(""), Text(how)]


def short_parts(conflict: Conflict) -> list[RenderableType]:
    """The requirements that conflict."""
    number_of = len(conflict.conflict)
    if number_of == 1:
        return [Text("This requirement alone cannot be met:"), _listed(conflict)]
    least = ", and no fewer do" if conflict.least else ""
    return [
        Text(f"These {number_of} requirements conflict{least}; drop any one of them and the others can be met:"),
        _listed(conflict),
    ]


def _listed(conflict: Conflict) -> RenderableType:
    return pairs([("  •", clause_words(conflict.task, clause)) for clause in conflict.conflict])


def _price_parts(conflict: Conflict) -> list[RenderableType]:
    if not conflict.prices:
        return [Text("None of them can be relaxed by degrees.")]
    rows = [("  •", price_words(conflict.task, price)) for price in conflict.prices]
    parts: list[RenderableType] = [
        Text("Or keep them all but one, and give way on that one no further than:"),
        pairs(rows),
    ]
    if any(price.least is not None for price in conflict.prices):
        parts.append(Text("(At least, or between: a limit ended the search for the least; see --time-limit.)"))
    return parts


def clause_words(task: Task, clause: Clause) -> str:
    """A requirement in words, such as ``interim participation of seller``."""
    environment, design = task.environment, task.design
    if design is None:
        raise ValueError("a conflict has a design")
    who = _names(environment, clause.agents)
    match clause.kind:
        case "incentive":
            return f"{incentive_phrase(environment, design)} of {who}"
        case "participation":
            stage = design.participation[clause.agents[0]]
            return f"{stage.value.replace('_', ' ')} participation of {who}"
        case "cap":
            return f"the budget of {who}"
        case "budget" if design.budget is not None:
            return budget_phrase(design.budget)
        case "bound" if clause.position is not None:
            return bound_text(design.bounds[clause.position])
    return _FLAGS[clause.kind]


def _names(environment: Environment, agents: tuple[int, ...]) -> str:
    """The group's name for all its copies, else the agents' names."""
    for group in environment.groups:
        if len(group.members) > 1 and group.members == agents:
            return f"every {group.name}"
    return listing(environment.agents[i].name for i in agents)


def price_words(task: Task, price: Price) -> str:
    """Such as ``an outside subsidy of 5/216 ≈ 0.0231481 on average``."""
    kind = price.clauses[0].kind
    words = _COUNTS[kind](task, price) if price.counted else _PRICES[kind](task, price, _range(price))
    return words if price.within == "design" else f"{words}; a conflict elsewhere in the design would remain"


def _range(price: Price) -> str:
    """The price, or between what and what it is where the search for it was given up."""
    if price.least is None:
        return _amount(price.value)
    if price.value is None:
        return f"at least {_amount(price.least)}"
    return f"between {_amount(price.least)} and {_amount(price.value)}"


def _amount(value: Any) -> str:
    text = number(value)
    about = number(float(value))
    if not isinstance(value, Fraction):
        return f"about {text}"  # of a program too large for rational arithmetic
    if text == about:
        return text
    return f"{text} {'=' if Fraction(about.replace(',', '')) == value else '≈'} {about}"


def _profiles(task: Task, price: Price) -> str:
    """Such as ``2 of 36 profiles``."""
    return f"{_range(price)} of {task.environment.profile_count:,} profiles"


def _incentive(task: Task, price: Price, amount: str) -> str:
    orders = any(task.environment.agents[i].types.orders is not None for c in price.clauses for i in c.agents)
    who = _all_names(task, price)
    if orders:
        return f"lies of {who} raise the chance of better outcomes by up to {amount}"
    return f"{who} can gain up to {amount} by lying"


def _participation(task: Task, price: Price, amount: str) -> str:
    return f"{_all_names(task, price)} can lose up to {amount} by taking part"


def _all_names(task: Task, price: Price) -> str:
    return _names(task.environment, tuple(i for clause in price.clauses for i in clause.agents))


def _budget(task: Task, price: Price, amount: str) -> str:
    if price.value is None or price.least is not None:
        return f"money put in from outside or thrown away, {amount} on average"
    if not price.part:
        return f"an outside subsidy of {amount} on average"
    if price.part == price.value:
        return f"money thrown away, {amount} on average"
    return f"money put in from outside or thrown away, {amount} on average, {number(price.part)} of it thrown away"


def _efficient(task: Task, price: Price, amount: str) -> str:
    first, loss = price.part, price.value
    if first is None or loss is None or price.least is not None:
        return f"welfare of {amount} given up"
    return f"welfare of {amount} given up: {number(first - loss)} instead of {number(first)}"


def _bound(task: Task, price: Price, amount: str) -> str:
    return f"{clause_words(task, price.clauses[0])}, missed by {amount}"


_PRICES: dict[str, Callable[[Task, Price, str], str]] = {
    "incentive": _incentive,
    "participation": _participation,
    "budget": _budget,
    "efficient": _efficient,
    "bound": _bound,
    "cap": lambda task, price, amount: f"{clause_words(task, price.clauses[0])}, exceeded by {amount}",
    "unanimous": lambda task, price, amount: f"a common favourite is not chosen with a chance of up to {amount}",
    "pareto": lambda task, price, amount: f"dominated outcomes are chosen with a chance of up to {amount} each",
}


_COUNTS: dict[str, Callable[[Task, Price], str]] = {
    "incentive": lambda task, price: f"lies of {_all_names(task, price)} pay in {_profiles(task, price)}",
    "unanimous": lambda task, price: f"a common favourite is not chosen in {_profiles(task, price)}",
    "pareto": lambda task, price: f"a dominated outcome is chosen in {_profiles(task, price)}",
    "onto": lambda task, price: f"{_range(price)} of {task.environment.allocation.size} outcomes never chosen",
}


def conflict_json(conflict: Conflict) -> dict[str, Any]:
    """The object that `amd why --json` prints."""
    task = conflict.task
    prices = [
        {
            "kind": price.clauses[0].kind,
            "agents": [task.environment.agents[i].name for clause in price.clauses for i in clause.agents],
            **_price_json(price),
            "within": price.within,
            "words": price_words(task, price),
        }
        for price in conflict.prices
    ]
    return {
        "status": "infeasible",
        "conflict": [clause_json(task, clause) for clause in conflict.conflict],
        "superfluous": [clause_json(task, clause) for clause in conflict.superfluous],
        "least": conflict.least,
        "proven": conflict.proven,
        "prices": prices,
        "problem": {"title": task.title, "sha256": task.digest},
    }


def _price_json(price: Price) -> dict[str, Any]:
    """`value` is enough; where a limit ended the search, it need not be the least, and `at_least` is needed."""
    known = price.proven and price.value is not None and price.least is None
    return {
        "value": None if price.value is None else float(price.value),
        "value_exact": str(price.value) if known else None,
        "at_least": None if price.least is None else float(price.least),
        "counted": price.counted,
    }


def clause_json(task: Task, clause: Clause) -> dict[str, Any]:
    """A requirement as one object."""
    agents = [task.environment.agents[i].name for i in clause.agents]
    return {"kind": clause.kind, "agents": agents, "words": clause_words(task, clause)}


def possible_words(conflicting: int) -> str:
    """What is said of a design that something meets."""
    return f"There is such a mechanism: its {count(conflicting, 'requirement')} do not conflict (see `amd solve`)."
