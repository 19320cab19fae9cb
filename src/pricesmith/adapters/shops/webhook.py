"""Any shop that answers two signed requests: `get_prices` and `set_prices`. The page docs/shops/webhook.md says what it must do.

Each request carries an id, its time, and HMAC-SHA256 over `id.time.body` in base 64, as Standard Webhooks has it. The id is made of time
and body: prices that go back to what they were are a new request, not a repetition of the old one.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Fate, Key, Platform, Reading, Surroundings, Writing, Written

from ._caller import Answer, Caller
from ._clocked import Clocked
from ._json import write_json
from ._money import from_minor
from ._prices import settle, skus_of, told_apart
from ._rows import chunks

CAPABILITY = Capability(unit="minor", tax="channel", batch=500, across=True, atomic=False, per_second=10.0, burst=10)
TOLERANCE = 300.0
ID, TIME, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PAGE = 200
_FATES: dict[object, Fate] = {"applied": "applied", "rejected": "rejected", "pending": "pending"}


class Webhook(Clocked):
    """A shop behind one address (the protocol Shop). A handle is the product key."""

    capability = CAPABILITY

    def __init__(self, policy: ShopPolicy, secret: str, around: Surroundings) -> None:
        if len(secret) < 16:
            raise ShopError("the secret is shorter than 16 characters", hint="make one of 32 random bytes or more")
        self.policy, self.around, self._secret = policy, around, secret
        self.caller = Caller(policy.url, around, CAPABILITY, secrets=(secret,))

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        wanted = skus_of(keys, self.policy)
        parts: Iterable[Sequence[str] | None] = [None] if wanted is None else chunks(wanted, _PAGE)
        rows = (row for part in parts for row in self._listed(part))
        return told_apart(((str(row["sku"]), self._reading(row)) for row in rows), self.policy, wanted)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, CAPABILITY, self.policy, self._send)

    def _send(self, good: Sequence[Writing]) -> Iterator[Written]:
        rows = [{"sku": writing.handle, "price": writing.price, "currency": writing.currency} for writing in good]
        answer = self._signed({"kind": "set_prices", "prices": rows})
        results = {row["sku"]: row for row in answer.json["results"]}
        for writing in good:
            row = results.get(writing.handle, {})
            fate = _FATES.get(row.get("fate"), "unknown")
            yield Written(writing.key, fate, str(row.get("code", "")), self.caller.clean(row.get("detail", "")))

    def _listed(self, skus: Sequence[str] | None) -> list[dict[str, Any]]:
        wanted = {} if skus is None else {"skus": list(skus)}
        rows: list[dict[str, Any]] = self._signed({"kind": "get_prices", **wanted}).json["prices"]
        return rows

    def _reading(self, row: Mapping[str, Any]) -> Reading | None:
        price = from_minor(row.get("price"))
        if price is None or row.get("currency") != self.policy.currency:
            return None
        return Reading(price, self.policy.currency, str(row["sku"]), self.around.clock())

    def _signed(self, document: Mapping[str, Any]) -> Answer:
        body = write_json(document)
        moment = str(int(self.around.clock().timestamp()))
        name = f"msg_{hashlib.sha256(f'{moment}.'.encode() + body).hexdigest()[:32]}"
        signature = f"v1,{signature_of(name, moment, body, self._secret)}"
        headers = {"content-type": "application/json", ID: name, TIME: moment, SIGNATURE: signature}
        return self.caller.call("POST", "", content=body, headers=headers)


def signature_of(name: str, moment: str, body: bytes, secret: str) -> str:
    """Base 64 of HMAC-SHA256 over `id.time.body`."""
    signed = f"{name}.{moment}.".encode() + body
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def is_signed(headers: Mapping[str, str], body: bytes, secret: str, now: dt.datetime) -> bool:
    """What a receiver asks: is the signature right, and the time within five minutes? It must also refuse to act twice on an older time."""
    name, moment = headers.get(ID, ""), headers.get(TIME, "")
    if not (moment.isascii() and moment.isdigit()) or abs(int(moment) - now.timestamp()) > TOLERANCE:
        return False
    expected = f"v1,{signature_of(name, moment, body, secret)}"
    return any(hmac.compare_digest(expected, given) for given in headers.get(SIGNATURE, "").split(" "))


EXAMPLE = """
[shop.own]
platform = "webhook"
url = "https://shop.example/pricesmith"
channel = "web"
region = "DE"
"""

SHOP = Platform(
    open=Webhook, capability=CAPABILITY, secret="a random secret of 16 characters or more, which the shop knows too", example=EXAMPLE
)
