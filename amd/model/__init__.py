"""What a design problem is: frozen data over arrays of exact rationals. Knows nothing of files or solvers."""
