"""Rules to and from answer files: ``{"rules": [[{"reports": [[a, b], …], "picks": …}, …], …]}``.

`picks` is an alternative; for rankings a list of lists of alternatives, best first, those in one list tied; for
matchings each agent of the first side with its partner or null.
"""

from __future__ import annotations

from typing import Any

from amd.axioms.prove import Rule
from amd.axioms.setting import CHOICE, MATCHING, RANKING, Setting


def to_json(setting: Setting, rule: Rule) -> list[dict[str, Any]]:
    """A rule by names."""
    rows = zip(setting.profiles, rule, strict=True)
    return [{"reports": _reports(setting, profile), "picks": _picks(setting, one)} for profile, one in rows]


def _reports(setting: Setting, profile: tuple[int, ...]) -> list[list[str]]:
    return [[_ranked(setting, i)[k] for k in setting.order(i, profile)] for i in range(len(setting.agents))]


def _ranked(setting: Setting, agent: int) -> tuple[str, ...]:
    """The names that an agent's orders are about."""
    if setting.rule != MATCHING:
        return setting.alternatives
    first = setting.first_side
    return setting.agents[first:] if agent < first else setting.agents[:first]


def _picks(setting: Setting, one: Any) -> Any:
    names, first = setting.alternatives, setting.first_side
    if setting.rule == CHOICE:
        return names[one]
    if setting.rule == RANKING:
        levels = range(max(one) + 1)
        return [[names[a] for a, own in enumerate(one) if own == level] for level in levels]
    return {setting.agents[a]: None if b is None else setting.agents[first + b] for a, b in enumerate(one)}


def from_json(setting: Setting, data: dict[str, Any]) -> Rule:
    """The first rule of an answer file. Raises ValueError where it is no rule for this setting."""
    rules = data.get("rules")
    if not isinstance(rules, list) or not rules or not isinstance(rules[0], list):
        raise ValueError("an answer holds 'rules', a list of rules, each a list of {reports, picks}")
    picked: dict[tuple[int, ...], Any] = {}
    for row in rules[0]:
        if not isinstance(row, dict) or not {"reports", "picks"} <= set(row):
            raise ValueError("each entry of a rule is an object with 'reports' and 'picks'")
        profile = profile_of(setting, row["reports"])
        if profile in picked:
            raise ValueError(f"the reports {row['reports']} stand there twice")
        picked[profile] = _picked(setting, row["picks"])
    if len(picked) < setting.profile_count:
        raise ValueError(f"the rule answers {len(picked):,} of {setting.profile_count:,} profiles of reports")
    return [picked[profile] for profile in setting.profiles]


def profile_of(setting: Setting, reports: Any) -> tuple[int, ...]:
    if not isinstance(reports, list) or len(reports) != len(setting.agents):
        raise ValueError(f"reports are a list of {len(setting.agents)} orders")
    profile = []
    for i, named in enumerate(reports):
        numbers = {name: k for k, name in enumerate(_ranked(setting, i))}
        order = tuple(numbers.get(name, -1) for name in named) if isinstance(named, list) else None
        if order not in setting.reports[i]:
            raise ValueError(f"{named} is no report of {setting.agents[i]} in this problem")
        profile.append(setting.reports[i].index(order))
    return tuple(profile)


def _picked(setting: Setting, picks: Any) -> Any:
    names = setting.alternatives
    if setting.rule == CHOICE:
        if picks not in names:
            raise ValueError(f"{picks!r} is not an alternative")
        return names.index(picks)
    return _levels(names, picks) if setting.rule == RANKING else _matching(setting, picks)


def _levels(names: tuple[str, ...], picks: Any) -> list[int]:
    lists = isinstance(picks, list) and all(isinstance(level, list) for level in picks)
    listed = [name for level in picks for name in level] if lists else []
    if sorted(listed) != sorted(names):
        raise ValueError(f"{picks!r} is no ranking: a list of lists, best first, with each alternative once")
    return [next(at for at, level in enumerate(picks) if name in level) for name in names]


def _matching(setting: Setting, picks: Any) -> tuple[int | None, ...]:
    first, second = setting.agents[: setting.first_side], setting.agents[setting.first_side :]
    if not isinstance(picks, dict) or set(picks) != set(first):
        raise ValueError(f"{picks!r} is no matching: each agent of the first side with its partner or null")
    partners = [picks[name] for name in first]
    known = [one for one in partners if one is not None]
    if not set(known) <= set(second) or len(set(known)) < len(known):
        raise ValueError(f"{picks!r} is no matching: partners are of the second side, nobody twice")
    return tuple(None if one is None else second.index(one) for one in partners)
