"""Files that are written anew and say the same make the data of a run younger, though the run is the one that stood there."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec
import polars as pl
import pytest

from pricesmith.flows.desk.quotes.in_force import NOTHING, advance
from pricesmith.flows.publishing.answers.answering import answer
from pricesmith.flows.publishing.answers.override import override
from pricesmith.flows.publishing.history.facts import Facts
from pricesmith.flows.publishing.history.freshness import LOOKED, freshest
from pricesmith.flows.publishing.history.record import Recorded, record
from pricesmith.flows.publishing.history.runs import run_facts
from pricesmith.flows.publishing.sending.preview import preview
from tests.publishing.desk import Place, place


@pytest.fixture
def shop() -> Place:
    return place()


def price(shop: Place, *, cost_at: dt.datetime, other: dt.datetime | None = None, by: str = "pricesmith") -> Recorded:
    facts = Facts(cost_at=cost_at, competitor_at=other or cost_at, stock_at=other or cost_at)
    return record(shop.book, shop.made, at=shop.clock(), by=by, code="made", facts=facts)


def known(shop: Place, run: str) -> Facts:
    row = shop.book.read("runs", {"run": [run]}).row(0, named=True)
    return freshest(row, shop.book.read("audit"))


def acts(shop: Place) -> list[str]:
    return shop.book.read("audit", {"act": [LOOKED]})["subject"].to_list()


def codes(shop: Place, run: str) -> set[str]:
    return set(preview(shop.again(), run).rows["code"].drop_nulls())


def test_costs_that_were_looked_through_are_fresh_again(shop: Place) -> None:
    first = shop.clock()
    run = price(shop, cost_at=first).run
    shop.clock.sleep(25 * 3600.0)
    answer(shop.book, run, "accept", by="ann", at=shop.clock(), policy=shop.desk.policy)
    assert "cost_stale" in codes(shop, run)
    later = shop.clock()
    again = price(shop, cost_at=later, by="eve")
    assert (again.run, again.new) == (run, False)
    assert "cost_stale" not in codes(shop, run)
    assert known(shop, run).cost_at == later
    assert run_facts(shop.book, run).products["cost_at"].unique().to_list() == [later]
    row = shop.book.read("audit", {"act": [LOOKED]}).row(0, named=True)
    assert row["by"] == "eve" and row["subject"].startswith(f"{run}, costs as of {later:%Y-%m-%d %H:%M:%S} UTC")


def test_times_never_go_back_and_what_did_not_move_is_not_written(shop: Place) -> None:
    start = shop.clock()
    run = price(shop, cost_at=start).run
    price(shop, cost_at=start)
    price(shop, cost_at=start - dt.timedelta(days=1))
    assert acts(shop) == []
    shop.clock.sleep(60.0)
    price(shop, cost_at=start, other=shop.clock())
    assert len(acts(shop)) == 1 and "costs" not in acts(shop)[0] and "offers as of" in acts(shop)[0] and "stock as of" in acts(shop)[0]
    assert known(shop, run).cost_at == start and known(shop, run).stock_at == shop.clock()
    price(shop, cost_at=start, other=start)
    assert len(acts(shop)) == 1 and known(shop, run).stock_at == shop.clock()


def test_what_was_not_known_as_the_run_was_made_can_be_known_later(shop: Place) -> None:
    row = shop.book.read("runs").row(0, named=True) | {"facts": msgspec.json.encode(Facts()).decode()}
    assert freshest(row, shop.book.read("audit")) == Facts()
    shop.clock.sleep(60.0)
    price(shop, cost_at=shop.clock())
    assert freshest(row, shop.book.read("audit")) == Facts(cost_at=shop.clock(), competitor_at=shop.clock(), stock_at=shop.clock())


def test_own_prices_beside_the_run_rest_on_the_same_data(shop: Place) -> None:
    run = price(shop, cost_at=shop.clock()).run
    key, now = next(iter(shop.shop.truth.items()))
    shop.clock.sleep(60.0)
    own = override(shop.book, run, {key: now + 1}, by="ann", why="better", code="made", at=shop.clock()).run
    shop.clock.sleep(60.0)
    price(shop, cost_at=shop.clock())
    assert {subject.split(", ")[0] for subject in acts(shop)} == {run, own}
    assert known(shop, own).cost_at == known(shop, run).cost_at == shop.clock()


def test_price_requests_know_the_later_times_however_the_ledger_is_read(shop: Place) -> None:
    run = price(shop, cost_at=shop.clock()).run
    before = advance(shop.book, NOTHING)
    for _ in range(2):
        shop.clock.sleep(3600.0)
        price(shop, cost_at=shop.clock(), other=shop.clock() - dt.timedelta(minutes=5))
    after = advance(shop.book, before)
    assert before.runs["cost_at"][0] < after.runs["cost_at"][0] == shop.clock()
    assert after.runs["competitor_at"][0] == shop.clock() - dt.timedelta(minutes=5)
    whole = advance(shop.book, NOTHING)
    assert after.runs.equals(whole.runs) and after.runs.filter(pl.col("run") == run).height == 1
    assert replace(after, rows=whole.rows, runs=whole.runs) == replace(whole, rows=whole.rows, runs=whole.runs)
