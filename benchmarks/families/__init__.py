"""One file for each family: its problem file by size, the natural models, the closed form where there is one."""
