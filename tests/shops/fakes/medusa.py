"""Medusa as its Admin API answers: the prices sent replace the whole set, and a row without its rule becomes everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

from pricesmith.adapters.shops._basic import basic
from pricesmith.adapters.shops._json import read_json
from pricesmith.contracts.shop import Key
from tests.shops.fakes.adobe_commerce import json


class FakeMedusa:
    """Two variants a product, each with a second currency and a price of a region."""

    def __init__(self, prices: Mapping[Key, int], currency: str, digits: int, secret: str) -> None:
        self.code, self.digits, self.secret, self.inclusive = currency.lower(), digits, secret, True
        self.variants: dict[str, dict[str, Any]] = {}
        for place, (key, price) in enumerate(prices.items()):
            amounts = (
                (self.code, Decimal(price).scaleb(-digits), {}),
                ("gbp", Decimal(5), {}),
                (self.code, Decimal(3), {"region_id": "reg_1"}),
            )
            rows = [self._row(f"price_{place}_{n}", *part) for n, part in enumerate(amounts)]
            self.variants[f"variant_{place}"] = {"sku": key.sku, "product_id": f"prod_{place // 2}", "prices": rows}

    @staticmethod
    def _row(name: str, code: str, amount: Decimal, rules: dict[str, str], least: int | None = None) -> dict[str, Any]:
        return {"id": name, "currency_code": code, "amount": amount, "min_quantity": least, "max_quantity": None, "rules": rules}

    def price(self, key: Key) -> int:
        rows = next(row["prices"] for row in self.variants.values() if row["sku"] == key.sku)
        (amount,) = [row["amount"] for row in rows if row["currency_code"] == self.code and not row["rules"]]
        return int(Decimal(amount).scaleb(self.digits))

    @property
    def others(self) -> list[tuple[Any, ...]]:
        """Every row that is not the price in question."""
        rows = [row for variant in self.variants.values() for row in variant["prices"]]
        return [(row["id"], row["amount"], str(row["rules"])) for row in rows if row["currency_code"] != self.code or row["rules"]]

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return request.method == "POST"

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != basic(f"{self.secret}:")["authorization"]:
            return json(401, {"message": "Unauthorized"})
        if request.method == "POST":
            return self._update(request.url.path.split("/")[-3], read_json(request.content)["update"])
        if request.url.path.endswith("/price-preferences"):
            return json(200, {"price_preferences": [{"value": self.code, "is_tax_inclusive": self.inclusive}]})
        params = request.url.params
        ids, skus = params.get_list("id[]"), params.get_list("sku[]")
        rows = [{"id": name, **row} for name, row in self.variants.items() if (not ids or name in ids) and (not skus or row["sku"] in skus)]
        start = int(params["offset"])
        return json(200, {"variants": rows[start : start + 3], "count": len(rows), "offset": start})

    def _update(self, product: str, rows: list[dict[str, Any]]) -> httpx.Response:
        for row in rows:
            if row["id"] not in self.variants:
                return json(400, {"type": "invalid_data", "message": f"Cannot update non-existing variants with ids: {row['id']}"})
        for row in rows:
            assert set(row) == {"id", "prices"}, "nothing but prices is sent"
            assert self.variants[row["id"]]["product_id"] == product
            kept = [
                self._row(p.get("id", "price_new"), p["currency_code"], p["amount"], p.get("rules", {}), p.get("min_quantity"))
                for p in row["prices"]
            ]
            self.variants[row["id"]]["prices"] = kept
        done = [{"id": row["id"], **self.variants[row["id"]]} for row in rows]
        return json(200, {"created": [], "updated": done, "deleted": {}})
