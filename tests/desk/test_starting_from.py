"""Prices of a connected shop become today's prices of the product table, in the browser, and the next run starts from them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.flows import batch, wiring
from pricesmith.flows.desk.connecting import starting_from
from pricesmith.flows.desk.connecting.starting_from import first_seen
from pricesmith.flows.desk.imports.product_prices import Taken, with_prices

from .feed import feed, settings, told
from .place import Place, csrf, post


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def asked(desk: Place) -> dict[str, float]:
    return dict(pl.read_csv(desk.folder / "feed.csv", schema_overrides={"sku": pl.String}).iter_rows())


def moved(desk: Place, share: float) -> list[str]:
    """Every other product gets another price in the shop."""
    rows = pl.read_csv(desk.folder / "feed.csv", schema_overrides={"sku": pl.String})
    odd = pl.int_range(pl.len()) % 2 == 0
    rows.with_columns(pl.when(odd).then((pl.col("price") * share).round(2)).otherwise("price")).write_csv(desk.folder / "feed.csv")
    return rows.filter(odd)["sku"].to_list()


def test_the_next_run_starts_from_what_the_shop_asks(desk: Place) -> None:
    admin, table = desk.client("admin"), desk.folder / "data" / "products.csv"
    before = table.read_text(encoding="utf-8")
    moved(desk, 1.1)
    asked_now = asked(desk)
    assert post(admin, "/shops/web/start-from").headers["location"] == "/shops"
    rows = pl.read_csv(table, infer_schema=False)
    assert {sku: float(price) for sku, price in rows.select("sku", "price").iter_rows() if price} == asked_now
    assert set(rows.filter(pl.col("price") != "")["price_from"]) == {str(desk.desk.reading.place.now().date())}
    assert rows.drop("price", "price_from").equals(pl.read_csv(before.encode(), infer_schema=False)), "all else stays as it stands"
    (kept,) = (desk.folder / ".desk" / "replaced").rglob("products.csv")
    assert kept.read_text(encoding="utf-8") == before
    items = batch.take(batch.load(desk.folder)).items
    prices = dict(items.filter(pl.col("price_stated") == 1).select("sku", pl.col("current_price") / 100).iter_rows())
    assert prices and all(price == pytest.approx(asked_now[sku]) for sku, price in prices.items())
    assert set(prices) == set(asked_now), "also those that the last sales speak against: they were before"


def test_costs_are_as_old_as_they_were(desk: Place) -> None:
    table, long_ago = desk.folder / "data" / "products.csv", 1_700_000_000
    os.utime(table, (long_ago, long_ago))
    before = wiring.files_of(desk.folder)["data/products.csv"]
    post(desk.client("admin"), "/shops/web/start-from")
    assert "price_from" in table.read_text(encoding="utf-8")
    assert 0 < table.stat().st_mtime - long_ago < 1, "nobody has looked at a cost"
    assert wiring.files_of(desk.folder)["data/products.csv"] != before, "it is another table all the same"


def test_doing_it_twice_changes_nothing(desk: Place) -> None:
    admin, table = desk.client("admin"), desk.folder / "data" / "products.csv"
    post(admin, "/shops/web/start-from")
    once = table.read_bytes()
    post(admin, "/shops/web/start-from")
    assert table.read_bytes() == once
    assert len(list((desk.folder / ".desk" / "replaced").rglob("products.csv"))) == 1


def test_a_price_of_a_file_counts_from_the_day_on_which_it_was_first_seen() -> None:
    """A file says what was written into it, not what the shop asks today: sales since then may speak against it."""
    rows = [("a", 100, 1), ("a", 120, 3), ("a", 120, 5), ("b", 100, 1), ("b", 90, 2), ("b", 100, 4), ("c", 70, 2)]
    seen = [dt.datetime(2026, 3, day, 23, 30, tzinfo=dt.UTC) for *_, day in rows]
    table = pl.DataFrame({"sku": [row[0] for row in rows], "price": [row[1] for row in rows], "at": seen, "seq": range(len(rows))})
    days = {"a": dt.date(2026, 3, 3), "b": dt.date(2026, 3, 4), "c": dt.date(2026, 3, 2)}
    assert first_seen(table, "UTC") == days
    assert first_seen(table, "Asia/Taipei") == {sku: day + dt.timedelta(days=1) for sku, day in days.items()}
    assert first_seen(table.clear(), "UTC") == {}


def test_starting_again_from_a_file_does_not_make_its_prices_new(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    table, admin = desk.folder / "data" / "products.csv", desk.client("admin")
    long_ago = {sku: dt.date(2026, 1, 19) for sku in asked(desk)}
    monkeypatch.setattr(starting_from, "first_seen", lambda _applied, _timezone: long_ago)
    post(admin, "/shops/web/start-from")
    assert set(pl.read_csv(table, infer_schema=False)["price_from"].drop_nulls()) == {"2026-01-19"}


def test_a_trial_says_how_many_prices_differ(desk: Place) -> None:
    other, admin = moved(desk, 1.1), desk.client("admin")
    fields = {"platform": "csv_feed", "shop": "web", "name": "web", "url": "feed.csv"}
    answer = post(admin, "/shops/try", **fields)
    assert answer.status_code == 200
    data = {"_csrf": csrf(admin, "/sign-in"), **fields}
    found = admin.post("/shops/try", data=data, headers={"Accept": "application/json"}).json()["found"]
    today = dict(desk.desk.reading.run(desk.run).decided.select("sku", "current_price").iter_rows())
    assert found["apart"] == len(other)
    assert found["of_them"] == [[sku, round(100 * asked(desk)[sku]), today[sku]] for sku in sorted(other)[:3]]
    page = admin.post("/shops/try", data=data, headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert 'id="apart"' in page and "以其价格为起点" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [("currency", "another currency"), ("folder", "not the one file"), ("headless", "no column sku"), ("places", "other channels")],
)
def test_where_it_would_be_wrong_it_is_refused(desk: Place, change: str, words: str) -> None:
    table = desk.folder / "data" / "products.csv"
    if change == "currency":
        settings(desk, "[shop.web]\n", '[shop.web]\ncurrency = "CHF"\n')
    elif change == "folder":
        (desk.folder / "data" / "products").mkdir()
        table.rename(desk.folder / "data" / "products" / "all.csv")
    elif change == "headless":
        table.write_text("article\nA\n", encoding="utf-8")
    else:
        settings(desk, "[shop.web]\n", '[shop.web]\nchannel = "elsewhere"\n')
    admin = desk.client("admin")
    (one,) = told(admin, "/shops")["shops"]
    assert words in one["no_start"]["what"], "said where it would be asked for"
    for language, said in (("en", "The next run cannot start from its prices:"), ("zh", "下次定价无法以其价格为起点：")):
        page = admin.get("/shops", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert said in page and "/shops/web/start-from" not in page
    answer = post(admin, "/shops/web/start-from")
    assert answer.status_code == 422 and words in answer.text
    assert not (desk.folder / ".desk" / "replaced").exists()


def test_only_admins_may(desk: Place) -> None:
    assert post(desk.client("viewer"), "/shops/web/start-from").status_code == 403
    assert post(desk.client("admin"), "/shops/none/start-from").status_code == 404
    assert [(one["name"], one["no_start"]) for one in told(desk.client("viewer"), "/shops")["shops"]] == [("web", None)]
    assert "/shops/web/start-from" in desk.client("admin").get("/shops", headers={"Accept": "text/html"}).text


DAY = dt.date(2026, 3, 2)
CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)


ROW = st.tuples(CELL.map(lambda text: f"k{text}".strip()), CELL)


@given(st.lists(ROW, min_size=1, max_size=6, unique_by=lambda row: row[0]), st.data())
def test_of_a_table_only_the_prices_change(rows: list[tuple[str, str]], data: st.DataObject) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("name", "sku"), *((name, sku) for sku, name in rows)])
    known = data.draw(st.lists(st.sampled_from([sku for sku, _ in rows]), unique=True))
    out, taken = with_prices(text.getvalue(), dict.fromkeys(known, ("1.50", str(DAY))))
    read = list(csv.reader(io.StringIO(out)))
    told = [[name, sku, *(["1.50", str(DAY)] if sku in known else ["", ""])] for sku, name in rows]
    assert read == [["name", "sku", "price", "price_from"], *told]
    assert taken == Taken(len(known), len(known))
    assert with_prices(out, dict.fromkeys(known, ("1.50", str(DAY)))) == (out, Taken(len(known), 0))
