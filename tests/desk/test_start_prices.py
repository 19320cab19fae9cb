"""A run starts from the prices of the last sales: where the shop has others now, the pages say of how many products."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.ledger import APPLIED, Act
from pricesmith.flows.desk.connecting.start_prices import Started, started
from pricesmith.flows.desk.reading.ledger import KEY

from .feed import attested, feed, state, told
from .place import Place, post, priced_anew

pytestmark = pytest.mark.real  # long


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def test_a_run_and_approvals_tell_of_start_prices_that_the_shop_no_longer_has(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    as_of = told(anna, run)["one"]["as_of"]
    assert state(anna, desk.run)["start"] == told(anna, "/approvals")["all"]["start"] == {"as_of": as_of, "new": 0, "other": 0}
    assert 'id="start-prices"' not in anna.get(run, headers={"Accept": "text/html"}).text
    attested(desk, anna, ben)
    two = ["\x1f".join(row) for row in desk.desk.reading.run(desk.run).changes.select(KEY).head(2).iter_rows()]
    post(anna, "/prices/accept", run=desk.run, products=two)
    post(anna, f"{run}/publish", to="web", sure="1")
    third = desk.desk.reading.run(desk.run).changes.row(2, named=True)
    seen = pl.DataFrame(
        [["web", *(third[name] for name in KEY), desk.desk.reading.now(), third["current_price"] + 7, "EUR", "drift", None]],
        schema=APPLIED.schema, orient="row",
    )  # fmt: skip
    desk.desk.reading.book.append(Act(desk.desk.reading.now(), "w", "read_shop", "web: 1 prices"), {"applied": seen})
    assert state(anna, desk.run)["start"] == told(anna, "/approvals")["all"]["start"] == {"as_of": as_of, "new": 2, "other": 1}
    today = told(anna, "/")
    assert (today["start"], today["live"]["count"]) == ({"as_of": as_of, "new": 0, "other": 1}, 2), (
        "what the run itself sent is no surprise"
    )
    for language, said in (("en", "not the price in the shop now"), ("zh", "起点价格与店铺现价不同")):
        for address in (run, "/approvals"):
            page = anna.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
            line = page.partition('id="start-prices">')[2].partition("</p>")[0]
            assert said in line and [part.partition(">")[2].partition("<")[0] for part in line.split("<data")[1:]] == ["3", "2", "1"]


def test_today_says_that_a_run_made_again_counts_what_the_shop_has_already(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    attested(desk, anna, ben)
    two = ["\x1f".join(row) for row in desk.desk.reading.run(desk.run).changes.select(KEY).head(2).iter_rows()]
    post(anna, "/prices/accept", run=desk.run, products=two)
    post(anna, f"/runs/{desk.run}/publish", to="web", sure="1")
    assert 'id="start-prices"' not in anna.get("/", headers={"Accept": "text/html"}).text
    priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nup = 0.3\ndown = 0.3\n')
    start = told(anna, "/")["start"]
    assert start["new"] + start["other"] == 2
    page = anna.get("/", headers={"Accept": "text/html"}).text
    assert "does not start from what the shop asks now" in page.partition('id="start-prices">')[2].partition("</p>")[0]
    post(desk.client("admin"), "/shops/web/start-from")
    priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nup = 0.29\ndown = 0.29\n')
    assert told(anna, "/")["start"] == {**start, "as_of": start["as_of"], "new": 0, "other": 0}


@pytest.mark.parametrize(("days", "known"), [(5, True), (-5, False)])
def test_a_price_that_came_after_the_last_sale_is_what_the_shop_has(desk: Place, days: int, known: bool) -> None:
    """The run was made long after, but its start price is that of the last sale."""
    reading = desk.desk.reading
    run = reading.run(desk.run)
    row = run.changes.row(0, named=True)
    at = dt.datetime.combine(row["last_sale"], dt.time(12), dt.UTC) - dt.timedelta(days=days)
    seen = pl.DataFrame(
        [["web", *(row[name] for name in KEY), at, row["current_price"] + 7, "EUR", "found", None]], schema=APPLIED.schema, orient="row"
    )
    reading.book.append(Act(reading.now(), "w", "read_shop", "web: 1 prices"), {"applied": seen})
    later = type(run)(
        run.name, {**run.row, "seq": reading.rows("audit").height, "as_of": run.as_of + dt.timedelta(days=30)}, run.policy, run.decided
    )
    assert started(reading, later, reading.now()) == Started(later.as_of, 0, 0 if known else 1)
