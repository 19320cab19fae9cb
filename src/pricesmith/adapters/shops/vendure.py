"""Vendure, by its Admin GraphQL API (3.6 and newer for API keys).

Traps: `price` is always net, so prices are read from `prices[]`, one row a currency, on the tax basis of the channel. All prices of a call
are one transaction. Errors come with status 200. The key goes into a header; no cookie is kept.
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
from ._graphql import RefusalError, ask, data_of
from ._money import from_minor, to_text
from ._prices import every, settle, skus_of, told_apart
from ._pulling import Pulling
from ._rows import ShopRows, chunks, rows_of
from ._when import iso

CAPABILITY = Capability(
    unit="minor", tax="channel", batch=100, across=True, atomic=True, price_lists=True, costs=True, orders=True, proven="real"
)
PAGE = 250

CHANNEL = "{ activeChannel { code pricesIncludeTax availableCurrencyCodes } }"
PRICES = """query ($options: ProductVariantListOptions) {
  productVariants(options: $options) { totalItems items { id sku prices { currencyCode price } } }
}"""
WRITE = """mutation ($input: [UpdateProductVariantInput!]!) {
  updateProductVariants(input: $input) { id prices { currencyCode price } }
}"""
LOGIN = "mutation ($user: String!, $password: String!) { login(username: $user, password: $password) { __typename } }"
VARIANTS = """query ($options: ProductVariantListOptions) {
  productVariants(options: $options) { totalItems items {
    id sku name enabled trackInventory taxRateApplied { value } stockLevels { stockOnHand stockAllocated }
    facetValues { name facet { code } } product { id slug name enabled facetValues { name facet { code } } } COST
  } }
}"""
ORDERS = """query ($options: OrderListOptions) {
  orders(options: $options) { totalItems items {
    code state orderPlacedAt customer { id }
    lines { quantity proratedUnitPrice proratedUnitPriceWithTax productVariant { sku } }
  } }
}"""


class Vendure(Pulling, Clocked):
    """One channel of a Vendure (the protocols Shop and ShopSource).

    A handle is the id of a variant.
    """

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        self.policy, self.around = policy, around
        self._secret, self._login = secret, bool(policy.options.get("login", False))
        channel = str(policy.options.get("channel_token", ""))
        headers = {"vendure-token": channel} if channel else {}
        headers |= {} if self._login else {"vendure-api-key": secret}
        self.caller = Caller(policy.url, around, CAPABILITY, headers=headers, secrets=(secret,), known=(400,))
        self._checked = False

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        self._check_channel()
        wanted = skus_of(keys, self.policy)
        filters: Iterable[dict[str, Any]] = [{}] if wanted is None else ({"sku": {"in": list(part)}} for part in chunks(wanted, PAGE))
        rows = (row for limit in filters for row in self._pages(PRICES, "productVariants", limit))
        return told_apart(((row["sku"], self._reading(row)) for row in rows), self.policy, wanted)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        makers = {"products": self._product, "stock": self._stock, "costs": self._cost}
        if table.name == "orders":
            return rows_of(table, (row for order in self._orders(since) for row in self._lines(order)))
        if table.name not in makers or (table.name == "costs" and not self._cost_field):
            return None
        limit = {"updatedAt": {"after": iso(since)}} if since else {}
        variants = self._pages(VARIANTS.replace("COST", self._cost_query), "productVariants", limit)
        return rows_of(table, (row for variant in variants if (row := makers[table.name](variant))))

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        rows = [{"id": w.handle, "prices": [{"currencyCode": w.currency, "price": w.price}]} for w in good]
        try:
            data = self._ask(WRITE, {"input": rows})
        except RefusalError as refusal:
            if refusal.code == "forbidden":
                raise
            return every(good, "rejected", refusal.code, refusal.what)
        now = {row["id"]: self._reading(row) for row in data["updateProductVariants"] if row}
        return [_answer(writing, now.get(writing.handle)) for writing in good]

    def _reading(self, row: Mapping[str, Any]) -> Reading | None:
        amounts = [from_minor(price["price"]) for price in row["prices"] if price["currencyCode"] == self.policy.currency]
        if len(amounts) != 1 or amounts[0] is None:
            return None
        return Reading(amounts[0], self.policy.currency, row["id"], self.around.clock())

    def _check_channel(self) -> None:
        """The channel's currency and tax basis are those of the policy, or nothing is read."""
        if self._checked:
            return
        channel = self._ask(CHANNEL)["activeChannel"]
        basis = "gross" if channel["pricesIncludeTax"] else "net"
        if basis != self.policy.tax:
            raise ShopError(f"prices of channel {channel['code']} are {basis}", where=self.policy.url, hint=f'write tax = "{basis}"')
        if self.policy.currency not in channel["availableCurrencyCodes"]:
            what = f"channel {channel['code']} has no prices in {self.policy.currency}"
            raise ShopError(what, where=self.policy.url, hint=f"it has {', '.join(channel['availableCurrencyCodes'])}")
        self._checked = True

    def _ask(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Data of an answer; a session that has ended is begun anew, once."""
        if self._login and "authorization" not in self.caller.headers:
            self._log_in()
        try:
            return data_of(ask(self.caller, document, variables), self.caller)
        except RefusalError as refusal:
            if refusal.code != "forbidden" or not self._login:
                raise
        self._log_in()
        return data_of(ask(self.caller, document, variables), self.caller)

    def _log_in(self) -> None:
        user, _, password = self._secret.partition(":")
        self.caller.headers.pop("authorization", None)
        answer = ask(self.caller, LOGIN, {"user": user, "password": password})
        token = answer.headers.get("vendure-auth-token", "")
        if data_of(answer, self.caller)["login"]["__typename"] != "CurrentUser" or not token:
            raise ShopError("the shop refuses the user or password", where=self.policy.url, hint="the secret is `user:password`")
        self.caller.hide(token)
        self.caller.headers["authorization"] = f"Bearer {token}"

    def _pages(self, document: str, name: str, limit: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        seen = 0
        while True:
            options = {"take": PAGE, "skip": seen, "sort": {"id": "ASC"}, **({"filter": dict(limit)} if limit else {})}
            page = self._ask(document, {"options": options})[name]
            yield from page["items"]
            seen += len(page["items"])
            if not page["items"] or seen >= page["totalItems"]:
                return

    @property
    def _cost_field(self) -> str:
        return str(self.policy.options.get("cost_field", ""))

    @property
    def _cost_query(self) -> str:
        field = self._cost_field
        if field and not (field.isidentifier() and field.isascii()):
            raise ShopError(f"{field!r} is no name of a custom field", where="options.cost_field", hint="such as costPrice")
        return f"customFields {{ {field} }}" if field else ""

    def _product(self, variant: Mapping[str, Any]) -> dict[str, str | None]:
        product = variant["product"]
        facets = {fact["facet"]["code"]: fact["name"] for fact in [*product["facetValues"], *variant["facetValues"]]}
        active = variant["enabled"] and product["enabled"]
        rate = f"{variant['taxRateApplied']['value'] / 100:.6f}".rstrip("0").rstrip(".")
        return {
            "sku": variant["sku"],
            "name": variant["name"],
            "brand": facets.get("brand"),
            "category": facets.get("category"),
            "family": product["slug"],
            "currency": self.policy.currency,
            "tax_rate": rate,
            "active": "1" if active else "0",
        }

    def _stock(self, variant: Mapping[str, Any]) -> dict[str, str | None]:
        left = sum(level["stockOnHand"] - level["stockAllocated"] for level in variant["stockLevels"])
        today = self.around.clock().date().isoformat()
        sold_out = variant["trackInventory"] == "TRUE" and left <= 0
        return {"date": today, "sku": variant["sku"], "on_hand": str(max(left, 0)), "out_of_stock": "1" if sold_out else "0"}

    def _cost(self, variant: Mapping[str, Any]) -> dict[str, str | None] | None:
        cost = from_minor(variant["customFields"][self._cost_field])
        today = self.around.clock().date().isoformat()
        return None if cost is None else {"sku": variant["sku"], "valid_from": today, "unit_cost": to_text(cost, self.policy.currency)}

    def _orders(self, since: dt.datetime | None) -> Iterator[dict[str, Any]]:
        limit: dict[str, Any] = {"active": {"eq": False}, **({"updatedAt": {"after": iso(since)}} if since else {})}
        return self._pages(ORDERS, "orders", limit)

    def _lines(self, order: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
        if order["state"] == "Cancelled" or not order["orderPlacedAt"]:
            return
        field = "proratedUnitPriceWithTax" if self.policy.tax == "gross" else "proratedUnitPrice"
        for line in order["lines"]:
            paid = from_minor(line[field])
            if line["quantity"] > 0 and paid is not None:
                yield {
                    "order_id": order["code"],
                    "at": order["orderPlacedAt"],
                    "sku": line["productVariant"]["sku"],
                    "units": str(line["quantity"]),
                    "price": to_text(paid, self.policy.currency),
                    "customer_id": (order["customer"] or {}).get("id"),
                    "channel": self.policy.channel,
                    "region": self.policy.region,
                }


def _answer(writing: Writing, now: Reading | None) -> Written:
    if now is not None and now.price == writing.price:
        return Written(writing.key, "applied")
    return Written(writing.key, "unknown", "differs", f"the shop answered {now.price if now else 'no price'}")


EXAMPLE = """
[shop.web]
platform = "vendure"
url = "https://shop.example/admin-api"
channel = "web"
region = "AT"
options = { cost_field = "costPrice" }
"""

SHOP = Platform(
    open=Vendure,
    capability=CAPABILITY,
    secret="an API key (`createApiKey`), or `user:password` with the option `login`",
    example=EXAMPLE,
    options={
        "login": "true: the secret is `user:password` of an administrator, not an API key",
        "channel_token": "token of the Vendure channel; the default channel where left out",
        "cost_field": "custom field of product variants that holds the cost in minor units",
    },
)
