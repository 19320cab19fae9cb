"""Prices reach a real Vendure, and its customers pay them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import INPUT
from tests.shops.journey import Live, connect, journey, promises, pulled, stock_of
from tests.shops.vendure import Vendure

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def live(real_vendure: Vendure) -> Live:
    shop = connect("vendure", "USD", real_vendure.key, f"{real_vendure.url}/admin-api", options={"cost_field": "costPrice"})
    return Live(shop, real_vendure.shown, real_vendure.touched, real_vendure.sell)


def euros(shop: Vendure) -> dict[str, int]:
    """Prices in the channel's other currency."""
    found, _ = shop.ask("{ productVariants(options: { take: 500 }) { items { sku prices { currencyCode price } } } }")
    rows = found["productVariants"]["items"]
    return {row["sku"]: price["price"] for row in rows for price in row["prices"] if price["currencyCode"] == "EUR"}


def test_journey_leaves_other_prices_alone(live: Live, real_vendure: Vendure) -> None:
    before = euros(real_vendure)
    assert len(before) == 200
    journey(live)
    assert euros(real_vendure) == before


def test_promises(live: Live) -> None:
    promises(live, ["P000", "P001-S", "P001-M", "P079-XL"])


def test_pull(live: Live, tmp_path: Path) -> None:
    assert live.sell("P000", 3) == 999
    counts = pulled(live, tmp_path, "USD")
    assert {name: counts[name] for name in ("products", "stock", "costs")} == {"products": 200, "stock": 200, "costs": 200}
    orders = pl.read_csv(tmp_path / "data" / "orders.csv", infer_schema=False).filter(pl.col("sku") == "P000")
    assert orders.select("units", "price").rows()[-1] == ("3", "9.99")
    stock = dict(pl.read_csv(tmp_path / "data" / "stock.csv").select("sku", "on_hand").rows())
    assert {sku: int(stock[sku]) for sku in ("P079-S", "P079-XL")} == stock_of(["P079-S", "P079-XL"])


def test_pull_since(live: Live) -> None:
    everything = live.shop.pull(INPUT["orders"])
    later = live.shop.pull(INPUT["orders"], live.shop.prices([Key("P000", "web", "DE")])[Key("P000", "web", "DE")].at)
    assert everything is not None
    assert later is not None
    assert everything.frame.height > 0
    assert later.frame.height == 0


def test_login_with_a_password(real_vendure: Vendure) -> None:
    secret = f"{real_vendure.admin}:{real_vendure.password}"
    shop = connect("vendure", "USD", secret, f"{real_vendure.url}/admin-api", options={"login": True})
    assert len(shop.prices()) == 200
    shop.caller.headers["authorization"] = "Bearer ended"
    assert len(shop.prices()) == 200


@pytest.mark.parametrize(("change", "words"), [({"tax": "net"}, "gross"), ({"currency": "GBP"}, "USD")])
def test_a_wrong_section_is_refused(real_vendure: Vendure, change: dict[str, str], words: str) -> None:
    settings = {"currency": "USD", **change}
    shop = connect("vendure", settings.pop("currency"), real_vendure.key, f"{real_vendure.url}/admin-api", **settings)
    with pytest.raises(ShopError, match=words):
        shop.prices()


def test_a_wrong_key_is_refused_and_not_told(real_vendure: Vendure) -> None:
    shop = connect("vendure", "USD", "wrong-key-of-mine", f"{real_vendure.url}/admin-api")
    with pytest.raises(ShopError) as refused:
        shop.prices()
    assert "wrong-key-of-mine" not in str(refused.value)
