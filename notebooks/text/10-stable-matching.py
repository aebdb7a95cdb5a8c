# %% [markdown]
# # 10 Stable matching and school choice
#
# > Some things should not be sold: school seats, hospital posts. How can one hand them out so that nobody wants to swap?
#
# Four students and four schools rank each other. A matching is *stable* if no student and school would rather have each other than what they got;
# an unstable one unravels. Gale and Shapley (1962) showed that there always is one, by an algorithm that a child can run.

# %%
import numpy as np

from amd.files.bundled import resolve
from amd.matching.audit import blocking_pairs, is_stable
from amd.matching.deferred import deferred_acceptance
from amd.matching.entry import solve_file
from amd.matching.market import Market, lists_from, lists_from_matrix
from amd.matching.misreports import profitable_misreports
from amd.matching.rotations import all_stable_matchings
from amd.matching.roth import roth_impossibility
from amd.matching.school import immediate_acceptance, top_trading_cycles
from amd.teach import check, choose, explore
from amd.teach.sketch import BLUE, ORANGE, Sketch
from amd.teach.stepper import market_of, step, stepper

# %%
students = {"A": "WXYZ", "B": "XWYZ", "C": "WYXZ", "D": "YWXZ"}
schools = {"W": "BADC", "X": "ABCD", "Y": "CDAB", "Z": "DCBA"}

# %% [markdown]
# ## Deferred acceptance
#
# Everybody who is free asks the best school that has not turned her away; each school holds the best who asked and turns the others away. Step
# through it, from either side:

# %%
explore(
    stepper,
    students="A: W, X, Y, Z; B: X, W, Y, Z; C: W, Y, X, Z; D: Y, W, X, Z",
    schools="W: B, A, D, C; X: A, B, C, D; Y: C, D, A, B; Z: D, C, B, A",
    round=(0, 16, 1, 2),
    proposing=["students", "schools"],
)

# %%
ours, theirs = step(students, schools, 99), step(students, schools, 99, "schools")
print("students propose:", ours.held)
print("schools propose: ", {where: who for who, where in theirs.held.items()})
assert ours.held == {"W": "A", "X": "B", "Y": "C", "Z": "D"}
assert theirs.held == {"A": "X", "B": "W", "C": "Y", "D": "Z"}

# %% [markdown]
# Both are stable. Who asks gets her best stable partner, who is asked the worst: at W and X the two answers differ. Type other preferences
# into the fields and step again.

# %%
market = market_of(students, schools)
for matching in all_stable_matchings(market):
    print(dict(zip("ABCD", ("WXYZ"[place] for place in matching), strict=True)), is_stable(market, matching))

# %% [markdown]
# What if somebody swaps? Give A to X and B to W (the schools' favourite), and C and D each other's places:

# %%
swapped = np.array([1, 0, 3, 2])
print(*blocking_pairs(market, swapped).sentences(market), sep="\n")

# %% [markdown]
# ## Many stable matchings, and a polytope
#
# Knuth's market of four couples has ten. They form a lattice; the program behind `median` finds one in the middle.

# %%
knuth = solve_file(resolve("knuth"))
print(knuth.text())
assert len(knuth.details["stable_matchings"]) == 10

# %% [markdown]
# ## Large markets
#
# In a random market of 1,000 a side, who proposes gets her 7th choice on average ($H_n \approx \log n$), who is asked about the 134th
# ($n / H_n$). One man too few or too many changes everything: the short side wins, whoever proposes (Ashlagi, Kanoria and Leshno 2017).


# %%
def mean_ranks(men, women, seed):
    """Mean ranks of both sides when men propose."""
    random = np.random.default_rng(seed)
    first = np.argsort(random.random((men, women)), axis=1)
    second = np.argsort(random.random((women, men)), axis=1)
    found = deferred_acceptance(
        Market(lists_from_matrix(first), lists_from_matrix(second), np.ones(women, dtype=np.int64))
    ).assignment
    matched = np.flatnonzero(found >= 0)
    own = np.argsort(first, axis=1)[matched, found[matched]] + 1
    other = np.argsort(second, axis=1)[found[matched], matched] + 1
    return own.mean(), other.mean()


table = {women: mean_ranks(500, women, seed=4) for women in (500, 501, 550)}
for women, (proposing, asked) in table.items():
    print(f"500 men, {women} women: men get rank {proposing:6.1f}, women {asked:6.1f}")

# %%
places = Sketch((-0.6, 2.6), (0, 210), ("women (500 men propose)", "mean rank (1 is best)"), "Competition")
places.names = [str(women) for women in table]
places.bars([men for men, _ in table.values()], BLUE, "men", place=-0.2, wide=0.36)
places.bars([women for _, women in table.values()], ORANGE, "women", place=0.2, wide=0.36)
places

# %% [markdown]
# ## School choice
#
# Now only students have wishes; schools have priorities. Boston's old mechanism (immediate acceptance) fills seats by first choices first and punishes honesty;
# deferred acceptance is strategyproof and respects priorities; top trading cycles is strategyproof and efficient
# (Abdulkadiroğlu and Sönmez 2003). Eight students, schools with 2, 2, 3 and 3 seats:

# %%
wishes = ["2134", "1234", "3214", "3412", "1342", "4123", "1234", "1243"]
priorities = ["12345678", "35487216", "53172864", "68742351"]
district = Market(
    lists_from([[int(c) - 1 for c in row] for row in wishes]),
    lists_from([[int(c) - 1 for c in row] for row in priorities]),
    np.array([2, 2, 3, 3]),
)
rules = {
    "Boston": immediate_acceptance,
    "deferred acceptance": deferred_acceptance,
    "top trading cycles": top_trading_cycles,
}
outcome = {}
for name, rule in rules.items():
    places = rule(district).assignment
    outcome[name] = (places + 1).tolist()
    envy = blocking_pairs(district, places).count
    liars = profitable_misreports(district, rule).found
    print(f"{name:20} {outcome[name]}  blocking pairs {envy}, students who gain by lying {len(liars)}")
assert outcome["top trading cycles"] == [2, 1, 3, 3, 1, 4, 2, 4]
assert outcome["deferred acceptance"] == [1, 1, 3, 3, 3, 4, 2, 2]
assert outcome["Boston"] == [2, 1, 3, 3, 1, 4, 3, 2]

# %%
print(*(lie.sentence(district) for lie in profitable_misreports(district, immediate_acceptance).found), sep="\n")

# %% [markdown]
# ## What no algorithm can do
#
# **Roth (1982).** *No rule that always picks a stable matching makes honesty a dominant strategy for both sides.* Two a side suffice; the computer
# finds the profile at which every stable rule is refuted:

# %%
witness = roth_impossibility()
for refutation in witness.refutations:
    side = ("applicant", "program")[refutation.side]
    print(
        f"if the rule picks {refutation.picked}, {side} {refutation.liar} reports {refutation.report}: {refutation.outcome}"
    )

# %% [markdown]
# And couples can make stability impossible altogether. The residency match has thousands of them:

# %%
print(solve_file(resolve("couple-without-stability")).text())

# %% [markdown]
# ## Exercises
#
# **1.** In the market of A, B, C and D: how many stable matchings are there?

# %%
answer = None
check(answer, lambda: len(list(all_stable_matchings(market))))

# %% [markdown]
# **2.** How many proposals does student-proposing deferred acceptance make there in all?

# %%
answer = None
check(answer, lambda: deferred_acceptance(market).proposals, "Count the asking in the stepper's rounds.")

# %% [markdown]
# **3.** Let every student rank W > X > Y > Z and every school A > B > C > D. How many stable matchings are there?

# %%
answer = None
check(
    answer,
    lambda: len(list(all_stable_matchings(market_of(dict.fromkeys("ABCD", "WXYZ"), dict.fromkeys("WXYZ", "ABCD"))))),
)

# %% [markdown]
# **4.** A city wants honesty to be best for students and no justified envy. Which mechanism: *boston*, *deferred acceptance* or *top trading cycles*?

# %%
answer = None
choose(answer, "honest and without envy", "0b54b18f88ac")
