"""Closed forms of mechanism design: independent twins of what the linear program finds.

Functions take plain arrays. Where every number is an integer, a Fraction or a rational text the answer is exact (arrays
of
`fractions.Fraction`); one float among them makes it float.
"""
