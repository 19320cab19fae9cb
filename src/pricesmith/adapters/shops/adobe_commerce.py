"""Adobe Commerce and Magento 2, by their REST API V1.

Traps: the price endpoint answers with the rows that failed and nothing else; prices of the default scope (store 0) are what other stores
inherit; a configurable parent has no price of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Key, Platform, Reading, Surroundings, Writing, Written
from pricesmith.contracts.tables import Table

from ._caller import Caller
from ._clocked import Clocked
from ._money import number_to_minor, to_number, to_text
from ._prices import settle, skus_of, told_apart
from ._pulling import Pulling
from ._rows import ShopRows, chunks, rows_of
from ._share import per_unit

CAPABILITY = Capability(
    unit="number",
    tax="channel",
    batch=20,
    across=True,
    atomic=False,
    windows=True,
    price_lists=True,
    costs=True,
    orders=True,
    per_second=4.0,
    burst=4,
)
PAGE = 100
SELLABLE = "simple,virtual,downloadable"


class AdobeCommerce(Pulling, Clocked):
    """An Adobe Commerce (the protocols Shop and ShopSource). The price is the base price of a store view; a handle is the SKU."""

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        self.policy, self.around = policy, around
        self.store = int(policy.options.get("store_id", 0))
        headers = {"authorization": f"Bearer {secret}"}
        self.caller = Caller(policy.url, around, CAPABILITY, headers=headers, secrets=(secret,), known=(400, 404))

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        wanted = skus_of(keys, self.policy)
        skus = [product["sku"] for product in self._products([], "items[sku],total_count")] if wanted is None else wanted
        found = [row for part in chunks(skus, PAGE) for row in self._base_prices(part)]
        return told_apart(found, self.policy, wanted)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        changed = [("updated_at", f"{since.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}", "gteq")] if since else []
        if table.name == "orders":
            return rows_of(table, (row for order in self._pages("V1/orders", changed, "") for row in self._lines(order)))
        if table.name == "products":
            return rows_of(table, map(self._product, self._products(changed, "")))
        skus = [product["sku"] for product in self._products([], "items[sku],total_count")] if table.name in ("costs", "stock") else []
        if table.name == "costs":
            rows = (row for part in chunks(skus, PAGE) for row in self._post("V1/products/cost-information", {"skus": list(part)}))
            return rows_of(table, (self._cost(row) for row in rows if row["store_id"] == self.store))
        if table.name == "stock":
            return rows_of(table, self._stock(self._pages("V1/inventory/source-items", [], ""), frozenset(skus)))
        return None

    def _base_prices(self, skus: Sequence[str]) -> Iterator[tuple[str, Reading | None]]:
        for row in self._post("V1/products/base-prices-information", {"skus": list(skus)}):
            if row["store_id"] == self.store:
                price = number_to_minor(row["price"], self.policy.currency)
                known = None if price is None else Reading(price, self.policy.currency, row["sku"], self.around.clock())
                yield row["sku"], known

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        rows = [{"price": to_number(w.price, w.currency), "store_id": self.store, "sku": w.handle} for w in good]
        answer = self.caller.call("POST", "V1/products/base-prices", json={"prices": rows})
        if answer.status != 200:
            words = self.caller.clean(answer.json.get("message", "refused"))
            return [Written(writing.key, "rejected", f"http_{answer.status}", words) for writing in good]
        return _answers(good, [(row.get("parameters") or [], self.caller.clean(row.get("message"))) for row in answer.json])

    def _post(self, path: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Rows that are known; the whole answer is refused where one SKU is not, so then each is asked alone."""
        answer = self.caller.call("POST", path, json=body)
        if answer.status == 200:
            rows: list[dict[str, Any]] = answer.json
            return rows
        skus = body["skus"]
        if len(skus) == 1:
            return []
        half = len(skus) // 2
        return self._post(path, {"skus": skus[:half]}) + self._post(path, {"skus": skus[half:]})

    def _products(self, filters: Sequence[tuple[str, str, str]], fields: str) -> Iterator[dict[str, Any]]:
        return self._pages("V1/products", [("type_id", SELLABLE, "in"), *filters], fields)

    def _pages(self, path: str, filters: Sequence[tuple[str, str, str]], fields: str) -> Iterator[dict[str, Any]]:
        seen, number = 0, 1
        while True:
            params: dict[str, str | int] = {"searchCriteria[pageSize]": PAGE, "searchCriteria[currentPage]": number}
            for place, (field, value, condition) in enumerate(filters):
                head = f"searchCriteria[filter_groups][{place}][filters][0]"
                params |= {f"{head}[field]": field, f"{head}[value]": value, f"{head}[condition_type]": condition}
            answer = self.caller.call("GET", path, params=params | ({"fields": fields} if fields else {}))
            if answer.status != 200:
                raise ShopError(f"the shop answered {answer.status}", where=answer.where)
            page = answer.json
            yield from page["items"]
            seen, number = seen + len(page["items"]), number + 1
            if not page["items"] or seen >= page["total_count"]:
                return

    def _product(self, product: Mapping[str, Any]) -> dict[str, str | None]:
        active = "1" if product["status"] == 1 else "0"
        return {"sku": product["sku"], "name": product["name"], "currency": self.policy.currency, "active": active}

    def _cost(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        cost = number_to_minor(row["cost"], self.policy.currency)
        text = str(row["cost"]) if cost is None else to_text(cost, self.policy.currency)
        return {"sku": row["sku"], "valid_from": self.around.clock().date().isoformat(), "unit_cost": text}

    def _stock(self, items: Iterable[Mapping[str, Any]], skus: frozenset[str]) -> Iterator[dict[str, str | None]]:
        left: dict[str, Any] = {}
        for item in items:
            if item["sku"] in skus:
                left[item["sku"]] = left.get(item["sku"], 0) + (item["quantity"] if item["status"] == 1 else 0)
        today = self.around.clock().date().isoformat()
        for sku, quantity in left.items():
            yield {"date": today, "sku": sku, "on_hand": str(max(quantity, 0)), "out_of_stock": "1" if quantity <= 0 else "0"}

    def _lines(self, order: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
        if order["state"] in ("canceled", "pending_payment") or order["order_currency_code"] != self.policy.currency:
            return
        total = "row_total_incl_tax" if self.policy.tax == "gross" else "row_total"
        for line in order["items"]:
            units = line["qty_ordered"] - line.get("qty_canceled", 0)
            if not line.get("parent_item_id") and units > 0:
                off = line.get("discount_amount") or 0
                yield {
                    "order_id": order["increment_id"],
                    "at": f"{order['created_at']}Z".replace(" ", "T"),
                    "sku": line["sku"],
                    "units": str(units),
                    "price": per_unit([line[total], -off], line["qty_ordered"], self.policy.currency),
                    "customer_id": str(order["customer_id"]) if order.get("customer_id") else None,
                    "channel": self.policy.channel,
                    "region": self.policy.region,
                }


def _answers(good: Sequence[Writing], failed: Sequence[tuple[Sequence[object], str]]) -> Iterator[Written]:
    """What is not among the failed rows is applied; unknown, where a failed row names none of the prices.

    failed  parameters of a row, the SKU among them, and its words
    """
    handles = {writing.handle for writing in good}
    named = {str(name): words for names, words in failed for name in names if str(name) in handles}
    nameless = [words for names, words in failed if not handles & {str(name) for name in names}]
    for writing in good:
        if writing.handle in named:
            yield Written(writing.key, "rejected", "refused", named[writing.handle])
        elif nameless:
            yield Written(writing.key, "unknown", "unclear", "; ".join(nameless))
        else:
            yield Written(writing.key, "applied")


EXAMPLE = """
[shop.web]
platform = "adobe_commerce"
url = "https://shop.example/rest/all"
channel = "web"
region = "DE"
options = { store_id = 0 }
"""

SHOP = Platform(
    open=AdobeCommerce,
    capability=CAPABILITY,
    secret="an integration's access token that may be used as a bearer token",
    example=EXAMPLE,
    options={"store_id": "store view whose base prices are meant; 0, the default scope, where left out"},
)
