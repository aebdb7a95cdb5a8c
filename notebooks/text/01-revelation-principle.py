# %% [markdown]
# # 1 The revelation principle and the linear program
#
# > There are infinitely many ways to sell a thing. How can one search through all of them?
#
# A government will license one of two firms. To each, the license is worth 10 or 50 (million), equally likely; only the
# firm knows which. Auctions in one round or ten, entry fees, beauty contests: which rules bring in the most money?

# %%
from fractions import Fraction

import numpy as np

import amd
from amd.classics.game import best_responses, direct_mechanism, regret, sealed_bid_game
from amd.classics.virtual import virtual_values
from amd.teach import check, choose, show

# %% [markdown]
# ## From any rules to honest ones
#
# A *mechanism* is a set of messages for each agent, with an outcome and payments for every combination of messages. In
# a *direct* mechanism the messages are the types: everybody is simply asked. It is *incentive compatible* if telling
# the truth is an equilibrium.
#
# **Revelation principle** (Gibbard 1973, Myerson 1979). *Whatever an equilibrium of any mechanism brings about, some
# incentive compatible direct mechanism brings about as well.*
#
# The proof fits in one sentence: let the designer play everybody's equilibrium strategy on their behalf, and nobody has
# a reason to lie to an agent who already does the best for them. We can watch it happen. Take a first-price auction in
# which bids are multiples of 10:

# %%
license = amd.load("license")
game = sealed_bid_game(license.environment, bids=[0, 10, 20, 30, 40, 50], winner_pays="first")
strategies = best_responses(game)
for firm, strategy in zip(license.environment.agents, strategies, strict=True):
    print(firm.name, "bids", [str(game.messages[0][m]) for m in strategy.argmax(axis=1)], "with values 10 and 50")
assert regret(game, strategies) == 0

# %% [markdown]
# Nobody can gain by another bid: the regret is exactly zero. Now the same thing as a direct mechanism, in which firms
# report values and the machine bids for them, and the audit of its incentives:

# %%
direct = direct_mechanism(game, strategies)
show(direct)
audit = license.check(direct, exact=True)
print("\ngreatest gain from a lie:", audit.incentive.violation)
assert audit.incentive.violation == 0

# %% [markdown]
# ## The search becomes a linear program
#
# A direct mechanism is a table of numbers: for each pair of reports, who gets the license with which probability,
# and who pays what. Incentive compatibility and participation are linear in these numbers, and so is revenue. So the
# best of *all* mechanisms is the solution of a linear program. In a file it reads
#
# ```yaml
# agents:
#   firm:
#     count: 2
#     types: {v: {values: [10, 50]}}
#     value: {license: v}
# goods: {license: 1}
# design:
#   maximize: revenue
#   incentive: bayesian
#   participation: interim
# ```
#
# and solved:

# %%
result = license.solve()
show(result)
assert result.objective_exact == "75/2"

# %% [markdown]
# It sells only to a value of 50, at a price of 50: a *reserve price* so high that with probability 1/4 nobody gets the
# license. The seller throws away a sale to make her threat credible. (Among efficient mechanisms, which always sell to
# the higher value, the most is 30, against 20 by a second-price auction: `license-efficient`.)

# %%
result.plot("regions")

# %% [markdown]
# ## Reading the program
#
# `explain` writes down the program beside its solution. `full` asks for the textbook's program, without the reductions
# that make it small. Each row has its *slack*, the room it leaves, and its *multiplier*, what one unit of room would be
# worth. Orange rows are those that cost the seller something.

# %%
amd.explain(license, "full")

# %% [markdown]
# Read the multipliers. A firm worth 50 must not gain by saying 10: that constraint binds, with multiplier 1/2, the
# probability of being worth 50. A firm worth 10 must be willing to take part: multiplier 1, everybody's probability,
# because whatever is left to the low type must be left to the high type as well. Nothing else costs anything: blue rows bind
# for free, and another solution may leave them room. These two facts,
# *incentives bind downwards* and *participation binds at the bottom*, are half of auction theory; notebook 2 has the
# rest.

# %%
result.plot("binding")

# %% [markdown]
# ## How many constraints?
#
# With $n$ agents of $K$ types there are $K^n$ profiles. What the program calls reductions uses the problem's structure
# to write down far fewer rows and columns, without loss:

# %%
for types in (5, 10, 20):
    problem = amd.load("optimal-auction", N=types)
    full = types * (types - 1) * 2
    print(
        f"{types:3} types: {full:4} incentive rows in full; solved with {problem.solve().formulation.rows} rows in all"
    )

# %% [markdown]
# ## A proposal
#
# Somebody proposes: the license goes to the higher value (ties to firm 1), and the winner pays 30. Is it incentive
# compatible? The audit finds no gain from lying, but something else is wrong.

# %%
allocation = np.array([[[1, 0], [0, 1]], [[1, 0], [1, 0]]], dtype=object) * Fraction(1)
proposal = amd.Mechanism.from_exact(license.environment, allocation, 30 * allocation)
audit = license.check(proposal, exact=True)
print("gain from a lie:", audit.incentive.violation)
print("participation:", audit.participation.witness.sentence)
assert audit.incentive.violation == 0
assert audit.participation.violation == 10

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `None` and run the cell.
#
# **1.** In the proposal above, how much does firm 1 of type 10 lose by taking part, before it knows the other's type?

# %%
answer = None
check(answer, lambda: audit.participation.violation, "Firm 1 wins a tie. Average over the other firm's two types.")

# %% [markdown]
# **2.** Suppose the low value is 30 instead of 10. What is the greatest revenue? (Think first: to whom should
# one sell?)

# %%
answer = None
check(answer, lambda: amd.load("license", L=30).solve().objective)

# %% [markdown]
# **3.** From which low value L on does the seller no longer exclude it (the high value stays 50)?

# %%
answer = None
check(
    answer,
    lambda: next(low for low in range(1, 50) if virtual_values([low, 50]).virtual[0] >= 0),
    "Compare what the low type pays with what the high type must be given.",
)

# %% [markdown]
# **4.** Which constraint makes it impossible to charge everybody their value: *incentive*, *participation* or
# *feasibility*?

# %%
answer = None
choose(answer, "which constraint costs", "27d416cadd2d")
