"""Sweeps: one problem solved at many settings of its parameters, resumable, on one machine or a cluster."""

from amd.sweep.grid import Axis, SweepError, parse_axis, points
from amd.sweep.run import Sweep, sweep

__all__ = ["Axis", "Sweep", "SweepError", "parse_axis", "points", "sweep"]
