"""Competitor offers that cannot be for the same product, and competitors that are named and offer nothing."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.offers import likely
from pricesmith.preparation.prepared import Warning_, warn

from .facts import Facts, found

NAMED = 5
"""Sellers that a message lists."""


def check_offers(facts: Facts) -> list[Warning_]:
    """Offers that cannot be for the same product (see `contracts.offers`), and names of data.competitors of whom there is none."""
    offers, named = facts.tables["competitor_prices"], facts.policy.data.competitors
    if not offers.height:
        return []
    own = facts.rows.filter(~pl.col("suspect")).group_by("sku").agg(pl.col("price").median().alias("own"))
    about = offers.filter(pl.col("competitor").is_in(named)) if named else offers
    shipping = pl.col("shipping").fill_null(0.0) if facts.policy.data.competitor_shipping else 0.0
    unlike = about.join(own, on="sku").filter(~likely(pl.col("price") + shipping, pl.col("own")))
    text = (
        "{count} offers for {products} products do not count: below half or above twice the median of our own prices, "
        "so taken to be of another product; check the match, pack or unit"
    )
    return [*_unheard(facts), *found("impossible_offer", "competitor_prices", "warning", unlike, text)]


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
