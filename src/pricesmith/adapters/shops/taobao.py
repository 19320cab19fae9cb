"""Taobao and Tmall, by the Taobao Open Platform (TOP).

Traps: prices are yuan with two decimals; one SKU a call; the price of an item must lie within those of its SKUs, or be sent along; errors
come with status 200 and say by their code whether trying again can help. Contract-tested: no public sandbox.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Key, Platform, Reading, Surroundings, Writing, Written
from pricesmith.contracts.tables import Table

from ._caller import Caller, NoAnswerError
from ._clocked import Clocked
from ._directory import Directory
from ._money import from_yuan, yuan_text
from ._prices import settle
from ._pulling import Pulling
from ._rows import ShopRows, chunks, rows_of
from ._signing import hmac_signature, md5_signature

CAPABILITY = Capability(unit="decimal", tax="gross", batch=1, across=False, atomic=True, per_second=2.0, burst=2)
CHINA = dt.timezone(dt.timedelta(hours=8))
PAGE = 200
ITEMS_A_CALL = 40
_BAN = re.compile(r"last (\d+) more second")


class RefusedError(ShopError):
    """TOP understood a call and refused it.

    code  its sub code, such as `isv.invalid-parameter`
    """

    def __init__(self, code: str, what: str) -> None:
        self.code = code
        super().__init__(what)


class Taobao(Pulling, Clocked):
    """A shop on Taobao or Tmall (the protocols Shop and ShopSource). A handle is `num_iid/properties`, the SKU key is the outer id."""

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        if policy.currency != "CNY":
            raise ShopError("prices here are in CNY", where="$.shop.currency", hint='write currency = "CNY"')
        self.policy, self.around = policy, around
        self._secret, _, self._session = secret.partition(" ")
        self._app = str(policy.options.get("app_key", ""))
        self._method = str(policy.options.get("sign_method", "md5"))
        self.caller = Caller(policy.url, around, CAPABILITY, secrets=(secret, self._secret, self._session))
        self.directory = Directory(policy, self._scan, self._look)

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        return self.directory.prices(keys)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        changed = {"start_modified": f"{since.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"} if since and table.name == "products" else {}
        items = self._items(**changed) if table.name in ("products", "stock") else iter(())
        today = self.around.clock().astimezone(CHINA).date().isoformat()
        if table.name == "products":
            named = {str(item["num_iid"]): item["title"] for item in items}
            skus = self._skus(list(named))
            rows = ({"sku": s["outer_id"], "name": named[str(s["num_iid"])], "family": str(s["num_iid"]), "currency": "CNY"} for s in skus)
            return rows_of(table, (row for row in rows if row["sku"]))
        if table.name == "stock":
            skus = self._skus([str(item["num_iid"]) for item in items])
            known = (sku for sku in skus if sku.get("outer_id") and sku.get("quantity") is not None)
            left = ((sku["outer_id"], int(sku["quantity"])) for sku in known)
            return rows_of(
                table, ({"date": today, "sku": s, "on_hand": str(max(n, 0)), "out_of_stock": "1" if n <= 0 else "0"} for s, n in left)
            )
        return None

    def _scan(self) -> Iterator[tuple[str, Reading | None]]:
        return self._readings([str(item["num_iid"]) for item in self._items()])

    def _look(self, handles: Sequence[str]) -> Iterator[tuple[str, Reading | None]]:
        return self._readings(list(dict.fromkeys(handle.partition("/")[0] for handle in handles)))

    def _readings(self, items: Sequence[str]) -> Iterator[tuple[str, Reading | None]]:
        for sku in self._skus(items):
            price, handle = from_yuan(sku["price"]), f"{sku['num_iid']}/{sku['properties']}"
            yield sku.get("outer_id") or "", None if price is None else Reading(price, "CNY", handle, self.around.clock())

    def _items(self, **limit: str) -> Iterator[dict[str, Any]]:
        number = 1
        while True:
            answer = self._call("taobao.items.onsale.get", fields="num_iid,title", page_no=str(number), page_size=str(PAGE), **limit)
            items = (answer.get("items") or {}).get("item") or []
            yield from items
            if not items or number * PAGE >= int(answer["total_results"]):
                return
            number += 1

    def _skus(self, items: Sequence[str]) -> Iterator[dict[str, Any]]:
        fields = "sku_id,num_iid,properties,price,quantity,outer_id"
        for part in chunks(items, ITEMS_A_CALL):
            answer = self._call("taobao.item.skus.get", fields=fields, num_iids=",".join(part))
            yield from (answer.get("skus") or {}).get("sku") or []

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        for writing in good:
            item, _, properties = writing.handle.partition("/")
            skus = {sku["properties"]: from_yuan(sku["price"]) for sku in self._skus([item])}
            if properties not in skus:
                yield Written(writing.key, "rejected", "unknown_product", "no such SKU")
                continue
            fields = {"num_iid": item, "properties": properties, "price": yuan_text(writing.price)}
            others = [price for name, price in skus.items() if name != properties and price is not None]
            main = self._main_price(item, [*others, writing.price])
            try:
                self._call("taobao.item.sku.price.update", **fields, **({"item_price": yuan_text(main)} if main is not None else {}))
            except RefusedError as refused:
                yield Written(writing.key, "rejected", refused.code, refused.what)
            else:
                yield Written(writing.key, "applied")

    def _main_price(self, item: str, prices: Sequence[int]) -> int | None:
        """The item's own price as it must become, to lie within those of its SKUs; None where it does already."""
        now = from_yuan(self._call("taobao.item.seller.get", fields="num_iid,price", num_iid=item)["item"]["price"])
        fitting = min(max(now if now is not None else 0, min(prices)), max(prices))
        return None if fitting == now else fitting

    def _call(self, method: str, **fields: str) -> dict[str, Any]:
        moment = self.around.clock().astimezone(CHINA)
        params = {
            "method": method,
            "app_key": self._app,
            "session": self._session,
            "timestamp": f"{moment:%Y-%m-%d %H:%M:%S}",
            "format": "json",
            "v": "2.0",
            "sign_method": self._method,
            **fields,
        }
        answer = self.caller.call("POST", "", form={**params, "sign": self.sign(params)})
        body = answer.json
        if "error_response" in body:
            self._refuse(body["error_response"])
        name = f"{method.removeprefix('taobao.').replace('.', '_')}_response"
        if name not in body:
            raise NoAnswerError("odd_answer", f"the shop answered without {name}", where=answer.where)
        found: dict[str, Any] = body[name]
        return found

    def sign(self, params: Mapping[str, str]) -> str:
        """The signature that `sign_method` names."""
        if self._method == "md5":
            return md5_signature(params, self._secret)
        return hmac_signature(params, self._secret, "sha256" if self._method == "hmac-sha256" else "md5")

    def _refuse(self, error: Mapping[str, Any]) -> None:
        """Raise what an error means: wait, a dead session, a doubt (`isp.`), or a refusal."""
        code, sub = str(error.get("code")), str(error.get("sub_code") or "")
        words = self.caller.clean(error.get("sub_msg") or error.get("msg"))
        if code == "7":
            raise self.caller.busy(f"the shop asks to wait: {words}", self._ban(sub, f"{error.get('sub_msg')} {error.get('msg')}"))
        if code in ("26", "27"):
            raise ShopError(f"the session is not valid: {words}", where=self.policy.url, hint="authorise the application again")
        if sub.startswith("isp."):
            raise NoAnswerError(sub, f"the shop's own error: {words}", where=self.policy.url)
        raise RefusedError(sub or f"code_{code}", f"the shop refuses: {words}")

    def _ban(self, sub: str, words: str) -> float | None:
        """Seconds to wait: as the ban says and one more, or until the daily quota starts anew."""
        found = _BAN.search(words)
        if found:
            return float(found[1]) + 1.0
        if not sub.endswith("limited-by-app-access-count"):
            return None
        now = self.around.clock().astimezone(CHINA)
        return ((now + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0) - now).total_seconds()


EXAMPLE = """
[shop.taobao]
platform = "taobao"
url = "https://eco.taobao.com/router/rest"
channel = "taobao"
region = "CN"
currency = "CNY"
options = { app_key = "12345678" }
"""

SHOP = Platform(
    open=Taobao,
    capability=CAPABILITY,
    secret="`app secret` and `session` of the authorised seller, separated by a space",
    example=EXAMPLE,
    options={"app_key": "key of the application", "sign_method": "`md5` (where left out), `hmac` or `hmac-sha256`"},
)
