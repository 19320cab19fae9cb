"""TOP and JD as their published pages have them: signed forms, yuan, one SKU a call, errors with status 200."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx

from pricesmith.contracts.shop import Key

ITEM = "5001"


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def fen(text: str) -> int:
    head, _, tail = text.partition(".")
    assert len(tail) == 2, "two decimals"
    return 100 * int(head) + int(tail)


def signed(params: dict[str, str], secret: str) -> bool:
    """The MD5 signature, reckoned anew."""
    text = secret + "".join(name + params[name] for name in sorted(params) if name != "sign" and params[name]) + secret
    return params.get("sign") == hashlib.md5(text.encode()).hexdigest().upper()


class FakeTop:
    """One item with all SKUs; its own price must lie within theirs."""

    def __init__(self, prices: Mapping[Key, int], secret: str) -> None:
        self.secret, self.refuse = secret, dict[str, str]()
        self.skus = {f"1627207:{28000 + n}": {"outer_id": key.sku, "price": price} for n, (key, price) in enumerate(prices.items())}
        self.item_price = min(prices.values())

    def price(self, key: Key) -> int:
        return next(int(row["price"]) for row in self.skus.values() if row["outer_id"] == key.sku)

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return b"taobao.item.sku.price.update" in request.content

    def answer(self, request: httpx.Request) -> httpx.Response:
        params = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        if not signed(params, self.secret):
            return error({"code": 25, "msg": "Invalid Signature"})
        if self.refuse:
            return error(self.refuse)
        if params["method"] == "taobao.items.onsale.get":
            return reply("items_onsale_get", {"items": {"item": [{"num_iid": int(ITEM), "title": "Lamp"}]}, "total_results": 1})
        if params["method"] == "taobao.item.skus.get":
            rows = [
                {"num_iid": int(ITEM), "properties": name, "price": yuan(int(row["price"])), "outer_id": row["outer_id"], "quantity": 3}
                for name, row in self.skus.items()
            ]
            return reply("item_skus_get", {"skus": {"sku": rows if ITEM in params["num_iids"].split(",") else []}})
        if params["method"] == "taobao.item.seller.get":
            return reply("item_seller_get", {"item": {"num_iid": int(ITEM), "price": yuan(self.item_price)}})
        assert params["method"] == "taobao.item.sku.price.update"
        return self._update(params)

    def _update(self, params: dict[str, str]) -> httpx.Response:
        prices = {name: int(row["price"]) for name, row in self.skus.items()} | {params["properties"]: fen(params["price"])}
        main = fen(params["item_price"]) if "item_price" in params else self.item_price
        if not min(prices.values()) <= main <= max(prices.values()):
            return error({"code": 15, "msg": "Remote service error", "sub_code": "isv.item-price-not-in-range", "sub_msg": "item price"})
        self.skus[params["properties"]]["price"], self.item_price = fen(params["price"]), main
        return reply("item_sku_price_update", {"sku": {"num_iid": int(ITEM)}})


class FakeJd:
    def __init__(self, prices: Mapping[Key, int], secret: str) -> None:
        self.secret, self.refuse = secret, dict[str, str]()
        self.skus = {1000 + n: {"outerId": key.sku, "jdPrice": yuan(price)} for n, (key, price) in enumerate(prices.items())}

    def price(self, key: Key) -> int:
        return next(fen(row["jdPrice"]) for row in self.skus.values() if row["outerId"] == key.sku)

    @staticmethod
    def writes(request: httpx.Request) -> bool:
        return b"updateSkuJdPrice" in request.content

    def answer(self, request: httpx.Request) -> httpx.Response:
        params = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        if not signed(params, self.secret):
            return error({"code": "21", "zh_desc": "无效签名", "en_desc": "Invalid signature"})
        if self.refuse:
            return error(self.refuse)
        fields: dict[str, Any] = json.loads(params["360buy_param_json"])
        assert params["360buy_param_json"] == json.dumps(fields, sort_keys=True, separators=(",", ":"))
        name = params["method"].replace(".", "_")
        if params["method"] == "jingdong.sku.read.searchSkuList":
            rows = [{"skuId": n, "wareId": 7, **row} for n, row in self.skus.items() if n in fields.get("skuId", self.skus)]
            return misspelled(name, {"page": {"data": rows, "totalItem": len(rows)}})
        if fields["skuId"] not in self.skus:
            return error({"code": "66", "zh_desc": "商品不存在", "en_desc": "no such SKU"})
        self.skus[fields["skuId"]]["jdPrice"] = fields["jdPrice"]
        return misspelled(name, {})


def reply(name: str, body: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={f"{name}_response": body})


def misspelled(name: str, body: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={f"{name}_responce": {"code": "0", **body}})


def error(body: Mapping[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"error_response": body})
