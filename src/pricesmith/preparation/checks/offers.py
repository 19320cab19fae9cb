"""Competitor offers that cannot be for the same product."""

from __future__ import annotations

import polars as pl

from pricesmith.preparation.prepared import Warning_

from .facts import Facts, found

LOW, HIGH = 0.2, 5.0


def check_offers(facts: Facts) -> list[Warning_]:
    """Offers outside 1/5 to 5 times the product's own median price, and offers of nothing."""
    if not facts.tables["competitor_prices"].height:
        return []
    own = facts.rows.filter(~pl.col("suspect")).group_by("sku").agg(pl.col("price").median().alias("own"))
    ratio = facts.tables["competitor_prices"].join(own, on="sku").with_columns((pl.col("price") / pl.col("own")).alias("ratio"))
    text = "{count} offers for {products} products are ignored: below 1/5 or above 5 times the own price; check the match or unit"
    return found("impossible_offer", "competitor_prices", "warning", ratio.filter(~pl.col("ratio").is_between(LOW, HIGH)), text)
