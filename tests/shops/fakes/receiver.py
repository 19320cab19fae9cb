"""A shop that receives signed requests, written from docs/shops/webhook.md alone."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from pricesmith.contracts.shop import Key


class Receiver:
    def __init__(self, prices: Mapping[Key, int], currency: str, secret: str, clock: Callable[[], dt.datetime]) -> None:
        self.currency, self.secret, self.clock = currency, secret, clock
        self.prices = {key.sku: price for key, price in prices.items()}
        self.seen: set[str] = set()

    def price(self, key: Key) -> int:
        return self.prices[key.sku]

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return b'"set_prices"' in request.content

    def answer(self, request: httpx.Request) -> httpx.Response:
        name, moment = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        signed = f"{name}.{moment}.".encode() + request.content
        expected = "v1," + base64.b64encode(hmac.new(self.secret.encode(), signed, hashlib.sha256).digest()).decode()
        if not hmac.compare_digest(expected, request.headers["webhook-signature"]) or abs(int(moment) - self.clock().timestamp()) > 300:
            return httpx.Response(401, text="signature")
        body = json.loads(request.content)
        if body["kind"] == "get_prices":
            wanted = body.get("skus", list(self.prices))
            rows = [{"sku": sku, "price": self.prices[sku], "currency": self.currency} for sku in wanted if sku in self.prices]
            return httpx.Response(200, json={"prices": rows})
        return httpx.Response(200, json={"results": [self._set(row) for row in body["prices"]]})

    def _set(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["sku"] not in self.prices:
            return {"sku": row["sku"], "fate": "rejected", "code": "unknown_product", "detail": "no such product"}
        self.prices[row["sku"]] = row["price"]
        return {"sku": row["sku"], "fate": "applied"}
