"""Sales too large for rows: weekly sums agree with the rows, add over any split, and find every fault that rows would show."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pricesmith.adapters.sources.folder import FolderSource
from pricesmith.contracts.policy import DataPolicy, Policy
from pricesmith.contracts.tables import INPUT
from pricesmith.preparation import Prepared, last_day, prepare, snapshot
from pricesmith.preparation.reduce import reduce
from pricesmith.preparation.weekly import add, weekly_sums
from tests.shop_folders import codes, write

POLICY = Policy(currency="EUR", data=DataPolicy(max_bad_share=1.0))
START = dt.date(2025, 1, 6)
KEY = ["item", "date", "price", "promo"]


def sales(items: int = 6, days: int = 49, seed: int = 3) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    item, day = np.divmod(np.arange(items * days), days)
    price = np.round((10 + item) * np.where(day // 9 % 2 == 0, 1.0, 0.95), 2)
    return pl.DataFrame(
        {
            "date": pl.Series(np.datetime64(START) + day),
            "sku": pl.Series([f"s{k}" for k in item]),
            "units": rng.poisson(2, len(item)).astype(float),
            "price": price,
            "promo": pl.Series((day % 20 > 17).astype(np.int8)),
        }
    )


def shop(folder: Path, table: pl.DataFrame, *, large: bool, parts: int = 3, seed: int = 0) -> Prepared:
    write(folder, products="sku,unit_cost\n" + "".join(f"s{k},1\n" for k in range(6)), sales="")
    (folder / "data/sales").mkdir(exist_ok=True)
    mixed = table.sample(fraction=1.0, shuffle=True, seed=seed)
    for part in range(parts):
        mixed[part::parts].write_parquet(folder / f"data/sales/{part}.parquet")
    source = FolderSource(folder, large_rows=1 if large else 10**9)
    prepared = prepare({name: source.read(definition) for name, definition in INPUT.items()}, POLICY)
    assert (prepared.weekly is not None) is large
    return prepared


def by_week(cells: pl.DataFrame) -> pl.DataFrame:
    week = cells.with_columns(pl.col("date").dt.truncate("1w"))
    return week.group_by(KEY).agg(pl.col("units").sum(), (pl.col("days").sum() / 7).alias("days")).sort(KEY)


def test_weekly_cells_are_the_daily_ones_summed(tmp_path: Path) -> None:
    table = sales()
    as_of = START + dt.timedelta(days=49)
    daily = snapshot(shop(tmp_path / "daily", table, large=False), POLICY, as_of)
    large = shop(tmp_path / "weekly", table, large=True)
    weekly = snapshot(large, POLICY, as_of)
    assert weekly.period == "week"
    assert last_day(large) == as_of - dt.timedelta(days=1)
    assert_frame_equal(weekly.items, daily.items)
    assert_frame_equal(weekly.cells.select(*KEY, "units", "days"), by_week(daily.cells))


@pytest.mark.parametrize("parts", [1, 3])
def test_kinds_of_promotions_are_summed_apart(tmp_path: Path, parts: int) -> None:
    day = (pl.col("date") - START).dt.total_days()
    kind = pl.when(day % 7 < 2).then(pl.lit("flyer")).when(day % 7 < 4).then(pl.lit(" tag ")).when(day % 7 == 4).then(pl.lit(""))
    table = sales().with_columns(promo=(day % 7 < 6).cast(pl.Int8), promo_kind=kind)
    as_of = START + dt.timedelta(days=49)
    daily = snapshot(shop(tmp_path / "daily", table, large=False), POLICY, as_of)
    weekly = snapshot(shop(tmp_path / "weekly", table, large=True, parts=parts), POLICY, as_of)
    key = ["item", "date", "price", "promo", "promo_kind"]
    week = daily.cells.with_columns(pl.col("date").dt.truncate("1w")).group_by(key).agg(pl.col("units").sum())
    assert_frame_equal(weekly.cells.select(*key, "units").sort(key), week.sort(key))
    assert set(weekly.cells["promo_kind"].unique()) == {"flyer", "tag", None}


def test_days_without_a_row_stay_days_on_sale(tmp_path: Path) -> None:
    kept = ~((pl.col("sku") == "s2") & pl.col("date").is_between(START + dt.timedelta(days=10), START + dt.timedelta(days=23)))
    table = sales(days=45).filter(kept)
    as_of = START + dt.timedelta(days=45)
    daily = snapshot(shop(tmp_path / "daily", table, large=False), POLICY, as_of)
    weekly = snapshot(shop(tmp_path / "weekly", table, large=True), POLICY, as_of)
    totals = [
        frame.group_by("item").agg(pl.col("units").sum(), pl.col("days").sum()).sort("item")
        for frame in (by_week(daily.cells), weekly.cells)
    ]
    assert_frame_equal(*totals)


def test_a_week_that_is_not_over_shows_nothing_of_what_follows(tmp_path: Path) -> None:
    table = sales()
    as_of = START + dt.timedelta(days=31)
    whole = snapshot(shop(tmp_path / "whole", table, large=True), POLICY, as_of)
    past = snapshot(shop(tmp_path / "past", table.filter(pl.col("date") < START + dt.timedelta(days=28)), large=True), POLICY, as_of)
    later = snapshot(
        shop(tmp_path / "later", table.with_columns(pl.when(pl.col("date") < as_of).then("price").otherwise(1.0)), large=True),
        POLICY,
        as_of,
    )
    assert whole.cells.equals(later.cells)
    assert whole.items.equals(later.items)
    assert whole.cells["date"].max() == START + dt.timedelta(days=21)
    assert past.cells.filter(pl.col("date") <= START + dt.timedelta(days=21)).equals(whole.cells)


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_sums_of_parts_are_the_sum_of_the_whole(parts: int) -> None:
    code = pl.col("sku").str.slice(1).cast(pl.Int64).alias("sku")
    table, given = sales().with_columns(pl.col("units") * 1.1, code), {"sku", "promo"}
    order = ["sku", "week_promo", "price"]
    whole = weekly_sums(table, given).sort(order)
    pieces = [weekly_sums(table[part::parts], given) for part in range(parts)]
    assert add(pieces, given).sort(order).equals(whole)


FAULTS = {
    "not_finite": {"price": float("nan")},
    "negative": {"units": -1.0},
    "missing_value": {"sku": None},
    "unknown_sku": {"sku": "nosuch"},
    "not_a_choice": {"promo": 7},
    "duplicate_key": {"price": 3.33},
}


@pytest.mark.parametrize("reason", FAULTS)
def test_faults_are_found_as_in_rows(tmp_path: Path, reason: str) -> None:
    table = sales()
    bad = table[17:18].with_columns(pl.lit(value, dtype=table.schema[name]).alias(name) for name, value in FAULTS[reason].items())
    table = pl.concat([table, bad])
    rows = shop(tmp_path / "rows", table, large=False)
    large = shop(tmp_path / "large", table, large=True)
    assert large.quarantine.sort("file", "line").equals(rows.quarantine.sort("file", "line"))
    assert set(large.quarantine["reason"]) == {reason}
    assert large.counts == rows.counts
    assert large.unknown.equals(rows.unknown.filter(pl.col("sku") != "nosuch")) or reason == "unknown_sku"


def test_products_that_were_set_aside_are_told_from_unknown_ones(tmp_path: Path) -> None:
    table = pl.concat([sales(), sales()[:1].with_columns(sku=pl.lit("nosuch"))])
    shop(tmp_path, table, large=True)
    large = FolderSource(tmp_path, large_rows=1).read(INPUT["sales"])
    known = pl.Series(sorted(set(table["sku"]) - {"s1", "nosuch"}))
    reasons = reduce(large, known, "UTC", {"s1"}).quarantine["reason"].value_counts().sort("reason")
    assert reasons.rows() == [("product_set_aside", table.filter(pl.col("sku") == "s1").height), ("unknown_sku", 1)]


def test_a_file_loaded_twice_changes_nothing(tmp_path: Path) -> None:
    table, as_of = sales(), START + dt.timedelta(days=49)
    once = shop(tmp_path / "once", table, large=True)
    twice = shop(tmp_path / "twice", pl.concat([table, table]), large=True)
    assert snapshot(once, POLICY, as_of).cells.equals(snapshot(twice, POLICY, as_of).cells)
    assert "exact_duplicate" in codes(twice)
    assert twice.quarantine.height == 0


def test_names_with_space_around_them_are_one_item(tmp_path: Path) -> None:
    table, as_of = sales(), START + dt.timedelta(days=49)
    spaced = table.with_columns(pl.when(pl.col("date").dt.day() % 2 == 0).then(pl.col("sku") + " ").otherwise("sku").alias("sku"))
    first, second = (
        snapshot(shop(tmp_path / name, frame, large=True), POLICY, as_of) for name, frame in (("plain", table), ("spaced", spaced))
    )
    assert_frame_equal(by_week(first.cells), by_week(second.cells))


def test_text_columns_are_loaded_as_rows(tmp_path: Path) -> None:
    table = sales().with_columns(pl.col("date").cast(pl.String))
    write(tmp_path, products="sku\n" + "".join(f"s{k}\n" for k in range(6)), sales="")
    table.write_parquet(tmp_path / "data/sales.parquet")
    source = FolderSource(tmp_path, large_rows=1)
    prepared = prepare({name: source.read(definition) for name, definition in INPUT.items()}, POLICY)
    assert prepared.weekly is None
    assert prepared.tables["sales"].height == table.height


@pytest.mark.parametrize("reason", FAULTS)
def test_faults_keep_file_and_line_where_a_file_is_read_in_many_parts(tmp_path: Path, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pricesmith.adapters.sources.large.PART_ROWS", 7)
    monkeypatch.setattr("pricesmith.preparation.reduce.SUMS_AT_ONCE", 20)
    test_faults_are_found_as_in_rows(tmp_path, reason)


def test_items_of_channels_and_regions_with_list_prices_and_views(tmp_path: Path) -> None:
    table = sales()
    day = table["date"].dt.ordinal_day()
    channels = [
        table.with_columns(
            pl.lit(channel, dtype=pl.String).alias("channel"),
            pl.when(day % 3 > 0).then(20.0).alias("list_price"),
            pl.when(day % 5 > 0).then(day.cast(pl.Float64)).alias("views"),
        )
        for channel in ("web", " shop ", None)
    ]
    as_of = START + dt.timedelta(days=49)
    daily = shop(tmp_path / "daily", pl.concat(channels), large=False)
    weekly = shop(tmp_path / "weekly", pl.concat(channels), large=True)
    assert weekly.weekly is not None
    assert weekly.weekly.keys["channel"].unique().sort().to_list() == ["default", "shop", "web"]
    for name in ("views", "list_price"):
        expected = daily.tables["sales"].group_by("sku", "channel").agg(pl.col(name).sum() if name == "views" else pl.col(name).max())
        joined = weekly.weekly.sums.join(weekly.weekly.keys, on="number")
        found = joined.group_by("sku", "channel").agg(pl.col(name).sum() if name == "views" else pl.col(name).max())
        assert_frame_equal(found.sort("sku", "channel"), expected.sort("sku", "channel"))
    by_item = [snapshot(one, POLICY, as_of).cells.group_by("item").agg(pl.col("units").sum()).sort("item") for one in (weekly, daily)]
    assert_frame_equal(*by_item)


def test_files_may_differ_in_columns_and_types(tmp_path: Path) -> None:
    table, as_of = sales(), START + dt.timedelta(days=49)
    plain = table.with_columns(pl.lit(None, dtype=pl.Int8).alias("promo"), pl.col("units").cast(pl.Int64))
    late = pl.col("date") >= START + dt.timedelta(days=28)
    rows = shop(tmp_path / "rows", pl.concat([plain.filter(~late).cast({"units": pl.Float64}), table.filter(late)]), large=False)
    folder = tmp_path / "large"
    shop(folder, table, large=True)
    for file in (folder / "data/sales").iterdir():
        file.unlink()
    plain.filter(~late).drop("promo").with_columns(pl.lit(1).alias("_line")).write_parquet(folder / "data/sales/0.parquet")
    bad = table[:1].with_columns(pl.lit(-1.0).alias("units"))
    pl.concat([bad, table.filter(late)]).write_parquet(folder / "data/sales/1.parquet")
    source = FolderSource(folder, large_rows=1)
    large = prepare({name: source.read(definition) for name, definition in INPUT.items()}, POLICY)
    assert large.quarantine.select("file", "line", "reason").rows() == [("data/sales/1.parquet", 1, "negative")]
    assert_frame_equal(snapshot(large, POLICY, as_of).cells.select(*KEY, "units", "days"), by_week(snapshot(rows, POLICY, as_of).cells))


@pytest.mark.parametrize(("period", "summed"), [("day", True), ("week", False)])
def test_daily_sales_that_are_summed_by_week_are_named(tmp_path: Path, period: str, summed: bool) -> None:
    shop(tmp_path, sales(), large=True)
    source = FolderSource(tmp_path, large_rows=1)
    policy = Policy(currency="EUR", period=period)  # type: ignore[arg-type]
    prepared = prepare({name: source.read(definition) for name, definition in INPUT.items()}, policy)
    assert ("summed_by_week" in codes(prepared, "warning")) is summed
    assert "summed_by_week" not in codes(shop(tmp_path / "rows", sales(), large=False))


def test_rows_that_total_a_month_are_not_summed_by_week(tmp_path: Path) -> None:
    shop(tmp_path, sales(), large=True)
    source = FolderSource(tmp_path, large_rows=1)
    prepared = prepare({name: source.read(definition) for name, definition in INPUT.items()}, Policy(currency="EUR", period="month"))
    assert prepared.weekly is None
    assert prepared.tables["sales"].height == sales().height
