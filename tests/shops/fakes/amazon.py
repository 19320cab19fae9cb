"""Amazon's Listings Items API as its model and sandbox cases have it: ACCEPTED first, the live offer later; a patch replaces."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from pricesmith.adapters.shops._json import read_json
from pricesmith.contracts.shop import Key
from tests.shops.fakes.adobe_commerce import json

MARKETPLACE, SELLER = "A1PA6795UKMFR9", "A1SELLER"
OTHER = {"marketplace_id": MARKETPLACE, "audience": "B2B", "our_price": [{"schedule": [{"value_with_tax": Decimal(3)}]}]}


class FakeAmazon:
    def __init__(self, prices: Mapping[Key, int], currency: str, digits: int, secret: str) -> None:
        self.currency, self.digits, self.secret = currency, digits, secret
        self.live = {key.sku: Decimal(price).scaleb(-digits) for key, price in prices.items()}
        self.offers = {sku: [self._offer(price), dict(OTHER, currency=currency)] for sku, price in self.live.items()}
        self.tokens = 0

    def _offer(self, price: Decimal) -> dict[str, Any]:
        plain = {"marketplace_id": MARKETPLACE, "currency": self.currency, "audience": "ALL"}
        ceiling = {"maximum_seller_allowed_price": [{"schedule": [{"value_with_tax": Decimal(999)}]}]}
        return {**plain, **ceiling, "our_price": [{"schedule": [{"value_with_tax": price}]}]}

    def price(self, key: Key) -> int:
        return int(self.live[key.sku].scaleb(self.digits))

    def arrive(self) -> None:
        """What was accepted becomes the live offer."""
        for sku, offers in self.offers.items():
            (ours,) = [offer for offer in offers if offer["audience"] == "ALL"]
            self.live[sku] = Decimal(ours["our_price"][0]["schedule"][0]["value_with_tax"])

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return request.method == "PATCH"

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return self._token(parse_qs(request.content.decode()))
        if request.headers.get("x-amz-access-token") != f"Atza|{self.secret}":
            return json(403, {"errors": [{"code": "Unauthorized", "message": "Access to requested resource is denied."}]})
        assert request.url.params["marketplaceIds"] == MARKETPLACE
        part = request.url.raw_path.decode().partition("?")[0].partition("/items/")[2].split("/")
        assert part[0] == SELLER
        if len(part) == 1:
            return self._search(int(request.url.params.get("pageToken", "0")))
        sku = unquote(part[1])
        if sku not in self.live:
            return json(404, {"errors": [{"code": "NOT_FOUND", "message": f"SKU '{sku}' not found in marketplace {MARKETPLACE}"}]})
        return json(200, self._item(sku)) if request.method == "GET" else self._patch(sku, read_json(request.content))

    def _token(self, form: dict[str, list[str]]) -> httpx.Response:
        if form["refresh_token"] != [f"Atzr|{self.secret}"]:
            return json(400, {"error": "invalid_grant"})
        self.tokens += 1
        return json(200, {"access_token": f"Atza|{self.secret}", "token_type": "bearer", "expires_in": 3600})

    def _item(self, sku: str) -> dict[str, Any]:
        price = {"currencyCode": self.currency, "amount": format(self.live[sku], "f")}
        return {
            "sku": sku,
            "summaries": [{"marketplaceId": MARKETPLACE, "productType": "LUGGAGE", "itemName": sku, "status": ["BUYABLE"]}],
            "offers": [{"marketplaceId": MARKETPLACE, "offerType": kind, "price": price} for kind in ("B2C", "B2B")],
            "attributes": {"purchasable_offer": self.offers[sku]},
        }

    def _search(self, start: int) -> httpx.Response:
        skus = list(self.live)
        more = {"nextToken": str(start + 3)} if start + 3 < len(skus) else {}
        return json(200, {"numberOfResults": len(skus), "pagination": more, "items": [self._item(sku) for sku in skus[start : start + 3]]})

    def _patch(self, sku: str, body: dict[str, Any]) -> httpx.Response:
        assert set(body) == {"productType", "patches"}
        (patch,) = body["patches"]
        assert (patch["op"], patch["path"]) == ("replace", "/attributes/purchasable_offer"), "nothing but the offer is sent"
        for offer in patch["value"]:
            if "marketplace_id" not in offer or not isinstance(offer["our_price"][0]["schedule"], list):
                issue = {"code": "90220", "message": "'marketplace_id' is required but not supplied.", "severity": "ERROR"}
                return json(200, {"sku": sku, "status": "INVALID", "submissionId": "s1", "issues": [issue]})
        self.offers[sku] = patch["value"]
        return json(200, {"sku": sku, "status": "ACCEPTED", "submissionId": "f1dc2914-75dd-11ea-bc55-0242ac130003", "issues": []})
