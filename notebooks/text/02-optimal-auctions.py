# %% [markdown]
# # 2 The optimal auction
#
# > Should a seller ever refuse the highest bid?
#
# Three vendors want the right to run a lemonade stand. Their values per day, 50, 35 and 20, are known to them alone; the
# city believes them to be uniform on [0, 60]. Would the city do better to insist on a least price, and on which?

# %%
from fractions import Fraction

import numpy as np

import amd
from amd.classics.continuous import uniform_revenue_at_reserve
from amd.classics.myerson import optimal_auction
from amd.classics.payments import identity_gap
from amd.proof.bounds import bounds
from amd.show.interim import interim
from amd.teach import check, choose, explore
from amd.teach.reserves import PRIORS, marginal_revenue_explorer, reserve_explorer

# %% [markdown]
# ## One buyer
#
# With one buyer of value $X \sim F$ a price $p$ earns $p\,(1 - F(p)) + x_0 F(p)$, where $x_0$ is what the thing is worth to
# the seller. The best price solves
#
# $$\psi(p) = x_0, \qquad \psi(x) = x - \frac{1 - F(x)}{f(x)}.$$
#
# $\psi$ is the *virtual value* (Myerson 1981). It is also the marginal revenue of a monopolist whose demand is $1 - F$
# (Bulow and Roberts 1989): to serve a slightly lower type, the price falls for everybody above it. That loss is the
# *information rent*. Move the seller's own value:

# %%
explore(marginal_revenue_explorer, own_value=(0.0, 0.9, 0.05, 0.0), prior=list(PRIORS))

# %% [markdown]
# ## Many bidders
#
# In every incentive compatible mechanism the interim utility $u$ is convex with slope $q$, the chance to win, so
# payments are pinned down by the allocation: $m(x) = m(r) + \int_r^x y\,dq(y)$. Putting this into revenue gives
#
# $$\mathbb{E}\Big[\sum_i m_i\Big] = \mathbb{E}\Big[\sum_i \psi_i(x_i)\, Q_i(x)\Big] - \sum_i u_i(0),$$
#
# so the best rule gives the good to the highest virtual value, if that is at least $x_0$. The program knows none of this.
# It solves a linear program over all mechanisms:

# %%
result = amd.load("optimal-auction", n=2, N=20).solve()
print(result.objective_exact, "on a grid of 20 values,", Fraction(5, 12), "in the continuum")
assert result.objective_exact == "87/200"  # the grid's optimum; 5/12 for the continuum (Myerson 1981)

# %%
result.plot("regions")

# %% [markdown]
# Nobody gets the good in the lower left corner: the reserve is 1/2, although the seller has no use for it. The closed form
# agrees, value for value, and so does the payment identity on the program's own mechanism:

# %%
values = [Fraction(2 * k + 1, 40) for k in range(20)]
closed = optimal_auction([(values, None)] * 2)
print("closed form:", closed.revenue, " reserves:", closed.reserves)
assert str(closed.revenue) == result.objective_exact

# %%
view = interim(result.mechanism, 0).expected  # of each type: chance to win, value, payment, utility
gap = identity_gap(np.array([float(v) for v in values]), view[:, 0], view[:, 2])
print(f"distance from the payment identity: {gap:.6f}")
assert gap < 1e-9
result.plot("utility")

# %% [markdown]
# ## The reserve price
#
# Drag the reserve, a share of the highest possible value (`top`). At the left the excluded types are shaded; at the right, expected revenue. Where $\psi$ crosses zero,
# revenue is greatest, whatever the number of bidders.

# %%
explore(
    reserve_explorer,
    reserve=(0.0, 1.0, 0.02, 0.3),
    bidders=(1, 8, 1, 2),
    top=[1.0, 60.0, 100.0],
    prior=list(PRIORS),
)

# %%
for n in (1, 2, 3):
    print(n, "bidders:", uniform_revenue_at_reserve(n, Fraction(1, 2)), "with the reserve 1/2,", end=" ")
    print(uniform_revenue_at_reserve(n, Fraction(0)), "without")
assert uniform_revenue_at_reserve(1, Fraction(1, 2)) == Fraction(1, 4)
assert uniform_revenue_at_reserve(2, Fraction(1, 2)) == Fraction(5, 12)
assert uniform_revenue_at_reserve(3, Fraction(1, 2)) == Fraction(17, 32)

# %% [markdown]
# One more bidder is worth more than the best reserve: 1/3 with two bidders and no reserve beats 1/4 with one bidder and
# the best price (Bulow and Klemperer 1996).
#
# ## The lemonade stand
#
# On $[0, 60]$, $\psi(\theta) = 2\theta - 60$.

# %%
psi = {name: 2 * value - 60 for name, value in {"Maya": 50, "Nate": 35, "Olivia": 20}.items()}
print("virtual values:", psi)
print("reserve:", next(v for v in range(61) if 2 * v - 60 >= 0))
assert psi == {"Maya": 40, "Nate": 10, "Olivia": -20}

# %% [markdown]
# Maya wins. She pays the lowest value with which she would still win: 35, Nate's, which is above the reserve of 30.
#
# ## From the grid to the continuum
#
# The program solves a problem with finitely many types. What does that say about the continuum? `bounds` proves, in exact
# arithmetic, an interval that contains the best revenue over *all* mechanisms for the continuous prior:

# %%
bracket = bounds(amd.load("optimal-auction", n=2).task, cells=60)
print(f"{float(bracket.lower):.6f} <= optimum <= {float(bracket.upper):.6f}; Myerson: {5 / 12:.6f}")
assert bracket.lower <= Fraction(5, 12) <= bracket.upper

# %% [markdown]
# ## Exercises
#
# **1.** A seller values the good at 1/4 herself; one buyer, uniform on [0, 1]. Which price is best?

# %%
answer = None
check(answer, lambda: next(Fraction(p, 1000) for p in range(1001) if 2 * Fraction(p, 1000) - 1 >= Fraction(1, 4)))

# %% [markdown]
# **2.** With three bidders uniform on [0, 1], how much does the best reserve add to revenue, compared with none?

# %%
answer = None
check(answer, lambda: uniform_revenue_at_reserve(3, Fraction(1, 2)) - uniform_revenue_at_reserve(3, Fraction(0)))

# %% [markdown]
# **3.** How many bidders are needed until an auction without reserve earns at least 3/4 of the highest possible value, 1?

# %%
answer = None
check(
    answer,
    lambda: next(n for n in range(1, 20) if uniform_revenue_at_reserve(n, Fraction(0)) >= Fraction(3, 4)),
    "The second highest of n uniform values is (n - 1)/(n + 1) on average.",
)

# %% [markdown]
# **4.** One bidder's values are uniform on [0, 1], the other's on [0, 2]. Both report 0.9. Who gets the good: the *weak*
# bidder, the *strong* one, or *nobody*?

# %%
answer = None
choose(answer, "weak and strong at 0.9", "195d38a1255a", "Compare virtual values, not values.")
