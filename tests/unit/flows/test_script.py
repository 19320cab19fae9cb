"""What a short script asks: a folder as of a day, and one product's elasticity and demand curve."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import pricesmith
from pricesmith.contracts.errors import DataError, UnknownChoice, UsageError

DAYS = [dt.date(2026, 1, 1) + dt.timedelta(days=k) for k in range(60)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`a` is sold in two channels, `b` in one, `c` has no cost, `d` is not priced any more."""
    folder = tmp_path_factory.mktemp("script")
    (folder / "data").mkdir()
    rule = '[[rule]]\nkind = "max_change"\nstep = 0.1\n[[rule]]\nkind = "price_endings"\nendings = [0.99]\n'
    (folder / "shop.toml").write_text(f'currency = "EUR"\ntax = "net"\n{rule}', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost,active\na,4,1\nb,4,1\nc,,1\nd,4,0\n", encoding="utf-8")
    sold = [("a", "web"), ("a", "store"), ("b", "web"), ("c", "web"), ("d", "web")]
    rows = "".join(
        f"{day},{sku},{3 + (k + n) % 4 - k // 30},{9 + k // 30}.99,{channel}\n"
        for k, day in enumerate(DAYS)
        for n, (sku, channel) in enumerate(sold)
    )
    (folder / "data" / "sales.csv").write_text("date,sku,units,price,channel\n" + rows, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def result(folder: Path) -> pricesmith.Decided:
    shop = pricesmith.load(folder)
    return pricesmith.decide(shop.snapshot, pricesmith.learn(shop.snapshot, shop.policy), shop.policy)


def test_a_folder_is_loaded_as_of_a_day(folder: Path) -> None:
    whole = pricesmith.load(str(folder))
    assert whole.snapshot.as_of == DAYS[-1] + dt.timedelta(days=1) and whole.policy.currency == "EUR"
    assert "missing_cost" in {one["code"] for one in whole.warnings}
    early, same = pricesmith.load(folder, "2026-02-01"), pricesmith.load(folder, as_of=dt.date(2026, 2, 1))
    assert early.snapshot.as_of == same.snapshot.as_of == dt.date(2026, 2, 1)
    assert early.snapshot.cells["date"].max() == dt.date(2026, 1, 31)
    assert "after_as_of" in {one["code"] for one in early.warnings}


def test_what_cannot_be_loaded_says_why(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'01\.02\.2026' is not a date"):
        pricesmith.load(folder, "01.02.2026")
    with pytest.raises(DataError, match="there is no such folder"):
        pricesmith.load(tmp_path / "none")


def test_the_elasticity_is_that_of_the_price_list(result: pricesmith.Decided) -> None:
    found = pricesmith.elasticity(result, "a", channel="web")
    row = result.decisions.row(by_predicate=(pl.col("sku") == "a") & (pl.col("channel") == "web"), named=True)
    assert (found.value, found.low, found.high) == (row["elasticity"], row["elasticity_lo"], row["elasticity_hi"])
    assert found.low < found.value < found.high and found.evidence == row["evidence"]


def test_the_curve_is_in_the_units_that_are_said(result: pricesmith.Decided) -> None:
    curve = pricesmith.demand_curve(result, "b")
    assert curve["price"].dtype == pl.Int64 and curve["price"].is_sorted() and (curve["price"] % 100 == 99).sum() > 2
    assert ((curve["units_lo"] <= curve["units"]) & (curve["units"] <= curve["units_hi"])).all()
    assert curve["units"].is_sorted(descending=True)
    assert (curve["profit"] - (curve["price"] / 100 - 4) * curve["units"]).abs().max() == pytest.approx(0, abs=1e-9)
    row = result.decisions.row(by_predicate=pl.col("sku") == "b", named=True)
    at = curve.row(by_predicate=pl.col("price") == row["price"], named=True)
    assert at["allowed"] and at["units"] == pytest.approx(row["expected_units"]) and at["profit"] == pytest.approx(row["expected_profit"])
    assert set(curve.filter("allowed")["price"].to_list()) <= {999, 1099, 1199}


def test_where_the_cost_is_not_known_the_profit_is_not(result: pricesmith.Decided) -> None:
    curve = pricesmith.demand_curve(result, "c")
    assert curve.height and curve["profit"].null_count() == curve["profit_lo"].null_count() == curve.height


@pytest.mark.parametrize("ask", [pricesmith.elasticity, pricesmith.demand_curve])
def test_what_is_not_there_is_refused_with_what_is(result: pricesmith.Decided, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(UnknownChoice, match="unknown product 'e'"):
        ask(result, "e")
    with pytest.raises(UnknownChoice, match=r"unknown channel 'shop' .*valid: store, web"):
        ask(result, "a", channel="shop")
    with pytest.raises(UsageError, match=r"sold in 2 places \(name one: channel='store' region='default', channel='web'"):
        ask(result, "a")


def test_a_product_that_is_not_priced_has_no_elasticity(result: pricesmith.Decided) -> None:
    with pytest.raises(DataError, match="product 'd' is not priced"):
        pricesmith.elasticity(result, "d")


@pytest.mark.parametrize(
    ("named", "place", "hint"),
    [
        ({"sku": 1111009477}, "sku", "write '1111009477'"),
        ({"sku": None}, "sku", "name a product"),
        ({"sku": "b", "region": 6179}, "region", "write '6179'"),
    ],
)
def test_names_that_are_no_text_are_refused_in_words(result: pricesmith.Decided, named: dict[str, Any], place: str, hint: str) -> None:
    for ask in (pricesmith.elasticity, pricesmith.demand_curve):
        with pytest.raises(UsageError) as caught:
            ask(result, **named)
        assert (caught.value.where, caught.value.hint) == (place, hint)


def test_what_is_no_result_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="not what `decide` gave"):
        pricesmith.elasticity("nonsense", "b")  # type: ignore[arg-type]


def test_a_time_of_the_day_stands_for_the_day_of_a_run(folder: Path) -> None:
    day = dt.date(2026, 2, 1)
    assert pricesmith.load(folder, dt.datetime(2026, 2, 1, 9, 30)).snapshot.as_of == pricesmith.load(folder, day).snapshot.as_of == day
    with pytest.raises(UsageError, match="is not a date"):
        pricesmith.load(folder, 20260601)  # type: ignore[arg-type]
