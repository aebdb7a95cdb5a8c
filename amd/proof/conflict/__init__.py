"""Why nothing meets a design: the smallest set of requirements that conflict, and what each would cost to relax."""
