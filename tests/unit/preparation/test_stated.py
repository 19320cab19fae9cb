"""The price that the product table says is the current one, unless the last sales speak against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.report.words import Words
from pricesmith.flows import batch

LAST = dt.date(2025, 3, 1)


def shop(folder: Path, products: str, name: str, rows: Sequence[str], period: str = "day") -> batch.Loaded:
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text(f'currency = "EUR"\ntax = "net"\nperiod = "{period}"\n', encoding="utf-8")
    (folder / "data" / "products.csv").write_text(products, encoding="utf-8")
    head = {"sales": "date,sku,units,price,promo,channel", "orders": "order_id,at,sku,units,price"}[name]
    (folder / "data" / f"{name}.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return batch.load(folder)


def ago(days: int) -> str:
    return str(LAST - dt.timedelta(days=days))


def asked(loaded: batch.Loaded, as_of: dt.date | None = None) -> dict[tuple[str, str], tuple[int | None, bool]]:
    items = batch.take(loaded, as_of).items
    rows = items.select("sku", "channel", "current_price", pl.col("price_stated") == 1).iter_rows()
    return {(sku, channel): (price, stated) for sku, channel, price, stated in rows}


PAID = {
    "seen on the last day": ([(0, 9.0)], True),
    "seen on the third last day with a sale": ([(9, 9.0), (5, 8.0), (1, 8.0)], True),
    "gone for three days with a sale": ([(9, 9.0), (5, 8.0), (3, 8.0), (1, 8.0)], False),
    "sold on two days only": ([(3, 8.0), (1, 8.0)], True),
    "off by a rounding": ([(3, 9.04), (2, 8.0), (1, 8.0)], True),
    "off by more than a rounding": ([(3, 9.1), (2, 8.0), (1, 8.0)], False),
    "nothing sold for four weeks": ([(40, 8.0), (35, 8.0), (30, 8.0)], True),
}


@pytest.mark.parametrize("paid", PAID)
def test_a_stated_price_counts_until_three_days_of_sales_go_by_without_it(tmp_path: Path, paid: str) -> None:
    days, counts = PAID[paid]
    rows = [f"{ago(back)},a,2,{price},," for back, price in days] + [f"{ago(0)},other,1,5,,"]
    found = asked(shop(tmp_path / "s", "sku,unit_cost,price\na,4,9\nother,2,\n", "sales", rows))
    assert found["a", "default"] == ((900, True) if counts else (round(100 * days[-1][1]), False))
    assert found["other", "default"] == (500, False)


def test_promotions_do_not_speak_against_it(tmp_path: Path) -> None:
    rows = [f"{ago(20)},a,2,9,,", *(f"{ago(back)},a,2,8,0," for back in (3, 2, 1)), f"{ago(0)},other,1,5,,"]
    assert asked(shop(tmp_path / "s", "sku,unit_cost,price\na,4,9\nother,2,\n", "sales", rows))["a", "default"] == (800, False)
    rows = [row.replace("8,0,", "8,1,") for row in rows]
    assert asked(shop(tmp_path / "t", "sku,unit_cost,price\na,4,9\nother,2,\n", "sales", rows))["a", "default"] == (900, True)


def test_a_product_that_was_never_sold_gets_its_price_and_can_be_priced(tmp_path: Path) -> None:
    rows = [f"{ago(back)},other,1,5,," for back in range(40)]
    loaded = shop(tmp_path / "s", "sku,unit_cost,price\nnew,4,9\nother,2,5\nbare,2,\n", "sales", rows)
    assert asked(loaded)["new", "default"] == (900, True)
    assert asked(loaded)["bare", "default"] == (None, False)
    decided = batch.price(loaded).decided.decisions
    reasons = dict(decided.select("sku", "reason").iter_rows())
    assert reasons["bare"] == "missing_price" and reasons["new"] != "missing_price"


def test_each_channel_is_judged_by_its_own_sales(tmp_path: Path) -> None:
    rows = [f"{ago(back)},a,2,{price},,{channel}" for back in range(3) for channel, price in (("web", 9), ("store", 11))]
    found = asked(shop(tmp_path / "s", "sku,unit_cost,price\na,4,9\n", "sales", rows))
    assert found == {("a", "web"): (900, True), ("a", "store"): (1100, False)}


def test_order_lines_speak_line_by_line(tmp_path: Path) -> None:
    """Small orders pay 10, so that the sales made from them say 10; two of three large ones pay the 9 that the shop asks."""
    rows = [f"{n}-{ago(n)},{ago(n)}T10:00:00Z,{sku},1,10" for n in range(3) for sku in "ab"]
    rows += [f"x{n}-{ago(n)},{ago(n)}T11:00:00Z,a,9,9" for n in range(3)]
    loaded = shop(tmp_path / "s", "sku,unit_cost,price\na,4,9\nb,4,9\n", "orders", rows)
    assert asked(loaded) == {("a", "default"): (900, True), ("b", "default"): (1000, False)}
    shares = dict(batch.take(loaded).items.select("sku", "list_share").iter_rows())
    assert shares == {"a": None, "b": 1.0}


def test_later_sales_do_not_speak_of_an_earlier_day(tmp_path: Path) -> None:
    rows = [f"{ago(back)},a,2,{8 if back < 5 else 9},," for back in range(20)]
    loaded = shop(tmp_path / "s", "sku,unit_cost,price\na,4,9\n", "sales", rows)
    assert asked(loaded)["a", "default"] == (800, False)
    assert asked(loaded, LAST - dt.timedelta(days=4))["a", "default"] == (900, True)


def test_weeks_are_told_by_their_sums(tmp_path: Path) -> None:
    rows = [f"{ago(7 * back)},{sku},2,{price},," for back in range(6) for sku, price in (("a", 9), ("b", 8))]
    found = asked(shop(tmp_path / "s", "sku,unit_cost,price\na,4,9\nb,4,9\n", "sales", rows, period="week"))
    assert found == {("a", "default"): (900, True), ("b", "default"): (800, False)}


def test_check_names_the_products_whose_price_is_out_of_date(tmp_path: Path) -> None:
    rows = [f"{ago(back)},{sku},2,{price},," for back in range(5) for sku, price in (("a", 9), ("b", 8))]
    warnings = shop(tmp_path / "s", "sku,unit_cost,price\na,4,9\nb,4,9\n", "sales", rows).prepared.warnings
    (found,) = (one for one in warnings if one["code"] == "price_outdated")
    assert found["count"] == 1 and found["examples"] == ["b"] and found["table"] == "products"
    assert "products: 1 of 2 products with a `price` were not sold at it in their last three days with a sale" in found["message"]


@pytest.mark.parametrize(("period", "zh"), [("week", "最近三个有销售的周"), ("month", "最近三个有销售的月")])
def test_a_shop_of_weeks_or_months_is_told_of_those(tmp_path: Path, period: str, zh: str) -> None:
    far = 7 if period == "week" else 28
    rows = [f"{ago(far * back)},{sku},2,{price},," for back in range(6) for sku, price in (("a", 9), ("b", 8))]
    warnings = shop(tmp_path / "s", "sku,unit_cost,price\na,4,9\nb,4,9\n", "sales", rows, period=period).prepared.warnings
    (found,) = (one for one in warnings if one["code"] == "price_outdated")
    assert f"1 of 2 products with a `price` were not sold at it in their last three {period}s with a sale" in found["message"]
    assert zh in Words("zh").warning(found["code"], found["message"])


def test_only_sales_since_the_day_of_a_price_speak_against_it(tmp_path: Path) -> None:
    rows = [f"{ago(back)},{sku},2,8,," for back in range(6) for sku in "abc"]
    products = f"sku,unit_cost,price,price_from\na,4,9,{ago(1)}\nb,4,9,{ago(2)}\nc,4,9,2025-04-01\n"
    loaded = shop(tmp_path / "s", products, "sales", rows)
    now = {"a": (900, True), "b": (800, False), "c": (900, True)}
    assert asked(loaded) == {(sku, "default"): told for sku, told in now.items()}, "c is asked since the last sale, as far as is known"


def test_a_run_of_the_past_does_not_see_a_price_of_later(tmp_path: Path) -> None:
    rows = [f"{ago(back)},a,2,8,," for back in range(40) if back not in range(3, 30)]
    products = f"sku,unit_cost,price,price_from\na,4,9,{ago(2)}\n"
    loaded = shop(tmp_path / "s", products, "sales", rows)
    assert asked(loaded, LAST - dt.timedelta(days=5))["a", "default"] == (800, False)
    undated = shop(tmp_path / "t", products.replace(ago(2), ""), "sales", rows)
    assert asked(undated, LAST - dt.timedelta(days=1))["a", "default"] == (900, True), "nothing sold on three of four weeks' days"
