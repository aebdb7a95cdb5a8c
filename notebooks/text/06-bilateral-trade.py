# %% [markdown]
# # 6 Bilateral trade: the grid trap, the theorem, the second best
#
# > Two people could both gain from a trade. Why does bargaining so often fail?
#
# A seller has a thing that costs her $C$, a buyer values it at $V$; each knows only her own number. Trade is efficient whenever
# $V > C$. Is there any way to bargain, however clever, that always gets there?

# %%
from fractions import Fraction

import amd
from amd.classics.bilateral import best_posted_price, linear_double_auction, market, second_best, smallest_subsidy
from amd.proof.bounds import bounds
from amd.proof.certificate import certify
from amd.teach import check, choose, explore
from amd.teach.sketch import BLUE, GREEN, ORANGE, RED, Sketch

# %% [markdown]
# ## Ask the computer
#
# Let both numbers be uniform on [0, 1], cut into $N$ cells. We ask for efficiency, Bayesian incentives, voluntary participation, and
# that the buyer pays exactly what the seller gets:

# %%
for cells in (2, 3, 4, 5, 6, 7):
    found = amd.load("myerson-satterthwaite", N=cells).solve()
    print(f"N = {cells}: {'there is such a mechanism' if found.optimal else 'there is none'}")
    assert found.optimal == (cells <= 5)

# %% [markdown]
# A careless experimenter stops at $N = 5$ and concludes that efficient trade is possible. **This is the grid trap.** A program with
# finitely many types answers a question about finitely many types. On coarse grids there are gaps between types which prices can
# use; the least subsidy that efficient trade needs on $N$ cells (without trade at ties) is
#
# $$\frac{(N-1)(N-5)}{6N^2} \;\longrightarrow\; \frac16.$$


# %%
def cell_market(cells):
    """Values and costs at the midpoints of N cells."""
    middles = [Fraction(2 * k + 1, 2 * cells) for k in range(cells)]
    return market(middles, middles)


sizes = list(range(2, 41))
needed = [smallest_subsidy(cell_market(n)) for n in sizes]
assert needed == [Fraction((n - 1) * (n - 5), 6 * n * n) for n in sizes]
sketch = Sketch((0, 40), (-0.15, 0.2), ("cells N", "least subsidy"), "The grid trap")
sketch.corner = "s"
sketch.band(0, 5.4, GREEN, "efficient trade possible").dots(sizes, needed, BLUE, "on N cells", 3.5)
sketch.line([0, 40], [1 / 6, 1 / 6], ORANGE, "in the continuum: 1/6", dash=True).level(0)
sketch

# %% [markdown]
# ## The theorem
#
# **Myerson and Satterthwaite (1983).** *If the supports of $V$ and $C$ overlap, no mechanism is efficient, incentive compatible, individually
# rational and budget balanced.*
#
# Why: let each be paid what her presence brings (double Vickrey: the buyer pays $C$, the seller gets $V$). The mechanism pays out the
# gains from trade twice and collects them once. Any other efficient mechanism has the same utilities up to constants, and
# participation lets the constants only go up.
#
# On six cells the proof is a sum of thirteen constraints:

# %%
print(certify(amd.load("myerson-satterthwaite", N=6).task))

# %% [markdown]
# and the same as rows of the program with their multipliers:

# %%
amd.explain(amd.load("myerson-satterthwaite", N=6))

# %% [markdown]
# That is still about six types. For the theorem itself one needs constraints that hold for *every* mechanism of the continuous
# prior, averaged over cells. With the right inequality a single cell is enough, in exact arithmetic and for all mechanisms
# whatsoever:

# %%
bound = bounds(amd.load("smallest-subsidy").task, cells=1)
print(f"the subsidy is at least {bound.lower}, and {bound.upper} is enough")
assert bound.lower == bound.upper == Fraction(1, 6)

# %% [markdown]
# ## The second best
#
# So give up some trades. Which? The best that incentives leave maximises gains from trade with a balanced budget; in the uniform case
# trade happens iff $v - c \ge 1/4$, and 9/64 of the 1/6 is reached.

# %%
second = amd.load("second-best", N=20).solve()
print(
    "on 20 cells:",
    second.objective_exact,
    "=",
    round(float(Fraction(second.objective_exact)), 6),
    " continuum:",
    9 / 64,
)
assert second.objective_exact == "323/2200"
assert amd.load("second-best", N=10).solve().objective_exact == "189/1250"
assert second_best(cell_market(20)).welfare == Fraction(323, 2200)  # the closed form

# %%
second.plot("allocation")

# %% [markdown]
# Trades of small surplus are lost: the strip under the diagonal. The double auction of Chatterjee and Samuelson (1983), in which both
# name a price and split the difference, has an equilibrium that does exactly this. Move $k$, the weight of the buyer's bid in
# the price:


# %%
def double_auction(k):
    """Where trade happens in the linear equilibrium."""
    rule = linear_double_auction(Fraction(k).limit_denominator(100))
    slope, intercept = map(float, rule.trade_line)
    drawing = Sketch(
        (0, 1), (0, 1), ("value v", "cost c"), f"Gains from trade {float(rule.welfare):.4f} of 0.1667", height=420
    )
    drawing.line([0, 1], [0, 1], RED, "efficient: below this line", dash=True)
    return drawing.line([0, 1], [intercept, slope + intercept], BLUE, "trade: below this line")


explore(double_auction, k=(0.0, 1.0, 0.05, 0.5))

# %%
assert linear_double_auction(Fraction(1, 2)).welfare == Fraction(9, 64)
price, rule = best_posted_price(cell_market(20))
print("a posted price of", price, "reaches", float(rule.welfare), "(1/8 in the continuum)")

# %% [markdown]
# The program proves that nothing reaches more than 9/64 in the continuum, by any mechanism:

# %%
bracket = bounds(amd.load("second-best").task, cells=4, mechanism_cells=32)
print(f"{float(bracket.lower):.5f} <= optimum <= {bracket.upper} = {float(bracket.upper)}")
assert bracket.upper == Fraction(9, 64)

# %% [markdown]
# ## What would help?
#
# A broker with money, a weaker form of participation, or types that surely gain from trade. Ask which requirement conflicts:

# %%
print(amd.load("myerson-satterthwaite", N=10).why())

# %% [markdown]
# ## Exercises
#
# **1.** What share of the possible gains from trade does the second best reach in the continuum?

# %%
answer = None
check(answer, lambda: Fraction(9, 64) / Fraction(1, 6))

# %% [markdown]
# **2.** What is the smallest subsidy on 12 cells (a fraction)?

# %%
answer = None
check(answer, lambda: smallest_subsidy(cell_market(12)), tolerance=1e-6)

# %% [markdown]
# **3.** If the budget had to balance only on average and nobody could walk away (`participation: none`), what could be reached on
# 10 cells?

# %%
FREE = """
amd: 1
agents:
  buyer: {types: {v: {uniform: [0, 1], cells: 10}}, value: {trade: v}}
  seller: {types: {c: {uniform: [0, 1], cells: 10}}, value: {trade: -c}}
outcomes: [no_trade, trade]
design: {maximize: welfare, participation: none, budget: {balanced: ex_ante}}
"""
answer = None
check(answer, lambda: amd.loads(FREE).solve().objective, "Notebook 5 says that nothing need be lost.")

# %% [markdown]
# **4.** On five cells there was an efficient mechanism. Which theorem does that refute: *Myerson-Satterthwaite*, *revelation
# principle*, or *none*?

# %%
answer = None
choose(answer, "what five cells refute", "3f98bd65e5dc")
