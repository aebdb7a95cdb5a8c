# %% [markdown]
# # 3 Ironing, and what the multipliers know
#
# > When higher types are worth less to the seller, what should she do?
#
# Virtual values need not rise. If students and collectors are in one market, serving one more collector may bring in less
# than serving one more student, yet no incentive compatible rule may serve lower types more. Myerson's answer is to
# *iron*; the linear program gives the same answer without knowing the word, and its multipliers draw the picture.

# %%
import numpy as np

import amd
from amd.classics.virtual import virtual_values
from amd.show.figures.flows import flows
from amd.teach import check, choose, explore
from amd.teach.reserves import ironing_explorer
from amd.teach.sketch import BLUE, GREEN, ORANGE, Sketch

# %% [markdown]
# ## Marginal revenue that falls, rises and falls
#
# Let $R(q)$ be the revenue from selling with probability $q$ to one buyer. Its slope is the virtual value. A share of
# collectors, whose values lie `gap` higher, makes a dent in $R$; the seller can do as well as the *concave hull* by
# treating types between two points alike.

# %%
explore(ironing_explorer, share=(0.0, 1.0, 0.05, 0.3), gap=(0.0, 2.0, 0.1, 1.0))

# %% [markdown]
# ## By hand
#
# With finitely many values $v_1 < \dots < v_K$,
#
# $$\varphi_k = v_k - (v_{k+1} - v_k)\,\frac{1 - F_k}{f_k}.$$

# %%
small = amd.load("ironing-by-hand")
buyer = small.environment.agents[0]
values = [point[0] for point in buyer.types.points]
law = virtual_values(values, buyer.types.probability)
for v, f, phi, ironed in zip(law.values, law.probability, law.virtual, law.ironed, strict=True):
    print(f"value {v!s:>4}  probability {f!s:>4}  virtual value {phi!s:>5}  ironed {ironed!s:>5}")
print("pooled:", [[str(values[k]) for k in range(first, last + 1)] for first, last in law.pools])

# %%
result = small.solve()
result.plot("virtual-values")

# %% [markdown]
# The program's answer has the pool as well: pooled values have the same chance to win.

# %%
result.plot("interim")

# %% [markdown]
# ## The multipliers are flows
#
# Write the program with payments of each type, $m_k$, and let $\lambda_{k \to l} \ge 0$ be the multiplier of "type $k$ does
# not report $l$", $\mu_k \ge 0$ that of "type $k$ takes part". In the dual, the column of $m_k$ reads
#
# $$f_k = \mu_k + \sum_l \lambda_{k \to l} - \sum_l \lambda_{l \to k}.$$
#
# A type's probability mass flows down the type space, along the constraints that bind, and out at the types that are
# indifferent to taking part. The column of $q_k$ then contains, in place of $f_k v_k$,
#
# $$f_k\,\varphi_k = f_k v_k - \sum_l \lambda_{l \to k}\,(v_l - v_k):$$
#
# the virtual value *is* the value less what those who could imitate $k$ must be left. Here is the program with two bidders
# and neighbouring incentives (the others follow from them), and its multipliers:

# %%
solved = small.solve(formulation="interim-payments,interim-allocation,adjacent")
solved.explain()

# %%
flow = flows(
    solved, 0
)  # of the first bidder: arcs[k, l] is the multiplier of "k does not report l", out[k] of taking part
f = np.array([float(p) for p in law.probability])
v = np.array([float(x) for x in values])
assert np.allclose(flow.out + flow.arcs.sum(axis=1) - flow.arcs.sum(axis=0), f)  # what flows in, flows out

from_multipliers = v - (flow.arcs * (v[:, None] - v[None, :])).sum(axis=0) / f
print("from the multipliers:", from_multipliers.round(9))
print("ironed              :", *law.ironed)
assert np.allclose(from_multipliers, law.ironed.astype(float))

# %% [markdown]
# The multipliers give the *ironed* virtual values. Outside the pool only downward constraints bind. Inside it the constraint
# of the lower type, not to report the higher one, binds as well (4 → 5, multiplier 1): flow goes up, exactly enough to level
# the virtual values. *Ironing is a multiplier.* And the price of supply at each profile, F, is the probability of the
# profile times the greatest ironed virtual value there.

# %%
solved.plot("binding")

# %% [markdown]
# ## A market of students and collectors

# %%
market = amd.load("ironing-two-markets").solve()
market.plot("virtual-values")

# %%
market.plot("revenue-curve")

# %% [markdown]
# ## What does the pool cost?
#
# Two bidders. Were types not private, the seller would take the highest value; without the monotonicity that incentives
# demand she would take the highest unironed virtual value.

# %%
bidders = 2
probability = np.array([float(p) for p in law.probability])
joint = np.multiply.outer(probability, probability)


def expected_best(numbers):
    """E[max of two draws, at least 0]."""
    numbers = np.array([float(x) for x in numbers])
    return float((joint * np.maximum(np.maximum.outer(numbers, numbers), 0)).sum())


levels = {"values": values, "virtual values": law.virtual, "ironed": law.ironed}
heights = [expected_best(numbers) for numbers in levels.values()]
assert abs(heights[2] - result.objective) < 1e-9  # the program's optimum
sketch = Sketch((-0.6, 2.6), (0, max(heights) * 1.2), ("", "expected"), "Upper bound, relaxation, optimum")
sketch.names = list(levels)
for place, color in enumerate((GREEN, BLUE, ORANGE)):
    sketch.bars([heights[place]], color, place=place)
sketch

# %% [markdown]
# ## Exercises
#
# **1.** Values 1, 2, 3 with probabilities 1/2, 1/10, 4/10. What is the virtual value of the middle type (a fraction)?

# %%
answer = None
check(answer, lambda: virtual_values([1, 2, 3], ["1/2", "1/10", "4/10"]).virtual[1])

# %% [markdown]
# **2.** Same prior: to which level are the pooled types ironed?

# %%
answer = None
check(
    answer,
    lambda: virtual_values([1, 2, 3], ["1/2", "1/10", "4/10"]).ironed[0],
    "Average the virtual values of the pooled types with their probabilities as weights.",
)

# %% [markdown]
# **3.** Same prior, one buyer: what is the best posted price?

# %%
answer = None
check(answer, lambda: virtual_values([1, 2, 3], ["1/2", "1/10", "4/10"]).posted_price()[0])

# %% [markdown]
# **4.** In the flow picture: where does all probability mass leave the type space? At types whose *incentive*, *participation*
# or *feasibility* constraint binds?

# %%
answer = None
choose(answer, "where mass leaves", "25e16429fa86")
