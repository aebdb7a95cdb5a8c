"""R6, reduced forms: programs in interim allocations and utilities, for when profiles could never be listed."""
