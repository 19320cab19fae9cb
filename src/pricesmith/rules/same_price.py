"""Same price: one price over a group of products."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.rule import Context, Rule, Ties

from ._groups import chain, groups, priced


class SamePrice(Rule, frozen=True, kw_only=True, tag="same_price"):
    """All products of a group have one price, in each channel and region by itself or everywhere.

    A group whose prices differ today moves to one price in the run in which one fits all of it, also where that earns less, and stays as it
    is until then; a single member never moves away alone.
    Products without a current price, and products whose group is not known, are not bound.
    """

    by: Annotated[Literal["family", "category", "brand", "role", "sku"], Meta(description="column whose equal values make a group")]
    everywhere: Annotated[bool, Meta(description="true: one price over all channels and regions too")] = False

    def ties(self, items: pl.DataFrame, context: Context) -> Ties | None:
        columns = (self.by,) if self.everywhere else (self.by, "channel", "region")
        first, second = chain(groups(items, columns, self.selects(items) & priced(items)))
        return Ties(first, second, np.ones(first.size), np.ones(first.size)) if first.size else None


RULE = SamePrice

EXAMPLE = """
[[rule]]
kind = "same_price"
by = "family"
"""
