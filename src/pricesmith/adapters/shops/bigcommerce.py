"""BigCommerce, by its REST API V3 (orders: V2).

Traps: a variant without a price inherits its product's; a bad row answers 422 for the call; a 429 without the vendor's own headers is
overload of the platform, and asks for a longer wait. Prices are JSON numbers in the store's default currency.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Key, Platform, Reading, Surroundings, Writing, Written
from pricesmith.contracts.tables import Table

from ._caller import Answer, Caller
from ._clocked import Clocked
from ._money import number_to_minor, to_number, to_text
from ._prices import settle, skus_of, told_apart
from ._pulling import Pulling
from ._rows import ShopRows, chunks, rows_of
from ._when import iso

CAPABILITY = Capability(
    unit="number",
    tax="channel",
    batch=50,
    across=True,
    atomic=True,
    compare_at=True,
    price_lists=True,
    costs=True,
    orders=True,
    per_second=4.0,
    burst=8,
)
PAGE = 250
OVERLOAD = 30.0
_NO_SALE = (0, 1, 3, 4, 5, 6)
"""Order states that are no sale: incomplete, pending, and given up."""


class BigCommerce(Pulling, Clocked):
    """A BigCommerce store (the protocols Shop and ShopSource). A handle is `product/variant`."""

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        self.policy, self.around = policy, around
        self.caller = Caller(
            policy.url, around, CAPABILITY, headers={"x-auth-token": secret}, secrets=(secret,), known=(204, 409, 422, 429)
        )

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        wanted = skus_of(keys, self.policy)
        limits: Iterable[dict[str, str]] = [{}] if wanted is None else ({"sku:in": ",".join(part)} for part in chunks(wanted, 50))
        rows = [row for limit in limits for row in self._pages("v3/catalog/variants", limit)]
        inherited = self._inherited(rows)
        return told_apart(((row["sku"], self._reading(row, inherited)) for row in rows), self.policy, wanted)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        if table.name == "orders":
            limit = {"min_date_modified": iso(since)} if since else {}
            return rows_of(table, (row for order in self._orders(limit) for row in self._lines(order)))
        makers = {"products": self._product, "stock": self._stock, "costs": self._cost}
        if table.name not in makers:
            return None
        changed = {"date_modified:min": iso(since)} if since and table.name == "products" else {}
        products = self._pages("v3/catalog/products", {**changed, "include": "variants"})
        pairs = ((product, variant) for product in products for variant in product["variants"] if variant["sku"])
        return rows_of(table, (row for product, variant in pairs if (row := makers[table.name](product, variant))))

    def _reading(self, row: Mapping[str, Any], inherited: Mapping[int, Any]) -> Reading | None:
        amount = row["price"] if row["price"] is not None else inherited.get(row["product_id"])
        price = number_to_minor(amount, self.policy.currency)
        handle = f"{row['product_id']}/{row['id']}"
        return None if price is None else Reading(price, self.policy.currency, handle, self.around.clock())

    def _inherited(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, Any]:
        """Prices of the products whose variants have none of their own."""
        ids = sorted({row["product_id"] for row in rows if row["price"] is None})
        limits = ({"id:in": ",".join(map(str, part)), "include_fields": "price"} for part in chunks(ids, 50))
        return {product["id"]: product["price"] for limit in limits for product in self._pages("v3/catalog/products", limit)}

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        rows = [{"id": int(w.handle.rpartition("/")[2]), "price": to_number(w.price, w.currency)} for w in good]
        answer = self._call("PUT", "v3/catalog/variants", json=rows)
        body = answer.json
        now = {row.get("id"): number_to_minor(row.get("price"), self.policy.currency) for row in _list(body, "data")}
        refused = _refused(body)
        for place, (writing, row) in enumerate(zip(good, rows, strict=True)):
            if now.get(row["id"]) == writing.price:
                yield Written(writing.key, "applied")
            elif place in refused:
                yield Written(writing.key, "rejected", f"http_{answer.status}", self.caller.clean(refused[place]))
            else:
                yield Written(writing.key, "unknown", f"http_{answer.status}", self.caller.clean(body.get("title", "")))

    def _call(self, method: str, path: str, **more: Any) -> Answer:
        answer = self.caller.call(method, path, **more)
        if answer.status == 429:
            wait = answer.headers.get("x-rate-limit-time-reset-ms", "")
            after = answer.headers.get("retry-after", "")
            seconds = float(wait) / 1000 if wait.isdigit() else float(after) if after.isdigit() else OVERLOAD
            raise self.caller.busy("the shop asks to wait (429)", seconds)
        return answer

    def _pages(self, path: str, limit: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        number = 1
        while True:
            body = self._call("GET", path, params={**limit, "limit": PAGE, "page": number}).json
            yield from body["data"]
            pages = body["meta"]["pagination"]
            if number >= pages["total_pages"]:
                return
            number += 1

    def _orders(self, limit: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        number = 1
        while True:
            answer = self._call("GET", "v2/orders", params={**limit, "limit": 50, "page": number, "sort": "date_modified:asc"})
            orders = answer.json if answer.data else []
            yield from orders
            if len(orders) < 50:
                return
            number += 1

    def _product(self, product: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, str | None]:
        values = " ".join(option["label"] for option in variant.get("option_values") or [])
        return {
            "sku": variant["sku"],
            "name": f"{product['name']} {values}".strip(),
            "family": str(product["id"]) if len(product["variants"]) > 1 else None,
            "currency": self.policy.currency,
            "active": "1" if product["is_visible"] and not variant["purchasing_disabled"] else "0",
        }

    def _stock(self, product: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, str | None] | None:
        if product["inventory_tracking"] == "none":
            return None
        left = variant["inventory_level"] if product["inventory_tracking"] == "variant" else product["inventory_level"]
        today = self.around.clock().date().isoformat()
        return {"date": today, "sku": variant["sku"], "on_hand": str(max(left, 0)), "out_of_stock": "1" if left <= 0 else "0"}

    def _cost(self, product: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, str | None] | None:
        cost = number_to_minor(variant["cost_price"] or product["cost_price"] or None, self.policy.currency)
        if cost is None:
            return None
        today = self.around.clock().date().isoformat()
        return {"sku": variant["sku"], "valid_from": today, "unit_cost": to_text(cost, self.policy.currency)}

    def _lines(self, order: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
        if order["status_id"] in _NO_SALE or order["default_currency_code"] != self.policy.currency:
            return
        field = "price_inc_tax" if self.policy.tax == "gross" else "price_ex_tax"
        for line in self._call("GET", f"v2/orders/{order['id']}/products", params={"limit": PAGE}).json:
            if line["sku"] and line["quantity"] - line.get("quantity_refunded", 0) > 0:
                yield {
                    "order_id": str(order["id"]),
                    "at": iso(parsedate_to_datetime(order["date_created"])),
                    "sku": line["sku"],
                    "units": str(line["quantity"] - line.get("quantity_refunded", 0)),
                    "price": str(line[field]),
                    "customer_id": str(order["customer_id"]) if order.get("customer_id") else None,
                    "channel": self.policy.channel,
                    "region": self.policy.region,
                }


def _list(body: Any, name: str) -> list[dict[str, Any]]:
    rows = body.get(name) if isinstance(body, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _refused(body: Any) -> dict[int, object]:
    """Words of each refused row, by its place in the call: `batch_errors` lists them, `errors` names fields as `0.price`."""
    found: dict[int, object] = {}
    errors = [part.get("errors") for part in _list(body, "batch_errors")] + [body.get("errors") if isinstance(body, dict) else None]
    for part in errors:
        for name, words in part.items() if isinstance(part, dict) else ():
            head = str(name).partition(".")[0]
            if head.isdigit():
                found[int(head)] = words
    return found


EXAMPLE = """
[shop.web]
platform = "bigcommerce"
url = "https://api.bigcommerce.com/stores/abc123"
channel = "web"
region = "DE"
"""

SHOP = Platform(
    open=BigCommerce,
    capability=CAPABILITY,
    secret="the access token of a store API account that may modify products and read orders",
    example=EXAMPLE,
)
