"""``python -m amd``."""

from amd.cli import main

main()
