"""How often today's price, as order lines tell it, is right: with and without what is done about one that only large orders have paid.

Made shops, whose list price of every day is known, and the 800 products of UCI Online Retail with most lines, where the price asked is
taken to be the median of what lines no larger than the product's middle one pay in the next four weeks (three of them at least). Counted
are the products whose price the step changes. Run: python -m examples.last_prices
"""

from __future__ import annotations

import datetime as dt
from unittest.mock import patch

import numpy as np
import polars as pl

from pricesmith.preparation import line_prices
from pricesmith.preparation.orders import to_sales
from pricesmith.testing.order_lines import KINDS, START, made_lines

from .shop import DATA

NEAR = 0.005
DAYS = [dt.date(2010, month, 1) for month in (3, 5, 7, 9, 11)] + [dt.date(2011, month, 10) for month in (1, 3, 5, 7)]
AHEAD = dt.timedelta(days=28)


def last_prices(orders: pl.DataFrame) -> pl.DataFrame:
    """sku, and its last price `now` with the step and `before` without it."""
    found = to_sales(orders, "UTC").group_by("sku").agg(pl.col("price").last().alias("now"))
    with patch.object(line_prices, "_settled", lambda quotes, _lines: quotes):
        plain = to_sales(orders, "UTC").group_by("sku").agg(pl.col("price").last().alias("before"))
    return found.join(plain, on="sku")


def counted(prices: pl.DataFrame) -> np.ndarray:
    """[products, changed by the step, of these right with it, right without]. prices: now, before, truth"""
    changed = prices.filter((pl.col("now") / pl.col("before") - 1.0).abs() > NEAR)
    right = [changed.filter((pl.col(name) / pl.col("truth") - 1.0).abs() < NEAR).height for name in ("now", "before")]
    return np.array([prices.height, changed.height, *right])


def of_made_shops(kind: str) -> np.ndarray:
    total = np.zeros(4, dtype=int)
    for seed in range(2):
        lines, truth = made_lines(kind, 60, 540, np.random.default_rng(seed))
        orders = _orders(lines.with_columns(at=pl.col("date").cast(pl.Datetime("us", "UTC"))))
        for day in range(120, 540, 60):
            found = last_prices(orders.filter(pl.col("at").dt.date() < START + dt.timedelta(days=day)))
            true = [truth[int(sku[1:]), day - 1] for sku in found["sku"]]
            total += counted(found.with_columns(truth=pl.Series(true)))
    return total


def of_gifts() -> np.ndarray:
    rows = pl.read_parquet(DATA / "uci_online_retail" / "transactions.parquet")
    rows = rows.filter((pl.col("unit_price_gbp") > 0) & pl.col("stock_code").str.contains(r"^\d{5}"))
    most = rows.group_by("stock_code").len().sort("len", "stock_code", descending=[True, False]).head(800)
    named = rows.join(most, on="stock_code", how="semi").rename({"invoice": "order_id", "stock_code": "sku", "unit_price_gbp": "price"})
    orders = _orders(named.with_columns(at=pl.col("invoice_date").dt.replace_time_zone("UTC"), units=pl.col("quantity")))
    return np.sum([_at(orders, day) for day in DAYS], axis=0)  # type: ignore[no-any-return]


def _at(orders: pl.DataFrame, day: dt.date) -> np.ndarray:
    before = orders.filter(pl.col("at").dt.date() < day)
    middle = before.filter(pl.col("units") > 0).group_by("sku").agg(pl.col("units").median().alias("middle"))
    ahead = orders.filter(pl.col("at").dt.date().is_between(day, day + AHEAD, closed="left") & (pl.col("units") > 0))
    asked = ahead.join(middle, on="sku").filter(pl.col("units") <= pl.col("middle"))
    truth = asked.group_by("sku").agg(pl.col("price").median().alias("truth"), pl.len()).filter(pl.col("len") >= 3)
    return counted(last_prices(before).join(truth, on="sku"))


def _orders(lines: pl.DataFrame) -> pl.DataFrame:
    told = lines.select(
        pl.col("order_id").cast(pl.String), pl.col("sku").cast(pl.String), pl.col("at").cast(pl.Datetime("us", "UTC")),
        pl.col("units").cast(pl.Float64), pl.col("price").cast(pl.Float64), channel=pl.lit("default"), region=pl.lit("default"),
    )  # fmt: skip
    return told.sort("order_id", "sku", "at", "price", "units")


def main() -> None:
    print(f"{'shop':12} {'products and days':>18} {'price changed':>14} {'right with':>11} {'right without':>14}")
    for name, figures in [*((kind, of_made_shops(kind)) for kind in KINDS), ("UCI gifts", of_gifts())]:
        print(f"{name:12} {figures[0]:18,d} {figures[1]:14,d} {figures[2]:11,d} {figures[3]:14,d}")


if __name__ == "__main__":
    main()
