"""Category floor: what a category must still bring."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.rule import Context, Coupling, Rule, numbers, per_cent

from ._groups import groups, level_of, priced


class CategoryFloor(Rule, frozen=True, kw_only=True, tag="category_floor"):
    """The expected revenue or margin of each category does not fall below a share of today's.

    Today's is the expected sum at the current prices. Where today's margin is a loss L, it may grow by (1 - share) * L at most.
    Products without a category, and for margin those without a known cost, are not counted.
    """

    quantity: Annotated[Literal["revenue", "margin"], Meta(description="what is added up: revenue or margin, both expected")]
    share: Annotated[float, per_cent("share of today's sum that must be reached: 0.95 = 95 %", ge=0.0, le=1.0)]
    level: Annotated[
        int, Meta(ge=0, le=20, description="steps of the category path that make a category: 1 for `a` of `a/b/c`; 0: the shop")
    ] = 1

    def couplings(self, items: pl.DataFrame, context: Context) -> Coupling | None:
        member = self.selects(items) & priced(items)
        if self.quantity == "margin":
            member &= ~np.isnan(numbers(items, "landed_cost"))
        cut = level_of(items, self.level)
        codes = groups(cut, ("category",), member)
        known, group = np.unique(codes[codes >= 0], return_inverse=True)
        numbered = np.full(items.height, -1, dtype=np.int64)
        numbered[codes >= 0] = group
        first = np.unique(group, return_index=True)[1]
        names = tuple(cut["category"].gather(np.flatnonzero(codes >= 0)[first]).to_list())
        return Coupling(self.quantity, numbered, np.full(known.size, self.share), np.full(known.size, np.inf), names)


RULE = CategoryFloor

EXAMPLE = """
[[rule]]
kind = "category_floor"
quantity = "revenue"
share = 0.95
level = 1
"""
