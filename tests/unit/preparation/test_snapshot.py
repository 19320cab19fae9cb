"""The snapshot: current prices, filled days, stock-outs, promotions, costs, views and reviews, as INTERFACE says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import DataPolicy, Policy
from pricesmith.contracts.tables import CELLS, ITEMS
from pricesmith.preparation import last_day
from tests.shop_folders import EUR, SALES, prepared, taken

D = dt.date


def cells(folder: Path, as_of: str, policy: Policy = EUR, sku: str = "a", **tables: Any) -> pl.DataFrame:
    shop = taken(folder, as_of, policy, **tables)
    item = shop.items.filter(pl.col("sku") == sku)["item"]
    return shop.cells.filter(pl.col("item").is_in(item.implode()))


def item(folder: Path, as_of: str, policy: Policy = EUR, sku: str = "a", **tables: Any) -> dict[str, Any]:
    return taken(folder, as_of, policy, **tables).items.filter(pl.col("sku") == sku).row(0, named=True)


def test_tables_have_the_schema_of_the_contract(tmp_path: Path) -> None:
    shop = taken(tmp_path, "2025-01-05")
    assert shop.items.schema == ITEMS.schema
    assert shop.cells.schema == CELLS.schema
    assert shop.cells.equals(shop.cells.sort(CELLS.key))
    for table, definition in ((shop.items, ITEMS), (shop.cells, CELLS)):
        assert [name for name in definition.required if table[name].null_count()] == []


def test_days_without_a_row_are_days_without_a_sale(tmp_path: Path) -> None:
    found = cells(tmp_path, "2025-01-06", sales="date,sku,units,price\n2025-01-01,a,1,5\n2025-01-04,a,2,6\n")
    assert found.select("date", "units", "price", "promo", "days").rows() == [
        (D(2025, 1, 1), 1, 5, 0, 1),
        (D(2025, 1, 2), 0, 5, 0, 1),
        (D(2025, 1, 3), 0, 5, 0, 1),
        (D(2025, 1, 4), 2, 6, 0, 1),
        (D(2025, 1, 5), 0, 6, 0, 1),
    ]


def test_days_before_the_first_row_count_from_the_launch(tmp_path: Path) -> None:
    sales = "date,sku,units,price\n2025-01-01,b,1,7\n2025-01-04,a,2,6\n"
    found = cells(tmp_path, "2025-01-05", products="sku,launched\na,2025-01-03\nb,\n", sales=sales)
    assert found.select("date", "units", "price").rows() == [(D(2025, 1, 3), 0, 6), (D(2025, 1, 4), 2, 6)]
    early = cells(tmp_path / "early", "2025-01-05", products="sku,launched\na,2010-01-03\nb,\n", sales=sales)
    assert early["date"].min() == D(2025, 1, 1)


def test_a_withdrawn_product_is_not_filled_after_its_last_row(tmp_path: Path) -> None:
    shop = taken(tmp_path, "2025-01-09", products="sku,active\na,0\nb,1\n")
    last = (
        shop.cells.join(shop.items.select("item", "sku", "active"), on="item")
        .group_by("sku", "active")
        .agg(pl.col("date").max())
        .sort("sku")
    )
    assert last.rows() == [("a", 0, D(2025, 1, 2)), ("b", 1, D(2025, 1, 8))]


def test_a_day_in_quarantine_is_not_a_day_without_a_sale(tmp_path: Path) -> None:
    policy = Policy(currency="EUR", data=DataPolicy(max_bad_share=1.0))
    sales = "date,sku,units,price\n2025-01-01,a,1,5\n2025-01-02,a,9,nan\n2025-01-03,a,1,5\n2025-01-03,a,2,5\n2025-01-05,a,1,5\n"
    assert cells(tmp_path, "2025-01-06", policy, sales=sales)["date"].dt.day().to_list() == [1, 4, 5]


def test_a_long_hole_of_the_whole_shop_is_not_observed(tmp_path: Path) -> None:
    days = [D(2025, 1, 1) + dt.timedelta(days=k) for k in (*range(20), *range(40, 60))]
    sales = "date,sku,units,price\n" + "".join(f"{day},a,1,5\n" for day in days)
    assert cells(tmp_path, "2025-03-02", sales=sales)["date"].to_list() == days
    assert "gap" in {warning["code"] for warning in prepared(tmp_path, sales=sales).warnings}


@pytest.mark.parametrize(("late", "filled"), [(1, 0), (7, 6), (8, 0), (90, 0)])
def test_days_of_the_run_after_the_last_row_are_without_a_sale_or_not_observed(tmp_path: Path, late: int, filled: int) -> None:
    """Data that end a while before the run are no shop that has stopped selling."""
    days = [D(2025, 1, 1) + dt.timedelta(days=k) for k in range(20)]
    sales = "date,sku,units,price\n" + "".join(f"{day},a,1,5\n" for day in days)
    found = cells(tmp_path, str(days[-1] + dt.timedelta(days=late)), sales=sales)
    assert found["date"].to_list() == days + [days[-1] + dt.timedelta(days=k + 1) for k in range(filled)]


def test_a_shop_that_sells_on_few_days_has_no_holes(tmp_path: Path) -> None:
    days = [D(2025, 1, 1) + dt.timedelta(days=5 * k) for k in range(9)]
    sales = "date,sku,units,price\n" + "".join(f"{day},a,1,5\n" for day in days)
    assert cells(tmp_path, "2025-03-01", sales=sales).height == 59


def test_current_price_is_the_last_regular_one(tmp_path: Path) -> None:
    rows = ("2025-01-01,a,1,5,0,", "2025-01-02,a,1,4.5,0,5.25", "2025-01-03,a,1,3,1,9", "2025-01-01,b,1,7.005,1,")
    sales = "\n".join(("date,sku,units,price,promo,list_price", *rows, ""))
    assert item(tmp_path, "2025-01-04", sales=sales)["current_price"] == 525
    assert item(tmp_path, "2025-01-02", sales=sales)["current_price"] == 500
    assert item(tmp_path, "2025-01-04", sku="b", sales=sales)["current_price"] == 701


def test_a_product_without_sales_is_an_item_without_a_price(tmp_path: Path) -> None:
    shop = taken(tmp_path, "2025-01-03", products="sku,active\na,1\nb,1\nnew,1\nold,0\n")
    assert shop.items["sku"].to_list() == ["a", "b", "new"]
    assert shop.items["item"].to_list() == [0, 1, 2]
    assert shop.items.row(2, named=True)["current_price"] is None


def test_prices_of_the_yen_have_no_decimals(tmp_path: Path) -> None:
    assert item(tmp_path, "2025-01-03", Policy(currency="JPY"))["current_price"] == 5


@pytest.mark.parametrize(("price", "kept"), [("50", False), ("0.05", False), ("24", True), ("500", False)])
def test_a_slip_of_the_price_neither_teaches_nor_counts_as_current(tmp_path: Path, price: str, kept: bool) -> None:
    regular = "".join(f"2025-01-{day:02},a,1,5\n" for day in range(1, 10))
    shop = taken(tmp_path, "2025-01-11", sales=f"date,sku,units,price\n{regular}2025-01-10,a,3,{price}\n")
    assert (D(2025, 1, 10) in shop.cells["date"].to_list()) is kept
    assert (shop.items["current_price"][0] == 500) is not kept


def test_cost_is_that_of_the_day(tmp_path: Path) -> None:
    costs = "sku,valid_from,unit_cost,shipping\na,2025-01-02,3,0.5\na,2025-01-03,4,\n"
    found = cells(tmp_path, "2025-01-03", costs=costs)
    assert found["cost"].to_list() == [1.0, 3.5]
    priced = item(tmp_path, "2025-01-03", costs=costs)
    assert (priced["landed_cost"], priced["unit_cost"], priced["shipping"]) == (400, 400, 0)


def test_an_unknown_cost_stays_unknown(tmp_path: Path) -> None:
    priced = item(tmp_path, "2025-01-03", products="sku\na\nb\n")
    assert priced["landed_cost"] is None
    assert cells(tmp_path, "2025-01-03", products="sku\na\nb\n")["cost"].to_list() == [None, None]


def test_tax_counts_only_where_prices_contain_it(tmp_path: Path) -> None:
    products = "sku,tax_rate\na,0.19\nb,\n"
    assert item(tmp_path, "2025-01-03", products=products)["tax_rate"] == 0.19
    assert item(tmp_path, "2025-01-03", Policy(currency="EUR", tax="net"), products=products)["tax_rate"] == 0.0


def test_a_tax_that_nobody_names_is_assumed_and_said_to_be(tmp_path: Path) -> None:
    """A blank is not a rate of 0: what is assumed is marked, so that the last gate can refuse it."""
    products = "sku,tax_rate\na,0.19\nb,\n"

    def taxes(policy: Policy) -> list[tuple[float, int]]:
        return taken(tmp_path, "2025-01-03", policy, products=products).items.select("tax_rate", "tax_assumed").rows()

    assert taxes(EUR) == [(0.19, 0), (0.0, 1)]
    assert taxes(Policy(currency="EUR", data=DataPolicy(tax_rate=0.2))) == [(0.19, 0), (0.2, 0)]
    assert taxes(Policy(currency="EUR", data=DataPolicy(tax_rate=0.0))) == [(0.19, 0), (0.0, 0)]
    assert taxes(Policy(currency="EUR", tax="net", data=DataPolicy(tax_rate=0.2))) == [(0.0, 0), (0.0, 0)]


def test_stock_outs(tmp_path: Path) -> None:
    sales = "date,sku,units,price\n2025-01-01,a,1,5\n2025-01-02,a,2,5\n2025-01-04,a,1,5\n2025-01-06,a,1,5\n"
    stock = "date,sku,on_hand,out_of_stock\n2025-01-01,a,5,0\n2025-01-02,a,0,\n2025-01-03,a,0,\n2025-01-04,a,3,1\n2025-01-05,a,0,0\n"
    found = cells(tmp_path, "2025-01-07", sales=sales, stock=stock)
    assert found["available"].to_list() == [1.0, 0.5, 0.0, 0.0, 1.0, 1.0]
    assert item(tmp_path, "2025-01-07", sales=sales, stock=stock)["on_hand"] == 0
    assert item(tmp_path, "2025-01-05", sales=sales, stock=stock)["on_hand"] == 3


def test_promotion_days_come_from_the_promotions_table(tmp_path: Path) -> None:
    sales = "date,sku,units,price\n" + "".join(f"2025-01-{day:02},a,1,{4 if day in (3, 4) else 5}\n" for day in range(1, 7))
    found = cells(
        tmp_path, "2025-01-07", sales=sales, promotions="sku,start,end,depth\na,2025-01-03,2025-01-04,0.2\na,2025-03-01,2025-03-02,\n"
    )
    assert found["promo"].to_list() == [0, 0, 1, 1, 0, 0]
    assert found["list_price"].to_list() == [5.0] * 6


def test_a_day_without_a_sale_amid_a_promotion_is_promoted(tmp_path: Path) -> None:
    sales = "date,sku,units,price,promo\n2025-01-01,a,1,5,0\n2025-01-02,a,1,4,1\n2025-01-04,a,1,4,1\n2025-01-06,a,1,5,0\n"
    found = cells(tmp_path, "2025-01-07", sales=sales)
    assert found.select("price", "promo").rows() == [(5, 0), (4, 1), (4, 1), (4, 1), (5, 0), (5, 0)]


def test_kinds_come_from_the_rows_else_from_the_plans_that_run_then(tmp_path: Path) -> None:
    rows = [(1, "", ""), (2, 1, ""), (3, "", "tag"), (4, 1, "tag"), (5, 0, "tag"), (6, 1, ""), (7, "", "")]
    sales = "date,sku,units,price,promo,promo_kind\n" + "".join(f"2025-01-{day:02},a,1,5,{promo},{kind}\n" for day, promo, kind in rows)
    plans = "sku,start,end,kind\na,2025-01-04,2025-01-07,flyer\na,2025-01-06,2025-01-06,coupon\n"
    found = cells(tmp_path, "2025-01-08", sales=sales, promotions=plans)
    assert found["promo"].to_list() == [0, 1, 1, 1, 0, 1, 1]
    assert found["promo_kind"].to_list() == [None, None, "tag", "tag", None, "coupon + flyer", "flyer"]


def test_a_day_without_a_sale_amid_a_promotion_is_of_its_kind(tmp_path: Path) -> None:
    kinds = {1: "tag", 3: "tag", 4: "", 6: "", 7: "tag", 9: "flyer"}
    sales = "date,sku,units,price,promo,promo_kind\n" + "".join(f"2025-01-{day:02},a,1,4,1,{kind}\n" for day, kind in kinds.items())
    found = cells(tmp_path, "2025-01-10", sales=sales)
    assert found["promo_kind"].to_list() == ["tag", "tag", "tag", None, None, None, "tag", None, "flyer"]
    assert found["promo"].to_list() == [1] * 9


def test_weeks_are_of_the_kind_that_is_planned_for_most_of_them(tmp_path: Path) -> None:
    policy = Policy(currency="EUR", period="week")
    sales = "date,sku,units,price\n2025-01-06,a,1,5\n2025-01-13,a,1,4\n2025-02-03,a,2,5\n"
    plans = "sku,start,end,kind\na,2025-01-15,2025-01-19,flyer\na,2025-01-20,2025-02-04,tag\n"
    found = cells(tmp_path, "2025-02-10", policy, sales=sales, promotions=plans)
    kinds = {row["date"]: (row["promo"], row["promo_kind"]) for row in found.iter_rows(named=True) if row["units"]}
    assert kinds == {D(2025, 1, 6): (0, None), D(2025, 1, 13): (1, "flyer"), D(2025, 2, 3): (0, None)}


def test_a_change_of_the_regular_price_under_a_promotion_is_dated(tmp_path: Path) -> None:
    prices = [(10, 0), (8, 1), (8, 1), (10, 0), (10, 0), (8, 1), (9.6, 1), (9.6, 1), (12, 0)]
    sales = "date,sku,units,price,promo\n" + "".join(f"2025-01-{k:02},a,1,{p},{promo}\n" for k, (p, promo) in enumerate(prices, 1))
    assert cells(tmp_path, "2025-01-10", sales=sales)["list_price"].to_list() == [10, 10, 10, 10, 10, 10, 12, 12, 12]


def test_a_known_depth_gives_a_regular_price_that_was_never_charged(tmp_path: Path) -> None:
    sales = "date,sku,units,price,promo\n2025-01-01,a,1,10,0\n2025-01-02,a,1,12,1\n2025-01-03,a,1,10,0\n"
    found = cells(tmp_path, "2025-01-04", sales=sales, promotions="sku,start,end,depth\na,2025-01-02,2025-01-02,0.25\n")
    assert found["list_price"].to_list() == [10, 16, 10]


def test_competitor_reference_as_of_each_day(tmp_path: Path) -> None:
    sales = "date,sku,units,price\n" + "".join(f"2025-01-{day:02},a,1,10\n" for day in range(1, 29))
    offers = (
        "observed_at,sku,competitor,price,in_stock,confidence\n"
        "2025-01-03,a,x,9,1,\n2025-01-05,a,y,11,,0.9\n2025-01-05,a,z,99,1,1\n2025-01-06,a,w,8,1,0.1\n2025-01-08,a,x,9,0,1\n2025-01-27,a,x,12,1,1\n"
    )
    found = dict(
        cells(tmp_path, "2025-01-27", sales=sales, competitor_prices=offers).select(pl.col("date").dt.day(), "competitor_price").rows()
    )
    assert [found[day] for day in (2, 3, 4, 5, 7, 8, 19, 20)] == [None, 9, 9, 10, 10, 11, 11, None]
    assert item(tmp_path, "2025-01-27", sales=sales, competitor_prices=offers)["competitor_price"] is None
    later = item(tmp_path, "2025-01-28", sales=sales, competitor_prices=offers)
    assert (later["competitor_price"], later["competitor_offers"]) == (1200, 1)


def test_an_offer_far_from_the_others_is_left_out(tmp_path: Path) -> None:
    offers = "observed_at,sku,competitor,price\n" + "".join(
        f"2025-01-01,a,{name},{price}\n" for name, price in zip("vwxyz", (4.9, 5, 5.1, 5, 9), strict=True)
    )
    assert item(tmp_path, "2025-01-03", competitor_prices=offers)["competitor_offers"] == 4


def test_shipping_of_competitors_counts_where_the_policy_says(tmp_path: Path) -> None:
    offers = "observed_at,sku,competitor,price,shipping\n2025-01-01,a,x,5,1\n"
    policy = Policy(currency="EUR", data=DataPolicy(competitor_shipping=True))
    assert item(tmp_path, "2025-01-03", competitor_prices=offers)["competitor_price"] == 500
    assert item(tmp_path, "2025-01-03", policy, competitor_prices=offers)["competitor_price"] == 600


def test_what_offers_say_together_and_whose_offers_count(tmp_path: Path) -> None:
    offers = "observed_at,sku,competitor,price\n" + "".join(
        f"2025-01-01,a,{name},{price}\n" for name, price in (("x", 5), ("y", 5.2), ("z", 5.1), ("w", 5.7))
    )
    names = ("competitor_price", "competitor_cheapest", "competitor_second", "competitor_average", "competitor_offers")
    every, one = item(tmp_path, "2025-01-03", competitor_prices=offers), Policy(currency="EUR", data=DataPolicy(competitors=("y",)))
    assert [every[name] for name in names] == pytest.approx([515, 500, 510, 525, 4])
    assert [item(tmp_path, "2025-01-03", one, competitor_prices=offers)[name] for name in names] == pytest.approx([520, 520, 520, 520, 1])


def test_views_from_events(tmp_path: Path) -> None:
    events = "at,session_id,sku,kind\n2025-01-02T08:00:00Z,s1,a,view\n2025-01-02T09:00:00Z,s1,a,view\n2025-01-02T09:00:00Z,s1,a,cart\n"
    assert cells(tmp_path, "2025-01-03", events=events)["views"].to_list() == [None, 2.0]
    assert cells(tmp_path, "2025-01-03", sku="b", events=events)["views"].to_list() == [None, 0.0]


def test_reviews_by_item_and_day(tmp_path: Path) -> None:
    reviews = "at,sku,stars,text\n2025-01-02T08:00:00Z,b,5,good\n2025-01-02T09:00:00Z,b,2,bad\n2025-01-09T09:00:00Z,b,1,late\n"
    assert taken(tmp_path, "2025-01-05", reviews=reviews).reviews.rows() == [(1, D(2025, 1, 2), 7.0, 2)]


def test_weeks_are_filled_on_the_grid_of_the_shop(tmp_path: Path) -> None:
    policy = Policy(currency="EUR", period="week")
    sales = (
        "date,sku,units,price\n2025-01-06,a,1,5\n2025-01-20,a,2,5\n2025-01-06,b,1,7\n2025-01-13,b,1,7\n2025-01-20,b,1,7\n2025-02-10,b,1,7\n"
    )
    found = cells(tmp_path, "2025-02-20", policy, sales=sales)
    assert found.select("date", "units").rows() == [(D(2025, 1, 6), 1), (D(2025, 1, 13), 0), (D(2025, 1, 20), 2), (D(2025, 2, 10), 0)]


def test_an_irregular_rhythm_is_not_filled_but_reported(tmp_path: Path) -> None:
    policy = Policy(currency="EUR", period="week")
    sales = "date,sku,units,price\n2025-01-06,a,1,5\n2025-01-08,b,2,5\n2025-01-20,a,1,7\n"
    assert cells(tmp_path, "2025-02-20", policy, sales=sales).height == 2
    assert "irregular_periods" in {warning["code"] for warning in prepared(tmp_path, policy, sales=sales).warnings}


def test_stock_and_promotions_of_weeks(tmp_path: Path) -> None:
    policy = Policy(currency="EUR", period="week")
    sales = "date,sku,units,price\n2025-01-06,a,1,5\n2025-01-13,a,1,4\n2025-01-20,a,2,5\n"
    stock = "date,sku,on_hand,out_of_stock\n" + "".join(
        f"2025-01-{day:02},a,{0 if day < 8 else 5},{int(day < 8)}\n" for day in range(6, 27)
    )
    found = cells(tmp_path, "2025-01-27", policy, sales=sales, stock=stock, promotions="sku,start,end\na,2025-01-15,2025-01-21\n")
    assert found["promo"].to_list() == [0, 1, 0]
    assert found["available"].to_list() == pytest.approx([5 / 7, 1, 1])


def test_the_last_day_of_a_shop(tmp_path: Path) -> None:
    assert last_day(prepared(tmp_path)) == D(2025, 1, 2)
    with pytest.raises(DataError, match="no usable sales row"):
        last_day(prepared(tmp_path / "empty", sales=SALES.splitlines()[0] + "\n"))


def test_a_shop_before_its_first_sale(tmp_path: Path) -> None:
    shop = taken(tmp_path, "2020-01-01")
    assert shop.items["sku"].to_list() == ["a", "b"]
    assert shop.cells.height == 0


def test_a_slip_of_a_date_does_not_move_the_last_day(tmp_path: Path) -> None:
    days = [(D(2025, 1, 1) + dt.timedelta(days=k)).isoformat() for k in range(120)]
    steady = "date,sku,units,price\n" + "".join(f"{day},a,1,5\n" for day in days)
    assert last_day(prepared(tmp_path / "slip", sales=steady + "2062-01-31,a,1,5\n")) == D(2025, 4, 30)
    assert last_day(prepared(tmp_path / "grown", sales=steady + "".join(f"2027-01-{k:02},a,1,5\n" for k in range(1, 31)))) == D(2027, 1, 30)


def test_a_price_below_the_least_coin_is_no_price(tmp_path: Path) -> None:
    sales = "date,sku,units,price\n2025-01-01,a,2,0.001\n2025-01-02,a,2,0.001\n2025-01-01,b,1,5\n"
    assert item(tmp_path, "2025-01-05", sales=sales)["current_price"] is None
