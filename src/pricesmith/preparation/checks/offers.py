"""Competitor offers that cannot be for the same product or are our own prices, and competitors that are named and offer nothing."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.offers import likely
from pricesmith.preparation.prepared import Warning_, warn

from .facts import Facts, found

NAMED = 5
"""Sellers that a message lists."""
OWN_LEAST, OWN_SHARE, OWN_NEAR = 10, 0.9, 0.0005
"""Offers of a seller beside a price of ours, and the share of them within OWN_NEAR of it, from which they are taken for our own prices."""


def check_offers(facts: Facts) -> list[Warning_]:
    """Offers that cannot be for the same product (see `contracts.offers`) or are our own prices; names in data.competitors of nobody."""
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
    return [*_unheard(facts), *_own(facts, about), *found("impossible_offer", "competitor_prices", "warning", unlike, text)]


def _own(facts: Facts, offers: pl.DataFrame) -> list[Warning_]:
    """Sellers whose offers are what this shop charged itself when they were seen: its own prices, sent as a competitor's."""
    charged = facts.rows.filter(~pl.col("suspect")).select("sku", "date", own="price").sort("date")
    seen = offers.select("sku", "competitor", "price", pl.col("observed_at").dt.date().alias("date")).sort("date")
    beside = seen.join_asof(charged, on="date", by="sku", strategy="backward", check_sortedness=False).filter(pl.col("own") > 0)
    same = (pl.col("price") / pl.col("own") - 1.0).abs() <= OWN_NEAR
    shares = beside.group_by("competitor").agg(pl.len(), same.mean().alias("share")).sort("competitor")
    taken = shares.filter((pl.col("len") >= OWN_LEAST) & (pl.col("share") >= OWN_SHARE))["competitor"].to_list()
    text = (
        "nearly all offers of {names} are what this shop charged itself on the same days ({count} offers for {products} products): if the "
        "column of the own prices was taken for a competitor's, send the file again with the column of the competitor"
    )
    rows = beside.filter(pl.col("competitor").is_in(taken) & same)
    return found("own_offers", "competitor_prices", "warning", rows, text, names=", ".join(taken[:NAMED]))


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
