"""What was sold lately in profit beside what is expected at today's prices, on the 600 products of Ta-Feng with most lines.

Their till lines hold what a row brought and cost. Priced at the beginning of each of the last weeks; money in TWD a day. Columns: profit of
what was sold in the four weeks before at what was paid, the same units at today's prices, what is expected at today's prices, and the units
that are expected at what was paid lately. Run: python -m examples.lately
"""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from pricesmith.contracts.economics import shares, unit_profit
from pricesmith.flows import batch
from pricesmith.flows.desk.runs.sums import base
from pricesmith.flows.desk.today.outlook import bridge_of, priced
from pricesmith.flows.desk.today.paid import prices_paid, summed

from .shop import DATA

SHOP = 'name = "lately"\ncurrency = "TWD"\ntax = "gross"\n[data]\ntax_rate = 0.05\n'
DAYS = [dt.date(2001, 1, day) for day in (11, 18, 25)] + [dt.date(2001, 2, 1)]


def write(folder: Path) -> None:
    """The shop folder: order lines, products, and the mean cost of each day as a table of costs."""
    rows = pl.read_parquet(DATA / "ta_feng" / "transactions.parquet").filter((pl.col("amount") > 0) & (pl.col("sales_total") > 0))
    most = rows.group_by("product_id").len().sort("len", "product_id", descending=[True, False]).head(600)
    rows = rows.join(most, on="product_id", how="semi").with_columns(sku=pl.col("product_id").cast(pl.String), units=pl.col("amount"))
    (folder / "data").mkdir()
    (folder / "shop.toml").write_text(SHOP, encoding="utf-8")
    order = pl.format("{}-{}", "date", "customer_id").alias("order_id")
    price, at = (pl.col("sales_total") / pl.col("units")).alias("price"), pl.format("{}T12:00:00Z", "date").alias("at")
    rows.select(order, at, "sku", "units", price).write_csv(folder / "data" / "orders.csv")
    rows.select("sku").unique().sort("sku").write_csv(folder / "data" / "products.csv")
    cost = (pl.col("cost_total").sum() / pl.col("units").sum()).round(2).alias("unit_cost")
    rows.group_by("sku", pl.col("date").alias("valid_from")).agg(cost).sort("sku", "valid_from").write_csv(folder / "data" / "costs.csv")


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "shop"
        folder.mkdir()
        write(folder)
        loaded = batch.load(folder)
        print("| as of | sold, at what was paid | at today's prices | expected | at what was paid |\n|---|---:|---:|---:|---:|")
        for day in DAYS:
            made = batch.price(loaded, day)
            bridge, rows = bridge_of(made.decided), priced(made.decided)
            if bridge is None:
                raise RuntimeError("the model cannot tell what was sold lately")
            items = made.snapshot.items[rows]
            share, asked = shares(items), items["current_price"].cast(pl.Float64).to_numpy()
            got = np.where(np.isnan(paid := prices_paid(made.snapshot, bridge.since)[rows]), asked, paid)
            each = [unit_profit(one, share["kept"], share["landed"], share["returned"]) for one in (asked, got)]
            expected, lower = (float(np.nansum(base(made.decided, rows) * one)) / 100.0 for one in each)
            told = summed(made.snapshot, bridge, rows, expected)
            print(f"| {day} | {told.paid:,.0f} | {told.full:,.0f} | {expected:,.0f} | {lower:,.0f} |")


if __name__ == "__main__":
    main()
