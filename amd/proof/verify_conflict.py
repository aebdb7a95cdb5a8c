"""Checks a certificate of a conflict: requirements of a finite problem that cannot be met together, though they can
with any one of them dropped.

``python verify_conflict.py CERT.json`` ends with status 0 where the proof holds and 1 where it does not. Copy it
together with verify.py, which rebuilds the constraints and does the arithmetic; the standard library does the rest.

The document restates the problem as in verify.py. Its claim lists requirements, those that conflict and those that the
conflict does not need: ["incentive", agents], ["participation", agents], ["cap", agents] (what they can pay at most),
["need", k] (a budget or a bound, by its number), ["money"] (there is none), ["deterministic"], and those of `require`.
What is in neither list stays as it is. The proof has

* a tree that contradicts the problem without the requirements that the conflict does not need;
* for each requirement of the conflict a mechanism that meets the problem when that one is dropped as well.
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

try:
    from amd.proof.verify import Problem, digest, judged, main, need
except ImportError:  # copied out, next to verify.py
    from verify import Problem, digest, judged, main, need

FORMAT = "amd-conflict-1"
OF_AGENTS, ALONE = {"incentive", "participation", "cap"}, {"money", "deterministic"}
WORDS = {"money": "no money", "deterministic": "no lotteries"}


class Rest(Problem):
    """A problem without some requirements."""

    def __init__(self, data, dropped) -> None:
        self.free = {name for kind, *rest in dropped if kind == "incentive" for name in rest[0]}
        super().__init__(without(data, dropped))

    def row(self, name):
        need(name[0] != "incentive" or name[1] not in self.free, "incentives are used that the conflict does not need")
        return super().row(name)

    def every(self):
        return (name for name in super().every() if name[0] != "incentive" or name[1] not in self.free)


def without(data, dropped):
    """The restated problem, its wish and the dropped requirements left out; incentives are left to `Rest`."""
    gone = {kind: {name for one, *rest in dropped if one == kind for name in rest[0]} for kind in OF_AGENTS}
    agents = [dict(one) for one in data["agents"]]
    for one in agents:
        one["stage"] = "none" if one["name"] in gone["participation"] else one["stage"]
        one["budget"] = None if one["name"] in gone["cap"] else one["budget"]
    positions = {rest[0] for kind, *rest in dropped if kind == "need"}
    needs = [one for k, one in enumerate(data["needs"]) if k not in positions]
    kinds = {kind for kind, *_ in dropped}
    least = list(dict.fromkeys(k for one in needs for _, k in one["wish"]["worst"]))  # the worst cases still spoken of
    needs = [{**one, "wish": {**one["wish"], "worst": [[rate, least.index(k)] for rate, k in one["wish"]["worst"]]}}
             for one in needs]  # fmt: skip
    return {
        **data,
        "agents": agents,
        "needs": needs,
        "worst": [data["worst"][k] for k in least],
        "require": [word for word in data["require"] if word not in kinds],
        "transfers": data["transfers"] is True or "money" in kinds,
        "deterministic": data["deterministic"] is True and "deterministic" not in kinds,
        "wish": None,
    }


def known(data, clause):
    """Raises RejectedError where the problem has no such requirement."""
    kind, *rest = clause
    names = [one["name"] for one in data["agents"]]
    if kind in OF_AGENTS:
        (who,) = rest
        need(isinstance(who, list) and who and all(name in names for name in who), "a requirement is of no agent")
    elif kind == "need":
        (k,) = rest
        need(type(k) is int and 0 <= k < len(data["needs"]), "there is no such budget or bound")
    else:
        need(not rest and (kind in ALONE or kind in data["require"]), f"nobody asked for {kind!r}")


def verify(document):
    """The claim in words where the proof holds; raises RejectedError otherwise."""
    need(document["format"] == FORMAT, "this is not a proof about a conflict")
    data, claim, proof = document["problem"], document["claim"], document["proof"]
    need(digest(data) == document["digest"], "the digest does not fit the problem")
    conflict, superfluous = claim["conflict"], claim["superfluous"]
    need(claim["kind"] == "conflict" and conflict, "the claim is not understood")
    for clause in conflict + superfluous:
        known(data, clause)
    Problem(data)  # the whole of it must be readable, also what is dropped
    need(type(data["maximize"]) is bool, "the problem does not say which way its wish goes")
    Rest(data, superfluous).tree(proof["tree"], {}, None, {})
    for clause, mechanism in zip(conflict, proof["mechanisms"], strict=True):
        Rest(data, [*superfluous, clause]).attained(mechanism, {})
    told = "; ".join(words(data, clause) for clause in conflict)
    if len(conflict) == 1:
        return f"this requirement alone cannot be met: {told}"
    return (
        f"these {len(conflict)} requirements conflict, and with any one of them dropped the others can be met: {told}"
    )


def words(data, clause):
    kind, *rest = clause
    if kind == "need":
        return data["needs"][rest[0]]["text"]
    return f"{kind} of {', '.join(rest[0])}" if rest else WORDS.get(kind, kind)


def check(document, path=None) -> tuple[bool, str]:
    return judged(verify, document, path)


if __name__ == "__main__":
    main(check)
