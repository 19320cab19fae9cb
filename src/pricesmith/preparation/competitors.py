"""The competitor references of a product: median, cheapest and more over competitors of each one's latest valid offer, as of every day.

An offer counts while it is not older than the policy allows, its match is trusted, and it can be that of the same product: between half
and twice the product's own median price and, with three offers or more, within 5 scaled median deviations of their median (in logs).
A competitor whose latest offer is out of stock has none. The reference changes only on days when an offer appears or grows too old.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.offers import REFERENCES, column_of, likely, odd
from pricesmith.contracts.policy import Policy

from .times import local_date


def references(offers: pl.DataFrame, own: pl.DataFrame, policy: Policy, as_of: dt.date) -> pl.DataFrame:
    """References from each day on which they change: sku, date, competitor_price (major units; null where none), competitor_offers.

    Beside the median, which is competitor_price, columns for the others: see `offers.REFERENCES`.
    offers  table COMPETITOR_PRICES
    own     sku, own: median price of the product before `as_of` (major units)
    """
    valid = _valid(offers, own, policy, as_of)
    age = pl.duration(days=policy.data.competitor_max_age_days)
    expiry = valid.select("sku", (pl.col("date") + age + pl.duration(days=1)).alias("date"))
    days = pl.concat([valid.select("sku", "date"), expiry]).unique().filter(pl.col("date") <= as_of)
    pairs = days.join(valid.select("sku", "competitor").unique(), on="sku").sort("date")
    seen = valid.rename({"date": "_seen"}).sort("_seen")
    held = pairs.join_asof(seen, left_on="date", right_on="_seen", by=["sku", "competitor"], strategy="backward", check_sortedness=False)
    fresh = (pl.col("date") - pl.col("_seen") <= age) & pl.col("in_stock")
    offered = pl.when(fresh).then("offer").log()
    kept = held.with_columns(pl.when(fresh & ~odd(offered, ["sku", "date"])).then("offer").alias("_kept"))
    said = [told(pl.col("_kept")).alias(column_of(name)) for name, told in REFERENCES.items()]
    together = kept.group_by("sku", "date").agg(*said, pl.col("_kept").count().alias("competitor_offers"))
    return together.with_columns(pl.col("competitor_offers").cast(pl.Int64)).sort("sku", "date")


def _valid(offers: pl.DataFrame, own: pl.DataFrame, policy: Policy, as_of: dt.date) -> pl.DataFrame:
    """Trusted offers before `as_of`, the last of each day: sku, competitor, date, offer, in_stock."""
    shipping = pl.col("shipping").fill_null(0.0) if policy.data.competitor_shipping else 0.0
    dated = offers.with_columns(
        local_date(pl.col("observed_at"), policy.timezone).alias("date"), (pl.col("price") + shipping).alias("offer")
    ).filter(pl.col("date") < as_of)
    named = policy.data.competitors
    dated = dated.filter(pl.col("competitor").is_in(named)) if named else dated
    trusted = (pl.col("confidence").fill_null(1.0) >= policy.data.competitor_min_confidence) & (pl.col("offer") > 0)
    same = likely(pl.col("offer"), pl.col("own"))
    kept = dated.join(own, on="sku", how="left").filter(trusted & same).sort("sku", "competitor", "observed_at")
    last = kept.unique(["sku", "competitor", "date"], keep="last", maintain_order=True)
    return last.select("sku", "competitor", "date", "offer", (pl.col("in_stock").fill_null(1) == 1).alias("in_stock"))


def with_reference(rows: pl.DataFrame, reference: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Add columns of `reference` as of each row's `date`. rows: columns item, sku, date and more, sorted by item and date."""
    if not reference.height:
        return rows.with_columns(pl.lit(None, dtype=reference.schema[name]).alias(name) for name in columns)
    items = rows.select("item", "sku").unique()
    dated = items.join(reference, on="sku").select("item", "date", *columns).sort("item", "date")
    return rows.join_asof(dated, on="date", by="item", strategy="backward", check_sortedness=False)
