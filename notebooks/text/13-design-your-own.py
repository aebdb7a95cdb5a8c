# %% [markdown]
# # 13 Design your own
#
# > You have a problem of your own. How do you write it down, solve it, and convince others of the answer?
#
# Everything in these notebooks was made from files of a dozen lines. Here is how to write one, change it, and read what comes back.

# %%
import amd
from amd.proof.bounds import bounds
from amd.proof.certificate import certify
from amd.teach import check, choose, explore, show
from amd.teach.sketch import BLUE, ORANGE, Sketch

# %% [markdown]
# ## Write it down
#
# A concert hall sells one evening to one of two promoters, a small and a large one. The hall costs 1/5 to run. The mayor asks that the small promoter
# get the hall at least every third time. Who are the agents, what do they know, what can be decided, and what is wanted?

# %%
HALL = """
amd: 1
title: A concert hall
parameters: {N: 10, share: 1/3}
agents:
  small:
    types: {v: {uniform: [0, 1], cells: N}}
    value: {evening: v}
  large:
    types: {v: {uniform: [0, 2], cells: N}}
    value: {evening: v}
goods:
  evening: {supply: 1, cost: 1/5}
design:
  maximize: profit
  incentive: bayesian
  participation: interim
  require:
    - allocated(small, evening): ">= share"
"""
hall = amd.loads(HALL)
hall

# %% [markdown]
# ## Solve it

# %%
result = hall.solve()
show(result)

# %%
result.plot("regions")

# %% [markdown]
# Every answer is audited against the full problem, by code that shares nothing with the compiler:

# %%
print("audit:", "clean" if result.audit.ok(1e-7) else result.audit.worst)
assert result.audit.ok(1e-7)

# %% [markdown]
# ## Read it
#
# The multiplier of the mayor's wish is its price: what profit falls by, per unit of probability, when the share is raised.

# %%
told = result.explain()
wish = next(family for family in told.families if family.kind == "bound").rows[0]
print(f"the mayor's wish costs {float(wish.multiplier):.4f} per unit")
print(f"profit with it {result.objective:.4f}, without it {amd.loads(HALL, share=0).solve().objective:.4f}")

# %% [markdown]
# ## Change it
#
# Parameters can be given other values, in Python as here, in files with `amd solve hall.yaml --set share=1/2`. The frontier between profit and the small promoter's
# share, and what a slider does:

# %%
shares = [k / 20 for k in range(13)]
profits = [amd.loads(HALL, share=share).solve().objective for share in shares]


def frontier(share):
    """Profit as a function of the share, one point chosen."""
    chosen = min(range(len(shares)), key=lambda k: abs(shares[k] - share))
    drawing = Sketch((0, 0.6), (0, max(profits) * 1.15), ("share of the small promoter", "profit"), "A frontier")
    drawing.corner = "s"
    drawing.line(shares, profits, BLUE, "best profit")
    return drawing.dots([shares[chosen]], [profits[chosen]], ORANGE, f"{shares[chosen]:.2f}: {profits[chosen]:.4f}", 7)


explore(frontier, share=(0.0, 0.6, 0.05, 0.35))

# %% [markdown]
# ## Ask for too much
#
# What if the hall must go to the higher value, the budget must break even in every case, and a profit of 9/10 is wanted? Ask why not, and what would help.
# (Honesty is not even needed for the conflict: there is less than that to be had.)

# %%
GREEDY = HALL.replace("maximize: profit", "budget: {no_deficit: ex_post}").replace(
    '    - allocated(small, evening): ">= share"', '    - efficient\n    - profit: ">= 9/10"'
)
greedy = amd.loads(GREEDY, N=4)
print(greedy.solve().status.value)
print(greedy.why())

# %% [markdown]
# ## Prove it
#
# A solver's word is not a proof. `certify` writes one in rational numbers, which a small separate program verifies (`amd verify`):

# %%
small_hall = amd.loads(HALL, N=3)
proof = certify(small_hall.task)
print(f"{proof.kind}: the best profit is exactly {proof.value}; {proof.multipliers} multipliers")
assert str(proof.value) == small_hall.solve().objective_exact

# %% [markdown]
# and `bounds` says what holds for the continuous prior, not only its grid:

# %%
bracket = bounds(amd.loads(HALL, share=0).task, cells=30)
print(f"without the wish: {float(bracket.lower):.4f} <= best profit <= {float(bracket.upper):.4f}")

# %% [markdown]
# ## Play it

# %%
played = result.simulate(rounds=50_000, seed=1)
print(
    f"profit in 50,000 evenings: {played.means['profit']:.3f} ± {2 * played.errors['profit']:.3f}; expected {result.objective:.3f}"
)
assert abs(played.means["profit"] - result.objective) < 5 * played.errors["profit"]

# %% [markdown]
# ## Where to go from here
#
# `amd list` shows the bundled problems, `amd show NAME` one of them; copy it and change one line. The page on the problem format says what else may stand in a file:
# several goods, bundles, budgets, outside options, correlated or interdependent values, preferences without money.
#
# ## Exercises
#
# Change the file, not the program: each question is one edit of `HALL`.
#
# **1.** Truth should be best *whatever the others say*, and nobody may regret taking part. What is the best profit now (N = 10)?

# %%
answer = None
check(
    answer,
    lambda: amd.loads(HALL.replace("bayesian", "dominant").replace("interim", "ex_post")).solve().objective,
    "`incentive: dominant`, `participation: ex_post`",
)

# %% [markdown]
# **2.** The mayor maximises welfare instead, and asks for no share. What is it?

# %%
answer = None
check(answer, lambda: amd.loads(HALL.replace("maximize: profit", "maximize: welfare"), share=0).solve().objective)

# %% [markdown]
# **3.** The small promoter has left town, the wish with him, and the hall costs nothing to run. What is the best profit (N = 10)?

# %%
ALONE = """
amd: 1
agents:
  large: {types: {v: {uniform: [0, 2], cells: 10}}, value: {evening: v}}
goods: {evening: 1}
design: {maximize: profit}
"""
answer = None
check(answer, lambda: amd.loads(ALONE).solve().objective)

# %% [markdown]
# **4.** A colleague says that a grid optimum *proves* what holds for the continuum. Which command answers that question: *solve*, *check* or *bounds*?

# %%
answer = None
choose(answer, "which command for the continuum", "fc6bc448aa14")
