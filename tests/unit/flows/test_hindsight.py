"""What a model expected of later days, beside what they sold: which rows, and how a backtest counts the ranges that held."""

from __future__ import annotations

import dataclasses
import datetime as dt

import polars as pl
import pytest

from pricesmith import engine
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.flows import backtest as tested
from pricesmith.flows.backtest import backtest
from pricesmith.flows.hindsight import compared, since
from pricesmith.testing.fakes import made_snapshot

DAYS = 28
POLICY = Policy(currency="EUR", horizon_days=DAYS)


def shop() -> Snapshot:
    return made_snapshot(3, products=8, days=140)


def as_of(whole: Snapshot, day: dt.date) -> Snapshot:
    return dataclasses.replace(whole, as_of=day, cells=whole.cells.filter(pl.col("date") < day))


def sold_by_sku(cells: pl.DataFrame, items: pl.DataFrame) -> dict[str, float]:
    named = cells.join(items.select("item", "sku"), on="item")
    return dict(named.group_by("sku").agg(pl.col("units").sum()).iter_rows())


def test_the_cells_of_the_days_after_have_the_numbers_of_before() -> None:
    """A product that is new has none and is left out; so are days beyond."""
    now = shop()
    day, new = now.as_of - dt.timedelta(days=60), now.items["sku"][4]
    known = now.items.filter(pl.col("sku") != new).drop("item").with_row_index("item").with_columns(pl.col("item").cast(pl.Int64))
    then = dataclasses.replace(as_of(now, day), items=known)
    cells = since(then, now, DAYS)
    assert cells["date"].min() == day and cells["date"].max() == day + dt.timedelta(days=DAYS - 1)
    wanted = now.cells.filter(pl.col("date").is_between(day, day + dt.timedelta(days=DAYS), closed="left"), pl.col("price") > 0)
    expected = sold_by_sku(wanted, now.items)
    assert sold_by_sku(cells, known) == {sku: units for sku, units in expected.items() if sku != new}


def test_what_was_expected_stands_beside_what_was_sold() -> None:
    now = shop()
    then = as_of(now, now.as_of - dt.timedelta(days=DAYS))
    model = engine.learn(then, POLICY)
    rows = compared(then, model, now, DAYS)
    assert rows is not None and rows["until"].unique().to_list() == [now.as_of - dt.timedelta(days=1)]
    assert dict(rows.select("sku", "sold").iter_rows()) == sold_by_sku(since(then, now, DAYS), then.items)
    assert (rows["low"] <= rows["expected"]).all() and (rows["expected"] <= rows["high"]).all()
    lately = then.cells.filter(pl.col("date") >= then.as_of - dt.timedelta(days=28), pl.col("price") > 0)
    pace = dict(lately.group_by("item").agg(pl.col("units").sum() / (pl.col("days") * pl.col("available")).sum()).iter_rows())
    days = dict(since(then, now, DAYS).group_by("item").agg((pl.col("days") * pl.col("available")).sum()).iter_rows())
    number = dict(then.items.select("sku", "item").iter_rows())
    for sku, before in rows.select("sku", "before").iter_rows():
        assert before == pytest.approx(pace[number[sku]] * days[number[sku]])


def test_nothing_is_told_of_days_that_are_not_there_or_by_a_model_that_cannot() -> None:
    now = shop()
    assert compared(now, engine.learn(now, POLICY), now, DAYS) is None
    then = as_of(now, now.as_of - dt.timedelta(days=DAYS))
    assert compared(then, object(), now, DAYS) is None  # type: ignore[arg-type]


@pytest.mark.real  # long
def test_a_backtest_says_how_often_products_sold_within_the_range_beside_their_price() -> None:
    now = shop()
    last = now.cells["date"].max()
    assert isinstance(last, dt.date)
    found = backtest(lambda day: as_of(now, day), last, POLICY, engine.learn, horizon=DAYS, folds=2, compare=False)
    days = [dt.date.fromisoformat(fold["origin"]) for fold in found["folds"]]
    rows = [compared(as_of(now, day), engine.learn(as_of(now, day), POLICY), as_of(now, last + dt.timedelta(days=1)), DAYS) for day in days]
    inside = [low <= sold <= high for one in rows if one is not None for sold, low, high in one.select("sold", "low", "high").iter_rows()]
    assert len(days) == 2 and found["ranges"] == {"coverage90": pytest.approx(sum(inside) / len(inside)), "rows": len(inside), "days": DAYS}


def test_where_no_product_was_seen_again_there_is_no_share() -> None:
    none = pl.DataFrame(schema={"sold": pl.Float64(), "low": pl.Float64(), "high": pl.Float64()})
    assert tested._ranges([None, none], DAYS) is None
