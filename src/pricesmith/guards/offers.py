"""What competitors say together, and how much of it hangs on one of them."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.offers import REFERENCES, Reference, likely, odd


def reference(offers: pl.DataFrame, said: Reference = "median") -> pl.DataFrame:
    """What the offers that can be for the same product say together: sku, reference, sellers, influence.

    `influence` is the largest ratio, less one, between the reference and that without one seller (the larger over the smaller, the
    filters run anew): whoever of them is wrong, the others alone would have said the same within it. Null where only one seller is left.

    offers  sku, seller, price, own (the product's own median of 30 days); one row a seller, of the same condition and pack size
    said    how they say it: see `REFERENCES`
    """
    valid = offers.filter(pl.col("price").is_finite() & (pl.col("price") > 0) & likely(pl.col("price"), pl.col("own")))
    whole = _together(valid, ["sku"], said)
    without = valid.select("sku", pl.col("seller").alias("left_out")).join(valid, on="sku").filter(pl.col("left_out") != pl.col("seller"))
    others = _together(without, ["sku", "left_out"], said).rename({"reference": "other"}).drop("sellers")
    ratio = pl.col("other") / pl.col("reference")
    moved = others.join(whole, on="sku").group_by("sku").agg((pl.max_horizontal(ratio, 1.0 / ratio).max() - 1.0).alias("influence"))
    return whole.join(moved, on="sku", how="left").sort("sku")


def _together(offers: pl.DataFrame, by: list[str], said: Reference) -> pl.DataFrame:
    kept = offers.filter(~odd(pl.col("price").log(), by))
    return kept.group_by(by).agg(REFERENCES[said](pl.col("price")).alias("reference"), pl.len().cast(pl.Int64).alias("sellers"))
