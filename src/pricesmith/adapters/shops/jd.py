"""JD.com, by its open platform (JOS), for shops of third-party sellers.

Traps: prices are yuan; one SKU a call; the key of an answer ends in the misspelling `_responce`; fields travel as one JSON parameter with
sorted keys. Contract-tested: no public sandbox.
"""

from __future__ import annotations

import datetime as dt
import json
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
from ._signing import md5_signature

CAPABILITY = Capability(unit="decimal", tax="gross", batch=1, across=False, atomic=True, per_second=2.0, burst=2)
CHINA = dt.timezone(dt.timedelta(hours=8))
PAGE = 50
FIELDS = "skuId,wareId,jdPrice,stockNum,outerId,status"
_ACCESS = ("19", "20", "21", "22", "27", "28", "29")
"""Error codes about the application or its token."""
_LIMITS = ("7", "8", "11")
"""Error codes about too many calls."""


class Jd(Pulling, Clocked):
    """A seller's shop on JD (the protocols Shop and ShopSource). A handle is the skuId, the SKU key is the outer id."""

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        if policy.currency != "CNY":
            raise ShopError("prices here are in CNY", where="$.shop.currency", hint='write currency = "CNY"')
        self.policy, self.around = policy, around
        self._secret, _, self._access = secret.partition(" ")
        self._app = str(policy.options.get("app_key", ""))
        self.caller = Caller(policy.url, around, CAPABILITY, secrets=(secret, self._secret, self._access))
        self.directory = Directory(policy, lambda: self._readings({}), self._look)

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        return self.directory.prices(keys)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        if table.name == "products":
            changed = {"startModifiedTime": f"{since.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"} if since else {}
            rows = ({"sku": row.get("outerId"), "family": str(row["wareId"]), "currency": "CNY"} for row in self._skus(changed))
            return rows_of(table, (row for row in rows if row["sku"]))
        if table.name == "stock":
            today = self.around.clock().astimezone(CHINA).date().isoformat()
            known = (row for row in self._skus({}) if row.get("outerId") and row.get("stockNum") is not None)
            left = ((row["outerId"], int(row["stockNum"])) for row in known)
            return rows_of(
                table, ({"date": today, "sku": s, "on_hand": str(max(n, 0)), "out_of_stock": "1" if n <= 0 else "0"} for s, n in left)
            )
        return None

    def _look(self, handles: Sequence[str]) -> Iterator[tuple[str, Reading | None]]:
        for part in chunks(handles, PAGE):
            yield from self._readings({"skuId": [int(handle) for handle in part]})

    def _readings(self, limit: Mapping[str, Any]) -> Iterator[tuple[str, Reading | None]]:
        for row in self._skus(limit):
            price = from_yuan(str(row["jdPrice"]))
            handle = str(row["skuId"])
            yield row.get("outerId") or "", None if price is None else Reading(price, "CNY", handle, self.around.clock())

    def _skus(self, limit: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        number = 1
        while True:
            answer = self._call("jingdong.sku.read.searchSkuList", {**limit, "field": FIELDS, "pageNo": number, "page_size": PAGE})
            page = answer["page"]
            yield from page.get("data") or []
            if number * PAGE >= int(page["totalItem"]):
                return
            number += 1

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        for writing in good:
            fields = {"skuId": int(writing.handle), "jdPrice": yuan_text(writing.price)}
            try:
                self._call("jingdong.price.write.updateSkuJdPrice", fields)
            except RefusedError as refused:
                yield Written(writing.key, "rejected", refused.code, refused.what)
            else:
                yield Written(writing.key, "applied")

    def _call(self, method: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        moment = self.around.clock().astimezone(CHINA)
        params = {
            "method": method,
            "app_key": self._app,
            "access_token": self._access,
            "timestamp": f"{moment:%Y-%m-%d %H:%M:%S}",
            "v": "2.0",
            "360buy_param_json": json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        }
        answer = self.caller.call("POST", "", form={**params, "sign": md5_signature(params, self._secret)})
        body = answer.json
        if "error_response" in body:
            self._refuse(body["error_response"])
        name = method.replace(".", "_")
        found = body.get(f"{name}_responce", body.get(f"{name}_response"))
        if not isinstance(found, dict):
            raise NoAnswerError("odd_answer", f"the shop answered without {name}_responce", where=answer.where)
        if str(found.get("code", "0")) != "0":
            self._refuse(found)
        return found

    def _refuse(self, error: Mapping[str, Any]) -> None:
        """Raise what an error means: wait, no access, or a refusal; codes are JD's own."""
        code = str(error.get("code"))
        words = self.caller.clean(error.get("en_desc") or error.get("zh_desc") or "refused")
        if code in _LIMITS:
            raise self.caller.busy(f"the shop asks to wait: {words}", None)
        if code in _ACCESS:
            raise ShopError(f"the shop refuses access: {words}", where=self.policy.url, hint="check the application and its token")
        raise RefusedError(f"code_{code}", f"the shop refuses: {words}")


class RefusedError(ShopError):
    """JD understood a call and refused it.

    code  `code_` and JD's number
    """

    def __init__(self, code: str, what: str) -> None:
        self.code = code
        super().__init__(what)


EXAMPLE = """
[shop.jd]
platform = "jd"
url = "https://api.jd.com/routerjson"
channel = "jd"
region = "CN"
currency = "CNY"
options = { app_key = "ABCDEF" }
"""

SHOP = Platform(
    open=Jd,
    capability=CAPABILITY,
    secret="`app secret` and `access token` of the authorised seller, separated by a space",
    example=EXAMPLE,
    options={"app_key": "key of the application"},
)
