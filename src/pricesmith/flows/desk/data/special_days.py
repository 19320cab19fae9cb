"""When prices counted as specials that nothing marks, and which days were left out as they may have: one row for each."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.money import minor_expr
from pricesmith.flows.desk.reading.ledger import Reading

from .histories import seen

LEFT_OUT, SPECIAL = "left out", "special"
NONE = {"sku": pl.String, "counts_as": pl.String, "start": pl.Date, "end": pl.Date, "price": pl.Int64}


def special_days(reading: Reading) -> pl.DataFrame:
    """`sku`, channel and region where the data name some, how it counts, first and last day with a sale, and lowest `price` (minor units).

    Raises what reading the tables does.
    """
    found = seen(reading)
    if found is None:
        return pl.DataFrame(schema=NONE)
    kind = pl.when("special").then(pl.lit(SPECIAL)).when("doubtful").then(pl.lit(LEFT_OUT)).alias("counts_as")
    rows = found.rows.select("item", "date", "price", kind).with_columns(span=pl.struct("item", "counts_as").rle_id())
    spans = rows.filter(pl.col("counts_as").is_not_null()).group_by("span", maintain_order=True)
    price = minor_expr(pl.col("price"), found.policy.currency)
    told = spans.agg(pl.col("item", "counts_as").first(), start=pl.col("date").min(), end=pl.col("date").max(), price=price.min())
    places = [name for name in ("channel", "region") if found.keys[name].n_unique() > 1]
    return told.join(found.keys, on="item").sort("sku", "item", "start").select("sku", *places, "counts_as", "start", "end", "price")
