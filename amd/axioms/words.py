"""Rules, profiles, clauses and proofs in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from amd.axioms.clauses import Axiom
from amd.axioms.prove import Document, Rule
from amd.axioms.setting import CHOICE, MATCHING, RANKING, Order, Profile, Setting
from amd.files.faults import listing
from amd.proof.verify_axioms import Rules

SHOWN = 60  # steps of a proof that are printed; of longer proofs, in each case
FIRST, LAST = 4, 4  # so many
ROWS = 12  # profiles of a rule that are printed

_AXIOM_WORDS = {
    "strategyproof": "strategyproof",
    "onto": "onto",
    "unanimous": "unanimous",
    "pareto": "Pareto efficient",
    "nondictatorial": "not dictatorial",
    "anonymous": "anonymous",
    "monotonic": "monotonic",
    "independent": "independent of irrelevant alternatives",
    "strict": "free of ties",
    "stable": "stable",
    "ordinally_efficient": "ordinally efficient",
    "equal_treatment": "treats equals equally",
}


def axiom_words(setting: Setting, axiom: Axiom) -> str:
    """An axiom as what a rule is."""
    word, who = axiom
    text = _AXIOM_WORDS[word]
    if who and len(who) < len(setting.agents):
        text += f" for {listing(setting.agents[i] for i in who)}"
    return text


def axioms_words(setting: Setting, axioms: Sequence[Axiom]) -> str:
    """All axioms as what a rule is: ``strategyproof, onto and not dictatorial``."""
    return listing(axiom_words(setting, axiom) for axiom in axioms)


def order_words(setting: Setting, agent: int, order: Order) -> str:
    """Such as ``a>b>c``; an empty list is ``nobody``."""
    names = setting.alternatives
    if setting.rule == MATCHING:
        first = setting.first_side
        names = setting.agents[first:] if agent < first else setting.agents[:first]
    return ">".join(names[k] for k in order) or "nobody"


def profile_words(setting: Setting, profile: Profile) -> str:
    """Everybody's order; for matchings with the names."""
    parts = [order_words(setting, i, setting.order(i, profile)) for i in range(len(setting.agents))]
    if setting.rule == MATCHING:
        parts = [f"{name}: {part}" for name, part in zip(setting.agents, parts, strict=True)]
    return ", ".join(parts)


def option_words(setting: Setting, option: Any) -> str:
    """What is picked, or ``a over b`` for a pair in a ranking."""
    if setting.rule == RANKING:
        return f"{setting.alternatives[option[0]]} over {setting.alternatives[option[1]]}"
    if setting.rule == CHOICE:
        return setting.alternatives[option]
    return matching_words(setting, option)


def matching_words(setting: Setting, matching: Sequence[int | None]) -> str:
    """Such as ``m1–w2, m2–w1``; whoever is alone is left out."""
    first = setting.first_side
    pairs = [f"{setting.agents[a]}–{setting.agents[first + b]}" for a, b in enumerate(matching) if b is not None]
    return ", ".join(pairs) or "nobody matched"


def pick_words(setting: Setting, pick: Any) -> str:
    """An entry of a rule's table."""
    if setting.rule != RANKING:
        return option_words(setting, pick)
    levels = sorted(set(pick))
    return ">".join("~".join(setting.alternatives[a] for a, own in enumerate(pick) if own == level) for level in levels)


def rule_words(setting: Setting, rule: Rule) -> list[str]:
    """A name where the rule has one, else its table."""
    name = _known(setting, rule)
    if name:
        return [name]
    rows = [
        f"{profile_words(setting, p)}: {pick_words(setting, one)}"
        for p, one in zip(setting.profiles, rule, strict=True)
    ]
    more = [f"… and {len(rows) - ROWS:,} profiles more"] if len(rows) > ROWS else []
    return [*rows[:ROWS], *more]


def _known(setting: Setting, rule: Rule) -> str:
    if setting.rule == MATCHING:
        return _deferred(setting, rule)
    pairs = list(zip(setting.profiles, rule, strict=True))
    for i, name in enumerate(setting.agents):
        if all(_follows(setting, setting.order(i, p), one) for p, one in pairs):
            return f"the dictatorship of {name}"
    picks = [one for at, one in enumerate(rule) if one not in rule[:at]]
    if len(picks) == 1:
        return f"always {pick_words(setting, picks[0])}"
    if setting.rule == CHOICE and len(picks) == 2:
        return _between_two(setting, rule, picks)
    return ""


def _follows(setting: Setting, order: Order, pick: Any) -> bool:
    """Whether the order's first is picked, or the ranking is the order itself."""
    if setting.rule == CHOICE:
        return bool(pick == order[0])
    return [pick[a] for a in order] == list(range(len(order)))


def _between_two(setting: Setting, rule: Rule, picks: list[int]) -> str:
    """A vote between two alternatives, named by the least sets of voters that can have the first."""
    a, b = sorted(picks)
    won: dict[frozenset[int], set[int]] = {}
    for p, one in zip(setting.profiles, rule, strict=True):
        side = frozenset(i for i, order in enumerate(setting.orders(p)) if order.index(a) < order.index(b))
        won.setdefault(side, set()).add(one)
    if any(len(outcome) > 1 for outcome in won.values()):
        return ""
    winning = [side for side, outcome in won.items() if outcome == {a}]
    least = [side for side in winning if not any(other < side for other in winning)]
    names = setting.alternatives
    sides = [listing(setting.agents[i] for i in sorted(side)) for side in sorted(least, key=sorted)]
    return f"{names[a]} where {' or '.join(sides) or 'nobody'} like it better than {names[b]}, else {names[b]}"


def _deferred(setting: Setting, rule: Rule) -> str:
    """Whether the rule picks one side's best stable matching everywhere."""
    from amd.axioms.clauses import is_stable

    for side, name in (
        (range(setting.first_side), "first"),
        (range(setting.first_side, len(setting.agents)), "second"),
    ):
        if all(
            all(setting.rank(i, p, mu) <= setting.rank(i, p, nu) for i in side)
            for p, mu in zip(setting.profiles, rule, strict=True)
            for nu in setting.options
            if is_stable(setting, p, nu)
        ):
            return f"deferred acceptance with the {name} side proposing"
    return ""


def proof_words(setting: Setting, axioms: Sequence[Axiom], document: Document) -> list[str]:
    """The certificate as an argument: profiles by number, cases, and the steps where they are few."""
    claim, proof = document["claim"], document["proof"]
    asked = axioms_words(setting, axioms)
    if claim["kind"] == "possible":
        return [f"Claim: some rule is {asked}.", "The rule in the certificate meets every axiom at every profile."]
    lines = [f"Claim: no rule is {asked}."]
    if claim["kind"] == "only":
        lines = [f"Claim: of all rules exactly {claim['count']} {_are(claim['count'])} {asked}."]
    checked = Rules(document["problem"])
    checked.rules = [checked.listed(table) for table in proof.get("rules", [])]
    told = _Told(setting, checked)
    steps = list(told.tree(proof["tree"], {}, 0))
    leaves = told.leaves
    lines.append(f"Proof by {leaves} case{'s' if leaves > 1 else ''}, {told.steps:,} steps in all.")
    if told.steps > SHOWN:
        steps = list(_shortened(steps))
        lines.append("Each case ends in a contradiction; the steps left out stand in the certificate.")
    used = {int(number) for line in steps for number in re.findall(r"\bP(\d+)\b", line)}
    profiles = [f"  P{k}  {profile_words(setting, p)}" for p, k in told.numbers.items() if k in used]
    return [*lines, "", "Profiles:", *profiles, "", *steps]


def _shortened(lines: Sequence[str]) -> Iterator[str]:
    """Of each long run of steps (lines that are set in) the first and the last few."""
    for inside, group in groupby(lines, key=lambda line: line.startswith(" ")):
        run = list(group)
        if inside and len(run) > FIRST + LAST + 1:
            run = [*run[:FIRST], f"  … {len(run) - FIRST - LAST:,} more steps", *run[-LAST:]]
        yield from run


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


class _Told:
    """A tree being told. Profiles are numbered as they come up."""

    def __init__(self, setting: Setting, checked: Rules) -> None:
        self.setting, self.checked = setting, checked
        self.numbers: dict[Profile, int] = {}
        self.leaves = self.steps = 0

    def number(self, profile: Profile) -> str:
        return f"P{self.numbers.setdefault(profile, len(self.numbers) + 1)}"

    def tree(self, node: Document, known: dict[Any, bool], depth: int) -> Iterator[str]:
        """The lines of a tree: cases begin at the left, steps are set in."""
        if "branch" not in node:
            yield from self.chain(node["chain"], dict(known))
            return
        p, option = tuple(node["branch"][0]), self.checked.option(node["branch"][1])
        for word in ("true", "false"):
            lead = "Suppose" if word == "true" else "Suppose instead"
            yield f"{'· ' * depth}{lead} {self.statement(p, option, word == 'true')}:"
            yield from self.tree(node[word], {**known, (p, option): word == "true"}, depth + 1)

    def chain(self, names: list[Any], known: dict[Any, bool]) -> Iterator[str]:
        self.leaves += 1
        for name in names:
            self.steps += 1
            literals = self.checked.clause(name)
            follows = [one for one in literals if known.get(one[:2]) is not (not one[2])]
            if not follows:
                yield f"  contradiction: {self.reason(name, literals[-1][0])}"
                return
            p, option, true = follows[0]
            known[p, option] = true
            yield f"  {self.statement(p, option, true)}: {self.reason(name, p)}"

    def statement(self, profile: Profile, option: Any, true: bool) -> str:
        at = self.number(profile)
        if self.setting.rule == RANKING:
            a, b = (self.setting.alternatives[k] for k in option)
            return f"at {at} society ranks {a} no lower than {b}" if true else f"at {at} society ranks {b} above {a}"
        return f"at {at} {'' if true else 'not '}{option_words(self.setting, option)}"

    def reason(self, name: list[Any], here: Profile) -> str:
        """The clause in words, as what it says about a profile."""
        word, *rest = name
        places = [tuple(one) for one in rest[:2] if isinstance(one, list)]
        there = self.number(next((p for p in places if p != here), here))
        match word:
            case "strategyproof":
                i, p, k, a, b = rest
                agent, order = self.setting.agents[i], self.setting.reports[i][k]
                true = self.number(tuple(p))
                a, b = (option_words(self.setting, self.checked.option(one)) for one in (a, b))
                return f"else {agent} at {true} reports {order_words(self.setting, i, order)} to get {b} instead of {a}"
            case "some":
                return "something is picked"
            case "one":
                return "only one is picked"
            case "nondictatorial":
                return f"{self.setting.agents[rest[0]]} is no dictator"
            case "independent":
                return f"everybody ranks the two as at {there}"
            case "other":
                return f"it is not rule {rest[0] + 1}"
            case "monotonic":
                return f"compared with {there}, it falls behind nothing"
            case "anonymous":
                return f"the orders of {there}, permuted"
        return _REASONS.get(word, word)


_REASONS = {
    "stable": "not stable",
    "pareto": "everybody agrees",
    "unanimous": "everybody's favourite",
    "onto": "every alternative is picked somewhere",
    "transitive": "rankings are transitive",
    "complete": "rankings are complete",
    "strict": "no ties",
}
