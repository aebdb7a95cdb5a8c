# %% [markdown]
# # 5 Balanced budgets: paying the expected externality
#
# > Can people decide together, honestly and efficiently, without money leaving or entering the room?
#
# Notebook 4 ended with a deficit that no honest and efficient mechanism can avoid, if honesty is to be best *whatever the
# others say*. Ask a little less: that it be best *on average*.

# %%
from fractions import Fraction

import amd
from amd.classics.agv import expected_externality
from amd.classics.vcg import vcg_mechanism
from amd.mechanism.direct import Mechanism
from amd.teach import check, choose, explore
from amd.teach.sketch import BLUE, GREEN, ORANGE, Sketch, beside

# %% [markdown]
# ## The construction of d'Aspremont and Gérard-Varet
#
# Let $\xi_i(\theta_i)$ be what agent $i$'s report brings all others on average. Pay it to her, and let the others pay for it in equal
# parts:
#
# $$p_i(\theta) = \frac{c(d^*)}{n} - \xi_i(\theta_i) + \frac{1}{n-1}\sum_{j \ne i} \xi_j(\theta_j).$$
#
# Summed over $i$ the $\xi$ cancel, and payments are the cost, in *every* profile. Given her type, agent $i$'s expected utility is the
# expected total value less a constant, which truth maximises. (Arrow 1979; d'Aspremont and Gérard-Varet 1979. Independent
# types.)

# %%
problem = amd.load("expected-externality")
environment = problem.environment
agv = expected_externality(environment)
mechanism = Mechanism.from_exact(environment, agv.allocation, agv.payments)
cost = agv.allocation.dot(environment.allocation.cost)
assert (agv.payments.sum(axis=-1) == cost).all()  # in every profile, exactly
audit = problem.check(mechanism, exact=True)
print("gain from a lie:", audit.incentive.violation, "  imbalance:", audit.budget.violation)
assert audit.incentive.violation == 0

# %% [markdown]
# Its interim payments are those of VCG up to a constant, since both are efficient and the slope of utility is given by the
# allocation:

# %%
vickrey = vcg_mechanism(environment)[1]
others = environment.marginal(1)
difference = (agv.payments[..., 0] - vickrey[..., 0]).dot(others)
print("AGV less VCG, interim, by type:", *[f"{float(x):.4f}" for x in difference])

# %% [markdown]
# The same amount for every type: to an agent who knows only her own type the two mechanisms look alike.
#
# ## Who would rather stay away?
#
# Nothing was said about participation. Charge every agent the most its worst-off type will bear, on top; if that collects the
# expected cost, voluntary participation is possible as well (Krishna and Perry 1998). That sum is the expected surplus of VCG:

# %%
for name in ("expected-externality", "equal-shares", "almost-sole-owner", "two-types", "myerson-satterthwaite"):
    known = expected_externality(amd.load(name).environment)
    word = "possible" if known.individually_rational else "this way not"
    print(f"{name:24} surplus {float(known.surplus):8.4f}   voluntary: {word}")

# %% [markdown]
# "Only if" needs types that form an interval: `two-types` has two types a side, fails this test, and has an efficient,
# voluntary and balanced mechanism all the same. Notebook 6 comes back to such traps.
#
# ## Dissolving a partnership
#
# Two partners own a firm in shares $s$ and $1 - s$; each knows what it is worth to herself. Can they hand it to the one who values it
# more, balance the budget, and both agree to it beforehand? Cramton, Gibbons and Klemperer (1987): yes, if shares are equal
# enough; no, if one owns it all, which is the bilateral trade of notebook 6. Let us compute how much outside money it takes:

# %%
PARTNERS = """
amd: 1
parameters: {{share: {share}, N: {types}}}
agents:
  ann: {{types: {{v: {{uniform: [0, 1], cells: N}}}}, value: {{to_ann: v}}, outside: share*v}}
  bea: {{types: {{v: {{uniform: [0, 1], cells: N}}}}, value: {{to_bea: v}}, outside: (1 - share)*v}}
outcomes: [to_ann, to_bea]
design: {{minimize: deficit, require: [efficient]}}
"""


def least_deficit(share, types):
    """The least outside money with which the partnership is dissolved efficiently and voluntarily."""
    return amd.loads(PARTNERS.format(share=share, types=types)).solve().objective


shares = [Fraction(k, 20) for k in range(21)]
coarse, fine = ([least_deficit(share, types) for share in shares] for types in (4, 10))
sketch = Sketch((0, 1), (-0.2, 0.2), ("Ann's share", "outside money needed"), "Dissolving a partnership")
sketch.band(0.2113, 0.7887, GREEN, "possible in the continuum")
sketch.line(shares, coarse, ORANGE, "4 types each", dash=True).line(shares, fine, BLUE, "10 types each").level(0)
sketch

# %% [markdown]
# In the middle the budget even runs a surplus. In the continuum with values uniform on [0, 1] the deficit is
# $s^2/2 + (1-s)^2/2 - 1/3$, which is zero at $s = \tfrac12 \pm \tfrac{1}{2\sqrt 3}$: 0.211 and 0.789.

# %%
s = 0.5 - 1 / (2 * 3**0.5)
assert abs(s**2 / 2 + (1 - s) ** 2 / 2 - 1 / 3) < 1e-12
print(f"at equal shares: {least_deficit(Fraction(1, 2), 10):.4f} with 10 types, {1 / 4 - 1 / 3:.4f} in the continuum")

# %% [markdown]
# ## Two agents, one slider
#
# The budget of a single profile under VCG and under AGV, for a public good that costs 1 and two agents with values in {0.05,
# 0.15, …}. Move the true values:

# %%
good = amd.problem(
    {
        "amd": 1,
        "agents": {"citizen": {"count": 2, "types": {"v": {"uniform": [0, 1], "cells": 10}}, "value": {"build": "v"}}},
        "outcomes": {"leave": {"cost": 0}, "build": {"cost": 1}},
        "design": {"participation": "none", "budget": {"balanced": "ex_post"}, "require": ["efficient"]},
    }
)
balanced = expected_externality(good.environment).payments.astype(float)
pivotal = vcg_mechanism(good.environment)[1].astype(float)


def budgets(first, second):
    """Payments of both citizens in one profile."""
    built = (first + 0.5) + (second + 0.5) >= 10
    drawings = []
    for title, table in (("VCG", pivotal), ("AGV", balanced)):
        paid = table[first, second]
        drawing = Sketch((-0.6, 1.6), (-0.4, 1.1), ("", "payment"), title, width=400, names=["first", "second"])
        drawings.append(drawing.bars(paid, BLUE).level(0))
    words = f"{'built, cost 1' if built else 'not built'}: VCG collects {pivotal[first, second].sum():.2f}, "
    return beside(*drawings, words=words + f"AGV {balanced[first, second].sum():.2f}")


explore(budgets, first=(0, 9, 1, 7), second=(0, 9, 1, 6))

# %% [markdown]
# ## Exercises
#
# **1.** Two partners with equal shares, values uniform on [0, 1]: how much outside money does efficient voluntary dissolution need
# in the continuum? (A surplus counts as negative.)

# %%
answer = None
check(answer, lambda: 2 * (1 / 2) ** 2 / 2 - 1 / 3, "Put s = 1/2 into the formula above.")

# %% [markdown]
# **2.** And if one partner owns it all?

# %%
answer = None
check(answer, lambda: 1 / 2 - 1 / 3, "Put s = 1 into the formula: bilateral trade.")

# %% [markdown]
# **3.** What does AGV give up, compared with VCG, for a balanced budget: *efficiency*, *dominance* of truth, or *independence*?

# %%
answer = None
choose(answer, "what AGV gives up", "e5e7bc1c9217")
