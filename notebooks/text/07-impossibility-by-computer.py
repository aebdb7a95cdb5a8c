# %% [markdown]
# # 7 Impossibility by computer
#
# > Is there a way to vote that rewards honesty, or are there only dictatorships?
#
# Without money there is nothing to pay for the harm one does. Two voters rank three alternatives; a rule picks one. We want that no
# voter ever gains by a false ranking, that every alternative can win, and that nobody is a dictator.

# %%
from itertools import permutations

import amd
from amd.axioms import certify_text, solve_text, why_text
from amd.proof.certificate import certify
from amd.teach import check, choose
from amd.teach.sketch import BLUE, GREEN, ORANGE, Sketch

# %% [markdown]
# ## Gibbard and Satterthwaite
#
# There are $3^{36}$ rules, a number with 18 digits. As an integer program, whose variables say which alternative wins at each of the 36
# profiles, it takes the blink of an eye:

# %%
verdict = amd.load("gibbard-satterthwaite").solve()
print("is there such a rule?", "yes" if verdict.optimal else "no")
assert not verdict.optimal

# %% [markdown]
# **Theorem** (Gibbard 1973, Satterthwaite 1975). *With three alternatives or more, an onto strategyproof rule is a dictatorship.* A
# solver's "no" is not a proof, so ask for one: a case distinction, and in each case constraints that add up to a contradiction, all in
# rational numbers.

# %%
print(certify(amd.load("gibbard-satterthwaite").task))

# %% [markdown]
# ## All of them
#
# Which strategyproof rules *are* there? A twin of the program in a dozen lines of plain Python, which fills in the table of 36
# profiles one by one and takes back what lets somebody gain by a lie:

# %%
ORDERS = list(permutations("abc"))


def manipulable(rule, profile, choice):
    """Whether the choice at this profile lets somebody gain from or to a profile that differs in one ranking."""
    for voter in (0, 1):
        for other, picked in rule.items():
            if other[1 - voter] == profile[1 - voter] and other != profile:
                here, there = ORDERS[profile[voter]].index, ORDERS[other[voter]].index
                if here(picked) < here(choice) or there(choice) < there(picked):
                    return True
    return False


def strategyproof_rules(rule, profiles):
    """Every strategyproof completion of a partial rule."""
    if len(rule) == len(profiles):
        yield dict(rule)
        return
    profile = profiles[len(rule)]
    for choice in "abc":
        if not manipulable(rule, profile, choice):
            rule[profile] = choice
            yield from strategyproof_rules(rule, profiles)
            del rule[profile]


profiles = [(first, second) for first in range(6) for second in range(6)]
rules = list(strategyproof_rules({}, profiles))
onto = [rule for rule in rules if set(rule.values()) == set("abc")]
tops = [[all(rule[p] == ORDERS[p[voter]][0] for p in profiles) for voter in (0, 1)] for rule in onto]
print(len(rules), "strategyproof rules;", len(onto), "of them onto; dictators:", tops)
assert len(rules) == 17
assert len(onto) == 2
assert tops in ([[True, False], [False, True]], [[False, True], [True, False]])

# %%
counts = {size: sum(len(set(rule.values())) == size for rule in rules) for size in (1, 2, 3)}
drawing = Sketch((-0.6, 2.6), (0, 14), ("alternatives that can win", "rules"), "The 17 strategyproof rules")
drawing.names = ["one", "two", "three"]
for place, (count, color) in enumerate(zip(counts.values(), (BLUE, GREEN, ORANGE), strict=True)):
    drawing.bars([count], color, place=place)
drawing

# %% [markdown]
# Three constants, twelve that choose between two alternatives, and two dictatorships. The program's answer to *onto and strategyproof* is one of
# the last two. The same from a problem file of `kind: axioms`, which names each rule and proves that there are no others:

# %%
CHOICE = """
amd: 1
kind: axioms
rule: choice
agents: [ann, bob]
alternatives: [a, b, c]
require: [strategyproof]
find: all
"""
known = solve_text(CHOICE)
print(known.text())
assert len(known.answer["rules"]) == len(rules)

# %% [markdown]
# ## Arrow
#
# Now a society wants not one winner but a *ranking*, with ties if need be. Whenever everybody puts $a$ above $b$, so should society (Pareto); and how society
# ranks $a$ and $b$ should depend only on how its members rank $a$ and $b$ (independence of irrelevant alternatives).
#
# **Theorem** (Arrow 1951). *With three alternatives or more, only dictatorships do both.*

# %%
RANKING = """
amd: 1
kind: axioms
rule: ranking
agents: [ann, bob]
alternatives: [a, b, c]
require: AXIOMS
"""
arrow = solve_text(RANKING.replace("AXIOMS", "[pareto, independent]") + "find: all\n")
print(arrow.text())
assert len(arrow.answer["rules"]) == 2

# %% [markdown]
# There are $13^{36}$ ways to give each of the 36 profiles one of the 13 rankings with ties; two cases cover them all. Here is the argument, step by step;
# each step can be checked by looking at two profiles:

# %%
words, certificate, impossible = certify_text(RANKING.replace("AXIOMS", "[pareto, independent, nondictatorial]"))
print(words)
assert impossible

# %% [markdown]
# Any two of the three axioms fit together, so none can be left out of the theorem:

# %%
for axioms in ("[pareto, independent]", "[pareto, nondictatorial]", "[independent, nondictatorial]"):
    found = solve_text(RANKING.replace("AXIOMS", axioms))
    print(f"{axioms:32} {'possible' if found.answer else 'impossible'}")
    assert found.answer
print(why_text(RANKING.replace("AXIOMS", "[pareto, independent, nondictatorial]")).text())

# %% [markdown]
# ## Lotteries help a little
#
# Let the rule toss coins. If truth must be best in the sense of stochastic dominance and a common favourite wins for sure, only *random
# dictatorships* remain (Gibbard 1977). One sees it at the profile in which alternative $a$ is everybody's second choice: it can never win.

# %%
lottery = amd.load("random-dictatorship").solve()
print("most probability that a can have:", lottery.objective_exact, "= its share of first places")
assert lottery.objective_exact == "1/3"

# %%
print(lottery.mechanism(["b", "a", "c"], ["c", "a", "b"]))

# %% [markdown]
# ## Fewer preferences
#
# Let alternatives lie on a line and nobody rank the middle last: *single-peaked* preferences (Black 1948, Moulin 1980). Now there are good rules:
# the median of the voters' peaks and a fixed ballot.

# %%
peaked = amd.load("single-peaked").solve()
print(peaked.status.value, "; the middle wins with probability", peaked.objective)
peaked.plot("regions")

# %% [markdown]
# ## Why not? The price of each requirement
#
# `why` finds the smallest set of requirements that conflict, and what it would cost to give each one up.

# %%
print(amd.load("green-laffont", N=4).why())

# %% [markdown]
# ## Exercises
#
# **1.** How many strategyproof rules are there for two voters and *two* alternatives?

# %%
answer = None
check(
    answer,
    lambda: sum(
        1
        for table in range(16)
        if all((table >> (2 + p) & 1) >= (table >> p & 1) for p in (0, 1))
        and all((table >> (1 + 2 * p) & 1) >= (table >> 2 * p & 1) for p in (0, 1))
    ),
    "With two alternatives, a rule is strategyproof iff more votes for b never make a win.",
)

# %% [markdown]
# **2.** At the profile where both voters rank $a$ second, with which probability does $a$ win in the lottery above?

# %%
answer = None
check(answer, lambda: (lottery.mechanism(["b", "a", "c"], ["c", "a", "b"]).lottery or {}).get("a", 0))

# %% [markdown]
# **3.** With two voters and three alternatives, how many rankings are Pareto efficient, independent *and* without ties?

# %%
answer = None
check(
    answer,
    lambda: len(solve_text(RANKING.replace("AXIOMS", "[pareto, independent, strict]") + "find: all\n").answer["rules"]),
)

# %% [markdown]
# **4.** All six orders are possible. Giving up which of these makes an onto rule without a dictator possible: *strategyproofness*, *unanimity* or
# *anonymity*?

# %%
answer = None
choose(answer, "what must go with all orders", "cbf7fdc918c6")
