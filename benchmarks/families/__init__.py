"""One file for each family of problems: its problem file by size, the natural models, the closed form if there is one."""
