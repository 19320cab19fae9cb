"""Exclude: products that pricesmith leaves alone."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.rule import Context, Limits, Rule


class Exclude(Rule, frozen=True, kw_only=True, tag="exclude"):
    """Chosen products keep their price; where none are chosen, all do. Held as `excluded`."""

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits = Limits.none(items.height)
        limits.hold[self.selects(items)] = "excluded"
        return limits


RULE = Exclude

EXAMPLE = """
[[rule]]
kind = "exclude"
where = { brand = "Acme*" }
"""
