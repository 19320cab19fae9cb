"""A product that was not sold for long and is priced all the same is told of on Today, beside its move, and on its page."""

from __future__ import annotations

import datetime as dt

import pytest

from pricesmith.apps.cli.check import keep
from pricesmith.apps.service.ask import Desk
from pricesmith.apps.service.jobs import Jobs
from pricesmith.apps.service.serving import LOOPBACK
from pricesmith.flows import batch, wiring
from pricesmith.flows.desk.reading.kept import check_file
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office, record_run
from pricesmith.preparation.checks.coverage import GONE_DAYS
from pricesmith.testing.fake_accounts import fake_accounts
from tests.desk.place import Place

pytestmark = pytest.mark.real  # long

FIRST, DAYS = dt.date(2025, 1, 1), 180
LAST = {"gone": DAYS - GONE_DAYS, "there": DAYS - GONE_DAYS + 1, "sold": DAYS}
"""Days of sales of each product: the first one was silent a day longer than the second."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("silent") / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text('currency = "EUR"\ntax = "net"\n[model]\ndraws = 16\n', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost\n" + "".join(f"{sku},3\n" for sku in LAST), encoding="utf-8")
    rows = [
        f"{FIRST + dt.timedelta(days=k)},{sku},{9 if k % 20 < 10 else 6},{10 if k % 20 < 10 else 11}\n"
        for sku, last in LAST.items()
        for k in range(last)
    ]
    (folder / "data" / "sales.csv").write_text("date,sku,units,price\n" + "".join(rows), encoding="utf-8")
    loaded = batch.load(folder)
    keep(check_file(folder), wiring.files_of(folder), loaded)
    run = record_run(folder, batch.price(loaded), loaded.prepared.tables["competitor_prices"], "pricesmith").run
    found = office(folder)
    return Place(Desk(Reading(found), fake_accounts(lambda _seconds: None), Jobs(folder, found.now), b"0" * 32, LOOPBACK), folder, run)


def part(shop: Place, address: str, language: str) -> str:
    text = shop.client().get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
    return text.partition('id="silent"')[2].partition("</p>")[0]


@pytest.mark.parametrize(("language", "said"), [("en", "are priced all the same"), ("zh", "但仍会定价")])
def test_today_says_how_many_and_beside_a_move_since_when(shop: Place, language: str, said: str) -> None:
    told, last = shop.client().get("/?format=json").json(), FIRST + dt.timedelta(days=LAST["gone"] - 1)
    assert (told["silent"]["count"], told["silent"]["examples"]) == (1, ["gone"])
    assert said in part(shop, "/", language) and 'href="/data"' in part(shop, "/", language)
    assert {one["sku"]: one["silent"] for one in told["moves"]} == {"gone": str(last), "there": None, "sold": None}
    text = shop.client().get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
    assert text.count(f'<small class="bad">{"Last sale: " if language == "en" else "最后一笔销售："}<time datetime="{last}">') == 1


@pytest.mark.parametrize(("language", "said"), [("en", "priced all the same"), ("zh", "仍会定价")])
def test_its_page_says_when_it_was_last_sold_and_how_to_hold_such(shop: Place, language: str, said: str) -> None:
    last = FIRST + dt.timedelta(days=LAST["gone"] - 1)
    line = part(shop, "/products/gone", language)
    assert f'datetime="{last}"' in line and said in line and 'href="/rules#unsold"' in line
    assert f'<data value="{GONE_DAYS + 1}">' in line
    assert part(shop, "/products/there", language) == ""
    told = [shop.client().get(f"/products/{sku}?format=json").json()["silent"] for sku in LAST]
    assert told == [True, False, False]
