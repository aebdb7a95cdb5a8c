"""Automated mechanism design."""
