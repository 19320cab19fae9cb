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
    """Add `cost`, the landed cost of each cell's date in major units. cells: columns sku, date and more, in any order (kept)."""
    landed = costs.select("sku", pl.col("valid_from"), (pl.col("unit_cost") + pl.col("shipping").fill_null(0.0)).alias("_landed"))
    numbered = cells.with_row_index("_at").sort("date")
    joined = numbered.join_asof(
        landed.sort("valid_from"), left_on="date", right_on="valid_from", by="sku", strategy="backward", check_sortedness=False
    )
    listed = products.select("sku", pl.col("unit_cost").alias("_listed"))
    whole = joined.join(listed, on="sku", how="left").with_columns(pl.coalesce("_landed", "_listed").alias("cost"))
    return whole.sort("_at").select(*cells.columns, "cost")
