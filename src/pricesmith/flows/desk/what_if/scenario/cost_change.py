"""Purchase costs of a category rise or fall; shipping and fees stay."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from ._change import Category, Change, checked_category, field, inside


class CostChange(Change, frozen=True, kw_only=True, tag="cost_change"):
    """Purchase costs of a category rise by `percent`, or fall where it is below zero; what a unit costs beside them (shipping) stays."""

    category: Category = ""
    percent: Annotated[float, field("percent", "rise of the purchase costs, percent; below zero: a fall", ge=-95.0, le=1000.0)]

    def world(self, items: pl.DataFrame, currency: str) -> pl.DataFrame:
        checked_category(items, self.category)
        rise = pl.when(inside(self.category)).then(pl.coalesce("unit_cost", "landed_cost") * self.percent / 100.0).otherwise(0.0)
        return items.with_columns(pl.col(cost) + rise for cost in ("landed_cost", "unit_cost"))


SCENARIO = CostChange
