"""Medusa, by its Admin REST API (2.x).

Traps: the prices that are sent replace the whole set of a variant, other currencies, regions and quantities included, so the set is read,
one row in it changed, and all of it sent with its ids. One call takes the variants of one product. Amounts are JSON numbers of major units.
"""

from __future__ import annotations

import base64
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
from ._medusa_tax import FIELDS as TAXES
from ._medusa_tax import Taxes, country_of, taxes_of
from ._money import number_to_minor, to_number
from ._prices import by_group, every, settle, skus_of, told_apart
from ._pulling import Pulling
from ._rows import ShopRows, chunks, rows_of
from ._share import per_unit
from ._when import iso

CAPABILITY = Capability(
    unit="number", tax="channel", batch=100, across=False, atomic=False, price_lists=True, costs=True, orders=True, proven="real"
)
PAGE = 100
PRICES = "id,sku,product_id,*prices,prices.price_rules.attribute,prices.price_rules.value"
VARIANTS = f"{PRICES},title,metadata,manage_inventory,allow_backorder,inventory_quantity,*product,*product.categories"
ORDERS = "id,status,created_at,updated_at,currency_code,customer_id,*items,*items.adjustments"


class Medusa(Pulling, Clocked):
    """A Medusa (the protocols Shop and ShopSource).

    Prices are those of a currency without rules or quantities: what everybody pays where no price list says otherwise. A handle is
    `product/variant`.
    """

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        self.policy, self.around = policy, around
        basic = base64.b64encode(f"{secret}:".encode()).decode()
        headers = {"authorization": f"Basic {basic}"}
        self.caller = Caller(policy.url, around, CAPABILITY, headers=headers, secrets=(secret,), known=(400, 404))
        self._checked = False

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        self._check_basis()
        wanted = skus_of(keys, self.policy)
        limits: Iterable[dict[str, Any]] = [{}] if wanted is None else ({"sku": list(part)} for part in chunks(wanted, PAGE))
        rows = (row for limit in limits for row in self._pages("product-variants", "variants", PRICES, limit))
        return told_apart(((row["sku"] or "", self._reading(row)) for row in rows), self.policy, wanted)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        makers = {"products": self._products, "stock": self._stock, "costs": self._cost}
        limit = {"updated_at[$gte]": iso(since)} if since else {}
        if table.name == "orders":
            orders = self._pages("orders", "orders", ORDERS, {**limit, "order": "updated_at"})
            return rows_of(table, (row for order in orders for row in self._lines(order)))
        if table.name not in makers or (table.name == "costs" and not self._cost_field):
            return None
        variants = self._pages("product-variants", "variants", VARIANTS, {} if table.name == "stock" else limit)
        return rows_of(table, makers[table.name](variant for variant in variants if variant["sku"]))

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        sets = self._sets(good)
        known = [writing for writing in good if writing.handle in sets]
        yield from every([writing for writing in good if writing.handle not in sets], "rejected", "unknown_product", "no such variant")
        ordered = sorted(known, key=lambda writing: writing.handle)
        groups = [list(group) for _, group in groupby(ordered, key=lambda writing: writing.handle.partition("/")[0])]
        yield from by_group(groups, lambda group: self._send_product(group, sets))

    def _sets(self, good: Sequence[Writing]) -> dict[str, list[dict[str, Any]]]:
        """The whole price set of each variant, by handle."""
        ids = [writing.handle.partition("/")[2] for writing in good]
        rows = self._pages("product-variants", "variants", PRICES, {"id": ids})
        return {_handle(row): row["prices"] or [] for row in rows}

    def _send_product(self, group: Sequence[Writing], sets: Mapping[str, list[dict[str, Any]]]) -> Iterable[Written]:
        product = group[0].handle.partition("/")[0]
        rows = [{"id": writing.handle.partition("/")[2], "prices": _merged(sets[writing.handle], writing)} for writing in group]
        path = f"admin/products/{product}/variants/batch"
        answer = self.caller.call("POST", path, params={"fields": PRICES}, json={"update": rows})
        if answer.status != 200:
            return every(group, "rejected", f"http_{answer.status}", self.caller.clean(answer.json.get("message", "")))
        now = {row["id"]: self._reading(row) for row in answer.json["updated"]}
        return [_answer(writing, now.get(writing.handle.partition("/")[2])) for writing in group]

    def _reading(self, row: Mapping[str, Any]) -> Reading | None:
        amounts = [price["amount"] for price in row["prices"] or [] if _is_base(price, self.policy.currency)]
        price = number_to_minor(amounts[0], self.policy.currency) if len(amounts) == 1 else None
        return None if price is None else Reading(price, self.policy.currency, _handle(row), self.around.clock())

    def _check_basis(self) -> None:
        """Whether prices of the currency contain tax is as the policy says, or nothing is read."""
        if self._checked:
            return
        params = {"attribute": "currency_code", "value": self.policy.currency.lower()}
        rows = self._answer("admin/price-preferences", params)["price_preferences"]
        basis = "gross" if any(row["is_tax_inclusive"] for row in rows) else "net"
        if basis != self.policy.tax:
            what = f"prices in {self.policy.currency} are {basis}"
            raise ShopError(what, where=self.policy.url, hint=f'write tax = "{basis}", or set tax-inclusive pricing in the shop')
        self._checked = True

    def _answer(self, path: str, params: Mapping[str, Any]) -> Any:
        answer = self.caller.call("GET", path, params=_listed(params))
        if answer.status != 200:
            raise ShopError(f"the shop answered {answer.status}: {self.caller.clean(answer.data[:400].decode('utf-8', 'replace'))}")
        return answer.json

    def _pages(self, path: str, name: str, fields: str, limit: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        seen = 0
        while True:
            params = {"order": "id", **limit, "fields": fields, "limit": PAGE, "offset": seen}
            page = self._answer(f"admin/{path}", params)
            yield from page[name]
            seen += len(page[name])
            if not page[name] or seen >= page["count"]:
                return

    @property
    def _cost_field(self) -> str:
        return str(self.policy.options.get("cost_field", ""))

    def _products(self, variants: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str | None]]:
        taxes = self._taxes()
        for variant in variants:
            yield {**self._product(variant), "tax_rate": taxes.rate(variant["product"])}

    def _taxes(self) -> Taxes:
        """The tax in the prices; none is in prices that are net."""
        if self.policy.tax == "net":
            return Taxes({}, None)
        regions = list(self._pages("tax-regions", "tax_regions", TAXES, {}))
        return taxes_of(regions, country_of(regions, str(self.policy.options.get("tax_country", "")), self.policy.region))

    def _product(self, variant: Mapping[str, Any]) -> dict[str, str | None]:
        product = variant["product"]
        categories = product.get("categories") or []
        return {
            "sku": variant["sku"],
            "name": f"{product['title']} {variant['title']}",
            "category": categories[0]["name"] if categories else None,
            "family": product["handle"],
            "currency": self.policy.currency,
            "active": "1" if product["status"] == "published" else "0",
        }

    def _stock(self, variants: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str | None]]:
        today = self.around.clock().date().isoformat()
        for variant in variants:
            left = variant.get("inventory_quantity")
            if left is not None and variant["manage_inventory"]:
                sold_out = left <= 0 and not variant["allow_backorder"]
                yield {"date": today, "sku": variant["sku"], "on_hand": str(max(left, 0)), "out_of_stock": "1" if sold_out else "0"}

    def _cost(self, variants: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str | None]]:
        today = self.around.clock().date().isoformat()
        for variant in variants:
            cost = (variant["metadata"] or {}).get(self._cost_field)
            if cost is not None:
                yield {"sku": variant["sku"], "valid_from": today, "unit_cost": str(cost)}

    def _lines(self, order: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
        if order["status"] == "canceled" or order["currency_code"].upper() != self.policy.currency:
            return
        for item in order["items"]:
            paid = _paid(item, self.policy.currency)
            if (
                item["variant_sku"]
                and paid is not None
                and item["quantity"] > 0
                and item["is_tax_inclusive"] == (self.policy.tax == "gross")
            ):
                yield {
                    "order_id": order["id"],
                    "at": order["created_at"],
                    "sku": item["variant_sku"],
                    "units": str(item["quantity"]),
                    "price": paid,
                    "customer_id": order["customer_id"],
                    "channel": self.policy.channel,
                    "region": self.policy.region,
                }


def _handle(row: Mapping[str, Any]) -> str:
    return f"{row['product_id']}/{row['id']}"


def _is_base(price: Mapping[str, Any], currency: str) -> bool:
    """Is it what everybody pays: no rule, no quantity?"""
    plain = not price.get("rules") and price.get("min_quantity") is None and price.get("max_quantity") is None
    return plain and price["currency_code"].upper() == currency


def _merged(prices: Sequence[Mapping[str, Any]], writing: Writing) -> list[dict[str, Any]]:
    """The whole set as it must be sent: every row with its id, and the one price changed."""
    kept = ("id", "currency_code", "amount", "min_quantity", "max_quantity", "rules")
    rows = [{name: price[name] for name in kept if price.get(name) is not None} for price in prices]
    amount = to_number(writing.price, writing.currency)
    base = [row for row in rows if _is_base(row, writing.currency)]
    for row in base:
        row["amount"] = amount
    return rows if base else [*rows, {"currency_code": writing.currency.lower(), "amount": amount}]


def _paid(item: Mapping[str, Any], currency: str) -> str | None:
    """Unit price charged, promotions taken off."""
    parts = [item["unit_price"] * item["quantity"], *(-part["amount"] for part in item.get("adjustments") or [])]
    return per_unit(parts, item["quantity"], currency)


def _answer(writing: Writing, now: Reading | None) -> Written:
    if now is not None and now.price == writing.price:
        return Written(writing.key, "applied")
    return Written(writing.key, "unknown", "differs", f"the shop answered {now.price if now else 'no price'}")


def _listed(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters whose lists are written `name[]`."""
    return {f"{name}[]" if isinstance(value, list) else name: value for name, value in params.items()}


EXAMPLE = """
[shop.web]
platform = "medusa"
url = "https://shop.example"
channel = "web"
region = "AT"
options = { cost_field = "cost" }
"""

SHOP = Platform(
    open=Medusa,
    capability=CAPABILITY,
    secret="a secret API key (`sk_...`)",
    example=EXAMPLE,
    options={
        "cost_field": "name in a variant's metadata that holds its cost in major units",
        "tax_country": "country whose tax is in the prices (ISO code); else the region if it is one, else the only one with a tax region",
    },
)
