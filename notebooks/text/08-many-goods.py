# %% [markdown]
# # 8 Many goods: menus, bundles, and what is not known
#
# > A shop sells two things to one customer. Should it sell them separately, as a bundle, or by lottery?
#
# With one good the answer is a price. With two goods, forty years of work have not found a formula: the best mechanism may need
# lotteries, infinitely many of them, and revenue may fall when the customer values everything more. A good reason to compute.

# %%
from fractions import Fraction
from math import sqrt

import amd
from amd.classics.virtual import virtual_values
from amd.proof.bounds import bounds
from amd.teach import check, choose, explore, show
from amd.teach.menus import menu_explorer, menu_revenue
from amd.teach.sketch import BLUE, PURPLE, Sketch

# %% [markdown]
# ## A menu
#
# A direct mechanism for one buyer is a *menu*: probabilities of getting each good, and a price; the buyer picks. Two goods of values
# uniform on [0, 1], independent. Choose the price of a single good and of the bundle:

# %%
explore(menu_explorer, single=(0.3, 1.0, 0.01, 0.5), bundle=(0.3, 1.6, 0.01, 1.0))

# %% [markdown]
# Selling separately at 1/2 each earns 1/2. The bundle alone does better, both together better still:

# %%
separate = menu_revenue(0.5, 1.0)
prices = [k / 1000 for k in range(300, 1001)]
bundle_price = max(prices, key=lambda price: menu_revenue(1.0, price))
bundle_only = menu_revenue(1.0, bundle_price)
known = (12 + 2 * sqrt(2)) / 27
best = menu_revenue(2 / 3, (4 - sqrt(2)) / 3)
print(f"separate {separate:.4f}, bundle only {bundle_only:.4f} (at {bundle_price:.3f}), both {best:.6f}")
assert abs(best - known) < 1e-12  # (12 + 2√2)/27, Manelli and Vincent (2006)

# %% [markdown]
# Manelli and Vincent (2006) proved that this menu, 2/3 for one good and $(4 - \sqrt 2)/3$ for both, is the best of *all* mechanisms.
#
# ## The program
#
# Types on a grid, every lottery allowed. Local incentives are not enough here: the buyer may pretend in any direction, so the
# program generates constraints as they are violated.

# %%
for cells in (6, 10, 20):
    solved = amd.load("two-goods", N=cells).solve()
    form = solved.formulation
    print(f"{cells:2}²: revenue {solved.objective:.4f}, {form.rows:6,} rows instead of {cells**4 - cells**2:,}")

# %%
solved.plot("regions")

# %%
solved.plot("utility")

# %% [markdown]
# The grid's optimum lies above the continuum's and comes down only slowly. Bounds that hold for the continuum, over all mechanisms and in
# exact arithmetic, are much closer:

# %%
bracket = bounds(amd.load("two-goods").task, cells=10)
print(f"{float(bracket.lower):.6f} <= optimum <= {float(bracket.upper):.6f};  known: {known:.6f}")
assert float(bracket.lower) <= known <= float(bracket.upper)
assert float(bracket.upper - bracket.lower) < 0.001

# %% [markdown]
# The lower bound is a menu, found by the program and evaluated exactly:

# %%
for (first, second), price in sorted(bracket.answer.mechanism.entries, key=lambda entry: entry[1]):
    print(f"first good {float(first):5.3f}, second good {float(second):5.3f}, price {float(price):.4f}")

# %% [markdown]
# ## Two bidders, two goods
#
# Here nobody knows the answer. Sold separately by Myerson's auction the goods earn 5/6 = 0.8333. Grids suggest about 0.89. What can be
# *proven*?

# %%
open_case = bounds(amd.load("two-bidders-two-goods").task, cells=6)
print(f"{float(open_case.lower):.4f} <= optimum <= {float(open_case.upper):.4f}")
assert open_case.lower <= Fraction(89, 100) <= open_case.upper

# %%
drawing = Sketch((0, 3), (0.5, 0.95), ("", "revenue"), "Proven intervals", names=["", "one buyer", "two bidders"])
for place, interval, color in ((1, bracket, BLUE), (2, open_case, PURPLE)):
    drawing.line([place, place], [float(interval.lower), float(interval.upper)], color)
    drawing.dots([place] * 2, [float(interval.lower), float(interval.upper)], color)
drawing

# %% [markdown]
# ## Damaged goods
#
# A monopolist may even destroy part of a product. In `damaged-goods` a fast printer is sold at 9 and the same printer, slowed down by a
# chip, at 3: the damage is worst for those who would otherwise imitate (Deneckere and McAfee 1996). Undamaged sales alone earn 5.

# %%
printers = amd.load("damaged-goods").solve()
show(printers)
assert printers.objective_exact == "6"

# %% [markdown]
# ## Exercises
#
# **1.** If only the bundle is sold, which price is best? (Values uniform and independent, price at most 1.)

# %%
answer = None
check(answer, lambda: sqrt(2 / 3), "Maximise p (1 − p²/2).")

# %% [markdown]
# **2.** By what factor does the best mechanism beat separate sales?

# %%
answer = None
check(answer, lambda: known / 0.5)

# %% [markdown]
# **3.** On a 4 × 4 grid (values 1/8, 3/8, 5/8, 7/8), what do separate sales at the best prices earn?

# %%
answer = None
check(answer, lambda: 2 * virtual_values(["1/8", "3/8", "5/8", "7/8"]).posted_price()[1])

# %% [markdown]
# **4.** In which direction does the grid's optimum (types at the cells' means) miss the continuum's here: *above* or *below*?

# %%
answer = None
choose(answer, "grid against continuum", "93b5f44e7656")
