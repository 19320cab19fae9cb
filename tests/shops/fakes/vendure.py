"""Vendure as its Admin API answers: written prices are on the channel's basis, `price` reads net, one bad id refuses the call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from pricesmith.contracts.shop import Key

SECRET_HEADER = "vendure-api-key"


class FakeVendure:
    def __init__(self, prices: Mapping[Key, int], currency: str, secret: str) -> None:
        self.currency, self.secret = currency, secret
        self.includes_tax = True
        self.variants: dict[str, dict[str, Any]] = {
            str(number): {"sku": key.sku, "prices": {currency: price, "GBP": 5}} for number, (key, price) in enumerate(prices.items(), 1)
        }

    def price(self, key: Key) -> int:
        return next(row["prices"][self.currency] for row in self.variants.values() if row["sku"] == key.sku)

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return b"mutation" in request.content and b"updateProductVariants" in request.content

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get(SECRET_HEADER) != self.secret:
            return error("FORBIDDEN", "You are not currently authorized to perform this action")
        body = json.loads(request.content)
        if "activeChannel" in body["query"]:
            channel = {"code": "default", "pricesIncludeTax": self.includes_tax, "availableCurrencyCodes": [self.currency, "GBP"]}
            return data(activeChannel=channel)
        if "updateProductVariants" in body["query"]:
            return self._update(body["variables"]["input"])
        options = body["variables"]["options"]
        among = options.get("filter", {}).get("sku", {}).get("in")
        rows = [self._row(number) for number, row in self.variants.items() if among is None or row["sku"] in among]
        part = rows[options["skip"] : options["skip"] + min(options["take"], 2)]
        return data(productVariants={"totalItems": len(rows), "items": part})

    def _update(self, rows: list[dict[str, Any]]) -> httpx.Response:
        for row in rows:
            if row["id"] not in self.variants:
                return error("ENTITY_NOT_FOUND", f'No ProductVariant with the id "{row["id"]}" could be found')
        for row in rows:
            assert set(row) == {"id", "prices"}, "nothing but the price is sent"
            self.variants[row["id"]]["prices"] |= {price["currencyCode"]: price["price"] for price in row["prices"]}
        return data(updateProductVariants=[self._row(row["id"]) for row in rows])

    def _row(self, number: str) -> dict[str, Any]:
        row = self.variants[number]
        gross = row["prices"][self.currency]
        prices = [{"currencyCode": code, "price": price} for code, price in row["prices"].items()]
        return {"id": number, "sku": row["sku"], "price": round(gross / 1.2), "priceWithTax": gross, "prices": prices}


def data(**parts: Any) -> httpx.Response:
    return httpx.Response(200, json={"data": parts})


def error(code: str, words: str) -> httpx.Response:
    return httpx.Response(200, json={"errors": [{"message": words, "extensions": {"code": code}}], "data": None})
