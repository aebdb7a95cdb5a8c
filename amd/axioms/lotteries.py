"""Random assignment rules in exact chances: to and from answers, and where one breaks an axiom.

An answer is ``{"assignments": [{"reports": [order, …], "chances": [[…], …]}, …]}``: for each profile a row of chances
for each agent, in the order of `alternatives`. A chance is a whole number, a decimal, or a text such as "1/3"; all are
read as what is written, and every sum is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from amd.axioms.clauses import Axiom
from amd.axioms.prove import restate
from amd.axioms.setting import Profile, Setting
from amd.axioms.tables import profile_of
from amd.axioms.words import order_words, profile_words
from amd.files.faults import listing
from amd.proof.verify_weights import Lotteries

Table = list[list[Fraction]]  # chances by agent and object
FEASIBLE = "feasible"


def assignments_json(setting: Setting, rule: Sequence[Table]) -> list[dict[str, Any]]:
    """A rule by names; chances are whole numbers, or texts."""
    return [
        {
            "reports": [[setting.alternatives[k] for k in order] for order in setting.orders(p)],
            "chances": [[int(x) if x.denominator == 1 else str(x) for x in row] for row in table],
        }
        for p, table in zip(setting.profiles, rule, strict=True)
    ]


def assignments_of(setting: Setting, data: dict[str, Any]) -> list[Table]:
    """The rule of an answer, in the order of the profiles. Raises ValueError where it is no rule for this setting."""
    rows = data.get("assignments")
    if not isinstance(rows, list):
        raise ValueError("an answer holds 'assignments', a list of {reports, chances}")
    found: dict[Profile, Table] = {}
    for row in rows:
        if not isinstance(row, dict) or not {"reports", "chances"} <= set(row):
            raise ValueError("each entry of a rule is an object with 'reports' and 'chances'")
        profile = profile_of(setting, row["reports"])
        if profile in found:
            raise ValueError(f"the reports {row['reports']} stand there twice")
        found[profile] = _table(setting, row["chances"])
    if len(found) < setting.profile_count:
        raise ValueError(f"the rule answers {len(found):,} of {setting.profile_count:,} profiles of reports")
    return [found[profile] for profile in setting.profiles]


def _table(setting: Setting, chances: Any) -> Table:
    n = len(setting.agents)
    square = isinstance(chances, list) and len(chances) == n
    if not square or not all(isinstance(row, list) and len(row) == n for row in chances):
        raise ValueError(f"chances are {n} rows, one for each agent, of {n} numbers, one for each object")
    return [[_chance(one) for one in row] for row in chances]


def _chance(value: Any) -> Fraction:
    """What is written: a float stands for its shortest decimal."""
    try:
        if not isinstance(value, bool):
            return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        pass
    raise ValueError(f"{value!r} is no chance: a number or a text such as '1/3' is wanted")


def faults(setting: Setting, axioms: Sequence[Axiom], rule: Sequence[Table]) -> dict[str, list[str]]:
    """The first place where the rule is no random assignment, or breaks an axiom; axioms of what is none are not
    looked at."""
    checked = Lotteries(restate(setting, axioms))
    profiles, x = checked.listed([[[str(chance) for chance in row] for row in table] for table in rule])
    place = checked.fault_feasible(profiles, x)
    if place is not None:
        return {FEASIBLE: [_infeasible(setting, x, *place)]}
    found: dict[str, list[str]] = {FEASIBLE: []}
    for word, _ in axioms:
        place = getattr(checked, f"fault_{word}")(profiles, x)
        found[word] = [] if place is None else [_WORDS[word](setting, x, *place)]
    return found


Chances = dict[tuple[Profile, int, int], Fraction]


def _infeasible(setting: Setting, x: Chances, p: Profile, i: int | None, o: int | None) -> str:
    at, every = f"at {profile_words(setting, p)}", range(len(setting.agents))
    if i is not None and o is not None:
        return f"{at}: {setting.agents[i]} gets {setting.alternatives[o]} with a chance of {x[p, i, o]}, below 0"
    if i is not None:
        return f"{at}: the chances of {setting.agents[i]} sum to {sum(x[p, i, k] for k in every)}, not 1"
    if o is None:
        raise ValueError("a sum is over agents or over objects")
    return f"{at}: the chances of getting {setting.alternatives[o]} sum to {sum(x[p, j, o] for j in every)}, not 1"


def _unequal(setting: Setting, x: Chances, p: Profile, i: int, j: int, o: int) -> str:
    one, other, thing = setting.agents[i], setting.agents[j], setting.alternatives[o]
    return (
        f"not equal treatment: at {profile_words(setting, p)} {one} and {other} report alike, and get {thing} with "
        f"chances of {x[p, i, o]} and {x[p, j, o]}"
    )


def _manipulable(setting: Setting, x: Chances, p: Profile, i: int, k: int, t: int) -> str:
    best = setting.order(i, p)[:t]
    lie = setting.moved(p, i, k)
    truth, false = (sum((x[q, i, o] for o in best), Fraction(0)) for q in (p, lie))
    names = " or ".join(setting.alternatives[o] for o in best)
    return (
        f"not strategyproof: at {profile_words(setting, p)} {setting.agents[i]} gets {names} with a chance of {truth}, "
        f"and of {false} by reporting {order_words(setting, i, setting.reports[i][k])}"
    )


def _wasteful(setting: Setting, x: Chances, p: Profile, cycle: Sequence[tuple[int, int]]) -> str:
    things = [o for _, o in cycle]
    trades = [
        f"{setting.agents[i]} would give up {setting.alternatives[o]} (chance {x[p, i, o]}) for "
        f"{setting.alternatives[better]}"
        for (i, o), better in zip(cycle, [*things[1:], *things[:1]], strict=True)
    ]
    return f"not ordinally efficient: at {profile_words(setting, p)} {listing(trades)}"


_WORDS: dict[str, Any] = {
    "equal_treatment": _unequal,
    "strategyproof": _manipulable,
    "ordinally_efficient": _wasteful,
}
