"""Published sandbox answers of Amazon are understood over a real connection; python-amazon-sp-api agrees with our fake."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from pricesmith.contracts.shop import Key, Writing
from tests.shops.fakes.amazon import MARKETPLACE, SELLER, FakeAmazon
from tests.shops.journey import connect
from tests.shops.processes import LOOPBACK

pytestmark = pytest.mark.real

PRICES = {Key(sku, "web", "DE"): 1999 + number for number, sku in enumerate(("GM-ZDPI-9B4E", "a b/c", "BadSKU"))}
ACCEPTED = {"sku": "GM-ZDPI-9B4E", "status": "ACCEPTED", "submissionId": "f1dc2914-75dd-11ea-bc55-0242ac130003", "issues": []}
INVALID = {
    "sku": "VALIDATION_INVALID",
    "status": "INVALID",
    "submissionId": "a1c562c2-1695-11ee-be56-0242ac120002",
    "issues": [{"code": "90000900", "message": "The attributes are invalid.", "severity": "ERROR", "attributeNames": ["fake_attribute"]}],
}
BAD = {"errors": [{"code": "BAD_REQUEST", "message": "Invalid input", "details": "Invalid input"}]}


@contextlib.contextmanager
def served(answer: Callable[[httpx.Request], httpx.Response]) -> Iterator[str]:
    """A server on this machine's own address that answers by a function."""

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            url = f"http://{LOOPBACK}{self.path}"
            response = answer(httpx.Request(self.command, url, headers=dict(self.headers), content=body))
            self.send_response(response.status_code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(response.content)))
            self.end_headers()
            self.wfile.write(response.content)

        do_GET = do_PATCH = do_POST = reply  # noqa: N815 - the names that the library asks for

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ours(url: str) -> Any:
    options = {"seller": SELLER, "marketplace": MARKETPLACE, "token_url": f"{url}/token"}
    return connect("amazon", "EUR", "client secret Atzr|word", url, options=options)


def test_sandbox_answers() -> None:
    fake = FakeAmazon(PRICES, "EUR", 2, "word")
    cases = {"GM-ZDPI-9B4E": (200, ACCEPTED), "a%20b%2Fc": (200, INVALID), "BadSKU": (400, BAD)}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method != "PATCH":
            return fake.answer(request)
        path = request.url.raw_path.decode().partition("?")[0]
        status, body = cases[path.rpartition("/")[2]]
        return httpx.Response(status, content=json.dumps(body))

    with served(answer) as url:
        shop = ours(url)
        found = shop.prices()
        told = {key.sku: shop.write([Writing(key, 2500, "EUR", found[key].handle)])[0] for key in PRICES}
    assert {sku: (answer.fate, answer.code) for sku, answer in told.items()} == {
        "GM-ZDPI-9B4E": ("pending", "accepted"),
        "a b/c": ("rejected", "90000900"),
        "BadSKU": ("rejected", "bad_request"),
    }


def test_another_client_agrees_with_the_fake() -> None:
    sp_api = pytest.importorskip("sp_api.api")
    base = pytest.importorskip("sp_api.base")
    fake = FakeAmazon(PRICES, "EUR", 2, "word")

    class Tokens:
        def __init__(self, **_: Any) -> None:
            pass

        def get_auth(self) -> Any:
            return SimpleNamespace(access_token="Atza|word")

    with served(fake.answer) as url:
        keys = {"lwa_app_id": "a", "lwa_client_secret": "b", "refresh_token": "c"}
        client = sp_api.ListingsItems(marketplace=base.Marketplaces.DE, credentials=keys, auth_token_client_class=Tokens)
        client.endpoint = url
        key = Key("GM-ZDPI-9B4E", "web", "DE")
        offer = {
            "marketplace_id": MARKETPLACE,
            "currency": "EUR",
            "audience": "ALL",
            "our_price": [{"schedule": [{"value_with_tax": 24.99}]}],
        }
        patch = {"op": "replace", "path": "/attributes/purchasable_offer", "value": [offer]}
        body = {"productType": "LUGGAGE", "patches": [patch]}
        done = client.patch_listings_item(SELLER, key.sku, marketplaceIds=[MARKETPLACE], body=body)
        assert done.payload["status"] == "ACCEPTED"
        fake.arrive()
        item = client.get_listings_item(SELLER, key.sku, marketplaceIds=[MARKETPLACE], includedData=["offers"]).payload
        assert item["offers"][0]["price"]["amount"] == "24.99"
        assert ours(url).prices([key])[key].price == 2499
