"""The path of the regular price, promotions taken out.

A regular price may change while a promotion hides it. On a promotion row without a given list price two are possible: the regular price
before the promotion and the one after it. The row gets the one that makes its discount nearest to the known depth, else to the product's
usual discount (the median over promotions with one price on both sides), else to the shop's.
"""

from __future__ import annotations

import polars as pl

SAME = 0.005
"""Two regular prices within this relative distance are one."""
NEAR = 0.02
"""A known depth overrides both neighbours where neither is within this of the price that it implies."""


def with_list_price(rows: pl.DataFrame) -> pl.DataFrame:
    """Fill `list_price`.

    rows     columns item, date, price, promo, list_price (null where not given), depth (null where unknown), suspect; sorted by item, date
    returns  the same, list_price without nulls; a discount is never negative on a promotion row
    """
    regular = pl.when(~pl.col("suspect")).then(pl.coalesce("list_price", pl.when(pl.col("promo") == 0).then("price")))
    rows = rows.with_columns(regular.alias("_regular")).with_columns(
        pl.col("_regular").forward_fill().over("item").alias("_before"), pl.col("_regular").backward_fill().over("item").alias("_after")
    )
    rows = rows.with_columns(pl.coalesce("_before", "_after").alias("_before"), pl.coalesce("_after", "_before").alias("_after"))
    rebuilt = _usual_ratio(rows).with_columns(_rebuilt().alias("_list"))
    chosen = pl.coalesce("list_price", pl.when(pl.col("promo") == 0).then("price"), "_list", "price")
    floor = pl.when((pl.col("promo") == 1) & pl.col("list_price").is_null()).then(pl.max_horizontal(chosen, "price")).otherwise(chosen)
    return rebuilt.with_columns(floor.alias("list_price")).drop("_regular", "_before", "_after", "_ratio", "_list")


def _usual_ratio(rows: pl.DataFrame) -> pl.DataFrame:
    """Column `_ratio`: promotion price over regular price, from the depth, else the usual one."""
    stable = (pl.col("promo") == 1) & ((pl.col("_before") / pl.col("_after") - 1).abs() <= SAME) & ~pl.col("suspect")
    ratio = pl.when(stable).then(pl.col("price") / pl.col("_before"))
    usual = rows.group_by("item").agg(ratio.median().alias("_usual"))
    shop = rows.select(ratio.median()).item()
    given = pl.when(pl.col("depth") < 1.0).then(1.0 - pl.col("depth"))
    return (
        rows.join(usual, on="item", how="left", maintain_order="left")
        .with_columns(pl.coalesce(given, "_usual", pl.lit(shop, dtype=pl.Float64)).alias("_ratio"))
        .drop("_usual")
    )


def _rebuilt() -> pl.Expr:
    implied = pl.col("price") / pl.col("_ratio")
    far_before, far_after = ((implied / pl.col(name)).log().abs() for name in ("_before", "_after"))
    neighbour = pl.when(far_after < far_before).then("_after").otherwise("_before")
    near = pl.min_horizontal(far_before, far_after) <= NEAR
    trusted = pl.col("depth").is_not_null() & implied.is_not_null() & ~near.fill_null(False)
    return pl.when(trusted).then(implied).otherwise(neighbour)
