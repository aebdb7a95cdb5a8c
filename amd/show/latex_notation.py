"""The families of a program in LaTeX: what `amd.show.notation` says in a line of text, as a textbook typesets it.

i is an agent, k its type and l its report, θ a type profile, s a profile of the other agents' types; x is the
allocation, p the payments, f the prior, U the interim and u the ex post utility.
"""

from __future__ import annotations

from collections.abc import Sequence

from amd.model.design import Budget, Design, Incentive, Quantity
from amd.model.environment import AllocationKind, Environment
from amd.show.design import bound_text, linear_text
from amd.show.latex import amount, text
from amd.show.notation import Notation, in_money

Formula = tuple[str, str]  # a formula, and for what it holds

_ALL_TYPES = r"\forall i, k"


def objective(environment: Environment, design: Design) -> list[str]:
    """The wish, and what its quantities stand for, a formula each."""
    if design.objective is None:
        return [text("find any mechanism")]
    verb = r"\max" if design.maximize else r"\min"
    meant = {
        quantity.label: _quantity(Notation(environment, design), quantity) for _, quantity in design.objective.terms
    }
    if len(meant) == 1 and len(design.objective.terms) == 1 and design.objective.terms[0][0] == 1:
        plain = not design.objective.constant
        return [rf"{verb}\;\; {next(iter(meant.values()))}"] if plain else _with_meaning(verb, design, meant)
    return _with_meaning(verb, design, meant)


def _with_meaning(verb: str, design: Design, meant: dict[str, str]) -> list[str]:
    if design.objective is None:
        raise ValueError("without a wish nothing has a meaning")
    return [rf"{verb}\;\; {text(linear_text(design.objective))}", *(rf"{text(n)} = {f}" for n, f in meant.items())]


def families(environment: Environment, design: Design) -> dict[str, Formula]:
    """For each kind of rows its formula and for what it holds."""
    notation = Notation(environment, design)
    incentive = _order_incentive(design) if notation.orders else _incentive(design)
    profiles = environment.profile_count
    return {
        "allocation": _feasible(notation),
        "incentive": incentive,
        "participation": (r"U_i(k \mid k) \ge o_i(k)", _ALL_TYPES),
        "participation ex post": (r"u_i(k, s \mid k) \ge o_i(k)", r"\forall i, k, s"),
        "participation ex ante": (r"\sum_k f_i(k)\,[\,U_i(k \mid k) - o_i(k)\,] \ge 0", r"\forall i"),
        "budget": (_balance(design, r"\sum_i p_i(\theta)", _cost(notation), notation.costs), r"\forall \theta"),
        "expected budget": (
            _balance(
                design, r"\sum_i \sum_k f_i(k)\, m_i(k)", rf"\sum_\theta f(\theta) {_cost(notation)}", notation.costs
            ),
            "",
        ),
        "efficient": (
            rf"x_{{{_letter(notation)}}}(\theta) > 0 \text{{ only at the greatest total value}}",
            r"\forall \theta",
        ),
        "anonymous": (r"(x, p)(\sigma\theta) = \sigma (x, p)(\theta)", r"\forall \theta, \sigma"),
        "unanimous": (r"x_a(\theta) = 1 \text{ if everybody ranks } a \text{ first}", r"\forall \theta"),
        "pareto": (r"x_a(\theta) = 0 \text{ if everybody ranks some } b \text{ above } a", r"\forall \theta"),
        "onto": (r"\sum_\theta x_a(\theta) \ge 1", r"\forall a"),
        "nondictatorial": (
            rf"\sum_\theta x_{{\mathrm{{top}}_i(\theta_i)}}(\theta) \le {amount(profiles - 1)}",
            r"\forall i",
        ),
        "interim": (r"q_i(k) = \sum_s f(s)\, x(k, s)", _ALL_TYPES),
        "worst": (r"t \le \text{the quantity at } \theta", r"\forall \theta"),
        "bound": (r",\;\; ".join(text(bound_text(bound)) for bound in design.bounds), ""),
    }


def reduced_families(environment: Environment, design: Design) -> dict[str, Formula]:
    """The same for the reduced form, whose columns are interim allocations q and utilities u."""
    least = "=" if design.budget is not None and design.budget.balanced else r"\ge"
    worth = r"\sum_g v_{i,g}(k)\, q_{i,g}(k)"
    return {
        "incentive": (
            r"u_i(k) \ge u_i(l) + \sum_g [\,v_{i,g}(k) - v_{i,g}(l)\,]\, q_{i,g}(l)",
            r"\forall i, k, l",
        ),
        "participation": (r"u_i(k) \ge o_i(k)", _ALL_TYPES),
        "participation ex ante": (r"\sum_k f_i(k)\,[\,u_i(k) - o_i(k)\,] \ge 0", r"\forall i"),
        "expected budget": (rf"\text{{expected profit}} {least} -\text{{subsidy}}", ""),
        "no money": (rf"u_i(k) = {worth}", _ALL_TYPES),
        "sold": (r"s(t) = s(t + 1) + n f(t)\, q(t),\quad s(t) \le 1 - F(t^-)^n", r"\forall t"),
        "resource": (r"\sum_g q_g(k) \le \text{supply}", r"\forall k"),
        "bound": families(environment, design)["bound"],
        "border": (
            r"\sum_i \sum_{k \in S_i} f_i(k)\, q_i(k) \le 1 - \prod_i [\,1 - f_i(S_i)\,]",
            r"\text{sets } S \text{ of types}",
        ),
    }


def definitions(environment: Environment, design: Design, kinds: Sequence[str]) -> list[str]:
    """What U and u stand for, where the families of these kinds use them."""
    notation, found = Notation(environment, design), []
    orders = notation.orders
    dominant = design.incentive is Incentive.DOMINANT
    interim = {"participation", "participation ex ante"} & {*kinds} or ("incentive" in kinds and not dominant)
    ex_post = "participation ex post" in kinds or ("incentive" in kinds and dominant)
    if interim and not orders:
        paid = r" - p_i(l, s)" if design.transfers else ""
        belief = "f(s)" if environment.independent else r"f(s \mid k)"
        inner = rf"{_worth(notation, 'l, s', 'k', 's')}{paid}"
        found.append(rf"U_i(l \mid k) = \sum_s {belief} \Big[\, {inner} \,\Big]")
    if ex_post and not orders:
        paid = r" - p_i(l, s)" if design.transfers else ""
        found.append(rf"u_i(l, s \mid k) = {_worth(notation, 'l, s', 'k', 's')}{paid}")
    return found


def _letter(notation: Notation) -> str:
    return {"outcomes": "a", "decisions": "d", "marginals": "i,g"}[notation.kind.value]


def _worth(notation: Notation, at: str, k: str, others: str) -> str:
    types = f"{k}, {others}" if notation.environment.interdependent else k
    over = "g" if notation.kind is AllocationKind.MARGINALS else _letter(notation)
    return rf"\sum_{{{over}}} v_{{i,{over}}}({types})\, x_{{{_letter(notation)}}}({at})"


def _cost(notation: Notation) -> str:
    over = _letter(notation)
    return rf"\sum_{{{over}}} c_{{{over.removeprefix('i,')}}}\, x_{{{over}}}(\theta)"


def _quantity(notation: Notation, quantity: Quantity) -> str:
    """A quantity as an expectation, or as the least over all profiles."""
    inner = _per_profile(notation, quantity)
    least, mean = rf"\min_\theta \Big[\, {inner} \,\Big]", rf"\sum_\theta f(\theta) \Big[\, {inner} \,\Big]"
    return least if quantity.worst else mean


def _per_profile(notation: Notation, quantity: Quantity) -> str:
    who = _who(notation, quantity)
    inner = _worth(notation, r"\theta", r"\theta_i", r"\theta_{-i}")
    worth = rf"\sum_{{{who}}} {inner}"
    money = in_money(notation, quantity.name, worth, rf"\sum_{{{who}}} p_i(\theta)", _cost(notation), "-")
    if money is not None:
        return money
    if quantity.name == "probability":
        return rf"x_{{{text(notation.environment.allocation.names[quantity.target or 0])}}}(\theta)"
    good = text(notation.environment.allocation.goods[quantity.target or 0].name)
    return rf"\sum_{{{who}}} x_{{i,{good}}}(\theta)"


def _who(notation: Notation, quantity: Quantity) -> str:
    agents = notation.environment.agents
    if quantity.agents is None or len(quantity.agents) == len(agents):
        return "i"
    names = [text(agents[i].name) for i in quantity.agents[:3]]
    dots = r", \dots" if len(quantity.agents) > 3 else ""
    return rf"i \in \{{{', '.join(names)}{dots}\}}"


def _feasible(notation: Notation) -> Formula:
    allocation = notation.environment.allocation
    letter = _letter(notation)
    if notation.kind is not AllocationKind.MARGINALS:
        return rf"\sum_{letter} x_{letter}(\theta) = 1,\;\; x \ge 0", r"\forall \theta"
    rows = [r"\sum_i x_{i,g}(\theta) \le \text{supply of } g"]
    if allocation.limits:
        rows.append(r"\sum_{\text{limited goods}} x_{i,g}(\theta) \le \text{limit}")
    if any(agent.demand is not None for agent in notation.environment.agents):
        rows.append(r"\sum_g x_{i,g}(\theta) \le \text{demand of } i")
    return r",\;\; ".join([*rows, r"x \ge 0"]), r"\forall \theta, g"


def _incentive(design: Design) -> Formula:
    if design.incentive is Incentive.DOMINANT:
        return r"u_i(k, s \mid k) \ge u_i(l, s \mid k)", r"\forall i, k, l, s"
    return r"U_i(k \mid k) \ge U_i(l \mid k)", r"\forall i, k, l"


def _order_incentive(design: Design) -> Formula:
    others = ", s" if design.incentive is Incentive.DOMINANT else ""
    formula = (
        rf"\Pr[\,\text{{one of the }} t \text{{ best of }} k \mid k{others}\,]"
        rf" \ge \Pr[\,\text{{one of the }} t \text{{ best of }} k \mid l{others}\,]"
    )
    return formula, rf"\forall i, k, l, t{others}"


def _balance(design: Design, paid: str, cost: str, costs: bool) -> str:
    budget = design.budget or Budget(balanced=True, ex_post=True)
    right = cost if costs else ""
    if budget.subsidy:
        right += f" - {amount(budget.subsidy)}"
    sign = "=" if budget.balanced else r"\ge"
    return f"{paid} {sign} {right or '0'}"
