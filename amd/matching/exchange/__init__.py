"""Kidney exchange: cycles among incompatible pairs, and chains that altruistic donors start."""
