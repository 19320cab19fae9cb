"""Prices reach a real Medusa, and its customers pay them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.shop import Key, Writing
from tests.shops.journey import Live, connect, journey, promises, pulled, stock_of
from tests.shops.medusa import Medusa

pytestmark = pytest.mark.real

KEY = Key("P001-M", "web", "DE")


def sets(shop: Medusa) -> dict[str, list[tuple[Any, ...]]]:
    """Every price of every variant but the base price in EUR, with its id, currency, amount and conditions."""
    fields = "id,sku,*prices,prices.price_rules.attribute,prices.price_rules.value"
    return {
        sku: sorted(
            (price["id"], price["currency_code"], price["amount"], price["min_quantity"], str(price["rules"]))
            for price in row["prices"]
            if price["currency_code"] != "eur" or price["rules"] or price["min_quantity"]
        )
        for sku, row in shop.variants(fields).items()
    }


@pytest.fixture(scope="module")
def live(real_medusa: Medusa) -> Live:
    shop = connect("medusa", "EUR", real_medusa.key, real_medusa.url, options={"cost_field": "cost", "tax_country": "at"})
    return Live(shop, real_medusa.shown, real_medusa.touched, real_medusa.sell)


def test_journey_leaves_other_prices_alone(live: Live, real_medusa: Medusa) -> None:
    before = sets(real_medusa)
    journey(live)
    assert sets(real_medusa) == before
    assert {len(rows) for rows in before.values()} == {1}


def test_promises(live: Live) -> None:
    promises(live, ["P000", "P001-S", "P001-M", "P079-XL"])


def test_prices_with_conditions_keep_them(live: Live, real_medusa: Medusa) -> None:
    """The set is sent whole, with ids and rules: a row without its rule would become everybody's price."""
    row = real_medusa.variants("id,sku,product_id,*prices")[KEY.sku]
    kept = [{"id": price["id"], "currency_code": price["currency_code"], "amount": price["amount"]} for price in row["prices"]]
    extra = [
        {"currency_code": "usd", "amount": 7.5, "rules": {"region_id": real_medusa.known["region"]}},
        {"currency_code": "eur", "amount": 6.5, "min_quantity": 10},
    ]
    path = f"/admin/products/{row['product_id']}/variants/batch"
    real_medusa.ask("POST", path, {"update": [{"id": row["id"], "prices": kept + extra}]})
    before = sets(real_medusa)
    assert len(before[KEY.sku]) == 3
    reading = live.shop.prices([KEY])[KEY]
    for price in (reading.price + 50, reading.price):
        (answer,) = live.shop.write([Writing(KEY, price, "EUR", reading.handle)])
        assert answer.fate == "applied"
        assert live.shop.prices([KEY])[KEY].price == price
        assert sets(real_medusa) == before


def test_pull(live: Live, tmp_path: Path) -> None:
    assert live.sell("P000", 3) == 999
    counts = pulled(live, tmp_path, "EUR")
    assert {name: counts[name] for name in ("products", "stock", "costs")} == {"products": 200, "stock": 200, "costs": 200}
    orders = pl.read_csv(tmp_path / "data" / "orders.csv", infer_schema=False).filter(pl.col("sku") == "P000")
    assert orders.select("units", "price").rows()[-1] == ("3", "9.99")
    stock = dict(pl.read_csv(tmp_path / "data" / "stock.csv").select("sku", "on_hand").rows())
    assert {sku: int(stock[sku]) for sku in ("P079-S", "P079-XL")} == stock_of(["P079-S", "P079-XL"])


def test_a_wrong_section_is_refused(real_medusa: Medusa) -> None:
    with pytest.raises(ShopError, match="gross"):
        connect("medusa", "EUR", real_medusa.key, real_medusa.url, tax="net").prices()


def test_a_wrong_key_is_refused_and_not_told(real_medusa: Medusa) -> None:
    with pytest.raises(ShopError) as refused:
        connect("medusa", "EUR", "sk_wrong-key-of-mine", real_medusa.url).prices()
    assert "wrong-key-of-mine" not in str(refused.value)
