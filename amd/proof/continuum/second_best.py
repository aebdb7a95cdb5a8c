"""The most welfare that bilateral trade can reach without a subsidy: proven on one cell, told in words.

Myerson and Satterthwaite (1983): for v and c uniform on [0, 1] the second best is 9/64. With P the chance of trade
and W the expected gain v − c from it, the value identity on the single cell gives E m <= 2 E[v; trade] − P and E r >=
2 E[c; trade], so a budget without deficit needs 2 W >= P; and C1 bounds W by t P + E[(v − c − t)⁺] for every t.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from amd.proof.continuum.profiles import ProfileModel
from amd.proof.continuum.relations import NoBoundError, Proof, prove
from amd.proof.continuum.setting import Setting


@dataclass(frozen=True)
class OneCellProof:
    """Welfare is at most `value`: C1 at `split` with constant `peak` taken `ceiling` times, the budget `budget`
    times."""

    value: Fraction
    split: Fraction
    peak: Fraction
    ceiling: Fraction
    budget: Fraction
    proof: Proof


def prove_on_one_cell(trade: Setting) -> OneCellProof:
    """The proof for a buyer and a seller on the unit interval with a budget in expectation.

    Raises NoBoundError when the relations used are not one C1 and one budget.
    """
    model = ProfileModel(trade, 1)
    proof = prove(model.relaxation, model.cuts)
    ceilings = [(relation, y) for relation, y in proof.multipliers if relation.family == "C1"]
    budgets = [y for relation, y in proof.multipliers if relation.family == "need"]
    if len(ceilings) != 1 or len(budgets) != 1:
        raise NoBoundError("the bound does not follow from one relation C1 and one budget")
    relation, ceiling = ceilings[0]
    split = max(relation.name[2], key=abs)
    return OneCellProof(proof.value, split, relation.bound, ceiling, budgets[0], proof)


def explain_second_best(found: OneCellProof) -> str:
    """The argument line by line."""
    t, peak, y, budget = found.split, found.peak, found.ceiling, found.budget
    return "\n".join(
        [
            f"Claim. Without a subsidy no mechanism gains more than {found.value} from trade in expectation.",
            "P = chance of trade, V = E[v; trade], C = E[c; trade], W = V − C; v and c uniform on [0, 1].",
            f"  C1 within the cell, t = {t}: W <= {t} P + E[(v − c − {t})⁺] = {t} P + {peak}   × {y}",
            "  value identity: E m = 2 V − P − U_buyer, E r = 2 C + U_seller, and U >= 0 by participation;",
            f"  budget E m >= E r, hence P <= 2 W   × {budget}",
            f"Sum: {y} W + {budget} P <= {2 * budget} W + {y * t} P + {y * peak}, that is W <= {found.value}.",
        ]
    )
