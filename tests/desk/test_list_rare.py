"""A current price that hardly any unit is sold at is said on the page of its product and in `explain`, of every such product."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from pricesmith.apps.cli import story, story_text
from pricesmith.apps.service.ask import Desk
from pricesmith.apps.service.jobs import Jobs
from pricesmith.apps.service.serving import LOOPBACK
from pricesmith.flows import batch
from pricesmith.flows.batch import Priced
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office, record_run
from pricesmith.testing.fake_accounts import fake_accounts
from tests.desk.place import Place, post

pytestmark = pytest.mark.real  # long

TRADE = [f"T{number}" for number in range(7)]
"""More products than the warning names: one piece in ten at 10, the others at 5; of `plain` every piece at 10."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Priced]:
    folder = tmp_path_factory.mktemp("rare") / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text('currency = "EUR"\ntax = "net"\n[model]\ndraws = 16\n', encoding="utf-8")
    skus = [*TRADE, "plain"]
    (folder / "data" / "products.csv").write_text("sku,unit_cost\n" + "".join(f"{sku},3\n" for sku in skus), encoding="utf-8")
    days = [f"{dt.date(2025, 1, 1) + dt.timedelta(days=k)}T10:00:00Z" for k in range(60)]
    lines = [f"{sku}-{at},{at},{sku},1,10\n9-{sku}-{at},{at},{sku},9,{5 if sku in TRADE else 10}\n" for sku in skus for at in days]
    (folder / "data" / "orders.csv").write_text("order_id,at,sku,units,price\n" + "".join(lines), encoding="utf-8")
    loaded = batch.load(folder)
    priced = batch.price(loaded)
    run = record_run(folder, priced, loaded.prepared.tables["competitor_prices"], "pricesmith").run
    found = office(folder)
    desk = Desk(Reading(found), fake_accounts(lambda _seconds: None), Jobs(folder, found.now), b"0" * 32, LOOPBACK)
    return Place(desk, folder, run), priced


@pytest.mark.parametrize(("language", "said"), [("en", "Share of its units of the last 28 days"), ("zh", "最近 28 天的销量中")])
def test_each_such_product_says_it_on_its_page(shop: tuple[Place, Priced], language: str, said: str) -> None:
    client = shop[0].client()
    for sku in TRADE:
        text = client.get(f"/products/{sku}", headers={"Accept": "text/html", "Accept-Language": language}).text
        line = text[text.index('id="list-rare"') :].partition("</p>")[0]
        assert re.findall(r'<data value="([^"]*)"', line) == ["1000", "0.1"] and said in line
        assert "column price" in line or "price 列" in line
    assert 'id="list-rare"' not in client.get("/products/plain", headers={"Accept": "text/html"}).text
    assert client.get("/products/plain", headers={"Accept": "application/json"}).json()["list_rare"] is None


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "10 % were sold near its current price of 10.00 EUR"), ("zh", "只有 10 % 按现价 10.00 EUR")]
)
def test_explain_says_it(shop: tuple[Place, Priced], locale: str, said: str) -> None:
    told = {sku: story.tell(shop[1], story.rows_of(shop[1], sku, None, None)[0]) | {"locale": locale} for sku in (*TRADE, "plain")}
    assert {sku: one["list_rare"] for sku, one in told.items()} == {**dict.fromkeys(TRADE, 0.1), "plain": None}
    assert [said in story_text.text(one) for one in told.values()] == [True] * len(TRADE) + [False]


def test_the_share_is_of_the_days_before_the_run(shop: tuple[Place, Priced]) -> None:
    loaded = batch.load(shop[0].folder)
    with (shop[0].folder / "data" / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("late,2025-03-02T10:00:00Z,T0,5000,10\n")
    again = batch.load(shop[0].folder)
    for one, share in ((loaded, 0.1), (again, 0.1)):
        items = batch.price(one, dt.date(2025, 3, 2)).decided.items
        assert items.filter(items["sku"] == "T0")["list_share"].item() == pytest.approx(share)


def test_today_counts_them_and_a_made_price_file_is_made_without_them(shop: tuple[Place, Priced]) -> None:
    """A file with prices that nobody pays would change what the shop asks, and nobody had approved it."""
    admin, plain = shop[0].client("admin"), {"Accept": "application/json"}
    assert admin.get("/", headers=plain).json()["doubted"] == admin.get("/shops", headers=plain).json()["doubted"] == len(TRADE)
    for address, said in (("/", "Products whose price “now” hardly any buyer paid"), ("/shops", "would change what your shop asks")):
        text = admin.get(address, headers={"Accept": "text/html"}).text
        assert said in text[text.index('id="doubted"') :].partition("</p>")[0]
    answer = post(admin, "/shops/make-feed", platform="csv_feed", name="web", url="feed.csv")
    assert answer.headers["location"] == "/shops"
    assert (shop[0].folder / "feed.csv").read_text(encoding="utf-8").split() == ["sku,price", "plain,10.00"]
    assert f"whose price in the shop is not surely known: {len(TRADE)}" in admin.get("/shops", headers={"Accept": "text/html"}).text
