"""The continuum: relations between cell averages that every mechanism satisfies, and mechanisms exact on it."""
