"""Order lines paid at a price that cannot be: the day's list price hides them, and their units are read as sold."""

from __future__ import annotations

import polars as pl

from pricesmith.preparation.prepared import Warning_

from .facts import Facts, found

FAR = 10.0
"""Times its list price that nobody pays for a product, nor a part of it so small."""
_TEXT = (
    "{count} lines of {products} products were paid at ten times the usual list price of their product or more, or a tenth or less; "
    "check them: their units count as sold"
)


def check_order_lines(facts: Facts) -> list[Warning_]:
    """Lines FAR from the median list price of their product."""
    if not facts.derived:
        return []
    usual = facts.rows.filter(pl.col("price") > 0).group_by("sku").agg(usual=pl.col("price").median())
    lines = facts.tables["orders"].filter((pl.col("units") > 0) & (pl.col("price") > 0)).select("sku", "price")
    far = (pl.col("price") >= FAR * pl.col("usual")) | (pl.col("price") * FAR <= pl.col("usual"))
    return found("line_price", "orders", "warning", lines.join(usual, on="sku").filter(far), _TEXT)
