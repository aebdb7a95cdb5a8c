"""Auctions: the standard formats, and combinatorial auctions. Read and answered by `amd.auctions.run`."""
