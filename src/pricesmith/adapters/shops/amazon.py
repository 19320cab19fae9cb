"""Amazon, by the Selling Partner API (Listings Items 2021-08-01).

Traps: ACCEPTED means accepted, not applied: the price is read from the live offer later. A patch replaces what it names, so the offers of
a product are read, one price in them changed, and all of them sent. One SKU a call. Prices contain tax.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Key, Platform, Reading, Surroundings, Writing, Written
from pricesmith.contracts.tables import Table

from ._caller import Answer, Caller, NoAnswerError
from ._clocked import Clocked
from ._money import from_text, number_to_minor, to_number
from ._prices import settle, skus_of, told_apart
from ._pulling import Pulling
from ._rows import ShopRows, rows_of
from ._when import iso

CAPABILITY = Capability(
    unit="number",
    tax="gross",
    batch=1,
    across=False,
    atomic=True,
    asynchronous=True,
    windows=True,
    price_lists=True,
    per_second=4.0,
    burst=4,
)
TOKENS = "https://api.amazon.com/auth/o2/token"
ITEMS = "listings/2021-08-01/items"
OFFER = "purchasable_offer"
EVERYBODY = "ALL"
_EARLY = 60.0


class Amazon(Pulling, Clocked):
    """The offers of one seller in one marketplace (the protocols Shop and ShopSource).

    A handle is `product type/SKU`.
    """

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        self.policy, self.around = policy, around
        self.seller, self.marketplace = _option(policy, "seller"), _option(policy, "marketplace")
        self._secret = secret
        self.caller = Caller(policy.url, around, CAPABILITY, secrets=(secret,), known=(400, 404, 429))
        self.tokens = Caller(str(policy.options.get("token_url", TOKENS)), around, CAPABILITY, secrets=(secret,), known=(400,))
        self._ends: dt.datetime | None = None

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        wanted = skus_of(keys, self.policy)
        listed = (
            self._search("summaries,offers")
            if wanted is None
            else (item for sku in wanted if (item := self._item(sku, "summaries,offers")))
        )
        return told_apart(((item["sku"], self._reading(item)) for item in listed), self.policy, wanted)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        if table.name == "products":
            changed = {"lastUpdatedAfter": iso(since)} if since else {}
            return rows_of(table, (self._product(item) for item in self._search("summaries", **changed) if item.get("summaries")))
        if table.name == "stock":
            return rows_of(table, (row for item in self._search("fulfillmentAvailability") if (row := self._stock(item))))
        return None

    def _reading(self, item: Mapping[str, Any]) -> Reading | None:
        summaries = [part for part in item.get("summaries") or [] if part.get("marketplaceId") == self.marketplace]
        offers = [
            part["price"] for part in item.get("offers") or [] if part["marketplaceId"] == self.marketplace and part["offerType"] == "B2C"
        ]
        if len(offers) != 1 or not summaries or offers[0]["currencyCode"] != self.policy.currency:
            return None
        amount = offers[0]["amount"]
        known = from_text(amount, self.policy.currency) if isinstance(amount, str) else number_to_minor(amount, self.policy.currency)
        handle = f"{summaries[0]['productType']}/{item['sku']}"
        return None if known is None else Reading(known, self.policy.currency, handle, self.around.clock())

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        for writing in good:
            kind, _, sku = writing.handle.partition("/")
            item = self._item(sku, "attributes")
            if item is None:
                yield Written(writing.key, "rejected", "unknown_product", "no such listing")
                continue
            offers = self._merged((item.get("attributes") or {}).get(OFFER) or [], writing)
            body = {"productType": kind, "patches": [{"op": "replace", "path": f"/attributes/{OFFER}", "value": offers}]}
            answer = self._call("PATCH", self._path(sku), json=body)
            yield self._settled(writing, answer)

    def _settled(self, writing: Writing, answer: Answer) -> Written:
        body = answer.json
        issues = body.get("issues") or body.get("errors") or [{}]
        code, words = str(issues[0].get("code", "")), self.caller.clean(issues[0].get("message", ""))
        if answer.status == 200 and body.get("status") == "ACCEPTED":
            return Written(writing.key, "pending", "accepted", f"submission {body.get('submissionId')}")
        if body.get("status") == "INVALID" or answer.status in (400, 404):
            return Written(writing.key, "rejected", code.lower() or "invalid", words)
        raise NoAnswerError("odd_answer", f"the shop answered {body.get('status')}", where=answer.where)

    def _merged(self, offers: Sequence[Mapping[str, Any]], writing: Writing) -> list[dict[str, Any]]:
        """All offers of the product here, with the one price for everybody changed and nothing else."""
        price = [{"schedule": [{"value_with_tax": to_number(writing.price, writing.currency)}]}]
        here = [dict(offer) for offer in offers if offer.get("marketplace_id", self.marketplace) == self.marketplace]
        ours = [offer for offer in here if offer.get("audience", EVERYBODY) == EVERYBODY and offer.get("currency") == writing.currency]
        for offer in ours:
            offer["our_price"] = price
        new = {"marketplace_id": self.marketplace, "currency": writing.currency, "audience": EVERYBODY, "our_price": price}
        return here if ours else [*here, new]

    def _item(self, sku: str, included: str) -> dict[str, Any] | None:
        answer = self._call("GET", self._path(sku), included=included)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise ShopError(f"the shop answered {answer.status}: {self.caller.clean(answer.data[:400].decode('utf-8', 'replace'))}")
        item: dict[str, Any] = answer.json
        return item

    def _search(self, included: str, **limit: str) -> Iterator[dict[str, Any]]:
        token = ""
        while True:
            more = {"pageToken": token} if token else {}
            page = self._call("GET", f"{ITEMS}/{quote(self.seller, safe='')}", included=included, pageSize=20, **limit, **more).json
            yield from page["items"]
            token = (page.get("pagination") or {}).get("nextToken") or ""
            if not token:
                return

    def _path(self, sku: str) -> str:
        return f"{ITEMS}/{quote(self.seller, safe='')}/{quote(sku, safe='')}"

    def _call(self, method: str, path: str, *, json: Any = None, included: str = "", **params: str | int) -> Answer:
        chosen = {"marketplaceIds": self.marketplace, **({"includedData": included} if included else {}), **params}
        headers = {"x-amz-access-token": self._token()}
        answer = self.caller.call(method, path, params=chosen, json=json, headers=headers)
        if answer.status == 429:
            limit, after = answer.headers.get("x-amzn-ratelimit-limit", ""), answer.headers.get("retry-after", "")
            seconds = float(after) if after.isdigit() else _pause(limit)
            raise self.caller.busy("the shop asks to wait (429)", seconds)
        return answer

    def _token(self) -> str:
        """An access token, made anew a minute before it ends."""
        now = self.around.clock()
        if self._ends is None or now >= self._ends:
            names = self._secret.split(" ")
            if len(names) != 3:
                raise ShopError("the secret has not three parts", hint="`client id`, `client secret`, `refresh token`, separated by spaces")
            form = {"grant_type": "refresh_token", "client_id": names[0], "client_secret": names[1], "refresh_token": names[2]}
            answer = self.tokens.call("POST", "", form=form)
            if answer.status != 200:
                raise ShopError(
                    "the shop refuses the refresh token", where=self.tokens.address.base, hint="authorise the application again"
                )
            body = answer.json
            self._access = str(body["access_token"])
            self.caller.hide(self._access)
            self._ends = now + dt.timedelta(seconds=max(float(body["expires_in"]) - _EARLY, 0.0))
        return self._access

    def _product(self, item: Mapping[str, Any]) -> dict[str, str | None]:
        summary = item["summaries"][0]
        active = "1" if "BUYABLE" in summary.get("status", []) else "0"
        return {"sku": item["sku"], "name": summary.get("itemName"), "currency": self.policy.currency, "active": active}

    def _stock(self, item: Mapping[str, Any]) -> dict[str, str | None] | None:
        known = [part["quantity"] for part in item.get("fulfillmentAvailability") or [] if part.get("quantity") is not None]
        if not known:
            return None
        left, today = sum(known), self.around.clock().date().isoformat()
        return {"date": today, "sku": item["sku"], "on_hand": str(max(left, 0)), "out_of_stock": "1" if left <= 0 else "0"}


def _pause(limit: str) -> float | None:
    """Seconds between two calls at the rate that the header names."""
    try:
        return 1.0 / float(limit)
    except (ValueError, ZeroDivisionError):
        return None


def _option(policy: ShopPolicy, name: str) -> str:
    value = str(policy.options.get(name, ""))
    if not value:
        raise ShopError(f"the option {name!r} is missing", where="$.shop.options", hint="see the page of this platform")
    return value


EXAMPLE = """
[shop.marketplace]
platform = "amazon"
url = "https://sellingpartnerapi-eu.amazon.com"
channel = "amazon"
region = "DE"
options = { seller = "A1EXAMPLE", marketplace = "A1PA6795UKMFR9" }
"""

SHOP = Platform(
    open=Amazon,
    capability=CAPABILITY,
    secret="`client id`, `client secret` and `refresh token` of Login with Amazon, separated by spaces",
    example=EXAMPLE,
    options={
        "seller": "seller id",
        "marketplace": "marketplace id",
        "token_url": "address that gives access tokens; Amazon's where left out",
    },
)
