"""Places in the canary: stable, stratified, each once."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import polars as pl
import pytest

from pricesmith.guards.rank import ranks, wave_index, wave_share
from tests.unit.guards.cases import LIMITS, MINUTE, NOW


def shop(count: int, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "sku": pl.Series([f"S{number}" for number in range(count)], dtype=pl.String),
            "channel": pl.Series(["web"] * count, dtype=pl.String),
            "region": pl.Series(["DE"] * count, dtype=pl.String),
            "category": pl.Series([[*"abc", None][which] for which in rng.choice(4, count, p=[0.6, 0.25, 0.05, 0.1])], dtype=pl.String),
            "revenue": rng.exponential(100.0, count),
        }
    )


def test_each_place_once_and_the_order_of_rows_does_not_matter() -> None:
    rows, order = shop(1000), np.random.default_rng(1).permutation(1000)
    found = ranks(rows)
    np.testing.assert_array_equal(np.sort(found), np.arange(1000) / 1000)
    np.testing.assert_array_equal(ranks(rows[order]), found[order])


def test_every_leading_part_looks_like_the_whole() -> None:
    rows = shop(3000).with_columns(pl.Series("rank", ranks(shop(3000))))
    banded = rows.with_columns(
        (pl.col("revenue").rank("ordinal").over("category") - 1).mul(3).floordiv(pl.len().over("category")).alias("band")
    )
    for share in (0.05, 0.1, 0.5):
        counts = banded.group_by("category", "band").agg((pl.col("rank") < share).sum().alias("first"), pl.len())
        assert counts.height == 12
        assert ((counts["first"] - share * counts["len"]).abs() <= 2.0).all()


def chain(stores: dict[str, range]) -> dict[str, pl.DataFrame]:
    """Changes of each store: goods of one price in all stores, and as many that have a price for themselves."""
    rows = {
        store: pl.DataFrame(
            {
                "sku": [f"{kind}{number}" for kind in ("one", "own") for number in goods],
                "channel": [store] * 2 * len(goods),
                "region": [""] * 2 * len(goods),
                "category": [f"c{number % 5}" for _ in range(2) for number in goods],
                "revenue": np.random.default_rng(len(store)).exponential(100.0, 2 * len(goods)),
                "bound": [f"one{number}" for number in goods] + [None] * len(goods),
            }
        )
        for store, goods in stores.items()
    }
    return {store: part.with_columns(pl.Series("rank", ranks(part, "run"))) for store, part in rows.items()}


def test_goods_of_one_price_leave_in_every_shop_with_about_the_same_wave() -> None:
    shops = chain({"a": range(300), "bb": range(300), "ccc": range(20, 300)})
    for share in (0.05, 0.2, 0.5):
        first = {store: set(part.filter(pl.col("rank") < share, pl.col("bound").is_not_null())["sku"]) for store, part in shops.items()}
        assert len(first["a"]) == pytest.approx(share * 300, abs=2)
        assert len(first["a"] ^ first["bb"]) <= 1, "both have the same goods"
        assert len(first["a"] ^ first["ccc"]) <= 0.07 * 300 * share + 2, "and nearly so where some are missing"
        own = {store: set(part.filter(pl.col("rank") < share, pl.col("bound").is_null())["sku"]) for store, part in shops.items()}
        assert len(own["a"] ^ own["bb"]) > share * 150, "others are drawn for each shop"


def test_what_is_bound_inside_a_shop_leaves_side_by_side() -> None:
    rows = shop(300).with_columns(bound=pl.Series([f"g{number // 3}" if number < 90 else None for number in range(300)], dtype=pl.String))
    found = rows.with_columns(pl.Series("rank", ranks(rows)))
    order = found.filter(pl.col("bound").is_not_null()).sort("rank")["bound"].to_list()
    assert all(len(set(order[first : first + 3])) == 1 for first in range(0, 90, 3))
    np.testing.assert_array_equal(np.sort(found["rank"].to_numpy()), np.arange(300) / 300)
    none = rows.with_columns(bound=pl.lit(None, pl.String))
    np.testing.assert_array_equal(ranks(none), ranks(rows.drop("bound")))


def test_pinned_places_never_change() -> None:
    """A hash that another release or machine would change would send other products first in the middle of a canary."""
    rows = shop(4).with_columns(category=pl.lit("a"), revenue=pl.lit(1.0))
    assert list(ranks(rows)) == PINNED
    assert list(ranks(rows, "run 7")) != PINNED


def test_nothing_and_nulls() -> None:
    assert ranks(shop(0)).shape == (0,)
    nulls = shop(5).with_columns(pl.lit(None, pl.String).alias("category"), pl.lit(None, pl.Float64).alias("revenue"))
    assert sorted(ranks(nulls)) == [0.0, 0.2, 0.4, 0.6, 0.8]
    some = shop(60).with_columns(revenue=pl.Series([None, 0.5] * 30, dtype=pl.Float64))
    np.testing.assert_array_equal(ranks(some), ranks(some.with_columns(pl.col("revenue").fill_null(0.0))))


@pytest.mark.parametrize(
    ("index", "count", "share"),
    [
        (0, 10_000, 0.01),
        (0, 2000, 0.01),
        (0, 1000, 0.02),
        (0, 10, 1.0),
        (0, 0, 1.0),
        (1, 10_000, 0.1),
        (1, 100, 0.2),
        (2, 100, 0.5),
        (3, 100, 1.0),
        (-1, 10_000, 0.01),
    ],
)
def test_share_of_a_wave(index: int, count: int, share: float) -> None:
    assert wave_share(index, count, LIMITS) == pytest.approx(share)


@pytest.mark.parametrize(("minutes", "index"), [(-5, 0), (0, 0), (59.9, 0), (60, 1), (119, 1), (120, 2), (1000, 16)])
def test_wave_that_is_due(minutes: float, index: int) -> None:
    assert wave_index(NOW - minutes * MINUTE, NOW, LIMITS) == index


def test_waves_at_once_and_before_the_first() -> None:
    assert wave_index(None, NOW, LIMITS) == 0
    at_once = msgspec.structs.replace(LIMITS, canary_minutes=0.0)
    assert wave_index(NOW, NOW, at_once) == 3
    assert wave_share(wave_index(NOW, NOW, at_once), 100, at_once) == 1.0
    assert wave_index(NOW + dt.timedelta(seconds=1), NOW, at_once) == 0


PINNED = [0.5, 0.25, 0.0, 0.75]
