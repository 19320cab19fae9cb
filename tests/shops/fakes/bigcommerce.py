"""BigCommerce as its V3 API answers: variants that inherit a price, 422 for a call with a bad row, limits in headers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

from pricesmith.adapters.shops._json import read_json
from pricesmith.contracts.shop import Key
from tests.shops.fakes.adobe_commerce import json

PRODUCT = 9


class FakeBigCommerce:
    """The last variant has no price of its own at first: it inherits that of its product."""

    def __init__(self, prices: Mapping[Key, int], digits: int, secret: str) -> None:
        self.digits, self.secret, self.limits = digits, secret, 0
        self.variants: dict[int, dict[str, Any]] = {}
        for number, (key, price) in enumerate(prices.items(), 1):
            self.variants[number] = {"id": number, "product_id": PRODUCT, "sku": key.sku, "price": Decimal(price).scaleb(-digits)}
        self.inherited = self.variants[len(prices)]["price"]
        self.variants[len(prices)]["price"] = None

    def price(self, key: Key) -> int:
        amount = next(row["price"] for row in self.variants.values() if row["sku"] == key.sku)
        return int((self.inherited if amount is None else amount).scaleb(self.digits))

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return request.method == "PUT"

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("x-auth-token") != self.secret:
            return json(401, {"status": 401, "title": "Unauthorized"})
        if self.limits:
            self.limits -= 1
            return httpx.Response(429, headers={"x-rate-limit-time-reset-ms": "2500", "x-rate-limit-requests-left": "0"}, json={})
        if request.method == "PUT":
            return self._update(read_json(request.content))
        if request.url.path.endswith("/catalog/products"):
            return listed([{"id": PRODUCT, "price": self.inherited}], 1, 1)
        among = request.url.params.get("sku:in")
        rows = [row for row in self.variants.values() if among is None or row["sku"] in among.split(",")]
        number = int(request.url.params["page"])
        return listed(rows[2 * number - 2 : 2 * number], number, -(-len(rows) // 2))

    def _update(self, rows: list[dict[str, Any]]) -> httpx.Response:
        if len(rows) > 50:
            return json(413, {"status": 413, "title": "Maximum number of variants is 50"})
        bad = {f"{place}.id": "invalid variant id" for place, row in enumerate(rows) if row["id"] not in self.variants}
        if bad:
            return json(422, {"status": 422, "title": "Unprocessable", "type": "/api-docs", "errors": bad})
        for row in rows:
            assert set(row) == {"id", "price"}, "nothing but the price is sent"
            self.variants[row["id"]]["price"] = Decimal(row["price"])
        return json(200, {"data": [self.variants[row["id"]] for row in rows], "meta": {}})


def listed(rows: list[dict[str, Any]], number: int, pages: int) -> httpx.Response:
    return json(200, {"data": rows, "meta": {"pagination": {"current_page": number, "total_pages": pages}}})
