"""What trips up integrations, platform by platform."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import numpy as np
import pytest

from pricesmith.adapters.shops import SHOPS
from pricesmith.adapters.shops._signing import hmac_signature, md5_signature
from pricesmith.adapters.shops.webhook import is_signed, signature_of
from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.shop import Key, Surroundings, Writing, Written
from pricesmith.testing.check_shop import CANARY
from pricesmith.testing.fake_shop import START, VirtualClock
from tests.shops.benches import URL, bench, policy_of
from tests.shops.fakes.adobe_commerce import FakeAdobe
from tests.shops.fakes.amazon import MARKETPLACE, SELLER, FakeAmazon
from tests.shops.fakes.bigcommerce import FakeBigCommerce
from tests.shops.fakes.china import FakeJd, FakeTop
from tests.shops.fakes.medusa import FakeMedusa
from tests.shops.fakes.receiver import Receiver
from tests.shops.fakes.shopify import FakeShopify
from tests.shops.fakes.vendure import FakeVendure
from tests.shops.fakes.woocommerce import FakeWoo

KEYS = [Key(f"s{number}", "web", "DE") for number in range(4)]
PRICES = {key: 1000 + 100 * number for number, key in enumerate(KEYS)}


def change(shop: Any, price: int, *keys: Key) -> dict[Key, Written]:
    found = shop.prices(keys)
    answers = shop.write([Writing(key, price, found[key].currency, found[key].handle) for key in keys])
    return {answer.key: answer for answer in answers}


def opened(platform: str, fake: Any, *, secret: str = CANARY, currency: str = "EUR", **more: Any) -> Any:
    return bench(platform, fake, PRICES, currency, secret=secret, **more).shop


def test_vendure_reads_what_was_written_not_the_net_price() -> None:
    fake = FakeVendure(PRICES, "EUR", CANARY)
    shop = opened("vendure", fake)
    assert change(shop, 1999, KEYS[0])[KEYS[0]].fate == "applied"
    assert fake._row("1")["price"] == 1666
    assert shop.prices([KEYS[0]])[KEYS[0]].price == 1999
    assert fake.variants["1"]["prices"]["GBP"] == 5


@pytest.mark.parametrize(("tax", "currency", "words"), [("net", "EUR", "gross"), ("gross", "USD", "no prices in USD")])
def test_vendure_refuses_a_channel_of_another_basis(tax: str, currency: str, words: str) -> None:
    shop = opened("vendure", FakeVendure(PRICES, "EUR", CANARY), currency=currency, tax=tax)
    with pytest.raises(ShopError, match=words):
        shop.prices()


def test_vendure_access_is_an_error_not_an_answer() -> None:
    fake = FakeVendure(PRICES, "EUR", CANARY)
    shop = opened("vendure", fake)
    shop.prices()
    fake.secret = "another"
    with pytest.raises(ShopError, match="authorized"):
        shop.write([Writing(KEYS[0], 1100, "EUR", "1")])


def test_medusa_sends_the_whole_set_with_ids_and_rules() -> None:
    fake = FakeMedusa(PRICES, "EUR", 2, CANARY)
    before = fake.others
    shop = opened("medusa", fake)
    assert {answer.fate for answer in change(shop, 1999, *KEYS).values()} == {"applied"}
    assert fake.others == before
    assert all(len(row["prices"]) == 3 for row in fake.variants.values())


def test_medusa_refuses_prices_of_another_basis() -> None:
    fake = FakeMedusa(PRICES, "EUR", 2, CANARY)
    fake.inclusive = False
    with pytest.raises(ShopError, match="net"):
        opened("medusa", fake).prices()


def test_two_things_with_one_key_are_not_read() -> None:
    fake = FakeVendure(PRICES, "EUR", CANARY)
    fake.variants["9"] = {"sku": KEYS[0].sku, "prices": {"EUR": 77}}
    shop = opened("vendure", fake)
    assert set(shop.prices()) == set(KEYS[1:])
    assert shop.prices([KEYS[0]]) == {}


def test_woo_sends_text_and_finds_variations_below_their_parent() -> None:
    fake = FakeWoo(PRICES, "EUR", 2)
    shop = opened("woocommerce", fake, secret=f"ck:{CANARY}")
    found = shop.prices()
    assert {key.sku: reading.handle for key, reading in found.items()} == {"s0": "1", "s1": "2", "s2": "50/52", "s3": "50/53"}
    assert {answer.fate for answer in change(shop, 1250, *KEYS).values()} == {"applied"}
    assert {row["regular_price"] for row in fake.things.values()} == {"12.50"}
    wrong = shop.write([Writing(KEYS[2], 1300, "EUR", "52")])
    assert (wrong[0].fate, wrong[0].code) == ("rejected", "woocommerce_rest_product_invalid_id")


def test_woo_empty_price_is_no_price() -> None:
    fake = FakeWoo(PRICES, "EUR", 2)
    fake.things[1]["regular_price"] = ""
    assert set(opened("woocommerce", fake).prices()) == set(KEYS[1:])


def test_woo_sale_is_not_dropped_in_silence() -> None:
    fake = FakeWoo(PRICES, "EUR", 2)
    fake.things[1]["sale_price"] = "9.00"
    shop = opened("woocommerce", fake)
    answers = change(shop, 900, KEYS[0], KEYS[1])
    assert (answers[KEYS[0]].code, answers[KEYS[1]].fate) == ("sale", "applied")
    assert fake.things[1]["sale_price"] == "9.00"
    assert change(shop, 950, KEYS[0])[KEYS[0]].fate == "applied"


def test_shopify_calls_one_product_at_a_time_and_keeps_good_rows() -> None:
    fake = FakeShopify(PRICES, "EUR", 2, CANARY)
    made = bench("shopify", fake, PRICES, "EUR")
    found = made.shop.prices(KEYS)
    wrong = Writing(Key("no", "web", "DE"), 1500, "EUR", "10/999")
    answers = made.shop.write([Writing(key, 1500, "EUR", found[key].handle) for key in KEYS] + [wrong])
    assert made.wire is not None
    assert len(made.wire.written) == 2
    fates = {answer.key: (answer.fate, answer.code) for answer in answers}
    assert fates.pop(wrong.key) == ("rejected", "product_variant_does_not_exist")
    assert set(fates.values()) == {("applied", "")}


def test_shopify_throttling_tells_the_wait() -> None:
    fake = FakeShopify(PRICES, "EUR", 2, CANARY)
    shop = opened("shopify", fake)
    shop.prices()
    fake.throttled = 1
    with pytest.raises(ShopBusy) as busy:
        change(shop, 1500, KEYS[0])
    assert busy.value.wait == 5.0
    with pytest.raises(ShopBusy):
        shop.prices()
    assert fake.throttled == 0


def test_shopify_refuses_another_currency_and_basis() -> None:
    fake = FakeShopify(PRICES, "EUR", 2, CANARY)
    with pytest.raises(ShopError, match="EUR"):
        opened("shopify", fake, currency="USD").prices()
    fake.taxes_included = False
    with pytest.raises(ShopError, match="net"):
        opened("shopify", fake).prices()


def test_busy_after_the_first_product_is_unknown_for_the_rest() -> None:
    fake = FakeShopify(PRICES, "EUR", 2, CANARY)
    made = bench("shopify", fake, PRICES, "EUR")
    found = made.shop.prices(KEYS)
    assert made.wire is not None
    carried = made.wire.answer

    def one_then_busy(request: httpx.Request) -> httpx.Response:
        assert made.wire is not None
        return httpx.Response(429, headers={"retry-after": "9"}) if len(made.wire.written) > 1 else carried(request)

    made.wire.answer = one_then_busy
    answers = made.shop.write([Writing(key, 1500, "EUR", found[key].handle) for key in KEYS])
    assert sorted((answer.fate, answer.code) for answer in answers) == [("applied", "")] * 2 + [("unknown", "busy")] * 2
    with pytest.raises(ShopBusy) as busy:
        made.shop.prices()
    assert busy.value.wait == 9.0


def test_adobe_answers_only_what_failed_and_writes_one_scope() -> None:
    fake = FakeAdobe(PRICES, 2, CANARY)
    shop = opened("adobe_commerce", fake)
    found = shop.prices(KEYS)
    answers = shop.write(
        [Writing(key, 1500, "EUR", found[key].handle) for key in KEYS] + [Writing(Key("no", "web", "DE"), 1500, "EUR", "no")]
    )
    assert {answer.key.sku: answer.fate for answer in answers} == {**{key.sku: "applied" for key in KEYS}, "no": "rejected"}
    assert {price for (_, store), price in fake.base.items() if store == 1} == {Decimal(price + 7) / 100 for price in PRICES.values()}
    assert set(shop.prices([*KEYS, Key("no", "web", "DE")])) == set(KEYS)


def test_adobe_failed_row_without_a_name_makes_the_others_unknown() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[{"message": "Something went wrong", "parameters": []}])

    clock = VirtualClock()
    around = Surroundings(clock, clock.sleep, np.random.default_rng(0), httpx.MockTransport(answer))
    shop = SHOPS["adobe_commerce"].open(policy_of("adobe_commerce", "EUR"), CANARY, around)
    (told,) = shop.write([Writing(KEYS[0], 1500, "EUR", "s0")])
    assert (told.fate, told.code) == ("unknown", "unclear")


def test_bigcommerce_inherited_price_is_read_and_then_set() -> None:
    fake = FakeBigCommerce(PRICES, 2, CANARY)
    shop = opened("bigcommerce", fake)
    assert shop.prices()[KEYS[3]].price == PRICES[KEYS[3]]
    assert change(shop, 1555, KEYS[3])[KEYS[3]].fate == "applied"
    assert (fake.price(KEYS[3]), int(100 * fake.inherited)) == (1555, PRICES[KEYS[3]])


def test_bigcommerce_bad_row_names_itself_and_leaves_doubt_about_the_others() -> None:
    fake = FakeBigCommerce(PRICES, 2, CANARY)
    answers = opened("bigcommerce", fake).write([Writing(KEYS[0], 1500, "EUR", "9/1"), Writing(KEYS[1], 1500, "EUR", "9/77")])
    assert {answer.key.sku: (answer.fate, answer.code) for answer in answers} == {
        "s0": ("unknown", "http_422"),
        "s1": ("rejected", "http_422"),
    }


@pytest.mark.parametrize(("headers", "wait"), [({"x-rate-limit-time-reset-ms": "2500"}, 2.5), ({}, 30.0)])
def test_bigcommerce_limits(headers: Mapping[str, str], wait: float) -> None:
    fake = FakeBigCommerce(PRICES, 2, CANARY)
    made = bench("bigcommerce", fake, PRICES, "EUR")
    assert made.wire is not None
    made.wire.answer = lambda _: httpx.Response(429, headers=headers)
    with pytest.raises(ShopBusy) as busy:
        made.shop.prices()
    assert busy.value.wait == wait


def amazon(fake: FakeAmazon) -> Any:
    options = {"seller": SELLER, "marketplace": MARKETPLACE, "token_url": f"{URL}/token"}
    return bench("amazon", fake, PRICES, "EUR", secret=f"client secret Atzr|{CANARY}", options=options)


def test_amazon_accepted_is_pending_until_the_offer_is_live() -> None:
    fake = FakeAmazon(PRICES, "EUR", 2, CANARY)
    shop = amazon(fake).shop
    told = change(shop, 1999, KEYS[0])[KEYS[0]]
    assert (told.fate, told.code) == ("pending", "accepted")
    assert shop.prices([KEYS[0]])[KEYS[0]].price == PRICES[KEYS[0]]
    fake.arrive()
    assert shop.prices([KEYS[0]])[KEYS[0]].price == 1999


def test_amazon_keeps_what_it_does_not_mean_to_replace() -> None:
    fake = FakeAmazon(PRICES, "EUR", 2, CANARY)
    before = fake.offers[KEYS[0].sku]
    change(amazon(fake).shop, 1999, KEYS[0])
    ours, business = fake.offers[KEYS[0].sku]
    assert business == before[1]
    assert ours == before[0] | {"our_price": [{"schedule": [{"value_with_tax": ours["our_price"][0]["schedule"][0]["value_with_tax"]}]}]}
    assert str(ours["our_price"][0]["schedule"][0]["value_with_tax"]) == "19.99"


def test_amazon_makes_a_new_token_before_the_old_one_ends() -> None:
    fake = FakeAmazon(PRICES, "EUR", 2, CANARY)
    made = amazon(fake)
    for _ in range(3):
        made.shop.prices(KEYS[:1])
    assert fake.tokens == 1
    made.clock.sleep(3541.0)
    made.shop.prices(KEYS[:1])
    assert fake.tokens == 2


def test_top_sends_the_item_price_only_where_it_must_move() -> None:
    fake = FakeTop(PRICES, CANARY)
    shop = opened("taobao", fake, secret=f"{CANARY} session", currency="CNY", options={"app_key": "1"})
    assert change(shop, 2000, KEYS[3])[KEYS[3]].fate == "applied"
    assert fake.item_price == 1000
    assert change(shop, 1500, KEYS[0])[KEYS[0]].fate == "applied"
    assert fake.item_price == 1100
    assert change(shop, 1999, KEYS[0])[KEYS[0]].fate == "applied"


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (
            {
                "code": 7,
                "msg": "App Call Limited",
                "sub_code": "accesscontrol.limited-by-api-access-count",
                "sub_msg": "This ban will last 3 more seconds",
            },
            4.0,
        ),
        ({"code": 7, "msg": "App Call Limited", "sub_code": "accesscontrol.limited-by-app-access-count", "sub_msg": "quota"}, 7 * 3600.0),
    ],
)
def test_top_limits(error: dict[str, Any], wait: float) -> None:
    fake = FakeTop(PRICES, CANARY)
    fake.refuse = error
    shop = opened("taobao", fake, secret=f"{CANARY} session", currency="CNY")
    with pytest.raises(ShopBusy) as busy:
        shop.prices()
    assert busy.value.wait == wait


@pytest.mark.parametrize(("sub", "fate"), [("isp.top-remote-connection-timeout", "unknown"), ("isv.invalid-parameter", "rejected")])
def test_top_own_errors_are_doubts_and_ours_are_refusals(sub: str, fate: str) -> None:
    fake = FakeTop(PRICES, CANARY)
    made = bench("taobao", fake, PRICES, "CNY", secret=f"{CANARY} session")
    found = made.shop.prices()[KEYS[0]]
    assert made.wire is not None
    carried = made.wire.answer
    refusal = {"error_response": {"code": 15, "msg": "Remote service error", "sub_code": sub}}
    made.wire.answer = lambda request: httpx.Response(200, json=refusal) if fake.writes(request) else carried(request)
    (told,) = made.shop.write([Writing(KEYS[0], 1500, "CNY", found.handle)])
    assert (told.fate, told.code) == (fate, sub)


def test_top_dead_session_is_an_error() -> None:
    fake = FakeTop(PRICES, CANARY)
    fake.refuse = {"code": "27", "msg": "Invalid session"}
    with pytest.raises(ShopError, match="authorise"):
        opened("taobao", fake, secret=f"{CANARY} session", currency="CNY").prices()


def test_jd_reads_the_misspelled_key_and_yuan() -> None:
    fake = FakeJd(PRICES, CANARY)
    shop = opened("jd", fake, secret=f"{CANARY} token", currency="CNY")
    assert change(shop, 1900, KEYS[0])[KEYS[0]].fate == "applied"
    assert fake.skus[1000]["jdPrice"] == "19.00"


@pytest.mark.parametrize("platform", ["taobao", "jd"])
def test_chinese_platforms_are_in_yuan_only(platform: str) -> None:
    with pytest.raises(ShopError, match="CNY"):
        opened(platform, FakeTop(PRICES, CANARY), currency="EUR")


def test_signatures_are_the_published_ones() -> None:
    fields = {
        "app_key": "12345678",
        "fields": "num_iid,title,nick,price,num",
        "format": "json",
        "method": "taobao.item.seller.get",
        "num_iid": "11223344",
        "session": "test",
        "sign_method": "md5",
        "timestamp": "2016-01-01 12:00:00",
        "v": "2.0",
    }
    assert md5_signature(fields, "helloworld") == "66987CB115214E59E6EC978214934FB8"
    assert md5_signature({**fields, "empty": "", "sign": "x"}, "helloworld") == "66987CB115214E59E6EC978214934FB8"
    assert hmac_signature({"what do ya want ": "for nothing?"}, "Jefe", "md5") == "750C783E6AB0B503EAA86E310A5DB738"


def test_webhook_signature_is_that_of_the_standard_and_ages() -> None:
    body, moment = b'{"a":1}', str(int(START.timestamp()))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": moment}
    headers["webhook-signature"] = f"v1,{signature_of('msg_1', moment, body, 'x' * 16)}"
    assert is_signed(headers, body, "x" * 16, START)
    assert is_signed({**headers, "webhook-signature": f"v1,bad {headers['webhook-signature']}"}, body, "x" * 16, START)
    for wrong in ({"webhook-id": "msg_2"}, {"webhook-timestamp": "1"}, {"webhook-timestamp": ""}, {"webhook-signature": ""}):
        assert not is_signed({**headers, **wrong}, body, "x" * 16, START)
    assert not is_signed(headers, body + b" ", "x" * 16, START)
    assert not is_signed(headers, body, "y" * 16, START)
    assert not is_signed(headers, body, "x" * 16, START + dt.timedelta(seconds=301))


def test_webhook_prices_in_another_currency_are_not_read() -> None:
    secret = "a-secret-of-some-length"
    made = bench("webhook", Receiver(PRICES, "USD", secret, VirtualClock()), PRICES, "EUR", secret=secret)
    assert made.shop.prices() == {}


def test_webhook_says_each_change_anew() -> None:
    """Prices that go up and down again are three requests, none a repetition of another."""
    secret = "a-secret-of-some-length"
    made = bench("webhook", Receiver(PRICES, "EUR", secret, VirtualClock()), PRICES, "EUR", secret=secret)
    for price in (1100, 1200, 1100):
        made.clock.sleep(1.0)
        made.shop.write([Writing(KEYS[0], price, "EUR", KEYS[0].sku)])
    assert made.wire is not None
    assert len({request.headers["webhook-id"] for request in made.wire.written}) == 3


def test_webhook_wants_a_long_secret() -> None:
    with pytest.raises(ShopError, match="16"):
        opened("webhook", FakeTop(PRICES, CANARY), secret="short")
