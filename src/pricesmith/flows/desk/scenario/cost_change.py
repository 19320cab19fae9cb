"""Costs of a category rise or fall."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from ._change import Category, Change, checked_category, field, inside

COSTS = ("landed_cost", "unit_cost", "shipping")


class CostChange(Change, frozen=True, kw_only=True, tag="cost_change"):
    """Costs of a category rise by `percent`, or fall where it is below zero."""

    category: Category = ""
    percent: Annotated[float, field("percent", "rise of the costs, percent; below zero: a fall", ge=-95.0, le=1000.0)]

    def world(self, items: pl.DataFrame) -> pl.DataFrame:
        checked_category(items, self.category)
        factor = 1.0 + self.percent / 100.0
        return items.with_columns(pl.when(inside(self.category)).then(pl.col(cost) * factor).otherwise(cost).alias(cost) for cost in COSTS)


SCENARIO = CostChange
