# %% [markdown]
# # 11 Kidney exchange
#
# > Your sister would give you a kidney, but it does not fit. Somebody else's brother is in the same position. Who should swap with whom?
#
# Buying organs is forbidden almost everywhere. Swapping is not. A *pool* holds pairs of a patient and a willing but incompatible donor, and altruists
# who give without asking. Roth, Sönmez and Ünver (2004, 2007) turned this into a market without prices; it has saved thousands of lives.

# %%
from collections import Counter

from amd.files.bundled import resolve
from amd.matching.entry import solve_file
from amd.matching.exchange.files import read_exchange
from amd.matching.exchange.generate import saidman_pool
from amd.matching.exchange.rules import Rules
from amd.matching.exchange.solve import solve_exchange
from amd.matching.verify import verify_exchange
from amd.teach import check, choose, explore
from amd.teach.sketch import BLUE, GREEN, ORANGE, Sketch, beside

# %% [markdown]
# ## Cycles and chains
#
# Draw an arrow from a donor to every patient she could give to. A *cycle* is a swap: every patient in it gets a kidney. All operations must happen at once, or
# somebody could back out with her patient served, so cycles are short. A *chain* starts at an altruist; if it breaks, nobody has given in vain.

# %%
small = solve_file(resolve("two-cycles-and-a-chain"))
print(small.text())
small.plot()

# %% [markdown]
# ## The program
#
# One variable for each cycle of at most three pairs, one for each step of a chain; each pair takes part at most once; as many transplants as
# possible. It is an integer program: with cycles of three it is hard in theory and easy in practice. (With swaps of two it is a matching problem, solved by Edmonds
# in 1965.) What the linear relaxation says is nearly always the answer.

# %%
pool = saidman_pool(pairs=60, altruists=3, seed=5)
print(pool.count, "vertices,", pool.arcs, "possible transplants")
for cycle_cap, chain_cap in ((2, 0), (3, 0), (4, 0), (2, 3), (3, 3), (3, 6)):
    found = solve_exchange(pool, Rules(cycle_cap=cycle_cap, chain_cap=chain_cap))
    shape = Counter(len(cycle) for cycle in found.cycles)
    words = ", ".join(f"{count} of {size}" for size, count in sorted(shape.items())) or "none"
    chains = ", ".join(str(len(chain) - 1) for chain in found.chains) or "none"
    print(
        f"cycles up to {cycle_cap}, chains up to {chain_cap}: {found.transplants:2} transplants (cycles {words}; chains {chains})"
    )
    assert found.proven

# %% [markdown]
# Every answer is verified by a program that shares no code with the search: each donor fits her patient, nobody is used twice, no cycle is too long.

# %%
arcs = {(str(s), str(t)) for s, t in zip(pool.source.tolist(), pool.target.tolist(), strict=True)}
altruists = {str(v) for v in range(pool.count) if pool.altruist[v]}
named = [[[str(v) for v in part] for part in parts] for parts in (found.cycles, found.chains)]
assert verify_exchange(arcs, altruists, named[0], named[1], cycle_cap=3, chain_cap=6) == []

# %% [markdown]
# ## Thickness
#
# In a larger pool a larger *share* of patients is served: a pair that is hard to match finds somebody sooner or later. That is why hospitals should pool their
# patients, and why it is a problem when they keep the easy ones to themselves. Move the sliders:


# %%
def thickness(pairs, altruists, longest_cycle, longest_chain):
    """Transplants in a random pool, by the ways to swap."""
    random_pool = saidman_pool(pairs=pairs, altruists=altruists, seed=1)
    ways = {
        "swaps of two": Rules(cycle_cap=2),
        "cycles": Rules(cycle_cap=longest_cycle),
        "and chains": Rules(cycle_cap=longest_cycle, chain_cap=longest_chain),
    }
    served = [solve_exchange(random_pool, rules).transplants for rules in ways.values()]
    counts = Sketch(
        (-0.6, 2.6), (0, pairs * 1.1), ("", "patients served"), f"{pairs} patients", names=list(ways), width=480
    )
    shares = Sketch((-0.6, 2.6), (0, 110), ("", "percent"), "share of patients", names=list(ways), width=480)
    for place, (one, color) in enumerate(zip(served, (BLUE, ORANGE, GREEN), strict=True)):
        counts.bars([one], color, place=place)
        shares.bars([round(100 * one / pairs)], color, place=place)
    return beside(counts, shares)


explore(thickness, pairs=(5, 30, 5, 20), altruists=(0, 3, 1, 2), longest_cycle=(2, 3, 1, 3), longest_chain=(0, 4, 1, 3))

# %%
for pairs in (10, 20, 40, 80):
    runs = [solve_exchange(saidman_pool(pairs=pairs, seed=seed), Rules(cycle_cap=3)).transplants for seed in range(12)]
    print(f"{pairs:3} pairs: {sum(runs) / (12 * pairs):.0%} served by cycles up to 3")

# %% [markdown]
# ## A chain that may break
#
# A transplant that was agreed on may still fall through. A cycle of three in which each fails with probability 1/2 happens only if none fails: 3/8 patients on
# average. A chain goes on until something breaks: 1/2 + 1/4 + 1/8.

# %%
fragile = solve_file(resolve("fragile-chain"))
print(fragile.text())
assert fragile.details["values"]["expected_transplants"] == 7 / 8

# %% [markdown]
# ## Exercises
#
# **1.** In the small pool above, how many transplants are possible if the altruist is not there? (Cycles up to three.)

# %%
text = resolve("two-cycles-and-a-chain").read_text()
answer = None
check(answer, lambda: solve_exchange(read_exchange(text, "pool").pool, Rules(cycle_cap=3)).transplants)

# %% [markdown]
# **2.** Pairs 1 → 2 → 3 → 4 → 1 fit in a circle, and 2 → 1 as well. How many transplants with cycles of at most three?

# %%
CIRCLE = "{amd: 1, kind: exchange, pairs: [a, b, c, d], arcs: {a: [b], b: [c, a], c: [d], d: [a]}}"
answer = None
check(answer, lambda: solve_exchange(read_exchange(CIRCLE, "circle").pool, Rules(cycle_cap=3)).transplants)

# %% [markdown]
# **3.** Same circle: which cap on cycles is needed to serve all four?

# %%
answer = None
check(
    answer,
    lambda: next(
        cap
        for cap in (2, 3, 4)
        if solve_exchange(read_exchange(CIRCLE, "circle").pool, Rules(cycle_cap=cap)).transplants == 4
    ),
)

# %% [markdown]
# **4.** Why must a cycle, but not a chain, be operated all at once: because of *fairness*, *commitment* or *compatibility*?

# %%
answer = None
choose(answer, "why all at once", "ca8b0243223b")
