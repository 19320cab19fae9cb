"""Past prices from the ledger, beside a plain loop that walks through time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from pricesmith.guards.history import KEY, facts, index_moves, stood
from tests.unit.guards.cases import HOUR, MINUTE, NOW

DAY = 24 * HOUR
SCHEMA = {"sku": pl.String, "channel": pl.String, "region": pl.String, "at": pl.Datetime("us", "UTC"), "price": pl.Int64}


def applied(*rows: tuple[str, dt.datetime, int]) -> pl.DataFrame:
    return pl.DataFrame([(sku, "web", "DE", at, price) for sku, at, price in rows], schema=SCHEMA, orient="row")


def one(*rows: tuple[dt.timedelta, int]) -> dict[str, Any]:
    """Facts of one product whose prices were set that long ago."""
    return facts(applied(*(("A", NOW - ago, price) for ago, price in rows)), None, NOW).row(0, named=True)


def test_a_price_by_hand() -> None:
    found = one((10 * DAY, 1000), (8 * DAY, 900), (26 * HOUR, 950), (23 * HOUR, 980), (2 * HOUR, 970), (HOUR, 970))
    assert found == {
        "sku": "A",
        "channel": "web",
        "region": "DE",
        "stands": 970,
        "low_24h": 950,
        "high_24h": 980,
        "price_7d": 900,
        "changes_24h": 2,
        "changed_at": NOW - 2 * HOUR,
        "median_30d": 900.0,
        "alternations_48h": 2,
    }


def test_edges_of_the_windows() -> None:
    assert one((2 * DAY, 1), (DAY, 2))["low_24h"] == 2
    assert one((2 * DAY, 1), (DAY - HOUR / 3600, 2))["low_24h"] == 1
    assert one((2 * DAY, 1), (DAY, 2))["changes_24h"] == 0
    assert one((2 * DAY, 1), (DAY - HOUR / 3600, 2))["changes_24h"] == 1
    assert one((8 * DAY, 1), (7 * DAY, 2), (6 * DAY, 3))["price_7d"] == 2
    assert one((6 * DAY, 3), (5 * DAY, 4))["price_7d"] == 3
    assert one((0 * HOUR, 5)) | {} == one((0 * HOUR, 5))


def test_first_reading() -> None:
    found = one((0 * HOUR, 5))
    assert (found["stands"], found["low_24h"], found["high_24h"], found["price_7d"], found["median_30d"]) == (5, 5, 5, 5, 5.0)
    assert (found["changes_24h"], found["changed_at"], found["alternations_48h"]) == (0, NOW, 0)


def test_median_is_weighted_by_time() -> None:
    assert one((29 * DAY, 100), (14 * DAY, 300))["median_30d"] == 100.0
    assert one((29 * DAY, 100), (15 * DAY, 300))["median_30d"] == 300.0
    assert one((300 * DAY, 100), (14 * DAY, 300))["median_30d"] == 100.0
    assert one((300 * DAY, 100), (31 * DAY, 200), (30 * DAY, 300))["median_30d"] == 300.0
    assert one((2 * DAY, 300), (DAY, 100))["median_30d"] == 100.0


def test_reactions_back_and_forth() -> None:
    assert one((40 * HOUR, 1), (30 * HOUR, 2), (20 * HOUR, 1), (10 * HOUR, 2), (HOUR, 1))["alternations_48h"] == 4
    assert one((40 * HOUR, 1), (30 * HOUR, 2), (20 * HOUR, 3))["alternations_48h"] == 0
    assert one((80 * HOUR, 2), (70 * HOUR, 1), (60 * HOUR, 2), (40 * HOUR, 3))["alternations_48h"] == 0


def test_a_row_from_the_future_spoils_the_past() -> None:
    found = facts(applied(("A", NOW - DAY, 1), ("A", NOW + HOUR, 2), ("B", NOW - DAY, 3)), None, NOW)
    assert found["sku"].to_list() == ["A", "B"]
    assert found["stands"].to_list() == [None, 3]
    assert found["changed_at"].to_list() == [None, NOW - DAY]
    assert facts(applied(("A", NOW, 1), ("A", NOW, 2)), None, NOW)["stands"].to_list() == [None]


def test_wanted_keys_in_their_order() -> None:
    keys = applied(("C", NOW, 0), ("B", NOW, 0), ("A", NOW, 0)).select(KEY)
    found = facts(applied(("A", NOW - DAY, 1), ("B", NOW - DAY, 2), ("D", NOW, 4)), keys, NOW)
    assert found.select("sku", "stands").rows() == [("C", None), ("B", 2), ("A", 1)]
    assert facts(applied(), keys, NOW)["stands"].to_list() == [None] * 3
    assert facts(applied(), None, NOW).is_empty()


def slow_facts(rows: list[tuple[dt.datetime, int]]) -> dict[str, Any]:
    """The same by walking minute by minute through the windows."""
    rows = sorted(rows)
    minutes = [NOW - step * MINUTE for step in range(30 * 24 * 60)]
    standing = [next((price for at, price in reversed(rows) if at <= minute), None) for minute in minutes]
    day = [price for price in standing[: 24 * 60] if price is not None]
    known = sorted(price for price in standing[1:] if price is not None) or [rows[-1][1]]
    moves = [(at, price) for (at, price), (_, before) in zip(rows[1:], rows, strict=False) if price != before]
    return {
        "low_24h": min(day),
        "high_24h": max(day),
        "price_7d": next((price for at, price in reversed(rows) if at <= NOW - 7 * DAY), rows[0][1]),
        "changes_24h": sum(at > NOW - DAY for at, _ in moves),
        "changed_at": moves[-1][0] if moves else rows[0][0],
        "median_30d": known[(len(known) - 1) // 2],
    }


def test_beside_a_plain_loop() -> None:
    rng = np.random.default_rng(11)
    for _ in range(12):
        count = int(rng.integers(1, 12))
        ago = np.unique(rng.integers(0, 60 * 24 * 40, count) if rng.random() < 0.5 else rng.integers(0, 60 * 30, count))
        rows = [(NOW - int(minutes) * MINUTE, int(rng.integers(1, 9))) for minutes in ago]
        order = rng.permutation(len(rows))
        found = facts(applied(*(("A", *rows[place]) for place in order)), None, NOW).row(0, named=True)
        for name, value in slow_facts(rows).items():
            assert found[name] == value, (name, rows)


def test_index_of_prices() -> None:
    weights = applied(("A", NOW, 0), ("B", NOW, 0), ("C", NOW, 0)).select(KEY).with_columns(pl.Series("revenue", [300.0, 100.0, None]))
    past = applied(("A", NOW - 2 * DAY, 100), ("A", NOW - 2 * HOUR, 110), ("B", NOW - 2 * DAY, 100), ("B", NOW - MINUTE, 80), ("D", NOW, 1))
    hour, day = index_moves(past, weights, NOW)
    assert hour == pytest.approx(-0.05)
    assert day == pytest.approx(0.75 * 0.1 - 0.25 * 0.2)
    assert index_moves(past, weights.clear(), NOW) == (0.0, 0.0)
    edge = applied(("A", NOW - DAY, 100), ("A", NOW - HOUR, 110), ("A", NOW - MINUTE, 121))
    assert index_moves(edge, weights.head(1), NOW) == pytest.approx((0.1, 0.21))
    assert index_moves(edge, weights.head(1).with_columns(revenue=0.5), NOW) == pytest.approx((0.1, 0.21))
    assert index_moves(applied(("A", NOW - MINUTE, 100)), weights, NOW) == (0.0, 0.0)


def test_what_may_be_called_an_undo() -> None:
    past = applied(("A", NOW - 40 * DAY, 1), ("A", NOW - 35 * DAY, 2), ("A", NOW - 5 * DAY, 3), ("A", NOW - DAY, 4), ("B", NOW, 9))
    prices = applied(*(("A", NOW, price) for price in (1, 2, 3, 4, 5)), ("B", NOW, 9), ("C", NOW, 9)).select(*KEY, "price")
    assert list(stood(past, prices, NOW)) == [0, 1, 1, 1, 0, 1, 0]
    floors = pl.Series([1.0, 1.0, 1.0, 1.0, 5.0, 9.0, 9.0])
    assert list(stood(past, prices, NOW, floors)) == [0, 1, 1, 1, 1, 1, 0]
    high = applied(("A", NOW - DAY, 8)).select(*KEY, "price", "at")
    assert list(stood(high, prices.head(5), NOW, floors.head(5))) == [0, 0, 0, 0, 0]
    both = applied(("A", NOW - 2 * DAY, 3), ("A", NOW - DAY, 8)).select(*KEY, "price", "at")
    assert list(stood(both, prices[4:5], NOW, floors[4:5])) == [1], "lifted to its floor, though it stood above it too"
