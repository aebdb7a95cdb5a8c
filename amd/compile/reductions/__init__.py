"""Reductions that are without loss, one file each.

Each has a short `NAME`, a function `applies(environment, design) -> Verdict` that states its conditions, a function
`apply(plan, …) -> Plan`, and, where the answer must be taken back to the full problem, a `lift`.
"""
