"""Competitors' last offers of a product: the newest of each seller, the cheapest first, with what would leave one out."""

from __future__ import annotations

import datetime as dt
import os
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import polars as pl
import pytest

from pricesmith.contracts.offers import Reference
from pricesmith.contracts.policy import Policy, parse_policy
from pricesmith.contracts.tables import COMPETITOR_PRICES
from pricesmith.flows.desk.product.offers import SHOWN, Offers, judged, offers_of
from pricesmith.flows.desk.product.page import rivals
from pricesmith.preparation.competitors import references
from pricesmith.rules import RULES
from pricesmith.rules.competitor_band import CompetitorBand, followed
from tests.desk.place import Place, place

AT = dt.datetime(2026, 8, 3, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 8, 4)
HOUR = dt.timedelta(hours=1)
FILE = "competitor_prices"


def policy(more: str = "") -> Policy:
    return parse_policy(f'currency = "EUR"\ntimezone = "Europe/Berlin"\n{more}', RULES)


def table(**columns: list[object]) -> pl.DataFrame:
    count = len(columns["price"])
    whole = {"observed_at": [AT] * count, "sku": ["a"] * count, "competitor": [f"s{number}" for number in range(count)], **columns}
    none = COMPETITOR_PRICES.empty()
    return pl.concat([none, pl.DataFrame(whole, schema_overrides=none.schema)], how="diagonal")


def test_the_cheapest_comes_first_with_shipping_only_where_that_counts() -> None:
    rows = table(price=[9.0, 8.0, 8.5], shipping=[0.0, 4.0, None])
    assert judged(rows, policy(), 100.0, DAY)["competitor"].to_list() == ["s1", "s2", "s0"]
    counted = judged(rows, policy("[data]\ncompetitor_shipping = true"), 100.0, DAY)
    assert counted.select("competitor", "whole", "price", "shipping").rows() == [
        ("s2", 850.0, 850.0, None),
        ("s0", 900.0, 900.0, 0.0),
        ("s1", 1200.0, 800.0, 400.0),
    ]


def test_what_leaves_an_offer_out() -> None:
    rows = table(
        price=[1.0, 2.0, 3.0, 4.0, 5.0],
        in_stock=[0, 1, None, 1, 1],
        confidence=[1.0, 0.4, None, 0.5, 1.0],
        observed_at=[AT, AT, AT, AT - 13 * 24 * HOUR, AT - 14 * 24 * HOUR],
    )
    assert judged(rows, policy(), 100.0, DAY)["left_out"].to_list() == ["sold_out", "unsure", "", "", "expired"]


def test_offers_of_another_day_of_another_product_and_far_from_the_others_are_left_out_as_the_run_leaves_them_out() -> None:
    """The day of the run itself tells nothing; half to twice our own median is likely; of three sellers and more the odd one goes."""
    prices = [10.0, 10.1, 10.2, 10.3, 18.0, 4.9, 20.1, 9.0]
    rows = table(price=prices, observed_at=[AT] * 7 + [AT + 24 * HOUR])
    found = dict(judged(rows, policy(), 100.0, DAY, 10.0).select("price", "left_out").iter_rows())
    assert found == {490.0: "unlike", 900.0: "later", 1000.0: "", 1010.0: "", 1020.0: "", 1030.0: "", 1800.0: "odd", 2010.0: "unlike"}
    counted = [price for price in prices if found[round(price * 100)] == ""]
    own = pl.DataFrame({"sku": ["a"], "own": [10.0]})
    said = references(rows, own, policy(), DAY).filter(pl.col("date") == AT.date())
    assert said.select("competitor_price", "competitor_offers").row(0) == (pytest.approx(sum(counted) / 4), 4)


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def settled(desk: Place, sku: str, ours: tuple[int | None, int | None] = (1000, 900)) -> Offers:
    for _ in range(200):
        found = offers_of(desk.desk.reading, desk.desk.reading.run(desk.run), sku, ours, AT)
        if not found.working:
            return found
        time.sleep(0.02)
    raise AssertionError("the files are not read")


def written(desk: Place, rows: pl.DataFrame) -> None:
    for file in (desk.folder / "data").glob(f"{FILE}*"):
        file.unlink()
    rows.write_csv(desk.folder / "data" / f"{FILE}.csv")


def test_each_seller_counts_with_its_last_offer_and_a_new_file_is_read(desk: Place) -> None:
    times = [f"2026-08-0{day}T10:00:00Z" for day in (3, 1, 2)]
    rows = pl.DataFrame({"observed_at": times, "sku": "a", "competitor": ["x", "x", "y"], "price": [8.0, 5.0, 12.5], "match": "exact"})
    written(desk, rows)
    found = settled(desk, "a")
    assert [(one.seller, one.price, one.match, one.shipping) for one in found.offers] == [
        ("x", 800.0, "exact", None),
        ("y", 1250.0, "exact", None),
    ]
    assert [(one.now, one.new) for one in found.offers] == [pytest.approx((0.25, 0.125)), pytest.approx((-0.2, -0.28))]
    assert settled(desk, "b").offers == []
    written(desk, rows.with_columns(price=pl.col("price") * 10.0))
    assert [one.price for one in settled(desk, "a").offers] == [8000.0, 12500.0]


@pytest.mark.parametrize(("hours", "old"), [(0, False), (6, False), (6.01, True)])
def test_offers_are_trusted_as_long_as_the_guard_trusts_their_newest_file(desk: Place, hours: float, old: bool) -> None:
    """However old each of them is: a file of daily offers is as good as the guard takes it to be."""
    written(desk, pl.DataFrame({"observed_at": ["2026-08-01"], "sku": ["a"], "competitor": ["x"], "price": [8.0]}))
    (file,) = (desk.folder / "data").glob(f"{FILE}*")
    moment = (AT - hours * HOUR).timestamp()
    os.utime(file, (moment, moment))
    policy = desk.desk.reading.policy
    near = msgspec.structs.replace(policy, guards=msgspec.structs.replace(policy.guards, competitor_hours=6.0))
    run = replace(desk.desk.reading.run(desk.run), policy=near)
    found = offers_of(desk.desk.reading, run, "a", (1000, 900), AT)
    assert (found.written, found.until, found.old) == (AT - hours * HOUR, AT - hours * HOUR + 6 * HOUR, old)
    file.unlink()
    assert offers_of(desk.desk.reading, run, "a", (1000, 900), AT).until is None


def test_of_many_sellers_the_rest_is_counted(desk: Place) -> None:
    count = SHOWN + 7
    names = [f"s{number:02}" for number in range(count)]
    rows = pl.DataFrame(
        {"observed_at": "2026-08-03T10:00:00Z", "sku": "a", "competitor": names, "price": [float(count - n) for n in range(count)]}
    )
    written(desk, rows)
    found = settled(desk, "a", (None, None))
    assert (len(found.offers), found.more, found.offers[0].seller, found.offers[0].now) == (SHOWN, 7, names[-1], None)


def test_a_file_that_cannot_be_read_is_said(desk: Place) -> None:
    written(desk, pl.DataFrame({"sku": ["a"]}))
    assert "is missing" in settled(desk, "a").error
    (desk.folder / "data" / f"{FILE}.csv").unlink()
    assert settled(desk, "a") == Offers([], 0, False)


def test_settings_that_cannot_be_read_keep_no_offers_back(desk: Place) -> None:
    written(desk, pl.DataFrame({"observed_at": ["2026-08-03T10:00:00Z"], "sku": ["a"], "competitor": ["x"], "price": [8.0]}))
    (desk.folder / "shop.toml").write_text("currency = ", encoding="utf-8")
    assert [one.price for one in settled(desk, "a").offers] == [800.0]


def test_our_prices_stand_against_what_the_rules_follow() -> None:
    """The median where they follow none, several, or what the run does not know."""
    row = {"competitor_price": 1300.0, "competitor_offers": 2, "competitor_cheapest": 1000.0, "current_price": 1100, "price": 1050}
    line = pl.DataFrame({"sku": ["a"]})

    def told(*names: Reference) -> tuple[object, ...]:
        found = rivals(row, None, *followed([CompetitorBand(high=1.1, reference=name) for name in names], line))
        assert found is not None and found.price == 1300.0
        return found.reference, found.against, round(found.now or 0.0, 9), round(found.new or 0.0, 9)

    assert told("cheapest") == told("cheapest", "cheapest") == ("cheapest", 1000.0, 0.1, 0.05)
    median = ("median", 1300.0, round(1100 / 1300 - 1, 9), round(1050 / 1300 - 1, 9))
    assert told() == told("median") == told("cheapest", "median") == told("second") == median
