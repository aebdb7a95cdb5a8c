# %% [markdown]
# # 9 Auctions: formats, equivalence, risk
#
# > Open or sealed, ascending or descending, first price or second price: does it matter to the seller?
#
# Four formats sell most of what is auctioned. In the *English* auction the price rises until one bidder is left; in the *Dutch* it falls until
# somebody calls; sealed bids win at the *first price* or at the *second price*. Bidders behave very differently in them.

# %%
from fractions import Fraction

import numpy as np

import amd
from amd.auctions.entry import solve_file
from amd.auctions.equilibrium import bidding
from amd.auctions.formats import Format
from amd.auctions.simulate import affiliated_signals, simulate
from amd.classics.continuous import uniform
from amd.classics.risk import risk_averse_auction
from amd.files.bundled import resolve
from amd.teach import check, choose, explore
from amd.teach.formats import auction_simulator
from amd.teach.reserves import PRIORS
from amd.teach.sketch import BLUE, ORANGE, Sketch, beside

# %% [markdown]
# ## Two pairs of twins
#
# In the Dutch auction all one decides is at which price to call: it is a first-price auction. In the English auction, with private values, all one
# decides is when to leave; one's value is the right moment whatever the others do, and the winner pays the second highest value: it is a
# second-price auction, in which *truth is a dominant strategy* (Vickrey 1961). Where the winner pays her own bid she must shade it:
#
# $$b(\theta) = \mathbb{E}[\text{highest other value} \mid \text{it is below } \theta], \qquad \text{for two bidders } U[0, 100]:\; b(\theta) = \theta/2.$$

# %%
prior = uniform(0.0, 100.0)
rule = bidding(Format.FIRST_PRICE, [prior, prior])
values = np.array([20.0, 50.0, 80.0])
print("bids of 20, 50 and 80:", rule.bid(0, values))
assert np.allclose(rule.bid(0, values), values / 2)

# %% [markdown]
# ## Revenue equivalence
#
# **Theorem** (Vickrey 1961, Myerson 1981). *With independent private values, risk-neutral bidders who are alike, and the same allocation, all
# formats earn the same on average:* payments are pinned down by who wins. Run single rounds (`rounds` 2), then hundreds and thousands. Then
# make the bidders risk-averse.

# %%
explore(
    auction_simulator,
    bidders=(2, 8, 1, 2),
    rounds=[100, 2, 1000, 10000],
    risk_aversion=(0.0, 0.9, 0.1, 0.0),
    prior=list(PRIORS),
    seed=(1, 20, 1, 1),
)

# %%
played = simulate([Format.FIRST_PRICE, Format.SECOND_PRICE], [prior, prior], rounds=200_000, seed=7)
for form, one in played.items():
    low, high = one.interval
    print(
        f"{form.value:12} mean {one.revenue:6.2f} in [{low:.2f}, {high:.2f}], standard deviation {one.deviation:5.2f}"
    )
    assert low - 0.2 < 100 / 3 < high + 0.2
assert played[Format.FIRST_PRICE].deviation < played[Format.SECOND_PRICE].deviation

# %% [markdown]
# Both earn 100/3 on average, and the first-price auction is the less risky one for the seller: 23.6 is the standard deviation of the second
# highest of two values, 11.8 that of half the highest.
#
# The linear program agrees, up to its grid, and says more: with this allocation *no* incentive compatible mechanism earns more.

# %%
program = amd.load("revenue-equivalence", N=20).solve()
print("efficient allocation on a grid of 20 values in [0, 100]:", program.objective_exact, "against 100/3")

# %% [markdown]
# ## Where equivalence ends
#
# *Risk aversion.* A risk-averse bidder bids higher where she pays her bid, to be surer to win. With utility $w^{1-\rho}$ and two bidders,
# $b(\theta) = \theta/(2 - \rho)$:

# %%
for rho in (0.0, 0.5, 0.9):
    careful = bidding(Format.FIRST_PRICE, [prior, prior], risk_aversion=rho)
    print(f"ρ = {rho}: a value of 60 bids {careful.bid(0, np.array([60.0]))[0]:.2f}")
    assert abs(careful.bid(0, np.array([60.0]))[0] - 60 / (2 - rho)) < 1e-6

# %% [markdown]
# What would the *best* auction for risk-averse bidders do? Maskin and Riley (1984): the highest type is fully insured, it gains the same whether it wins or
# loses. The others pay even when they lose: a risk that the higher types, who could imitate them, would rather not take.

# %%
fearful = risk_averse_auction([1, 2, 3, 4, 5], bidders=2, risk_aversion=1.0)
neutral = risk_averse_auction([1, 2, 3, 4, 5], bidders=2, risk_aversion=0.01)
print(f"revenue with risk-averse bidders {fearful.revenue:.3f}, with nearly neutral ones {neutral.revenue:.3f}")
assert abs((5 - fearful.if_wins[-1]) + fearful.if_loses[-1]) < 1e-4  # no risk at the top
fearful.plot()

# %% [markdown]
# *Unlike bidders.* A weak bidder, U[0, 1], meets a strong one, U[0, 2]. In the first-price auction the weak one bids more boldly and sometimes wins
# with the lower value.

# %%
weak, strong = uniform(0.0, 1.0), uniform(0.0, 2.0)
rule = bidding(Format.FIRST_PRICE, [weak, strong])
grid = np.linspace(0.02, 1.0, 60)
drawing = Sketch((0, 2), (0, 1.2), ("value", "equilibrium bid"), "First price, unlike bidders")
drawing.line(grid, rule.bid(0, grid), ORANGE, "weak bidder, U[0, 1]")
drawing.line(2 * grid, rule.bid(1, 2 * grid), BLUE, "strong bidder, U[0, 2]")
apart = simulate([Format.FIRST_PRICE, Format.SECOND_PRICE], [weak, strong], rounds=50_000, seed=3)
bars = Sketch((-0.6, 1.6), (0, 0.6), ("", "mean revenue"), "Equivalence is gone", names=["first price", "second price"])
for place, form in enumerate(apart):
    bars.bars([apart[form].revenue], (ORANGE, BLUE)[place], place=place)
beside(drawing, bars)

# %% [markdown]
# *Affiliation.* If one bidder's good news is the others' good news too (two signals with a common part; the thing is worth their mean to both),
# open formats earn more: 5/6 against 7/9 (Milgrom and Weber 1982).

# %%
linked = affiliated_signals(100_000, seed=2)
for form, one in linked.items():
    print(f"{form.value:12} {one.revenue:.3f}")
assert abs(linked[Format.ENGLISH].revenue - 5 / 6) < 0.01
assert abs(linked[Format.FIRST_PRICE].revenue - 7 / 9) < 0.01

# %% [markdown]
# ## Several goods at once
#
# Airport slots or radio licences are worth more together. Bids for bundles, and the question which to accept is an integer program. Two local bidders want
# A (80) and B (60); a global one offers 100 for both.

# %%
sale = solve_file(resolve("three-bidders"))
print(sale.text())
sale.plot()

# %% [markdown]
# VCG would charge 40 and 20, less than the 100 that the global bidder offered: the outcome would not be in the *core*. Core-selecting auctions charge
# the least that nobody can object to, as near to VCG as possible: 60 and 40 (Day and Raghavan 2007).
#
# ## Exercises
#
# **1.** Five like bidders, U[0, 1], first price, no reserve: what does a bidder of value 0.5 bid?

# %%
answer = None
check(answer, lambda: bidding(Format.FIRST_PRICE, [uniform()] * 5).bid(0, np.array([0.5]))[0])

# %% [markdown]
# **2.** Two bidders U[0, 1] with relative risk aversion 1/2: what does the first-price auction earn on average?

# %%
answer = None
check(answer, lambda: Fraction(2, 3) * Fraction(2, 3), "The highest of two values is 2/3 on average.")

# %% [markdown]
# **3.** Two identical lamps are auctioned to three bidders of values 9, 6 and 4, each wanting one, at the (k + 1)-th price. What does the auctioneer get?

# %%
answer = None
check(answer, lambda: 2 * sorted([9, 6, 4])[0])

# %% [markdown]
# **4.** Bidders are risk-averse and alike. Which sealed format should a seller choose: *first* price or *second* price?

# %%
answer = None
choose(answer, "format for the risk averse", "6ec5878f8162")
