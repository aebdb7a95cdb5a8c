"""Proofs: exact optima, impossibility, and bounds on the continuum."""
