"""The content of a report agrees with the run it tells of."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.apps.report import view
from pricesmith.apps.report.gather import gather, span
from pricesmith.apps.report.words import Words
from pricesmith.flows import batch, example
from pricesmith.flows.desk.product.curves import points, seen, smooth
from pricesmith.flows.desk.runs.sums import certificate
from pricesmith.flows.desk.today.outlook import bridge_of


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> batch.Loaded:
    folder = tmp_path_factory.mktemp("gather") / "shop"
    example.write(folder)
    kept = ("G012", "G013", "K000", "K001")
    for name in ("products", "sales"):
        file = folder / "data" / f"{name}.csv"
        pl.read_csv(file, infer_schema=False).filter(pl.col("sku").is_in(kept)).write_csv(file)
    for name in ("costs", "stock", "promotions", "competitor_prices"):
        file = folder / "data" / f"{name}.csv"
        pl.read_csv(file, infer_schema=False).filter(pl.col("sku").is_in(kept)).write_csv(file)
    return batch.load(folder)


@pytest.fixture(scope="module")
def priced(loaded: batch.Loaded) -> batch.Priced:
    return batch.price(loaded)


def test_the_total_is_the_sum_of_the_list(loaded: batch.Loaded, priced: batch.Priced) -> None:
    content = gather(loaded.prepared, priced.snapshot, priced.policy, priced.decided, frontier=True)
    assert content.total.today + content.total.change == pytest.approx(priced.decided.decisions["expected_profit"].sum())
    assert content.total.low <= content.total.change <= content.total.high
    assert content.decisions["name"].null_count() == 0
    assert content.frontier is not None
    assert content.frontier.chosen[1] == pytest.approx(content.frontier.plans["profit"].max(), rel=1e-3)  # type: ignore[type-var]
    assert content.frontier.today[1] == pytest.approx(content.total.today)
    assert content.frontier.plans["profit"].is_sorted(descending=True)


def test_a_product_that_is_not_priced_counts_nowhere(loaded: batch.Loaded) -> None:
    products = loaded.prepared.tables["products"].with_columns(active=(pl.col("sku") != "K000").cast(pl.Int8))
    quiet = dataclasses.replace(
        loaded, prepared=dataclasses.replace(loaded.prepared, tables={**loaded.prepared.tables, "products": products})
    )
    run = batch.price(quiet)
    content = gather(quiet.prepared, run.snapshot, run.policy, run.decided, frontier=True)
    table = run.decided.decisions
    assert table.height == 3
    assert content.certificate.value == pytest.approx(content.total.today + content.total.change)
    assert content.total.today + table["profit_change"].sum() == pytest.approx(table["expected_profit"].sum(), rel=0.02)
    assert content.total.revenue[1] == pytest.approx(table["expected_revenue"].sum())
    assert content.frontier is not None
    assert content.frontier.today == pytest.approx((content.total.revenue[0], content.total.today))
    assert content.frontier.chosen[1] == pytest.approx(content.certificate.value)


def test_what_sold_lately_is_that_of_the_product_page(loaded: batch.Loaded, priced: batch.Priced) -> None:
    content = gather(loaded.prepared, priced.snapshot, priced.policy, priced.decided)
    bridge = bridge_of(priced.decided)
    assert bridge is not None and content.lately is not None
    sold, expected = (sum(getattr(curve.lately, name) for curve in content.curves) for name in ("sold", "expected"))
    assert len(content.curves) == 4, "of every product, so that they add up to the shop"
    assert (sold, expected) == (pytest.approx(content.lately.sold), pytest.approx(content.lately.expected))
    assert {curve.lately.since for curve in content.curves if curve.lately} == {bridge.since}


def test_the_certificate_is_that_of_the_finished_list(priced: batch.Priced) -> None:
    one = certificate(priced.decided, priced.policy, "EUR")
    assert one.value * 100 == pytest.approx(priced.decided.choice.value)
    assert one.gap == priced.decided.choice.gap
    back = dataclasses.replace(priced.decided, column=priced.decided.shop.shelf.current)
    other = certificate(back, priced.policy, "EUR")
    assert other.bound == one.bound
    assert other.value < one.value
    assert other.gap == pytest.approx((other.bound - other.value) / other.bound)


def test_the_curve_at_the_candidates_is_the_drawn_curve(priced: batch.Priced) -> None:
    found = points(priced.decided, 0, "EUR")
    units, low, high = smooth(priced.decided, 0, found.price, "EUR")
    np.testing.assert_allclose(units, found.units, rtol=0.02)
    np.testing.assert_allclose([low, high], [found.low, found.high], rtol=0.02)
    assert (np.diff(found.units) <= 0).all()
    assert (found.low <= found.units).all()
    assert (found.units <= found.high).all()


def test_what_was_seen_adds_up_to_the_history(priced: batch.Priced) -> None:
    cells = priced.snapshot.cells.filter((pl.col("item") == 0) & (pl.col("available") > 0))
    rows = seen(priced.snapshot, 0)
    weeks = cells.select(pl.struct(pl.col("date").dt.truncate("1w"), "price", "promo").n_unique()).item()
    assert rows.height == weeks
    assert rows["units"].min() >= 0  # type: ignore[operator]
    assert set(rows["promo"].to_list()) <= {0, 1}
    quarter = cells.filter(pl.col("date").dt.truncate("1w") >= priced.snapshot.as_of - dt.timedelta(days=91))
    assert rows.filter(late=1).height == quarter.select(pl.struct(pl.col("date").dt.truncate("1w"), "price", "promo").n_unique()).item() > 0


def test_a_picture_spans_candidates_and_near_prices_only() -> None:
    prices = span(np.array([10.0, 11.0]), np.array([1.0, 7.0, 40.0]), np.array([9.0, 12.0]))
    assert (prices[0], prices[-1]) == (7.0, 12.0)


def test_a_price_that_a_limit_forces_names_the_limit(loaded: batch.Loaded, priced: batch.Priced) -> None:
    """Costs rise until today's price lies a twentieth below the margin floor."""
    found = priced.decided
    row = found.items.filter(pl.col("sku") == "K000").row(0, named=True)
    floor = found.shop.bounds.low[found.shop.bounds.names.index("margin_floor"), row["item"]]
    dear = pl.when(pl.col("sku") == "K000").then(pl.col("unit_cost") * 1.05 * row["current_price"] / floor).otherwise("unit_cost")
    tables = {
        name: table.with_columns(unit_cost=dear) if "unit_cost" in table.columns else table
        for name, table in loaded.prepared.tables.items()
    }
    again = batch.price(dataclasses.replace(loaded, prepared=dataclasses.replace(loaded.prepared, tables=tables)))
    content = gather(loaded.prepared, again.snapshot, again.policy, again.decided)
    ((key, broken),) = content.outside.items()
    assert key[0] == "K000" and broken.rule == "margin_floor" and row["current_price"] / 100 < broken.limit
    for locale, said in (("en", "margin floor, at least"), ("zh", "要求不低于")):
        words = Words(locale)
        (told,) = [one["why"] for one in view.moves(content, words, view.MOVES) if one["sku"] == "K000"]
        assert said in told and f"{broken.limit:.2f} EUR" in told
