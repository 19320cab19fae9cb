"""Validation: every reason code, from the file to the quarantine."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import DataPolicy, Policy
from pricesmith.preparation.prepared import REASONS
from tests.shop_folders import EUR, PRODUCTS, SALES, codes, prepared

LOOSE = Policy(currency="EUR", data=DataPolicy(max_bad_share=1.0))


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        ("2025-01-05,a,1,NaN", "price", "NaN", "not_finite"),
        ("2025-01-05,a,inf,1", "units", "inf", "not_finite"),
        ("2025-01-05,a,-inf,1", "units", "-inf", "not_finite"),
        ("2025-01-05,a,1,-1", "price", "-1", "negative"),
        ("2025-01-05,a,-2,1", "units", "-2", "negative"),
        ("2025-02-30,a,1,1", "date", "2025-02-30", "bad_date"),
        ("05.01.2025,a,1,1", "date", "05.01.2025", "bad_date"),
        ("2025-1-5,a,1,1", "date", "2025-1-5", "bad_date"),
        ("1025-01-05,a,1,1", "date", "1025-01-05", "out_of_range"),
        ('2025-01-05,a,1,"1.234,56"', "price", "1.234,56", "not_a_number"),
        ("2025-01-05,a,1,5 EUR", "price", "5 EUR", "not_a_number"),
        ("2025-01-05,a,1,1e30", "price", "1e30", "out_of_range"),
        ("2025-01-05,a,1,", "price", "", "missing_value"),
        ("2025-01-05, ,1,1", "sku", " ", "missing_value"),
        (",a,1,1", "date", "", "missing_value"),
        ("2025-01-05,nosuch,1,1", "sku", "nosuch", "unknown_sku"),
        ("2025-01-05,a,1", "", "2025-01-05,a,1", "ragged_row"),
        ("2025-01-05,x,-1,nan", "units", "-1", "negative"),
    ],
)
def test_a_bad_row_is_named_with_place_value_and_reason(tmp_path: Path, row: str, column: str, value: str, reason: str) -> None:
    outcome = prepared(tmp_path, LOOSE, sales=SALES + row + "\n")
    assert reason in REASONS
    assert outcome.quarantine.rows() == [("sales", "data/sales.csv", 6, column, value, reason)]
    counts = outcome.counts["sales"]
    assert (counts.rows, counts.accepted, counts.quarantined) == (5, 4, 1)
    assert outcome.tables["sales"].height == 4


@pytest.mark.parametrize(
    ("table", "text", "reason"),
    [
        (
            "products",
            PRODUCTS.replace("unit_cost", "unit_cost,currency").replace(",1", ",1,EURO").replace(",2", ",2,EUR"),
            "unknown_currency",
        ),
        ("products", "sku,active\na,yes\nb,1\n", "not_a_choice"),
        ("products", "sku,tax_rate\na,19\nb,0.19\n", "out_of_range"),
        ("promotions", "sku,start,end\na,2025-01-05,2025-01-04\n", "out_of_range"),
        ("promotions", "sku,start,end,depth\na,2025-01-05,2025-01-06,1.5\n", "out_of_range"),
        ("events", "at,session_id,sku,kind\n2025-01-01T00:00:00Z,s,a,looked\n", "not_a_choice"),
        ("reviews", "at,sku,stars\n2025-01-01T00:00:00Z,a,6\n", "out_of_range"),
        ("stock", "date,sku,on_hand,out_of_stock\n2025-01-01,a,3,2\n", "not_a_choice"),
    ],
)
def test_reasons_of_other_tables(tmp_path: Path, table: str, text: str, reason: str) -> None:
    outcome = prepared(tmp_path, LOOSE, **{table: text})
    assert outcome.quarantine.filter(pl.col("table") == table)["reason"].to_list() == [reason]


def test_both_rows_of_a_contradicted_key_go(tmp_path: Path) -> None:
    outcome = prepared(tmp_path, LOOSE, sales=SALES + "2025-01-02,a,77,0.01\n")
    assert outcome.quarantine["reason"].to_list() == ["duplicate_key"] * 2
    assert outcome.quarantine["line"].to_list() == [3, 6]
    assert outcome.quarantine["value"].to_list() == ["2025-01-02|a"] * 2
    assert outcome.unknown.rows() == [(dt.date(2025, 1, 2), "a", "default", "default")]


def test_a_bad_row_beside_a_good_one_of_its_key_takes_nothing_away(tmp_path: Path) -> None:
    outcome = prepared(tmp_path, LOOSE, sales=SALES + "2025-01-02,a,77,nan\n")
    assert outcome.tables["sales"].height == 4
    assert outcome.unknown.height == 0


def test_a_repeated_row_counts_once(tmp_path: Path) -> None:
    outcome = prepared(tmp_path, sales=SALES + "2025-01-02,a,2.0, 5.00\n")
    assert outcome.counts["sales"].quarantined == 0
    assert outcome.tables["sales"].height == 4
    assert "exact_duplicate" in codes(outcome, "warning")


def test_flags_numbers_and_space_are_read(tmp_path: Path) -> None:
    sales = "date,sku,units,price,promo\n 2025-01-01 , a ,+1.50,5e0,true\n2025-01-02,a,2,5,FALSE\n2025-01-03,a,2,5,1.0\n2025-01-04,a,2,5,\n"
    table = prepared(tmp_path, sales=sales).tables["sales"]
    assert table["promo"].to_list() == [1, 0, 1, None]
    assert table["units"].to_list() == [1.5, 2, 2, 2]
    assert table["sku"].unique().to_list() == ["a"]


def test_missing_channel_and_region_read_as_default(tmp_path: Path) -> None:
    table = prepared(tmp_path, sales="date,sku,units,price,channel\n2025-01-01,a,1,5,\n2025-01-01,b,1,5,web\n").tables["sales"]
    assert table.select("channel", "region").rows() == [("default", "default"), ("web", "default")]


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2025-06-01T23:30:00Z", "Europe/Berlin", dt.date(2025, 6, 2)),
        ("2025-06-01T23:30:00+00:00", "UTC", dt.date(2025, 6, 1)),
        ("2025-06-01 01:30+02:00", "UTC", dt.date(2025, 5, 31)),
        ("2025-06-01T01:30:00.250-0500", "Asia/Shanghai", dt.date(2025, 6, 1)),
        ("2025-06-01T23:30:00", "Europe/Berlin", dt.date(2025, 6, 1)),
        ("2025-06-01", "America/New_York", dt.date(2025, 6, 1)),
    ],
)
def test_times_of_day_are_dropped_to_the_shops_timezone(tmp_path: Path, text: str, zone: str, day: dt.date) -> None:
    policy = Policy(currency="EUR", timezone=zone)
    assert prepared(tmp_path, policy, sales=f"date,sku,units,price\n{text},a,1,5\n").tables["sales"]["date"].to_list() == [day]


def test_a_local_hour_that_the_clocks_skip_does_not_exist(tmp_path: Path) -> None:
    policy = Policy(currency="EUR", timezone="Europe/Berlin", data=DataPolicy(max_bad_share=1.0))
    outcome = prepared(tmp_path, policy, sales=SALES + "2025-03-30T02:30:00,a,1,5\n")
    assert outcome.quarantine["reason"].to_list() == ["bad_date"]


def test_typed_parquet_is_checked_like_text(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    frame = pl.DataFrame(
        {
            "date": [dt.datetime(2025, 1, day, 5) for day in range(1, 6)],
            "sku": [1, 1, 2, 2, None],
            "units": [1, 2, -3, 4, 5],
            "price": [5.0, float("nan"), 5.0, 5.0, 5.0],
            "promo": [True, False, None, True, True],
        }
    )
    frame.write_parquet(tmp_path / "data/sales.parquet")
    outcome = prepared(tmp_path, LOOSE, sales="", products="sku\n1\n2\n")
    assert outcome.quarantine.select("line", "column", "value", "reason").rows() == [
        (2, "price", "NaN", "not_finite"),
        (3, "units", "-3", "negative"),
        (5, "sku", "", "missing_value"),
    ]
    assert outcome.tables["sales"].select("sku", "promo").rows() == [("1", 1), ("2", 1)]


def test_too_many_bad_rows_block(tmp_path: Path) -> None:
    bad = "".join(f"2025-02-{day:02},a,1,nan\n" for day in range(1, 4))
    outcome = prepared(tmp_path, EUR, sales=SALES + bad)
    assert outcome.blocked
    blocking = [warning for warning in outcome.warnings if warning["level"] == "blocking"]
    assert [(w["code"], w["table"], w["count"]) for w in blocking] == [("too_many_bad_rows", "sales", 3)]
    assert not prepared(tmp_path / "loose", LOOSE, sales=SALES + bad).blocked


def test_unknown_columns_are_reported_and_ignored(tmp_path: Path) -> None:
    outcome = prepared(tmp_path, sales=SALES.replace("price\n", "price,promotion\n").replace("5\n", "5,1\n").replace("7\n", "7,1\n"))
    unknown = [warning for warning in outcome.warnings if warning["code"] == "unknown_column"]
    assert [warning["examples"] for warning in unknown] == [["promotion"]]
    assert "'promo'" in unknown[0]["message"]


def test_missing_tables_say_what_they_would_add(tmp_path: Path) -> None:
    listed = {w["table"]: w["message"] for w in prepared(tmp_path).warnings if w["code"] == "missing_table"}
    assert {"costs", "stock", "competitor_prices", "promotions", "events", "reviews", "calendar"} == set(listed)
    assert "it would add" in listed["stock"]


@pytest.mark.parametrize(("gone", "words"), [("products", "products"), ("sales", "neither `sales` nor `orders`")])
def test_the_tables_that_a_shop_needs(tmp_path: Path, gone: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        prepared(tmp_path, **{gone: ""})


def test_rows_of_a_product_whose_own_row_was_set_aside_say_so(tmp_path: Path) -> None:
    text = PRODUCTS.replace("a,1,0", "a,1,19")
    outcome = prepared(tmp_path, LOOSE, products=text, sales=SALES + "2025-01-05,nosuch,1,1\n")
    assert outcome.barred == {"a": "data/products.csv:2"}
    sales = outcome.quarantine.filter(pl.col("table") == "sales")
    own = SALES.count(",a,")
    assert sales["reason"].value_counts().sort("reason").rows() == [("product_set_aside", own), ("unknown_sku", 1)]


def test_columns_that_tell_costs_and_those_kept_aside_are_not_said_to_be_unknown(tmp_path: Path) -> None:
    sales = "date,sku,units,price,gross_margin,(Ad Feature),colour\n2025-01-05,a,1,5,0.4,N,red\n"
    found = [one for one in prepared(tmp_path, sales=sales).warnings if one["code"] in ("unknown_column", "cost_column")]
    assert [(one["code"], one["level"], one["examples"]) for one in found] == [
        ("cost_column", "info", ["gross_margin"]), ("unknown_column", "warning", ["colour"]),
    ]  # fmt: skip
