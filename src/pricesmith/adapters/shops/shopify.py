"""Shopify, by its Admin GraphQL API.

Traps: a call takes variants of one product; 200 comes with `userErrors` (some rows written, others not) or `THROTTLED`; the search index
lags, so known variants are read by id. Prices are text in the shop's own currency.
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

from ._caller import Caller
from ._clocked import Clocked
from ._directory import Directory
from ._graphql import ask, data_of
from ._money import from_text, to_text
from ._prices import by_group, settle
from ._pulling import Pulling
from ._rows import ShopRows, chunks, rows_of
from ._shopify_documents import BY_ID, ORDERS, PRICES, SHOP_FACTS, VARIANTS, WRITE
from ._when import iso

CAPABILITY = Capability(
    unit="decimal",
    tax="channel",
    batch=250,
    across=False,
    atomic=False,
    compare_at=True,
    price_lists=True,
    costs=True,
    orders=True,
    per_second=10.0,
    burst=10,
)
VERSION = "2026-07"
PAGE = 100


class Shopify(Pulling, Clocked):
    """A Shopify store (the protocols Shop and ShopSource). A handle is `product/variant`, both by number."""

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        self.policy, self.around = policy, around
        self.caller = Caller(policy.url, around, CAPABILITY, headers={"x-shopify-access-token": secret}, secrets=(secret,))
        self.path = f"admin/api/{policy.options.get('api_version', VERSION)}/graphql.json"
        self.directory = Directory(policy, self._scan, self._look)
        self._checked = False

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        self._check_shop()
        return self.directory.prices(keys)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        changed = f"updated_at:>='{iso(since)}'" if since else None
        if table.name == "orders":
            return rows_of(table, (row for order in self._pages(ORDERS, "orders", changed) for row in self._lines(order)))
        makers = {"products": self._product, "stock": self._stock, "costs": self._cost}
        if table.name not in makers:
            return None
        variants = self._pages(VARIANTS, "productVariants", changed if table.name == "products" else None)
        return rows_of(table, (row for variant in variants if variant["sku"] and (row := makers[table.name](variant))))

    def _scan(self) -> Iterator[tuple[str, Reading | None]]:
        return ((row["sku"] or "", self._reading(row)) for row in self._pages(PRICES, "productVariants", None))

    def _look(self, handles: Sequence[str]) -> Iterator[tuple[str, Reading | None]]:
        for part in chunks(handles, PAGE):
            ids = [_gid("ProductVariant", handle.rpartition("/")[2]) for handle in part]
            yield from ((row["sku"] or "", self._reading(row)) for row in self._ask(BY_ID, {"ids": ids})["nodes"] if row)

    def _reading(self, row: Mapping[str, Any]) -> Reading | None:
        price = from_text(row["price"], self.policy.currency)
        handle = f"{_number(row['product']['id'])}/{_number(row['id'])}"
        return None if price is None else Reading(price, self.policy.currency, handle, self.around.clock())

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        ordered = sorted(good, key=lambda writing: writing.handle)
        groups = [list(group) for _, group in groupby(ordered, key=lambda writing: writing.handle.partition("/")[0])]
        return by_group(groups, self._send_product)

    def _send_product(self, group: Sequence[Writing]) -> Iterable[Written]:
        product = _gid("Product", group[0].handle.partition("/")[0])
        rows = [{"id": _gid("ProductVariant", w.handle.rpartition("/")[2]), "price": to_text(w.price, w.currency)} for w in group]
        done = self._ask(WRITE, {"product": product, "variants": rows})["productVariantsBulkUpdate"]
        refused = _errors(done["userErrors"], len(group))
        now = {row["id"]: from_text(row["price"], self.policy.currency) for row in done["productVariants"] or []}
        for place, (writing, row) in enumerate(zip(group, rows, strict=True)):
            error = refused.get(place) or refused.get(None)
            price = now.get(row["id"])
            if price == writing.price:
                yield Written(writing.key, "applied")
            elif error:
                yield Written(writing.key, "rejected", str(error.get("code") or "refused").lower(), self.caller.clean(error["message"]))
            else:
                yield Written(writing.key, "unknown", "differs", f"the shop answered {price}")

    def _check_shop(self) -> None:
        """The store's currency and tax basis are those of the policy, or nothing is read."""
        if self._checked:
            return
        shop = self._ask(SHOP_FACTS)["shop"]
        basis = "gross" if shop["taxesIncluded"] else "net"
        if basis != self.policy.tax:
            raise ShopError(f"prices of this store are {basis}", where=self.policy.url, hint=f'write tax = "{basis}"')
        if shop["currencyCode"] != self.policy.currency:
            raise ShopError(f"prices of this store are in {shop['currencyCode']}", where=self.policy.url, hint="write that currency")
        self._checked = True

    def _ask(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = ask(self.caller, document, variables, path=self.path)
        body = answer.json
        errors = body.get("errors") if isinstance(body, dict) else None
        codes = (
            [(error.get("extensions") or {}).get("code") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        )
        if "THROTTLED" in codes:
            raise self.caller.busy("the shop asks to wait (THROTTLED)", throttled_for(body))
        return data_of(answer, self.caller)

    def _pages(self, document: str, name: str, query: str | None) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            page = self._ask(document, {"first": PAGE, "after": cursor, "query": query})[name]
            yield from page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            cursor = page["pageInfo"]["endCursor"]

    def _product(self, variant: Mapping[str, Any]) -> dict[str, str | None]:
        product = variant["product"]
        return {
            "sku": variant["sku"],
            "name": variant["displayName"],
            "brand": product["vendor"],
            "category": product["productType"] or None,
            "family": product["handle"],
            "currency": self.policy.currency,
            "active": "1" if product["status"] == "ACTIVE" else "0",
        }

    def _stock(self, variant: Mapping[str, Any]) -> dict[str, str | None] | None:
        item, left = variant["inventoryItem"], variant["inventoryQuantity"]
        if not item["tracked"] or left is None:
            return None
        sold_out = left <= 0 and variant["inventoryPolicy"] == "DENY"
        today = self.around.clock().date().isoformat()
        return {"date": today, "sku": variant["sku"], "on_hand": str(max(left, 0)), "out_of_stock": "1" if sold_out else "0"}

    def _cost(self, variant: Mapping[str, Any]) -> dict[str, str | None] | None:
        cost = variant["inventoryItem"]["unitCost"]
        if cost is None or cost["currencyCode"] != self.policy.currency:
            return None
        return {"sku": variant["sku"], "valid_from": self.around.clock().date().isoformat(), "unit_cost": cost["amount"]}

    def _lines(self, order: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
        if order["test"] or order["cancelledAt"] or order["taxesIncluded"] != (self.policy.tax == "gross"):
            return
        for line in order["lineItems"]["nodes"]:
            paid = line["discountedUnitPriceAfterAllDiscountsSet"]["shopMoney"]
            if line["sku"] and line["currentQuantity"] > 0 and paid["currencyCode"] == self.policy.currency:
                yield {
                    "order_id": _number(order["id"]),
                    "at": order["createdAt"],
                    "sku": line["sku"],
                    "units": str(line["currentQuantity"]),
                    "price": paid["amount"],
                    "channel": self.policy.channel,
                    "region": self.policy.region,
                }


def throttled_for(body: Mapping[str, Any]) -> float | None:
    """Seconds until the bucket holds what was asked for: (requested - available) / restore rate; None where the answer does not say."""
    cost = (body.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    try:
        return max(float(cost["requestedQueryCost"] - status["currentlyAvailable"]) / float(status["restoreRate"]), 0.1)
    except (KeyError, TypeError, ZeroDivisionError):
        return None


def _errors(errors: Sequence[Mapping[str, Any]], count: int) -> dict[int | None, Mapping[str, Any]]:
    """Error by row of the call; under None those that name no row and so stand for all."""
    by_row: dict[int | None, Mapping[str, Any]] = {}
    for error in errors:
        rows = [int(part) for part in error.get("field") or [] if part.isdigit() and int(part) < count]
        by_row[rows[0] if rows else None] = error
    return by_row


def _gid(kind: str, number: str) -> str:
    return f"gid://shopify/{kind}/{number}"


def _number(gid: str) -> str:
    return gid.rpartition("/")[2]


EXAMPLE = """
[shop.web]
platform = "shopify"
url = "https://my-shop.myshopify.com"
channel = "web"
region = "DE"
options = { api_version = "2026-07" }
"""

SHOP = Platform(
    open=Shopify,
    capability=CAPABILITY,
    secret="an access token with the scopes read_products, write_products, read_inventory, read_orders",
    example=EXAMPLE,
    options={"api_version": f"version of the Admin API; {VERSION} where left out"},
)
