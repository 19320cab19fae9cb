"""Every registered shop keeps its promises, over a fake built from what its vendor publishes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from pricesmith.adapters.shops import SHOPS
from pricesmith.contracts.money import exponent, format_minor
from pricesmith.contracts.shop import Key
from pricesmith.testing.check_shop import CANARY, Bench, check_shop
from pricesmith.testing.fake_shop import VirtualClock
from tests.shops.benches import URL, around, bench, policy_of
from tests.shops.fakes.adobe_commerce import FakeAdobe
from tests.shops.fakes.amazon import MARKETPLACE, SELLER, FakeAmazon
from tests.shops.fakes.bigcommerce import FakeBigCommerce
from tests.shops.fakes.china import FakeJd, FakeTop
from tests.shops.fakes.medusa import FakeMedusa
from tests.shops.fakes.receiver import Receiver
from tests.shops.fakes.shopify import FakeShopify
from tests.shops.fakes.vendure import FakeVendure
from tests.shops.fakes.woocommerce import FakeWoo


def vendure(prices: Mapping[Key, int], currency: str) -> Bench:
    return bench("vendure", FakeVendure(prices, currency, CANARY), prices, currency)


def woocommerce(prices: Mapping[Key, int], currency: str) -> Bench:
    return bench("woocommerce", FakeWoo(prices, currency, exponent(currency)), prices, currency, secret=f"ck_key:{CANARY}")


def medusa(prices: Mapping[Key, int], currency: str) -> Bench:
    return bench("medusa", FakeMedusa(prices, currency, exponent(currency), CANARY), prices, currency)


def shopify(prices: Mapping[Key, int], currency: str) -> Bench:
    return bench("shopify", FakeShopify(prices, currency, exponent(currency), CANARY), prices, currency)


def adobe_commerce(prices: Mapping[Key, int], currency: str) -> Bench:
    return bench("adobe_commerce", FakeAdobe(prices, exponent(currency), CANARY), prices, currency)


def bigcommerce(prices: Mapping[Key, int], currency: str) -> Bench:
    return bench("bigcommerce", FakeBigCommerce(prices, exponent(currency), CANARY), prices, currency)


def amazon(prices: Mapping[Key, int], currency: str) -> Bench:
    fake = FakeAmazon(prices, currency, exponent(currency), CANARY)
    options = {"seller": SELLER, "marketplace": MARKETPLACE, "token_url": f"{URL}/token"}
    secret = f"client-{CANARY} secret-{CANARY} Atzr|{CANARY}"
    return bench("amazon", fake, prices, currency, secret=secret, arrive=fake.arrive, options=options)


def taobao(prices: Mapping[Key, int], currency: str) -> Bench:
    return bench("taobao", FakeTop(prices, CANARY), prices, currency, secret=f"{CANARY} session-{CANARY}", options={"app_key": "12345678"})


def jd(prices: Mapping[Key, int], currency: str) -> Bench:
    return bench("jd", FakeJd(prices, CANARY), prices, currency, secret=f"{CANARY} token-{CANARY}", options={"app_key": "ABCDEF"})


def webhook(prices: Mapping[Key, int], currency: str) -> Bench:
    secret = f"{CANARY}-of-the-webhook"
    return bench("webhook", Receiver(prices, currency, secret, VirtualClock()), prices, currency, secret=secret)


def feed(platform: str, folder: Path, ending: str, text: Callable[[Iterable[tuple[str, int]], str], str]) -> Callable[..., Bench]:
    """Benches over files, each with the text of its feed."""
    number = itertools.count()

    def make(prices: Mapping[Key, int], currency: str) -> Bench:
        file = folder / f"feed-{next(number)}.{ending}"
        file.write_text(text([(key.sku, price) for key, price in prices.items()], currency), encoding="utf-8")
        clock = VirtualClock()
        shop = SHOPS[platform].open(policy_of(platform, currency, url=str(file)), "", around(clock, None))

        def truth() -> dict[Key, int]:
            reader = SHOPS[platform].open(policy_of(platform, currency, url=str(file)), "", around(clock, None))
            return {key: reading.price for key, reading in reader.prices().items()}

        return Bench(shop, truth, clock)

    return make


def csv_text(rows: Iterable[tuple[str, int]], currency: str) -> str:
    lines = [f'{sku},"a, ""b""",{format_minor(price, currency)}' for sku, price in rows]
    return "\n".join(["sku,title,price", *lines, ""])


def merchant_text(rows: Iterable[tuple[str, int]], currency: str) -> str:
    lines = [f"{sku}\tLamp\t{format_minor(price, currency)} {currency}\tin_stock" for sku, price in rows]
    return "\n".join(["id\ttitle\tprice\tavailability", *lines, ""])


def merchant_xml(rows: Iterable[tuple[str, int]], currency: str) -> str:
    items = [
        f"<item><g:id>{sku}</g:id><g:title>A &amp; B</g:title>\n<g:price>{format_minor(price, currency)} {currency}</g:price></item>"
        for sku, price in rows
    ]
    head = '<?xml version="1.0"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>'
    return "\n".join([head, *items, "</channel></rss>", ""])


BENCHES: dict[str, Callable[[Mapping[Key, int], str], Bench]] = {
    "adobe_commerce": adobe_commerce,
    "amazon": amazon,
    "bigcommerce": bigcommerce,
    "jd": jd,
    "medusa": medusa,
    "shopify": shopify,
    "taobao": taobao,
    "vendure": vendure,
    "webhook": webhook,
    "woocommerce": woocommerce,
}


@pytest.mark.parametrize("platform", BENCHES)
def test_shop_over_http(platform: str) -> None:
    currencies = ("CNY",) if platform in ("taobao", "jd") else ("EUR", "JPY", "KWD")
    check_shop(BENCHES[platform], currencies=currencies)


@pytest.mark.parametrize(
    ("platform", "ending", "text"),
    [("csv_feed", "csv", csv_text), ("merchant_feed", "txt", merchant_text), ("merchant_feed", "xml", merchant_xml)],
)
def test_shop_in_a_file(platform: str, ending: str, text: Callable[[Iterable[tuple[str, int]], str], str], tmp_path: Path) -> None:
    check_shop(feed(platform, tmp_path, ending, text))


def test_every_registered_shop_is_checked() -> None:
    assert set(SHOPS) == set(BENCHES) | {"csv_feed", "merchant_feed"}
