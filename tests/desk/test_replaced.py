"""A new run decides every price anew: what people had set beside the run before is named, and set again with one click."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.answers.override import override

from . import came
from .feed import told
from .place import Place, csrf, overridden, place, post, priced_anew

pytestmark = pytest.mark.real  # long

JSON, HTML = {"Accept": "application/json"}, {"Accept": "text/html"}
CEILING = '\n[[rule]]\nkind = "price_bounds"\ncolumns = []\nmax_price = {price}\nwhere = {{ sku = "{sku}" }}\n'


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def own(desk: Place, run: str = "") -> dict[str, object]:
    """The own price of a run of which there is one."""
    found: dict[str, object] = desk.desk.reading.run(run).decided.filter(pl.col("reason") == "override").row(0, named=True)
    return found


def test_a_new_run_names_the_own_prices_that_it_replaced_and_sets_them_again(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    first = overridden(desk, "anna")
    mine = own(desk, first)
    assert told(anna, "/")["replaced"]["count"] == 0
    newest = priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nup = 0.15\ndown = 0.15\n')
    found = told(anna, "/")["replaced"]
    row = found["rows"][0]
    now = desk.desk.reading.run(newest).decided.filter(pl.col("sku") == mine["sku"]).row(0, named=True)
    assert (found["count"], found["settable"], found["against"], found["known"]) == (1, 1, 0, True)
    assert (row["sku"], row["price"], row["by"], row["why"], row["run"]) == (
        mine["sku"], mine["price"], "anna", "the manager says so", first,
    )  # fmt: skip
    assert row["now"] == (now["current_price"] if now["price"] is None else now["price"])
    assert told(anna, f"/runs/{newest}")["one"]["replaced"] == found and told(anna, f"/runs/{desk.run}")["one"]["replaced"]["count"] == 0
    for language, title in (("en", "Own prices that this run replaced"), ("zh", "被本批次取代的自定价格")):
        page = anna.get("/", headers={**HTML, "Accept-Language": language}).text
        assert title in page and "the manager says so" in page and "/prices/again" in page
    done = post(anna, "/prices/again", run=newest, count="1", back="/")
    made = desk.desk.reading.rows("runs").row(-1, named=True)
    assert (done.status_code, made["kind"], made["parent"]) == (303, "override", newest)
    assert own(desk, made["run"])["price"] == mine["price"]
    one = told(anna, f"/runs/{made['run']}")["one"]["own"][0]
    assert (one["by"], one["why"]) == ("anna", "the manager says so")
    assert told(anna, "/")["replaced"]["count"] == 0
    assert post(anna, "/prices/again", run=newest, count="1").status_code == 409


def test_what_the_new_rules_forbid_is_named_and_not_set(desk: Place) -> None:
    anna, reading = desk.client("approver", "anna"), desk.desk.reading
    changes = reading.run(desk.run).decided.filter(pl.col("action") == "change").sort("price", descending=True)
    rows = changes.head(2).rows(named=True)
    wanted = {Key(row["sku"], row["channel"], row["region"]): row["price"] - 50 for row in rows}
    whys = dict(zip(wanted, ("flyer", "fair"), strict=True))
    override(reading.book, desk.run, wanted, by="anna", why=whys, at=reading.now(), code=reading.place.code)
    ceiling = CEILING.format(price=f"{wanted[next(iter(wanted))] / 100 - 1:.2f}", sku=rows[0]["sku"])
    newest = priced_anew(desk, ceiling)
    found = {row["sku"]: row for row in told(anna, "/")["replaced"]["rows"]}
    assert [bool(found[row["sku"]]["barred"]) for row in rows] == [True, False]
    page = re.sub("<.*?>", "", anna.get("/", headers=HTML).text)
    assert "cannot be set again; what forbids it: " in page and "may be set again" in page
    done = post(anna, "/prices/again", run=newest, back="/")
    assert done.status_code == 303 and done.headers["location"] == "/"
    said = anna.get("/", headers=HTML).text
    assert f"Not set again: {rows[0]['name']} ({rows[0]['sku']}) (1)" in said
    made = reading.rows("runs").row(-1, named=True)["run"]
    assert own(desk, made)["sku"] == rows[1]["sku"] and told(anna, f"/runs/{made}")["one"]["own"][0]["why"] == "fair"
    left = told(anna, "/")["replaced"]
    assert (left["count"], left["settable"], left["rows"][0]["sku"]) == (1, 0, rows[0]["sku"])
    form = {"_csrf": csrf(anna, "/sign-in"), "run": newest}
    refused = anna.post("/prices/again", data=form, headers=JSON)
    assert refused.status_code == 422 and "none of the own prices" in refused.json()["detail"]


def test_an_own_price_that_was_turned_down_or_overtaken_is_not_offered_again(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    first = overridden(desk, "anna")
    newest = priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nup = 0.15\ndown = 0.15\n')
    assert told(anna, "/")["replaced"]["count"] == 1
    assert post(ben, f"/runs/{first}/reject", sure="1", why="no more").status_code == 303
    assert told(anna, "/")["replaced"]["count"] == 0
    mine = own(desk, first)
    assert post(ben, f"/runs/{first}/withdraw", sure="1").status_code == 303
    assert told(anna, "/")["replaced"]["count"] == 1
    came.arrive(desk.folder, newest)
    changed = desk.desk.reading.run(newest).decided.filter((pl.col("sku") == mine["sku"]) & (pl.col("action") == "change"))
    assert told(anna, "/")["replaced"]["count"] == (0 if changed.height else 1)
