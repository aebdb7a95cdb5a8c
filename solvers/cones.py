"""Membership in the convex cones of a program, and in their duals."""

from __future__ import annotations

import numpy as np

from solvers.program import ConeKind, FloatArray


def violation(kind: ConeKind, point: FloatArray) -> float:
    """How far `point` is outside the cone, in the inequality that defines it (0 inside)."""
    return _second_order(point) if kind is ConeKind.SECOND_ORDER else _exponential(point)


def dual_violation(kind: ConeKind, point: FloatArray) -> float:
    """The same for the dual cone. The second-order cone is its own dual; that of the exponential cone is the closure
    of ``u < 0, -u exp(v / u) <= e w`` (Boyd and Vandenberghe, Convex Optimization, 2004, chapter 2; Chares, 2009)."""
    return _second_order(point) if kind is ConeKind.SECOND_ORDER else _exponential_dual(point)


def _second_order(point: FloatArray) -> float:
    return max(0.0, float(np.linalg.norm(point[1:]) - point[0]))


def _exponential(point: FloatArray) -> float:
    x, y, z = (float(value) for value in point)
    if y <= 0:  # the closure adds x <= 0, y = 0, z >= 0
        return max(0.0, x, -y, -z)
    return max(0.0, y * float(np.exp(min(x / y, 700.0))) - z)


def _exponential_dual(point: FloatArray) -> float:
    u, v, w = (float(value) for value in point)
    if u >= 0:  # the closure adds u = 0, v >= 0, w >= 0
        return max(0.0, u, -v, -w)
    return max(0.0, -u * float(np.exp(min(v / u, 700.0))) / float(np.e) - w)
