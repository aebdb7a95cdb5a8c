# %% [markdown]
# # 4 VCG and public goods
#
# > How can one ask people what a bridge is worth to them, when they know that they will be asked to pay?
#
# Three citizens value a bridge at 30, 25 and 15; it costs 60. It should be built. But if each pays what she says, everybody
# understates and hopes that the others pay; if nobody pays for what she says, everybody exaggerates.

# %%
import amd
from amd.classics.vcg import public_good, vcg_mechanism, vickrey_units
from amd.proof.certificate import certify
from amd.teach import check, choose, explore
from amd.teach.pivots import bridge_calculator, units_calculator

# %% [markdown]
# ## Pay for the harm you do
#
# Choose the decision $d^*$ of greatest total value $W(d) = \sum_j v_j(d) - c(d)$, and let agent $i$ pay
#
# $$p_i = \max_d W_{-i}(d) - W_{-i}(d^*),$$
#
# the difference that her presence makes to all others (Vickrey 1961, Clarke 1971, Groves 1973). Her utility is then
# $W(d^*) - \max_d W_{-i}(d)$. The second term is none of her business, and the first is as large as it can be if she tells the
# truth, *whatever the others say*. Truth is a dominant strategy.
#
# With one object this is the second-price auction: the harm the winner does is the second highest value. Move the values:

# %%
explore(
    lambda first, second, third, units, reserve: units_calculator([first, second, third], units, reserve),
    first=(0, 10, 1, 5),
    second=(0, 10, 1, 7),
    third=(0, 10, 1, 4),
    units=(1, 2, 1, 1),
    reserve=(0, 10, 1, 0),
)

# %%
assert list(vickrey_units([5, 7, 4]).payments) == [0, 5, 0]  # textbook example: agent 2 wins and pays 5
assert list(vickrey_units([8, 5, 3], units=2).payments) == [3, 3, 0]  # two units: the winners pay the third value

# %% [markdown]
# Truth cannot be improved upon. Let the first of three bidders for two units, worth 8 to her, try every report against the
# others' 5 and 3:

# %%
for report in (2, 4, 8, 10):
    sale = vickrey_units([report, 5, 3], units=2)
    print(f"reports {report:2}: {'wins' if sale.wins[0] else 'loses'}, utility {(8 - sale.payments[0]) * sale.wins[0]}")

# %% [markdown]
# ## The bridge
#
# For a public good only those pay whose word tips the balance: citizen $i$ pays what the others' values fall short of the
# cost.

# %%
explore(
    lambda first, second, third, cost: bridge_calculator([first, second, third], cost),
    first=(0, 60, 1, 30),
    second=(0, 60, 1, 25),
    third=(0, 60, 1, 15),
    cost=(0, 120, 5, 60),
)

# %%
built, paid = public_good([30, 25, 15], 60)
print("built:", built, " payments:", *paid, " deficit:", 60 - sum(paid))
assert built
assert list(paid) == [20, 15, 5]
built, paid = public_good([5, 6, 2], 10)
print("built:", built, " payments:", *paid, " deficit:", 10 - sum(paid))
assert list(paid) == [2, 3, 0]

# %% [markdown]
# The mechanism is efficient and honest, but it does not pay for the bridge: a deficit of 20 of 60. Is that VCG's fault?
#
# ## Every efficient honest mechanism is a Groves mechanism
#
# Green and Laffont (1979): *if truth is to be dominant and the decision efficient, payments are $h_i(\theta_{-i}) -
# W_{-i}(d^*)$, and their sum cannot always be the cost.* Nobody even has to want to take part. The theorem is about
# continuous types. With few types there is room, so the number of types matters:

# %%
for n, types in ((2, 2), (2, 3), (2, 4), (2, 5)):
    found = amd.load("green-laffont", n=n, N=types).solve()
    print(f"{n} citizens, {types} types each: {'there is one' if found.optimal else 'there is none'}")
    assert found.optimal == (types < 4)

# %% [markdown]
# From four types on it is impossible, and here is why, as a proof that anybody can check with pencil and paper. Each line is
# a constraint; added up with their multipliers, everything cancels but a contradiction:

# %%
proof = certify(amd.load("green-laffont", n=2, N=4).task)
print(proof)

# %% [markdown]
# ## What does VCG leave on the table?
#
# Among efficient mechanisms with voluntary participation, VCG earns the most *if types form an interval*. With two types it
# does not: for the license of notebook 1, VCG collects 20, while the program finds an efficient mechanism that earns 30.

# %%
efficient = amd.load("license-efficient")
allocation, payments = vcg_mechanism(efficient.environment)
vcg_revenue = (payments.sum(axis=-1) * efficient.environment.exact_prior).sum()
best = efficient.solve()
print("VCG:", vcg_revenue, "  best efficient:", best.objective_exact)
assert (vcg_revenue, best.objective_exact) == (20, "30")
best.explain()

# %% [markdown]
# The slack between 10 and 50 is the reason: a firm worth 50 is kept honest by prices anywhere in between.
#
# ## Exercises
#
# **1.** Values 40, 30 and 20, cost 60. What does the second citizen pay?

# %%
answer = None
check(answer, lambda: public_good([40, 30, 20], 60)[1][1])

# %% [markdown]
# **2.** The three citizens of the first bridge form a club: two of them may lie together. If citizens 1 and 2 (30 and 25) both
# report 60, how much do all three pay in total?

# %%
answer = None
check(answer, lambda: sum(public_good([60, 60, 15], 60)[1]), "Who is pivotal now?")

# %% [markdown]
# **3.** Four bidders value one of three identical units at 9, 7, 6 and 2. What does VCG collect?

# %%
answer = None
check(answer, lambda: sum(vickrey_units([9, 7, 6, 2], units=3).payments))

# %% [markdown]
# **4.** Which of the three requirements does a bridge financed by VCG payments violate: *efficiency*, *honesty* or *balance*?

# %%
answer = None
choose(answer, "what VCG violates", "35dbb4fa38db")
