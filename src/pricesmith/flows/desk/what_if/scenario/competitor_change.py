"""Competitors' prices of a category fall or rise."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.offers import REFERENCES, column_of

from ._change import Category, Change, checked_category, field, inside


class CompetitorChange(Change, frozen=True, kw_only=True, tag="competitor_change"):
    """Competitors' prices of a category change by `percent`: demand answers as it did before, rules about competitors bind anew."""

    category: Category = ""
    percent: Annotated[float, field("percent", "change of competitors' prices, percent; below zero: they fall", ge=-95.0, le=1000.0)]

    def world(self, items: pl.DataFrame, currency: str) -> pl.DataFrame:
        checked_category(items, self.category)
        if items.filter(inside(self.category) & pl.col("competitor_price").is_not_null()).is_empty():
            raise UsageError(
                "no competitor's price is known there", hint="data/competitor_prices.csv brings them; the Data page shows which"
            )
        told = [column for column in map(column_of, REFERENCES) if column in items.columns]
        factor = pl.when(inside(self.category)).then(1.0 + self.percent / 100.0).otherwise(1.0)
        return items.with_columns(pl.col(told) * factor)


SCENARIO = CompetitorChange
