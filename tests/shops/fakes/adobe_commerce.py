"""Adobe Commerce as its REST API answers: the price endpoint returns the rows that failed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

from pricesmith.adapters.shops._json import read_json, write_json
from pricesmith.contracts.shop import Key


class FakeAdobe:
    def __init__(self, prices: Mapping[Key, int], digits: int, secret: str) -> None:
        self.digits, self.secret = digits, secret
        self.base = {(key.sku, store): Decimal(price + 7 * store).scaleb(-digits) for key, price in prices.items() for store in (0, 1)}

    def price(self, key: Key) -> int:
        return int(self.base[key.sku, 0].scaleb(self.digits))

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return request.url.path.endswith("/V1/products/base-prices")

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            return httpx.Response(401, json={"message": "The consumer isn't authorized to access %resources."})
        path = request.url.path.partition("/api/")[2]
        if path == "V1/products":
            skus = sorted({sku for sku, _ in self.base})
            number = int(request.url.params["searchCriteria[currentPage]"])
            return json(200, {"items": [{"sku": sku} for sku in skus[2 * number - 2 : 2 * number]], "total_count": len(skus)})
        body = read_json(request.content)
        if path == "V1/products/base-prices-information":
            unknown = [sku for sku in body["skus"] if (sku, 0) not in self.base]
            if unknown:
                return json(404, {"message": "Requested products don't exist: %sku", "parameters": {"sku": ", ".join(unknown)}})
            rows = [{"price": price, "store_id": store, "sku": sku} for (sku, store), price in self.base.items() if sku in body["skus"]]
            return json(200, rows)
        assert path == "V1/products/base-prices"
        return json(200, [failed for row in body["prices"] if (failed := self._update(row))])

    def _update(self, row: dict[str, Any]) -> dict[str, Any] | None:
        assert set(row) == {"price", "store_id", "sku"}, "nothing but the price is sent"
        if (row["sku"], row["store_id"]) not in self.base:
            words = (
                "The product that was requested doesn't exist. Verify the product and try again. Row ID: SKU = %SKU, Store ID: %storeId."
            )
            return {"message": words, "parameters": [row["sku"], str(row["store_id"])]}
        self.base[row["sku"], row["store_id"]] = Decimal(row["price"])
        return None


def json(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, content=write_json(body), headers={"content-type": "application/json"})
