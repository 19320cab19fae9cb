"""Margins of prices, now and new: of what is kept after tax and fees, and unknown where a part of that is."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pricesmith.flows.desk.prices.margins import with_margins
from tests.desk.place import place

ROW = {"current_price": 1190, "price": 1309, "landed_cost": 600.0, "tax_rate": 0.19, "fee_rate": 0.1, "payment_rate": 0.02}


@pytest.mark.parametrize(
    ("other", "now", "new"),
    [
        ({}, 1 - 600 / 880, 1 - 600 / 968),
        ({"tax_rate": 0.0, "fee_rate": 0.0, "payment_rate": 0.0}, 1 - 600 / 1190, 1 - 600 / 1309),
        ({"landed_cost": 1760.0}, -1.0, 1 - 1760 / 968),
        ({"landed_cost": None}, None, None),
        ({"current_price": None}, None, 1 - 600 / 968),
        ({"fee_rate": 0.98}, None, None),
    ],
)
def test_a_margin_is_a_share_of_what_is_kept(other: dict[str, float | None], now: float | None, new: float | None) -> None:
    row = pl.DataFrame([{**ROW, **other}], schema_overrides=dict.fromkeys(ROW, pl.Float64))
    for found, wanted in zip(with_margins(row).select("margin_now", "margin").row(0), (now, new), strict=True):
        assert found == (None if wanted is None else pytest.approx(wanted, rel=1e-12))


def test_the_table_the_file_and_the_page_say_the_same_margin(tmp_path: Path) -> None:
    client, json = place(tmp_path / "shop").client("viewer"), {"Accept": "application/json"}
    listed = client.get("/prices?action=change&columns=margin_now&columns=margin&columns=landed_cost", headers=json).json()["rows"][0]
    address = f"/products/{listed['sku']}"
    margins = client.get(address, headers=json).json()["margins"]
    assert (listed["margin_now"], listed["margin"]) == pytest.approx((margins["now"], margins["new"])) and margins["live"] is None
    assert 0.0 < margins["now"] < 1.0 and margins["now"] != margins["new"]
    said = f"{100 * margins['new']:.1f}"
    for where in (address, f"/prices?action=change&columns=margin&search={listed['sku']}"):
        page = client.get(where, headers={"Accept": "text/html", "Accept-Language": "en"}).text
        assert said in page, where
    assert said in client.get(address, headers={"Accept": "text/html"}).text.partition('<tr id="margin">')[2].partition("</tr>")[0]
