"""Order lines to sales rows: the list price told apart from quantity discounts, returns, timezones."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.tables import ORDERS
from pricesmith.preparation.orders import to_sales
from tests.shared_data import dataset
from tests.shop_folders import codes, prepared, taken

HEAD = "order_id,at,sku,units,price,channel\n"


def sales(folder: Path, lines: str, policy: Policy | None = None) -> pl.DataFrame:
    return prepared(folder, policy or Policy(currency="EUR"), sales="", orders=HEAD + lines).tables["sales"]


def test_a_quantity_discount_does_not_move_the_price(tmp_path: Path) -> None:
    lines = (
        "1,2025-01-01T08:00:00Z,a,1,5,\n2,2025-01-01T09:00:00Z,a,2,5,\n3,2025-01-01T10:00:00Z,a,48,3.5,\n4,2025-01-02T10:00:00Z,a,48,3.5,\n"
    )
    table = sales(tmp_path, lines + "5,2025-01-03T10:00:00Z,a,1,5.5,\n")
    assert table.select("units", "price", "orders").rows() == [(51, 5, 3), (48, 5, 1), (1, 5.5, 1)]


def test_a_bulk_price_is_all_there_is_when_small_lines_are_long_ago(tmp_path: Path) -> None:
    lines = "1,2025-01-01T08:00:00Z,a,1,5,\n2,2025-03-01T09:00:00Z,a,40,3,\n3,2025-03-01T09:30:00Z,a,30,3.5,\n"
    assert sales(tmp_path, lines)["price"].to_list() == [5, 3.5]


def test_returns_are_taken_off_and_never_make_a_day_negative(tmp_path: Path) -> None:
    lines = "1,2025-01-01T08:00:00Z,a,3,5,\n2,2025-01-01T09:00:00Z,a,-1,5,\n3,2025-01-02T09:00:00Z,a,-4,5,\n4,2025-01-02T09:30:00Z,a,1,5,\n"
    outcome = prepared(tmp_path, sales="", orders=HEAD + lines)
    assert outcome.tables["sales"]["units"].to_list() == [2, 0]
    assert "returns_exceed_sales" in codes(outcome, "info")


def test_a_day_belongs_to_the_shops_timezone(tmp_path: Path) -> None:
    line = "1,2025-01-01T18:00:00Z,a,3,5,\n"
    assert sales(tmp_path, line, Policy(currency="CNY", timezone="Asia/Shanghai"))["date"].to_list() == [dt.date(2025, 1, 2)]


def test_channels_have_their_own_price(tmp_path: Path) -> None:
    lines = "1,2025-01-01T08:00:00Z,a,1,5,web\n2,2025-01-01T09:00:00Z,a,1,9,shop\n"
    assert sales(tmp_path, lines).select("channel", "price").rows() == [("shop", 9), ("web", 5)]


def test_lines_after_the_day_of_the_run_do_not_count(tmp_path: Path) -> None:
    lines = "1,2025-01-01T08:00:00Z,a,4,5,\n2,2025-01-01T09:00:00Z,a,8,4,\n"
    later = "".join(f"{k},2025-02-01T08:00:00Z,a,1,9,\n" for k in range(3, 9))
    first = taken(tmp_path / "first", "2025-01-02", sales="", orders=HEAD + lines)
    second = taken(tmp_path / "second", "2025-01-02", sales="", orders=HEAD + lines + later)
    assert first.cells.equals(second.cells)
    assert first.items.equals(second.items)


def test_a_day_with_a_bad_line_is_not_observed(tmp_path: Path) -> None:
    good = "".join(f"{k},2025-01-{k:02}T08:00:00Z,a,1,5,\n" for k in range(1, 29))
    shop = taken(tmp_path, "2025-01-29", sales="", orders=HEAD + good + "99,2025-01-05T09:00:00Z,a,3,nan,\n")
    assert dt.date(2025, 1, 5) not in shop.cells["date"].to_list()
    assert shop.cells.height == 27


@pytest.mark.real
def test_most_of_the_price_variation_of_the_gift_shop_is_a_quantity_discount() -> None:
    raw = pl.read_parquet(dataset("uci_online_retail") / "transactions.parquet")
    lines = raw.filter(
        (pl.col("unit_price_gbp") > 0) & pl.col("customer_id").is_not_null() & pl.col("stock_code").str.contains(r"^\d{5}")
    ).select(
        order_id="invoice",
        at=pl.col("invoice_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        sku="stock_code",
        units=pl.col("quantity").cast(pl.Float64),
        price="unit_price_gbp",
        customer_id=pl.lit(None, dtype=pl.String),
        channel=pl.lit("default"),
        region=pl.lit("default"),
    )
    top = lines.group_by("sku").len().sort("len", "sku").tail(200)["sku"]
    lines = lines.filter(pl.col("sku").is_in(top.implode())).unique().sort(ORDERS.key)
    paid = (
        lines.filter(pl.col("units") > 0)
        .group_by("sku", date=pl.col("at").dt.date())
        .agg(price=(pl.col("units") * pl.col("price")).sum() / pl.col("units").sum())
    )
    spread = [within_week_variance(table) for table in (paid, to_sales(lines, "UTC"))]
    assert spread[1] < 0.15 * spread[0]


def within_week_variance(prices: pl.DataFrame) -> float:
    week = ["sku", pl.col("date").dt.truncate("1w")]
    logs = prices.with_columns(lp=pl.col("price").log()).with_columns(dev=pl.col("lp") - pl.col("lp").mean().over(week))
    return float(np.var(logs["dev"].to_numpy()))
