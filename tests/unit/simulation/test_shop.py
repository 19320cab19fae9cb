"""Made shops: repeatable, inside their tables' definitions, and true to what they state."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.tables import INPUT
from pricesmith.simulation.history import expect, live
from pricesmith.simulation.lawful import Law
from pricesmith.simulation.nature import HORIZON, draw_nature
from pricesmith.simulation.noise import counts, weekly_shocks
from pricesmith.simulation.shop import SimulatedShop, settle, simulate
from pricesmith.simulation.world import KINDS


def shop(kind: str, seed: int = 0) -> SimulatedShop:
    return simulate(kind, np.random.default_rng(seed), products=40, days=150)


@pytest.mark.parametrize("kind", KINDS)
def test_tables_keep_their_definitions(kind: str) -> None:
    made = shop(kind)
    for name, frame in made.tables.items():
        table = INPUT[name]
        assert set(table.required) <= set(frame.columns) <= set(table.by_name)
        assert frame.schema == {column: table.by_name[column].dtype for column in frame.columns}
        assert not frame.select([column for column in table.key if column in frame.columns]).is_duplicated().any()
        for column in frame.columns:
            low, high = table.by_name[column].low, table.by_name[column].high
            values = frame[column].drop_nulls()
            values = values.dt.year() if table.by_name[column].kind in ("date", "moment") else values
            assert low is None or (values >= low).all()
            assert high is None or (values <= high).all()
    assert made.tables["sales"]["date"].max() < made.as_of


@pytest.mark.parametrize("kind", KINDS)
def test_current_price_is_the_one_the_sales_table_shows(kind: str) -> None:
    made = shop(kind, 3)
    sales = made.tables["sales"].sort("date")
    listed = pl.col("list_price") if "list_price" in sales.columns else pl.col("price")
    regular = sales.filter(pl.col("promo") == 0) if "promo" in sales.columns else sales
    regular = regular.group_by("sku", maintain_order=True).agg(listed.last().alias("regular"))
    latest = sales.group_by("sku", maintain_order=True).agg(pl.col("price").last().alias("latest"))
    shelf = latest.join(regular, on="sku", how="left").with_columns(price=pl.coalesce("regular", "latest"))
    truth = dict(zip(made.truth.sku, made.truth.current / made.truth.unit, strict=True))
    for sku, price in shelf.select("sku", "price").iter_rows():
        assert truth[sku] == pytest.approx(price, abs=1e-9)


def test_same_seed_same_shop() -> None:
    first, second, other = shop("hidden", 5), shop("hidden", 5), shop("hidden", 6)
    assert all(first.tables[name].equals(second.tables[name]) for name in first.tables)
    assert (first.truth.base == second.truth.base).all()
    assert not first.tables["sales"].equals(other.tables["sales"])


def test_unknown_kind_lists_the_valid_ones() -> None:
    with pytest.raises(UnknownChoice, match="plain"):
        shop("pilan")


@pytest.mark.parametrize("kind", KINDS)
def test_stated_elasticity_is_the_numerical_one(kind: str) -> None:
    truth = shop(kind).truth
    stated = truth.elasticity(truth.current)
    assert (stated < 0).all()
    for product in range(0, 40, 7):
        nudge = np.where(np.arange(40) == product, 1e-4, 0.0)
        up, down = (np.log(truth.units(truth.current * np.exp(sign * nudge))[product]) for sign in (1.0, -1.0))
        assert (up - down) / 2e-4 == pytest.approx(stated[product], abs=1e-6)


def test_profit_is_what_one_unit_brings_times_units() -> None:
    made = shop("plain", 8)
    truth, costs = (
        made.truth,
        made.tables["costs"].filter(pl.col("valid_from") <= made.as_of).group_by("sku", maintain_order=True).last().sort("sku"),
    )
    tax = made.tables["products"].sort("sku")["tax_rate"].to_numpy()
    kept = truth.current / truth.unit / (1 + tax) * (1 - costs["fee_rate"].to_numpy() - costs["payment_rate"].to_numpy())
    unit = (1 - costs["return_rate"].to_numpy()) * (kept - costs["unit_cost"].to_numpy() - costs["shipping"].to_numpy())
    assert truth.profit(truth.current) == pytest.approx(unit * truth.units(truth.current), rel=1e-12)


def test_counts_have_the_stated_mean_and_variance() -> None:
    drawn = counts(np.full(400_000, 3.0), 0.4, np.random.default_rng(0))
    assert drawn.mean() == pytest.approx(3.0, abs=4 * np.sqrt(6.6 / 400_000))
    assert drawn.var() == pytest.approx(3.0 + 0.4 * 9.0, rel=0.02)


def test_shocks_have_mean_one_and_the_stated_memory() -> None:
    shocks = weekly_shocks(60, 20_000, 0.3, 0.7, np.random.default_rng(0))
    assert np.exp(shocks).mean() == pytest.approx(1.0, abs=0.005)
    assert shocks.std() == pytest.approx(0.3, rel=0.02)
    assert np.corrcoef(shocks[10], shocks[11])[0, 1] == pytest.approx(0.7, abs=0.02)


def test_expected_units_are_the_mean_of_many_futures() -> None:
    """Days of the horizon lived many times at fixed prices, with shocks and counts, against the expectation stated for them."""
    rng = np.random.default_rng(2)
    nature = draw_nature("plain", rng, products=30, days=100)
    history = live(nature.world, nature.goods, nature.drivers, 100, rng)
    free = np.full(30, np.inf)
    truth = settle(nature, history, Law("EUR", (), 0.2, 0.0, -free, free))
    prices = np.round(truth.current * rng.uniform(0.85, 1.15, 30)).astype(np.int64)
    block = np.arange(100, 100 + HORIZON)
    _, _, expected = expect(nature.world, nature.goods, nature.drivers, block, np.tile(prices / 100.0, (HORIZON, 1)))
    draws, world = 1500, nature.world
    shocks = weekly_shocks(draws * HORIZON // 7, 30, world.shock_sd, 0.0, rng).repeat(7, axis=0).reshape(draws, HORIZON, 30)
    sold = counts(expected * np.exp(shocks), world.dispersion, rng).mean(1)
    error = sold.std(0) / np.sqrt(draws)
    assert (np.abs(sold.mean(0) - truth.units(prices)) < 4.5 * error).all()


def test_a_history_sells_what_it_expects() -> None:
    rng = np.random.default_rng(4)
    nature = draw_nature("plain", rng, products=200, days=400)
    history = live(nature.world, nature.goods, nature.drivers, 400, rng)
    assert history.units.sum() == pytest.approx(history.expected.sum(), rel=0.02)
    assert np.corrcoef(history.units.ravel(), history.expected.ravel())[0, 1] > 0.5


def test_stock_runs_out_and_nothing_sells_then() -> None:
    made = shop("stockouts", 1)
    joined = made.tables["stock"].join(made.tables["sales"], on=["date", "sku"], how="left")
    out = joined.filter(pl.col("out_of_stock") == 1)
    assert 0.0 < out.height / joined.height < 0.3
    assert out["units"].fill_null(0.0).sum() == 0.0
    assert (out["on_hand"] == 0).all()
    partly = joined.filter((pl.col("on_hand") == 0) & (pl.col("units") > 0))
    assert partly.height > 0


def test_promotions_are_told_where_days_without_sales_have_no_row() -> None:
    made = shop("gaps")
    plan = made.tables["promotions"]
    assert plan.height > 0
    assert (plan["end"] >= plan["start"]).all()
    days = plan.select("sku", pl.date_ranges("start", "end").alias("date")).explode("date")
    assert not days.is_duplicated().any()
    promoted = made.tables["sales"].filter(pl.col("promo") == 1).select("sku", "date")
    assert promoted.join(days, on=["sku", "date"], how="anti").is_empty()
    assert made.tables["sales"].filter(pl.col("promo") == 0).join(days, on=["sku", "date"]).is_empty()
    assert (made.tables["sales"]["units"] > 0).all()


def test_young_products_start_late() -> None:
    made = simulate("young", np.random.default_rng(0), products=100, days=200)
    age = (pl.lit(made.as_of) - pl.col("launched")).dt.total_days()
    young = made.tables["products"].filter(age <= 60)
    assert young.height >= 20
    first = made.tables["sales"].group_by("sku").agg(pl.col("date").min()).join(young, on="sku")
    assert (first["date"] >= first["launched"]).all()


def test_hidden_shops_price_on_shocks_and_costs() -> None:
    made = simulate("hidden", np.random.default_rng(0), products=60, days=540)
    assert made.tables["costs"].height > 60 * 4
    assert made.tables["costs"]["valid_from"].max() <= made.as_of
    assert made.as_of - made.tables["sales"]["date"].min() == dt.timedelta(days=540)


@pytest.mark.parametrize(("kind", "currency", "step"), [("cny", "CNY", 0.1), ("jpy", "JPY", 1.0)])
def test_currencies_have_their_own_price_points(kind: str, currency: str, step: float) -> None:
    made = shop(kind)
    prices = made.tables["sales"].filter(pl.col("promo") == 0)["price"].to_numpy()
    assert made.truth.law.currency == currency
    assert np.abs(prices / step - np.round(prices / step)).max() < 1e-6
