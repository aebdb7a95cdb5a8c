"""Exact solutions of linear programs with rational data, each with a proof in rational arithmetic."""

from solvers.exact.check import check_feasible, check_infeasible, check_optimal, check_unbounded
from solvers.exact.numbers import Exact, Rationals
from solvers.exact.program import RationalProgram
from solvers.exact.solve import METHODS, ExactSolution, solve_exact

__all__ = [
    "METHODS",
    "Exact",
    "ExactSolution",
    "RationalProgram",
    "Rationals",
    "check_feasible",
    "check_infeasible",
    "check_optimal",
    "check_unbounded",
    "solve_exact",
]
