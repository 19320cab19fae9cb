"""WooCommerce as 10.0 answers: text prices, variations below their parent, 200 with an error in the item, silent mistakes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from pricesmith.contracts.shop import Key

PARENT = 50


class FakeWoo:
    """The first two products are simple, the others variations of one parent."""

    def __init__(self, prices: Mapping[Key, int], currency: str, digits: int) -> None:
        self.currency, self.digits = currency, digits
        self.things: dict[int, dict[str, Any]] = {}
        for number, (key, price) in enumerate(prices.items()):
            simple = number < 2
            self.things[number + 1 if simple else PARENT + number] = {
                "sku": key.sku,
                "parent": 0 if simple else PARENT,
                "regular_price": self.text(price),
                "sale_price": "",
            }

    def text(self, price: int) -> str:
        return f"{price / 10**self.digits:.{self.digits}f}"

    def price(self, key: Key) -> int:
        return next(round(float(row["regular_price"]) * 10**self.digits) for row in self.things.values() if row["sku"] == key.sku)

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return request.method == "POST"

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("/api/")[2]
        if path == "products/batch":
            return self._batch(0, request)
        if path == f"products/{PARENT}/variations/batch":
            return self._batch(PARENT, request)
        if path.endswith("/batch"):
            return httpx.Response(404, json={"code": "rest_no_route", "message": "no such parent"})
        among = request.url.params.get("include")
        wanted = {int(number) for number in among.split(",")} if among else None
        parent = PARENT if path == f"products/{PARENT}/variations" else 0
        rows = [
            self._row(number) for number, row in self.things.items() if row["parent"] == parent and (wanted is None or number in wanted)
        ]
        if parent == 0 and wanted is None:
            rows.append({"id": PARENT, "parent_id": 0, "sku": "", "type": "variable", "regular_price": "", "sale_price": ""})
        return httpx.Response(200, json=rows if request.url.params["page"] == "1" else [])

    def _row(self, number: int) -> dict[str, Any]:
        row = self.things[number]
        kind = "variation" if row["parent"] else "simple"
        return {
            "id": number,
            "parent_id": row["parent"],
            "type": kind,
            **{name: row[name] for name in ("sku", "regular_price", "sale_price")},
        }

    def _batch(self, parent: int, request: httpx.Request) -> httpx.Response:
        rows = json.loads(request.content)["update"]
        if len(rows) > 100:
            return httpx.Response(
                413, json={"code": "woocommerce_rest_request_entity_too_large", "message": "Unable to accept more than 100 items"}
            )
        return httpx.Response(200, json={"update": [self._update(parent, row) for row in rows]})

    def _update(self, parent: int, row: dict[str, Any]) -> dict[str, Any]:
        number = row["id"]
        if number not in self.things or self.things[number]["parent"] != parent:
            words = {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}
            return {"id": number, "error": words}
        assert set(row) == {"id", "regular_price"}, "nothing but the price is sent"
        if not isinstance(row["regular_price"], str):
            return {"id": number, "error": {"code": "rest_invalid_type", "message": "regular_price is not of type string."}}
        try:
            float(row["regular_price"])
        except ValueError:
            row["regular_price"] = ""
        thing = self.things[number]
        thing["regular_price"] = row["regular_price"]
        if thing["sale_price"] and float(thing["sale_price"]) >= float(row["regular_price"] or 0):
            thing["sale_price"] = ""
        return self._row(number)
