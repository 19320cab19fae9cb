"""The price table by group: how many products and changes, and what they bring."""

from __future__ import annotations

import msgspec
import polars as pl

GROUPS = ("category", "brand", "family", "role", "channel", "region", "evidence", "reason", "state", "action")
PAGE = 200
"""Groups of one page."""


class Group(msgspec.Struct, frozen=True):
    """Products that share something. Money in major units a day.

    name      what they share; "" where they have none;  deeper: its categories can be taken apart further
    expected_revenue, expected_profit  of all of them at the prices of the run;  profit_change  of its changes
    """

    name: str
    deeper: bool
    products: int
    changes: int
    up: int
    down: int
    hold: int
    expected_revenue: float
    expected_profit: float
    profit_change: float


def grouped(table: pl.DataFrame, by: str, under: str, page: int = 1) -> tuple[list[Group], int]:
    """(one page of the groups of some products, the largest effect first, last of all the sum of all under the name "*"; pages).

    under  category that was chosen: its products are taken apart one level further
    """
    depth = under.count("/") + 2 if under else 1
    whole = pl.col(by).fill_null("")
    name = whole.str.split("/").list.head(depth).list.join("/") if by == "category" else whole
    deeper = (whole != name) if by == "category" else pl.lit(False)
    change, up = pl.col("action") == "change", pl.col("price") > pl.col("current_price")
    sums = (
        pl.col("deeper").any(),
        pl.len().alias("products"),
        change.sum().alias("changes"),
        (change & up).sum().alias("up"),
        (change & ~up).sum().alias("down"),
        (pl.col("action") == "hold").sum().alias("hold"),
        pl.col("expected_revenue").sum(),
        pl.col("expected_profit").sum(),
        pl.col("profit_change").filter(change).sum(),
    )
    rows = table.with_columns(name=name, deeper=deeper)
    groups = rows.group_by("name").agg(*sums).sort(pl.col("profit_change").abs(), "name", descending=[True, False])
    total = rows.select(pl.lit("*").alias("name"), *sums)
    pages = max(-(-groups.height // PAGE), 1)
    shown = groups.slice((min(max(page, 1), pages) - 1) * PAGE, PAGE)
    return [Group(**row) for row in pl.concat([shown, total.select(groups.columns)]).iter_rows(named=True)], pages
