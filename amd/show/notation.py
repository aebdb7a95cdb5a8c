"""The linear program in mathematical notation.

i is an agent, k its type and l its report, θ a type profile, s a profile of the other agents' types; x is the
allocation, p the payments, f the prior. Each function returns a formula as a line of text.
"""

from __future__ import annotations

from dataclasses import dataclass

from amd.model.design import Budget, Design, Incentive, Quantity
from amd.model.environment import AllocationKind, Environment
from amd.show.design import bound_text, linear_text
from amd.show.numbers import number


@dataclass(frozen=True)
class Notation:
    """The signs that this environment and design need."""

    environment: Environment
    design: Design

    @property
    def kind(self) -> AllocationKind:
        return self.environment.allocation.kind

    @property
    def orders(self) -> bool:
        return any(agent.types.orders is not None for agent in self.environment.agents)

    @property
    def letter(self) -> str:
        """What a column of the allocation is: outcome a, decision d, or good g for agent i."""
        return {"outcomes": "a", "decisions": "d", "marginals": "i,g"}[self.kind.value]

    def x(self, at: str) -> str:
        """The allocation at a profile."""
        return f"x({self.letter}, {at})"

    @property
    def over(self) -> str:
        """What the worth of an allocation to one agent sums over."""
        return "g" if self.kind is AllocationKind.MARGINALS else self.letter

    def worth(self, at: str, k: str, others: str) -> str:
        """What type k gets out of the allocation at a profile; interdependent values look at the others' types."""
        types = f"{k}, {others}" if self.environment.interdependent else k
        return f"Σ_{self.over} v_i({self.over} | {types}) {self.x(at)}"

    def paid(self, at: str) -> str:
        """Minus the payment, where there is money."""
        return f" − p(i, {at})" if self.design.transfers else ""

    @property
    def belief(self) -> str:
        """The probability of the others' types, conditional where types are correlated."""
        return "f(s)" if self.environment.independent else "f(s | k)"

    @property
    def cost(self) -> str:
        """What the allocation at θ costs the designer."""
        return f"Σ_{self.letter} c({self.letter.removeprefix('i,')}) {self.x('θ')}"

    @property
    def costs(self) -> bool:
        """Whether anything costs the designer anything."""
        return any(self.environment.allocation.cost != 0)


def columns(notation: Notation) -> dict[str, tuple[str, str]]:
    """What is chosen: for each block of columns its sign and its meaning."""
    meaning = {
        AllocationKind.OUTCOMES: "the probability of outcome a when the types are θ",
        AllocationKind.DECISIONS: "the probability of decision d (who gets which units) when the types are θ",
        AllocationKind.MARGINALS: "the expected units of good g that agent i gets when the types are θ",
    }[notation.kind]
    bound = "≥ 0"
    if notation.design.deterministic:
        meaning = meaning.replace("the expected units", "the units").replace("the probability of", "whether it is")
        bound = "0 or 1" if set(notation.environment.allocation.cap.tolist()) == {1} else "a whole number"
    return {
        "allocation": (notation.x("θ"), f"{bound}: {meaning}"),
        "payment": ("p(i, θ)", "what agent i pays the designer when the types are θ"),
        "utility": ("u(i, θ)", "what agent i gains when the types are θ; it pays v_i − u"),
        "worst": ("t", "the worst case of a quantity"),
        "interim payment": ("m(i, k)", "what agent i expects to pay when it reports k"),
        "interim allocation": ("q(i, k, ·)", "what a report of k brings agent i on average"),
    }


def objective(notation: Notation) -> tuple[str, list[tuple[str, str]]]:
    """The wish as it was written, and what its quantities stand for."""
    design = notation.design
    if design.objective is None:
        return "Find any mechanism that meets the constraints", []
    verb = "Maximize" if design.maximize else "Minimize"
    meant = [(quantity.label, quantity_formula(notation, quantity)) for _, quantity in design.objective.terms]
    return f"{verb}  {linear_text(design.objective)}", list(dict.fromkeys(meant))


def quantity_formula(notation: Notation, quantity: Quantity) -> str:
    """A quantity as an expectation, or as the least over all profiles."""
    inner = _per_profile(notation, quantity)
    return f"min_θ [ {inner} ]" if quantity.worst else f"Σ_θ f(θ) [ {inner} ]"


def _per_profile(notation: Notation, quantity: Quantity) -> str:
    who = _who(notation, quantity)
    worth = f"Σ_{who} {notation.worth('θ', 'θ_i', 'θ_−i')}"
    money = in_money(notation, quantity.name, worth, f"Σ_{who} p(i, θ)", notation.cost, "−")
    if money is not None:
        return money
    if quantity.name == "probability":
        return f"x({notation.environment.allocation.names[quantity.target or 0]}, θ)"
    return f"units of {notation.environment.allocation.goods[quantity.target or 0].name} handed to {who}"


def in_money(notation: Notation, name: str, worth: str, paid: str, cost: str, minus: str) -> str | None:
    """A quantity of money from the formulas of what the outcome is worth, what is paid and what it costs; None for
    quantities of other things. Where nothing costs anything, or there are no transfers, their terms are left out."""
    match name:
        case "revenue" | "payment":
            return paid
        case "cost":
            return cost
        case "profit":
            return f"{paid} {minus} {cost}" if notation.costs else paid
        case "deficit":
            return f"{cost} {minus} {paid}" if notation.costs else f"{minus}{paid}"
        case "welfare":
            return f"{worth} {minus} {cost}" if notation.costs else worth
        case "surplus":
            return f"{worth} {minus} {paid}" if notation.design.transfers else worth
    return None


def _who(notation: Notation, quantity: Quantity) -> str:
    if quantity.agents is None or len(quantity.agents) == len(notation.environment.agents):
        return "i"
    names = [notation.environment.agents[i].name for i in quantity.agents]
    return f"{{{', '.join(names[:3])}{', …' if len(names) > 3 else ''}}}"


def constraints(notation: Notation) -> dict[str, tuple[str, str]]:
    """For each family of rows its formula and for what it holds."""
    design = notation.design
    incentive = _order_incentive(notation) if notation.orders else _incentive(notation)
    utility = "U_i(k | k)"
    return {
        "allocation": _feasible(notation),
        "incentive": incentive,
        "participation": (f"{utility} ≥ o_i(k)", "every agent i and type k of positive probability"),
        "participation ex post": ("u_i(k, s | k) ≥ o_i(k)", "every agent i, type k and others' types s"),
        "participation ex ante": (f"Σ_k f_i(k) [ {utility} − o_i(k) ] ≥ 0", "every agent i"),
        "budget": (_balance(notation, "Σ_i p(i, θ)", notation.cost), "every θ"),
        "expected budget": (
            _balance(notation, "Σ_θ f(θ) Σ_i p(i, θ)", f"Σ_θ f(θ) {notation.cost}"),
            "",
        ),
        "efficient": (
            f"{notation.x('θ')} > 0 only for the greatest total value less cost at θ",
            "every θ (columns fixed at 0, or rows on the total)",
        ),
        "anonymous": (
            "x and p at θ with two copies exchanged are x and p at θ, exchanged",
            "copies next to each other",
        ),
        "unanimous": ("x(a, θ) = 1 where a is everybody's first choice", "every such θ (the others are fixed at 0)"),
        "pareto": ("x(a, θ) = 0 where everybody ranks some b above a", "every such θ (fixed at 0)"),
        "onto": ("Σ_θ x(a, θ) ≥ 1", "every outcome a"),
        "nondictatorial": (
            f"Σ_θ x(first choice of i, θ) ≤ {notation.environment.profile_count - 1:,}",
            "every agent i",
        ),
        "interim": ("q(i, k, ·) = Σ_s f(s) x(·, k, s)", "every agent i and type k (defines q)"),
        "worst": ("t ≤ the quantity at θ", "every θ (t is the worst case)"),
        "bound": ("; ".join(map(bound_text, design.bounds)), ""),
    }


def reduced_columns() -> dict[str, tuple[str, str]]:
    """What the reduced form chooses; agents that are alike share their columns."""
    return {
        "interim allocation": ("q(i, k, g)", "the units of good g that agent i expects when its type is k"),
        "utility": ("u(i, k)", "what agent i of type k expects to gain; it pays Σ_g v_i(g | k) q(i, k, g) − u(i, k)"),
        "sold": ("s(t)", "how often the good goes to one of the types from t up"),
    }


def reduced_constraints(notation: Notation) -> dict[str, tuple[str, str]]:
    """The rows of the reduced form."""
    design = notation.design
    least = "=" if design.budget is not None and design.budget.balanced else "≥"
    gain = "Σ_g [ v_i(g | k) − v_i(g | l) ] q(i, l, g)"
    return {
        "incentive": (f"u(i, k) ≥ u(i, l) + {gain}", "types k and reports l ≠ k (neighbours where these are enough)"),
        "participation": ("u(i, k) ≥ o_i(k)", "every type k"),
        "participation ex ante": ("Σ_k f_i(k) [ u(i, k) − o_i(k) ] ≥ 0", "every agent i"),
        "expected budget": (f"expected profit {least} −subsidy", ""),
        "no money": ("u(i, k) = Σ_g v_i(g | k) q(i, k, g)", "every type k"),
        "sold": ("s(t) = s(t + 1) + n f(t) q(t) ≤ 1 − F(below t)^n", "every type t (Border's constraints, ordered)"),
        "resource": ("Σ_g q(i, k, g) ≤ supply", "every type k"),
        "bound": constraints(notation)["bound"],
        "border": (
            "Σ_i Σ_{k in S_i} f_i(k) q(i, k, g) ≤ 1 − Π_i [ 1 − f_i(S_i) ]",
            "sets S of types, per unit of good g (Border's constraints, added as they are violated)",
        ),
    }


def _feasible(notation: Notation) -> tuple[str, str]:
    allocation = notation.environment.allocation
    if notation.kind is not AllocationKind.MARGINALS:
        return f"Σ_{notation.letter} {notation.x('θ')} = 1", "every θ"
    rows = ["Σ_i x(i,g, θ) ≤ supply of g"]
    if allocation.limits:
        rows.append("Σ over the goods of a limit ≤ at_most")
    if any(agent.demand is not None for agent in notation.environment.agents):
        rows.append("Σ_g x(i,g, θ) ≤ demand of i")
    return "; ".join(rows), "every θ and good g"


def _incentive(notation: Notation) -> tuple[str, str]:
    if notation.design.incentive is Incentive.DOMINANT:
        return "u_i(k, s | k) ≥ u_i(l, s | k)", "every agent i, type k, other report l and others' types s"
    return "U_i(k | k) ≥ U_i(l | k)", "every agent i, type k of positive probability and other report l"


def _order_incentive(notation: Notation) -> tuple[str, str]:
    formula = "P(one of the t best of k when reporting k) ≥ P(the same when reporting l)"
    where = "every agent i, order k, other order l and number t"
    if notation.design.incentive is Incentive.DOMINANT:
        return formula, f"{where}, and others' orders s"
    return f"{formula}, on average over the others", where


def _balance(notation: Notation, paid: str, cost: str) -> str:
    budget = notation.design.budget or Budget(balanced=True, ex_post=True)
    right = cost if notation.costs else ""
    if budget.subsidy:
        right += f" − {number(budget.subsidy)}" if right else f"−{number(budget.subsidy)}"
    return f"{paid} {'=' if budget.balanced else '≥'} {right or '0'}"


def definitions(notation: Notation) -> list[tuple[str, str]]:
    """What U, u, v, o, c and f stand for, as far as they occur."""
    design, rows = notation.design, []
    dominant = design.incentive is Incentive.DOMINANT
    stages = {stage.value for stage in design.participation} if not notation.orders else set()
    if (design.incentive is Incentive.BAYESIAN and not notation.orders) or stages & {"interim", "ex_ante"}:
        inner = f"{notation.worth('l,s', 'k', 's')}{notation.paid('l,s')}"
        rows.append(("U_i(l | k)", f"Σ_s {notation.belief} [ {inner} ]: the expected utility of type k reporting l"))
    if (dominant and not notation.orders) or "ex_post" in stages:
        rows.append(("u_i(l, s | k)", f"{notation.worth('l,s', 'k', 's')}{notation.paid('l,s')}"))
    if not notation.orders:
        others = ", which depends on the others' types" if notation.environment.interdependent else ""
        rows.append(("v_i", f"the value of agent i{others}"))
    if stages - {"none"}:
        rows.append(("o_i(k)", "the outside option of type k"))
    if notation.costs:
        rows.append(("c", "what it costs the designer"))
    product = " = Π_i f_i(θ_i): types are independent" if notation.environment.independent else ": types are correlated"
    rows.append(("f(θ)", f"the prior{product}"))
    return rows
