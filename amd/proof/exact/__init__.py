"""Exact solutions of linear programs: rational optima with their multipliers, and Farkas multipliers."""
