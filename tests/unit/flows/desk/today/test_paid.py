"""What was sold lately in money stands beside what is expected: at what was paid for it, and at today's prices."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.money import exponent
from pricesmith.flows import batch
from pricesmith.flows.desk.today.outlook import bridge_of, priced
from pricesmith.flows.desk.today.paid import prices_paid, summed
from tests.desk.place import place

SHOP = 'currency = "EUR"\ntax = "net"\n[model]\ndraws = 16\n'


def test_order_lines_tell_what_was_paid_and_the_list_price_does_not(tmp_path: Path) -> None:
    """A day sells one piece at 10 and nine at 5; each costs 3."""
    (tmp_path / "data").mkdir()
    (tmp_path / "shop.toml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "data" / "products.csv").write_text("sku,unit_cost\nA,3\nB,3\nC,\n", encoding="utf-8")
    days = [f"{dt.date(2025, 1, 1) + dt.timedelta(days=k)}T10:00:00Z" for k in range(60)]
    lines = [f"{sku}-{at},{at},{sku},1,10\n9-{sku}-{at},{at},{sku},9,{10 if sku == 'B' else 5}\n" for sku in "ABC" for at in days]
    (tmp_path / "data" / "orders.csv").write_text("order_id,at,sku,units,price\n" + "".join(lines), encoding="utf-8")
    made = batch.price(batch.load(tmp_path))
    bridge = bridge_of(made.decided)
    assert bridge is not None and made.snapshot.items["current_price"].to_list() == [1000, 1000, 1000]
    assert prices_paid(made.snapshot, bridge.since).tolist() == pytest.approx([550.0, 1000.0, 550.0])
    found = summed(made.snapshot, bridge, priced(made.decided), 100.0)
    assert (found.paid, found.full) == pytest.approx((10 * 2.5 + 10 * 7, 2 * 10 * 7)), "of C no cost is known"
    assert found.since == dt.date(2025, 2, 2)


def test_rows_of_sales_tell_it_by_their_prices(tmp_path: Path) -> None:
    """The sum that anyone can make of the rows of the last four weeks."""
    desk = place(tmp_path / "shop")
    again = desk.desk.reading.replayed(desk.run)
    cheaper = pl.when(pl.col("item") % 2 == 0).then(0.9).otherwise(1.0)
    snapshot = dataclasses.replace(again.snapshot, cells=again.snapshot.cells.with_columns(pl.col("price") * cheaper))
    bridge, items = bridge_of(again.decided), {row["item"]: row for row in snapshot.items.to_dicts()}
    assert bridge is not None
    scale, wanted, paid, full = 10 ** exponent("EUR"), set(priced(again.decided).tolist()), 0.0, 0.0
    for cell in snapshot.cells.filter(pl.col("date") >= bridge.since).to_dicts():
        row = items[cell["item"]]
        if cell["item"] not in wanted or row["landed_cost"] is None:
            continue
        keeps = (1 - row["fee_rate"] - row["payment_rate"]) / (1 + row["tax_rate"])
        units = (1 - row["return_rate"]) * cell["units"] / 28
        paid += units * (cell["price"] * keeps - row["landed_cost"] / scale)
        full += units * (row["current_price"] * keeps - row["landed_cost"]) / scale
    found = summed(snapshot, bridge, priced(again.decided), 2.0 * paid)
    assert math.isclose(found.paid, paid, rel_tol=1e-3) and math.isclose(found.full, full, rel_tol=1e-3)
    assert found.paid < 0.98 * found.full, "otherwise this shows nothing"
    assert found.less and found.expected == 2.0 * paid and not summed(snapshot, bridge, priced(again.decided), 1.2 * paid).less


@pytest.mark.parametrize(("language", "words"), [("en", "Profit of what was sold since"), ("zh", "已售商品的利润")])
def test_today_says_it_beside_what_is_expected(tmp_path: Path, language: str, words: str) -> None:
    client = place(tmp_path / "shop").client()
    told = client.get("/", headers={"Accept": "application/json"}).json()
    page = client.get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
    line = re.sub(r"<[^>]+>", "", page.partition('id="paid">')[2].partition("</p>")[0])
    assert words in line
    assert told["paid"]["expected"] == told["worth"]["profit_today"]
    for value in (told["paid"]["paid"], told["paid"]["full"], told["paid"]["expected"]):
        assert f"{value:,.2f}" in line
