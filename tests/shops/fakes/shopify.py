"""Shopify as its Admin API answers: one product a call, rows refused beside rows written, throttling with status 200."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

from pricesmith.contracts.shop import Key

PRODUCT = "gid://shopify/Product/{}"
VARIANT = "gid://shopify/ProductVariant/{}"


class FakeShopify:
    """Two variants a product."""

    def __init__(self, prices: Mapping[Key, int], currency: str, digits: int, secret: str) -> None:
        self.currency, self.digits, self.secret = currency, digits, secret
        self.taxes_included, self.throttled = True, 0
        self.variants = {
            VARIANT.format(100 + place): {"sku": key.sku, "price": self.text(price), "product": PRODUCT.format(10 + place // 2)}
            for place, (key, price) in enumerate(prices.items())
        }

    def text(self, price: int) -> str:
        return format(Decimal(price).scaleb(-self.digits), "f")

    def price(self, key: Key) -> int:
        return next(int(Decimal(row["price"]).scaleb(self.digits)) for row in self.variants.values() if row["sku"] == key.sku)

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return b"productVariantsBulkUpdate" in request.content

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("x-shopify-access-token") != self.secret or not re.search(
            r"/admin/api/20\d\d-\d\d/graphql\.json$", request.url.path
        ):
            return httpx.Response(401, json={"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
        if self.throttled:
            self.throttled -= 1
            status = {"maximumAvailable": 2000, "currentlyAvailable": 40, "restoreRate": 100}
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return httpx.Response(
                200, json={"errors": [error], "extensions": {"cost": {"requestedQueryCost": 540, "throttleStatus": status}}}
            )
        body = json.loads(request.content)
        document, variables = body["query"], body.get("variables", {})
        if "shop {" in document:
            return data(shop={"currencyCode": self.currency, "taxesIncluded": self.taxes_included})
        if "productVariantsBulkUpdate" in document:
            return data(productVariantsBulkUpdate=self._update(variables["product"], variables["variants"]))
        if "nodes(ids" in document:
            return data(nodes=[self._row(gid) if gid in self.variants else None for gid in variables["ids"]])
        rows = [self._row(gid) for gid in self.variants]
        start = int(variables["after"] or 0)
        more = {"hasNextPage": start + 2 < len(rows), "endCursor": str(start + 2)}
        return data(productVariants={"nodes": rows[start : start + 2], "pageInfo": more})

    def _row(self, gid: str) -> dict[str, Any]:
        row = self.variants[gid]
        return {"id": gid, "sku": row["sku"], "price": row["price"], "product": {"id": row["product"]}}

    def _update(self, product: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        done, errors = [], []
        for place, row in enumerate(rows):
            assert set(row) == {"id", "price"}, "nothing but the price is sent"
            if row["id"] not in self.variants or self.variants[row["id"]]["product"] != product:
                words = {"code": "PRODUCT_VARIANT_DOES_NOT_EXIST", "message": "Product variant does not exist"}
                errors.append({**words, "field": ["variants", str(place), "id"]})
                continue
            self.variants[row["id"]]["price"] = row["price"]
            done.append({"id": row["id"], "price": row["price"]})
        return {"productVariants": done, "userErrors": errors}


def data(**parts: Any) -> httpx.Response:
    return httpx.Response(200, json={"data": parts})
