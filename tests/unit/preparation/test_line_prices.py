"""List prices behind order lines whose truth is known: quantity breaks, coupons, trade customers, a second price list."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.preparation.line_prices import list_prices
from pricesmith.testing.order_lines import KINDS, START, made_lines

PRODUCTS, DAYS = 24, 360


def made(kind: str, seed: int = 3) -> tuple[pl.DataFrame, pl.DataFrame, np.ndarray]:
    """Order lines, items, and the true list price of each item by day."""
    lines, truth = made_lines(kind, PRODUCTS, DAYS, np.random.default_rng(seed))
    items = pl.DataFrame({"item": range(PRODUCTS), "sku": [f"S{item:03d}" for item in range(PRODUCTS)], "channel": "web"})
    return lines.join(items.select("item", "sku"), on="sku").drop("sku"), items, truth


def right(found: pl.DataFrame, truth: np.ndarray) -> float:
    """Share of the days whose list price is found to half a percent."""
    true = [truth[item, (date - START).days] for item, date in found.select("item", "date").iter_rows()]
    return float(np.mean(np.abs(found["_quote"].to_numpy() / np.array(true) - 1.0) < 0.005))


@pytest.mark.parametrize("kind", KINDS)
def test_the_list_price_is_found(kind: str) -> None:
    lines, items, truth = made(kind)
    found = list_prices(lines, items)
    assert right(found, truth) > 0.97
    mean = lines.group_by("item", "date").agg((pl.col("price") * pl.col("units")).sum() / pl.col("units").sum())
    assert right(mean.rename({"price": "_quote"}), truth) < right(found, truth) - 0.05, "what was paid on average is something else"


def test_a_day_has_one_price_and_the_order_of_its_lines_does_not_matter() -> None:
    lines, items, _ = made("breaks")
    found, days = list_prices(lines, items), lines.select("item", "date").unique()
    assert found.select("item", "date").equals(days.join(found, on=["item", "date"], how="semi").sort("item", "date"))
    assert 0.995 * days.height < found.height <= days.height, "but for those of orders that look like another list"
    assert found.equals(list_prices(lines.sample(fraction=1.0, shuffle=True, seed=1), items))


def test_prices_of_another_currency_are_found_alike() -> None:
    lines, items, _ = made("coupons")
    found = list_prices(lines, items)
    larger = list_prices(lines.with_columns(pl.col("price") * 1000.0), items)
    assert larger["_quote"].to_numpy() == pytest.approx(1000.0 * found["_quote"].to_numpy(), rel=0.003)


def test_one_line_at_another_price_is_no_change_and_a_week_of_them_is() -> None:
    items = pl.DataFrame({"item": [0], "sku": ["a"], "channel": ["web"]})

    def found(prices: list[float]) -> list[float]:
        dates = [START + dt.timedelta(days=day) for day in range(len(prices))]
        orders = [f"o{day}" for day in range(len(prices))]
        lines = pl.DataFrame({"item": 0, "order_id": orders, "date": dates, "units": 1.0, "price": prices})
        return list_prices(lines, items)["_quote"].to_list()

    assert found([10.0] * 20 + [9.0] + [10.0] * 20) == [10.0] * 41
    assert found([10.0] * 20 + [9.0] * 7 + [10.0] * 20) == [10.0] * 20 + [9.0] * 7 + [10.0] * 20


def test_a_sale_in_the_whole_shop_is_a_change_of_its_prices() -> None:
    rng = np.random.default_rng(1)
    price = np.round(rng.uniform(5, 30, 12), 1)
    rows = [
        (item, f"o{day}-{order}", START + dt.timedelta(days=day), 1.0, round(price[item] * (0.6 if 60 <= day < 70 else 1.0), 2))
        for day in range(120)
        for order in range(3)
        for item in rng.choice(12, 4, replace=False)
    ]
    lines = pl.DataFrame(rows, schema=["item", "order_id", "date", "units", "price"], orient="row")
    found = list_prices(lines, pl.DataFrame({"item": range(12), "sku": [f"s{n}" for n in range(12)], "channel": "web"}))
    true = [
        round(price[item] * (0.6 if 60 <= (date - START).days < 70 else 1.0), 2) for item, date in found.select("item", "date").iter_rows()
    ]
    assert float(np.mean(np.abs(found["_quote"].to_numpy() / np.array(true) - 1.0) < 0.005)) > 0.98


def test_no_lines_give_no_prices() -> None:
    lines, items, _ = made("breaks")
    assert list_prices(lines.head(0), items).columns == ["item", "date", "_quote"]
    assert list_prices(lines.with_columns(price=0.0), items).is_empty()


def last_of(*ends: tuple[int, float, float]) -> float:
    """The last list price of a product at 10.00 whose lines are of one to eight units, and that ends with lines of (day, units, price)."""
    usual = [(day, float(1 + day % 8), 10.0) for day in range(60)]
    rows = [(f"o{n}", 0, START + dt.timedelta(days=day), units, price) for n, (day, units, price) in enumerate([*usual, *ends])]
    schema = {"order_id": pl.String, "item": pl.Int32, "date": pl.Date, "units": pl.Float64, "price": pl.Float64}
    lines = pl.DataFrame(rows, schema=schema, orient="row")
    items = pl.DataFrame({"item": [0], "sku": ["S"], "channel": ["web"]}, schema_overrides={"item": pl.Int32})
    return float(list_prices(lines, items)["_quote"][-1])


def test_a_lower_price_that_only_large_orders_have_paid_is_their_discount() -> None:
    bulk = [(day, 100.0, 8.5) for day in range(60, 64)]
    assert last_of(*bulk) == pytest.approx(10.0)
    assert last_of(*((day, 2.0, 8.5) for day in range(60, 64))) == pytest.approx(8.5), "small orders pay what is asked"
    assert last_of(*bulk, *((day, 2.0, 8.5) for day in range(64, 68))) == pytest.approx(8.5)
    assert last_of(*((day, 100.0, 11.5) for day in range(60, 64))) == pytest.approx(11.5), "nobody pays more for many"
