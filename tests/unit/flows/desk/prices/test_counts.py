"""Today, Data and the jobs say what they count: products, or the prices that these have in several stores."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.cli.check import keep
from pricesmith.flows import batch, wiring
from pricesmith.flows.desk.prices.counts import Counted, counted
from pricesmith.flows.desk.reading.kept import check_file
from pricesmith.flows.desk.today.told_by_data import _sent
from tests.desk import came
from tests.desk.place import Place, opened, place

pytestmark = pytest.mark.real  # long


def test_products_places_and_prices_are_counted_apart() -> None:
    rows = [("a", "web", "DE", 199), ("a", "web", "AT", 199), ("b", "web", "DE", 299), ("new", "default", "default", None)]
    table = pl.DataFrame(rows, schema=["sku", "channel", "region", "current_price"], orient="row")
    assert counted(table) == Counted(products=3, places=2, prices=4)
    assert counted(table.tail(1)).places == 1


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def seen(desk: Place, address: str, language: str = "en") -> str:
    return desk.client("viewer").get(address, headers={"Accept": "text/html", "Accept-Language": language}).text


def test_a_shop_of_one_place_counts_products(desk: Place) -> None:
    line = seen(desk, "/").partition('id="counted"')[2].partition("</p>")[0]
    assert '<data value="24">24</data></b> products.' in line and "prices" not in line
    assert desk.client("viewer").get("/?format=json").json()["of"] == {"products": 24, "places": 1, "prices": 24}


@pytest.mark.parametrize(("language", "said"), [("en", "stores or channels"), ("zh", "个店铺或渠道")])
def test_a_shop_of_several_places_says_that_prices_are_counted(
    desk: Place, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    two = Counted(products=12, places=2, prices=24)
    for page in ("today", "data"):
        monkeypatch.setattr(f"pricesmith.flows.desk.{page}.page.counted", lambda _rows: two)
    line = seen(desk, "/", language).partition('id="counted"')[2].partition("</p>")[0]
    assert said in line and all(f'<data value="{number}">' in line for number in (12, 2, 24))
    twin = desk.client("viewer").get("/data?format=json").json()
    assert twin["counted"] == {"products": 12, "places": 2, "prices": 24}


def test_today_tells_of_prices_of_the_product_table_that_do_not_count(desk: Place) -> None:
    """As the check of the data finds them, with the way to it; nothing where it finds none, or the files are others since."""
    client = desk.client("viewer")
    assert client.get("/?format=json").json()["overruled"] is None and 'id="overruled"' not in seen(desk, "/")
    products = desk.folder / "data" / "products.csv"
    table = pl.read_csv(products)
    table.with_columns(price=pl.lit(1.0)).write_csv(products)
    checked(desk)
    twin = client.get("/?format=json").json()["overruled"]
    assert "of 24 products with a `price` were not sold at it in their last three days" in twin["message"]
    for language, said in (("en", "so what customers paid counts as their price now"), ("zh", "因此以顾客实付价为现价")):
        line = seen(desk, "/", language).partition('id="overruled"')[2].partition("</p>")[0]
        assert said in line and 'href="/data"' in line
    table.write_csv(products)
    assert client.get("/?format=json").json()["overruled"] is None


def test_today_and_the_product_tell_of_a_current_price_that_was_charged_for_a_day(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the check of the data finds it; nothing before, or where the files are others since."""
    client = desk.client("viewer")
    sales = next((desk.folder / "data").glob("sales*"))
    table = pl.read_csv(sales, infer_schema_length=None)
    (desk.folder / "data" / "promotions.csv").unlink()
    steady = table.sort("date", "sku")["sku"][-1]
    own, last = pl.col("sku") == steady, pl.col("date") == table["date"].max()
    price = pl.when(own & last).then(7.0).when(own).then(10.0).otherwise(pl.col("price"))
    table.drop("list_price").with_columns(price=price, promo=pl.when(own).then(0).otherwise(pl.col("promo"))).write_csv(sales)
    assert client.get("/?format=json").json()["brief"] is None
    checked(desk)
    twin = client.get("/?format=json").json()["brief"]
    assert steady in twin["examples"] and "have had their current price on their last days of sale alone" in twin["message"]
    for language, said in (("en", "If that is a special"), ("zh", "若现价是短期特价")):
        assert said in seen(desk, f"/products/{steady}", language).partition('id="brief"')[2].partition("</p>")[0]
        assert 'href="/data"' in seen(desk, "/", language).partition('id="brief"')[2].partition("</p>")[0]
    told = client.get(f"/products/{steady}?format=json").json()
    assert told["brief"] is True
    with monkeypatch.context() as patch:
        patch.setattr("pricesmith.flows.desk.today.told_by_data._sent", lambda _reading: {*twin["examples"]})
        assert client.get("/?format=json").json()["brief"] is None
        assert client.get(f"/products/{steady}?format=json").json()["brief"] is False
    table.write_csv(sales)
    assert client.get("/?format=json").json()["brief"] is None and not client.get(f"/products/{steady}?format=json").json()["brief"]


def test_the_product_says_where_its_specials_were_found_by_their_prices(desk: Place) -> None:
    client, sales = desk.client("viewer"), next((desk.folder / "data").glob("sales*"))
    table, plans = pl.read_csv(sales, infer_schema_length=None), desk.folder / "data" / "promotions.csv"
    steady, days = table["sku"][-1], table["date"].unique().sort()
    kept = plans.read_bytes() if plans.exists() else None
    plans.unlink(missing_ok=True)
    low = (pl.col("sku") == steady) & pl.col("date").is_in(days[20:24].implode())
    price = pl.when(low).then(8.0).otherwise(10.0)
    table.drop("list_price", "promo", "promo_kind", strict=False).with_columns(price=price).write_csv(sales)
    assert client.get(f"/products/{steady}?format=json").json()["specials"] is False
    checked(desk)
    assert client.get(f"/products/{steady}?format=json").json()["specials"] is True
    for language, said in (("en", "special, found by its price"), ("zh", "特价（按价格识别）")):
        assert said in seen(desk, f"/products/{steady}", language)
    other = table.filter(pl.col("sku") != steady)["sku"][0]
    assert client.get(f"/products/{other}?format=json").json()["specials"] is False
    with (desk.folder / "shop.toml").open("a", encoding="utf-8") as policy:
        policy.write("\n")
    assert client.get(f"/products/{steady}?format=json").json()["specials"] is True, "other settings are no other sales"
    table.write_csv(sales)
    if kept is not None:
        plans.write_bytes(kept)


def test_a_price_that_a_run_brought_is_no_special(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    assert _sent(desk.desk.reading) == set()
    brought = came.arrive(desk.folder, desk.run)
    assert brought.height > 1
    assert _sent(opened(desk.folder, desk.run).desk.reading) == set(brought["sku"][:-1]), "the last was rejected"


def test_today_tells_of_a_rule_on_competitors_that_binds_no_price(desk: Place) -> None:
    """Red where no offer counts at all; nothing before the files are checked, or without such a rule."""
    client = desk.client("viewer")
    settings, offers = desk.folder / "shop.toml", next((desk.folder / "data").glob("competitor_prices*"))
    before, table = settings.read_text(encoding="utf-8"), pl.read_csv(offers, infer_schema=False)
    assert client.get("/?format=json").json()["unbound"] == []
    band = '\n[[rule]]\nkind = "competitor_band"\nhigh = 1.08\n'
    settings.write_text(before.replace("\n[shop.web]", band + "\n[shop.web]"), encoding="utf-8")
    table.filter(pl.col("observed_at") < "2026-03").write_csv(offers)
    checked(desk)
    (twin,) = client.get("/?format=json").json()["unbound"]
    assert twin["code"] == "unbound_band" and "binds no price" in twin["message"]
    for language, said in (("en", "binds no price"), ("zh", "未约束任何价格")):
        line = seen(desk, "/", language).partition('<p class="bad" id="unbound-1"')[2].partition("</p>")[0]
        assert said in line and 'href="/data"' in line
    settings.write_text(before, encoding="utf-8")
    table.write_csv(offers)


def checked(desk: Place) -> None:
    """Check the data, as the job of the page does."""
    loaded = batch.load(desk.folder)
    keep(check_file(desk.folder), wiring.files_of(desk.folder), loaded)


def test_files_that_were_written_after_the_run_are_told_where_its_prices_and_answers_are_read(desk: Place) -> None:
    client = desk.client("viewer")
    asked = {"/": "files_since", "/what-if": "files_since"}
    assert all(client.get(f"{address}?format=json").json()[name] == [] for address, name in asked.items())
    assert 'id="files-since"' not in seen(desk, "/")
    offers = next((desk.folder / "data").glob("competitor_prices*"))
    later = desk.desk.reading.now().timestamp() + 60.0
    os.utime(offers, (later, later))
    for address, name in asked.items():
        assert client.get(f"{address}?format=json").json()[name] == ["competitor_prices"]
        for language, said in (("en", "Written after this run was made"), ("zh", "本批次未计入")):
            line = seen(desk, address, language).partition('id="files-since"')[2].partition("</p>")[0]
            assert said in line and "competitor_prices" in line
