"""Checks a certificate that all mechanisms that meet a design are known: they are the mixtures of those listed.

``python verify_mixtures.py CERT.json`` ends with status 0 where the proof holds and 1 where it does not. Copy it
together with verify.py, which rebuilds the constraints and does the arithmetic; the standard library does the rest.

It is for designs whose mechanisms draw one outcome by lot at each profile, without money; a wish in the design is left
aside. The proof lists mechanisms D_1, ..., D_k, each of which meets the design; so do their mixtures, since every
constraint is linear. The other way round it has, for each j, a share: a sum s_j(x) of chances and a constant.
Multipliers prove, of every mechanism x that meets the design, that

* s_j(x) >= 0 for each j, and s_1(x) + ... + s_k(x) >= 1;
* x(p, c) >= s_1(x) D_1(p, c) + ... + s_k(x) D_k(p, c) for each profile p and outcome c.

The chances at p sum to 1 on the left, and to s_1(x) + ... + s_k(x) on the right. So the shares sum to 1, all of the
inequalities are equations, and x is the mixture of the D_j by its shares.
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

from itertools import product

try:
    from amd.proof.verify import ONE, Problem, add, digest, judged, main, need, number, whole
except ImportError:  # copied out, next to verify.py
    from verify import ONE, Problem, add, digest, judged, main, need, number, whole

FORMAT = "amd-mixtures-1"


def listed(problem, mechanism):
    """The chances of a mechanism, once every constraint has been checked."""
    problem.attained(mechanism, {})
    rows = zip(problem.profiles, mechanism["allocation"], strict=True)
    return {("x", p, whole(c, len(problem.columns))): number(text) for p, entries in rows for c, text in entries}


def share(problem, data):
    """A sum of chances and a constant."""
    terms = {ONE: number(data["constant"])}
    for profile, c, text in data["chances"]:
        add(terms, {("x", problem.profile(profile), whole(c, len(problem.columns))): number(text)})
    return terms


def verify(document):
    """The claim in words where the proof holds; raises RejectedError otherwise."""
    need(document["format"] == FORMAT, "this is not a proof about mixtures")
    data, claim, proof = document["problem"], document["claim"], document["proof"]
    need(digest(data) == document["digest"], "the digest does not fit the problem")
    problem = Problem(data)
    need(type(data["maximize"]) is bool, "the problem does not say which way its wish goes")
    lots = problem.single and not problem.deterministic and not problem.transfers
    need(lots, "the mechanisms are not lotteries over outcomes without money")
    listed_ones = [listed(problem, one) for one in proof["mechanisms"]]
    shares = [share(problem, one) for one in proof["shares"]]
    need(claim == {"kind": "mixtures", "count": len(listed_ones)}, "the claim is not understood")
    need(len(shares) == len(listed_ones) > 0, "each mechanism has a share")

    def holds(terms, multipliers, what):
        """That the sum is at most 0 in every mechanism."""
        need(problem.most(terms, multipliers, {}) <= 0, f"it is not shown that {what}")

    for j, multipliers in zip(range(len(shares)), proof["positive"], strict=True):
        holds(add({}, shares[j], -1), multipliers, "every share is at least 0")
    total = {ONE: 1}
    for one in shares:
        add(total, one, -1)
    holds(total, proof["whole"], "the shares sum to 1")
    bounds = {(problem.profile(p), c): multipliers for p, c, multipliers in proof["bounds"]}
    for p, c in product(problem.profiles, problem.columns):
        terms = {("x", p, c): -1}
        for one, known in zip(shares, listed_ones, strict=True):
            add(terms, one, known.get(("x", p, c), 0))
        holds(terms, bounds.get((p, c), []), f"outcome {c} at {list(p)} has its share")
    return f"the mechanisms that meet the design are the mixtures of {len(shares)}"


def check(document, path=None) -> tuple[bool, str]:
    return judged(verify, document, path)


if __name__ == "__main__":
    main(check)
