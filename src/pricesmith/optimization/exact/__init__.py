"""Optima that theory gives exactly: closed forms, cuts and recursions of the literature, each held to its printed numbers.

The price list is made by `choose`, which is more general; these say what it must come to where they apply, and stand for themselves.
"""
