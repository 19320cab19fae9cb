"""Landed cost as of a day: unit_cost + shipping of the latest costs row, else unit_cost of the product."""

from __future__ import annotations

import datetime as dt

import polars as pl


def latest_costs(costs: pl.DataFrame, products: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Costs that hold on `as_of`: sku, unit_cost, shipping, fee_rate, payment_rate, return_rate (major units); null cost where unknown."""
    held = costs.filter(pl.col("valid_from") <= as_of).sort("sku", "valid_from").group_by("sku", maintain_order=True).last()
    rates = ("shipping", "fee_rate", "payment_rate", "return_rate")
    joined = products.select("sku", pl.col("unit_cost").alias("_listed")).join(held, on="sku", how="left", maintain_order="left")
    return joined.select("sku", pl.coalesce("unit_cost", "_listed").alias("unit_cost"), *(pl.col(name).fill_null(0.0) for name in rates))


def with_cost(cells: pl.DataFrame, costs: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Add `cost`, the landed cost of each cell's date in major units. cells: columns item, sku, date and more, sorted by item and date."""
    items = cells.select("item", "sku").unique()
    listed = items.join(products, on="sku").select("item", pl.col("unit_cost").alias("cost"))
    whole = cells.join(listed, on="item", how="left", maintain_order="left")
    if not costs.height:
        return whole
    landed = (pl.col("unit_cost") + pl.col("shipping").fill_null(0.0)).alias("_landed")
    dated = items.join(costs, on="sku").select("item", "valid_from", landed).sort("item", "valid_from")
    held = whole.join_asof(dated, left_on="date", right_on="valid_from", by="item", strategy="backward", check_sortedness=False)
    return held.with_columns(pl.coalesce("_landed", "cost").alias("cost")).drop("_landed", "valid_from")
