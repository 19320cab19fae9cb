"""Competitor offers that cannot be for the same product, and competitors that are named and offer nothing."""

from __future__ import annotations

import polars as pl

from pricesmith.preparation.prepared import Warning_, warn

from .facts import Facts, found

LOW, HIGH, NAMED = 0.2, 5.0, 5


def check_offers(facts: Facts) -> list[Warning_]:
    """Offers outside 1/5 to 5 times the product's own median price, and names of data.competitors of whom there is none."""
    if not facts.tables["competitor_prices"].height:
        return []
    own = facts.rows.filter(~pl.col("suspect")).group_by("sku").agg(pl.col("price").median().alias("own"))
    ratio = facts.tables["competitor_prices"].join(own, on="sku").with_columns((pl.col("price") / pl.col("own")).alias("ratio"))
    text = "{count} offers for {products} products are ignored: below 1/5 or above 5 times the own price; check the match or unit"
    return [
        *_unheard(facts),
        *found("impossible_offer", "competitor_prices", "warning", ratio.filter(~pl.col("ratio").is_between(LOW, HIGH)), text),
    ]


def _unheard(facts: Facts) -> list[Warning_]:
    """Competitors of data.competitors without a single offer: a name that is written otherwise leaves theirs out."""
    sellers = facts.tables["competitor_prices"]["competitor"].unique().sort().to_list()
    lacking = [name for name in facts.policy.data.competitors if name not in sellers]
    some = ", ".join(sellers[:NAMED]) + (" …" if len(sellers) > NAMED else "")
    text = (
        f"shop.toml: data.competitors names {', '.join(lacking)}, of whom there is no offer; offers are of {some}: "
        "write the names as they do"
    )
    return [warn("unheard_competitor", "shop.toml", "warning", text, len(lacking), lacking)] if lacking else []
