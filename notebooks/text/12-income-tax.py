# %% [markdown]
# # 12 The income tax is a mechanism
#
# > How much can a state redistribute when it sees what people earn, but not what they could earn?
#
# Mirrlees (1971) saw that a tax is a direct mechanism in disguise. People differ in ability; the state sees incomes only. The able can always work less
# and pass for the less able. The binding constraint of redistribution is incentive compatibility.

# %%
from fractions import Fraction

import numpy as np

import amd
from amd.classics.taxation import logarithmic_tax, quasilinear_tax
from amd.teach import check, choose, explore, show
from amd.teach.sketch import BLUE, GREEN, ORANGE, Sketch, beside

# %% [markdown]
# ## Two abilities
#
# To earn $y$ costs ability $w$ an effort of $\tfrac12 (y/w)^2$. Half of the people have ability 1, half 2; the state wants the worst off to be as well off as
# possible, and taxes must cover benefits. As a linear program: an outcome is an income, and its "cost" $-y$ is what it brings in.

# %%
tax = amd.load("income-tax").solve()
show(tax)
assert tax.objective_exact == "73/64"

# %% [markdown]
# A worker consumes minus his payment; what is left of his income is the tax. The able earn 4, as they would untaxed: **no distortion at the top**. The others
# earn 1/2 where they would earn 1. They are taxed at the margin not for the money, but so that imitating them does not pay. Without incentives the poorest could
# reach 5/4.

# %%
amd.explain(tax)

# %% [markdown]
# With every income possible the closed form is exact: the less able earn 4/7.

# %%
exact = quasilinear_tax([1, 2], weights=[1, 0])
for ability, earnings, marginal, paid in zip(exact.ability, exact.earnings, exact.marginal, exact.tax, strict=True):
    print(f"ability {ability}: earns {earnings}, marginal tax {marginal}, tax {paid}")
assert exact.earnings[0] == Fraction(4, 7)
assert exact.marginal[-1] == 0

# %% [markdown]
# ## A schedule
#
# Many abilities, lognormal as in Mirrlees' computations. How much the state cares for the poor is a slider: the welfare weight of ability $w$ is $w^{-g}$.
# With $g = 0$ it does not care who has what, and taxes nobody at the margin.

# %%
ABILITIES = np.linspace(0.5, 3.0, 26)


def lognormal(spread):
    """Probabilities of the abilities."""
    weight = np.exp(-(np.log(ABILITIES) ** 2) / (2 * spread**2)) / ABILITIES
    return weight / weight.sum()


def schedule(care, spread):
    """Marginal rates by ability, and consumption against earnings."""
    best = quasilinear_tax(ABILITIES, lognormal(spread), weights=ABILITIES**-care)
    rates = Sketch((0.5, 3), (0, 1), ("ability w", "marginal tax rate"), "Marginal rates", width=500)
    rates.line(ABILITIES, np.clip(best.marginal, 0, 1), BLUE, "optimal").dots(
        [3.0], [best.marginal[-1]], ORANGE, "top: 0"
    )
    rates.corner = "ne"
    lines = Sketch((0, 9.2), (0, 9.2), ("earnings", "consumption"), "What is left", width=500)
    lines.line([0, 9.2], [0, 9.2], GREEN, "no tax", dash=True)
    lines.line(best.earnings, best.consumption, BLUE, "after tax")
    lines.dots(best.earnings, best.consumption, BLUE, size=3)
    poorest = float(best.utility[0])
    return beside(rates, lines, words=f"utility of the least able {poorest:.3f}; welfare {float(best.welfare):.3f}")


explore(schedule, care=(0.0, 4.0, 0.2, 1.0), spread=(0.2, 0.8, 0.05, 0.5))

# %% [markdown]
# ## The same trade-off as in an auction
#
# The formula behind the picture: the optimal income maximises a *virtual* surplus,
#
# $$y - \frac{y^2}{2}\Big[\theta_k + (\Lambda_k - F_k)\,\frac{\theta_k - \theta_{k+1}}{f_k}\Big], \qquad \theta = w^{-2},$$
#
# where $F_k$ is the share of people up to $k$ and $\Lambda_k$ their share of the welfare weights. It is Myerson's virtual value: how many are above, by how much they would
# gain, per person at $k$. At the top $\Lambda = F = 1$ and nothing is left of the wedge.
#
# ## Diminishing utility
#
# With logarithmic utility of consumption the program is convex rather than linear; the lesson stays.

# %%
curved = logarithmic_tax(np.linspace(1, 3, 9))
print("marginal rates:", np.abs(curved.marginal).round(3))
assert abs(curved.marginal[-1]) < 1e-3
assert (curved.marginal[:-1] > 0.01).all()
curved.plot()

# %% [markdown]
# ## Exercises
#
# **1.** Abilities 1 and 2, equally likely, the state caring only for the less able. If three quarters of the people were able, what would the less able earn?

# %%
answer = None
check(answer, lambda: quasilinear_tax([1, 2], ["1/4", "3/4"], weights=[1, 0]).earnings[0])

# %% [markdown]
# **2.** What is their marginal tax rate then?

# %%
answer = None
check(
    answer,
    lambda: quasilinear_tax([1, 2], ["1/4", "3/4"], weights=[1, 0]).marginal[0],
    "1 − y/w² for utility c − (y/w)²/2.",
)

# %% [markdown]
# **3.** If the state weighs everybody alike and utility is linear in consumption, what is the marginal rate of the less able?

# %%
answer = None
check(answer, lambda: quasilinear_tax([1, 2]).marginal[0])

# %% [markdown]
# **4.** Which incentive constraint binds at the optimum: that the *able* do not imitate the others, or that the *others* do not imitate the able?

# %%
answer = None
choose(answer, "who would imitate", "b4e2b588f5d9")
