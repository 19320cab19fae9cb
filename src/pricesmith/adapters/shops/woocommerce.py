"""WooCommerce, by its REST API v3.

Traps: prices are text, and text that is no price empties the product's; a variation is written through its parent only, and the parent's
own price means nothing; a batch answers 200 with an error in the item; a sale at or above the regular price is dropped in silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Key, Platform, Reading, Surroundings, Writing, Written
from pricesmith.contracts.tables import Table

from ._basic import basic
from ._caller import Caller
from ._clocked import Clocked
from ._directory import Directory
from ._money import from_text, to_text
from ._prices import by_group, settle
from ._pulling import Pulling
from ._rows import ShopRows, chunks, rows_of
from ._share import per_unit
from ._when import iso

CAPABILITY = Capability(
    unit="decimal",
    tax="channel",
    batch=100,
    across=True,
    atomic=False,
    compare_at=True,
    windows=True,
    costs=True,
    orders=True,
    per_second=4.0,
    burst=4,
)
PAGE = 100
PRICE_FIELDS = "id,parent_id,sku,type,regular_price,sale_price"


class WooCommerce(Pulling, Clocked):
    """A WooCommerce (the protocols Shop and ShopSource).

    The price is `regular_price`. A handle is the id of a simple product, or `parent/variation`.
    """

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        self.policy, self.around = policy, around
        self.caller = Caller(policy.url, around, CAPABILITY, headers=basic(secret), secrets=(secret,), known=(400, 404))
        self.directory = Directory(policy, self._scan, self._look)
        self._sales: dict[str, int] = {}

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        return self.directory.prices(keys)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        after = {"modified_after": iso(since - dt.timedelta(seconds=1)), "dates_are_gmt": "true"} if since else {}
        if table.name == "orders":
            orders = self._pages("orders", {**after, "orderby": "modified", "order": "asc"})
            return rows_of(table, (row for order in orders for row in self._lines(order)))
        makers = {"products": self._product, "stock": self._stock, "costs": self._cost}
        if table.name not in makers:
            return None
        things = self._things({} if table.name == "stock" else after, "")
        return rows_of(table, (row for thing in things if thing["sku"] and (row := makers[table.name](thing))))

    def _scan(self) -> Iterator[tuple[str, Reading | None]]:
        return ((thing["sku"], self._reading(thing)) for thing in self._things({}, PRICE_FIELDS))

    def _look(self, handles: Sequence[str]) -> Iterator[tuple[str, Reading | None]]:
        for parent, group in groupby(sorted(handles, key=_parent), key=_parent):
            path = f"products/{parent}/variations" if parent else "products"
            for part in chunks([handle.rpartition("/")[2] for handle in group], PAGE):
                for thing in self._pages(path, {"include": ",".join(part), "_fields": PRICE_FIELDS}):
                    yield thing["sku"], self._reading({**thing, "parent_id": int(parent or 0)})

    def _things(self, limit: Mapping[str, str], fields: str) -> Iterator[dict[str, Any]]:
        """Everything that can be sold: simple products, and the variations of variable ones."""
        short = {"_fields": fields} if fields else {}
        for product in self._pages("products", {**limit, **short}):
            if product["type"] != "variable":
                yield {**product, "parent_id": 0}
                continue
            for variation in self._pages(f"products/{product['id']}/variations", short):
                yield {**variation, "parent_id": product["id"], "parent": product}

    def _reading(self, thing: Mapping[str, Any]) -> Reading | None:
        handle = f"{thing['parent_id']}/{thing['id']}" if thing["parent_id"] else str(thing["id"])
        self._sales.pop(handle, None)
        sale = from_text(thing.get("sale_price"), self.policy.currency)
        if sale is not None:
            self._sales[handle] = sale
        price = from_text(thing["regular_price"], self.policy.currency)
        return None if price is None else Reading(price, self.policy.currency, handle, self.around.clock())

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        ordered = sorted(good, key=lambda writing: _parent(writing.handle))
        groups = [list(group) for _, group in groupby(ordered, key=lambda writing: _parent(writing.handle))]
        return by_group(groups, self._send_group)

    def _send_group(self, group: Sequence[Writing]) -> Iterable[Written]:
        for writing in group:
            if writing.price <= self._sales.get(writing.handle, 0):
                yield Written(writing.key, "rejected", "sale", "its sale price is not below this; end the sale first")
        rest = [writing for writing in group if writing.price > self._sales.get(writing.handle, 0)]
        if not rest:
            return
        parent = _parent(rest[0].handle)
        path = f"products/{parent}/variations/batch" if parent else "products/batch"
        rows = [
            {"id": int(writing.handle.rpartition("/")[2]), "regular_price": to_text(writing.price, writing.currency)} for writing in rest
        ]
        answer = self.caller.call("POST", path, params={"_fields": "update"}, json={"update": rows})
        if answer.status != 200:
            words = answer.json
            code, detail = str(words.get("code", "refused")), self.caller.clean(words.get("message", ""))
            yield from (Written(writing.key, "rejected", code, detail) for writing in rest)
            return
        now = {row.get("id"): row for row in answer.json["update"]}
        yield from (self._answer(writing, now.get(int(writing.handle.rpartition("/")[2]))) for writing in rest)

    def _answer(self, writing: Writing, row: Mapping[str, Any] | None) -> Written:
        if row is None:
            return Written(writing.key, "unknown", "no_word", "the shop said nothing of it")
        if "error" in row:
            return Written(writing.key, "rejected", str(row["error"].get("code")), self.caller.clean(row["error"].get("message")))
        price = from_text(row.get("regular_price"), writing.currency)
        return (
            Written(writing.key, "applied")
            if price == writing.price
            else Written(writing.key, "unknown", "differs", f"it answered {price}")
        )

    def _pages(self, path: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        for number in range(1, 100_000):
            page: dict[str, str | int] = {"orderby": "id", "order": "asc", **params, "per_page": PAGE, "page": number}
            answer = self.caller.call("GET", path, params=page)
            rows = answer.json
            if answer.status != 200 or not isinstance(rows, list):
                raise ShopError(f"the shop answered {answer.status}: {self.caller.clean(answer.data[:400].decode('utf-8', 'replace'))}")
            yield from rows
            if len(rows) < PAGE:
                return

    def _product(self, thing: Mapping[str, Any]) -> dict[str, str | None]:
        product = thing.get("parent", thing)
        categories = [category["name"] for category in product.get("categories", [])]
        return {
            "sku": thing["sku"],
            "name": thing.get("name") or product["name"],
            "category": categories[0] if categories else None,
            "family": product["slug"],
            "currency": self.policy.currency,
            "active": "1" if product["status"] == "publish" and thing["status"] == "publish" else "0",
        }

    def _stock(self, thing: Mapping[str, Any]) -> dict[str, str | None] | None:
        if thing.get("manage_stock") is not True or thing.get("stock_quantity") is None:
            return None
        left, today = thing["stock_quantity"], self.around.clock().date().isoformat()
        sold_out = thing["stock_status"] == "outofstock"
        return {"date": today, "sku": thing["sku"], "on_hand": str(max(left, 0)), "out_of_stock": "1" if sold_out else "0"}

    def _cost(self, thing: Mapping[str, Any]) -> dict[str, str | None] | None:
        values = (thing.get("cost_of_goods_sold") or {}).get("values") or []
        known = [value["defined_value"] for value in values if value.get("defined_value") is not None]
        if not known:
            return None
        return {"sku": thing["sku"], "valid_from": self.around.clock().date().isoformat(), "unit_cost": str(sum(known))}

    def _lines(self, order: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
        if order["status"] in ("cancelled", "failed", "pending", "checkout-draft", "trash") or order["currency"] != self.policy.currency:
            return
        for line in order["line_items"]:
            if line["sku"] and line["quantity"] > 0:
                yield {
                    "order_id": str(order["id"]),
                    "at": f"{order['date_created_gmt']}Z",
                    "sku": line["sku"],
                    "units": str(line["quantity"]),
                    "price": unit_price(line, self.policy),
                    "customer_id": str(order["customer_id"]) if order.get("customer_id") else None,
                    "channel": self.policy.channel,
                    "region": self.policy.region,
                }


def unit_price(line: Mapping[str, Any], policy: ShopPolicy) -> str | None:
    """What one unit cost after discounts: the line's total, with its tax where prices contain it, over its units."""
    parts = [line["total"], line["total_tax"]] if policy.tax == "gross" else [line["total"]]
    return per_unit(parts, line["quantity"], policy.currency)


def _parent(handle: str) -> str:
    return handle.rpartition("/")[0]


EXAMPLE = """
[shop.web]
platform = "woocommerce"
url = "https://shop.example/wp-json/wc/v3"
channel = "web"
region = "DE"
"""

SHOP = Platform(
    open=WooCommerce,
    capability=CAPABILITY,
    secret="`consumer key:consumer secret` of a REST API key with read and write access",
    example=EXAMPLE,
)
