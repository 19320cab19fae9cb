"""One request -> the bytes of its answer. Nothing waits here: prices come from memory, keys from what is known of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

import msgspec

from .access import Bucket, Keys
from .address import asked
from .parse import Request
from .records import DEFAULT, MOST_ITEMS, Batch, Health, Item, Missing, Refused
from .table import Place, Table

ITEMS_A_REQUEST = 50
"""Items of a batch that count as one request."""
JSON, PROBLEM = b"application/json", b"application/problem+json"
_BATCH = msgspec.json.Decoder(Batch)
_ENCODE = msgspec.json.Encoder().encode
_QUOTE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: private, max-age=1\r\nX-Content-Type-Options: nosniff\r\n"
    b'Date: %b\r\nETag: "%b"\r\n%bContent-Length: %d\r\n\r\n%b'
)
_OTHER = (
    b"HTTP/1.1 %d %b\r\nContent-Type: %b\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
    b"Date: %b\r\n%b%bContent-Length: %d\r\n\r\n%b"
)
_SAME = b'HTTP/1.1 304 Not Modified\r\nCache-Control: private, max-age=1\r\nDate: %b\r\nETag: "%b"\r\n%b\r\n'
_ENDS = b"Connection: close\r\n"


@dataclass(slots=True)
class Answers:
    """What all connections share.

    keys      None where whoever reaches this machine may ask
    hosts     names under which it may be asked; None: any
    patience  seconds without a reading of the ledger after which quotes are stale
    table     None before anything could be read
    heard     when the ledger was last read, by the steady clock; None before the first time
    read_at   the same by the clock of the machine
    """

    keys: Keys | None
    hosts: frozenset[bytes] | None
    patience: float
    steady: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    table: Table | None = None
    heard: float | None = None
    read_at: dt.datetime | None = None
    _second: int = 0
    _date: bytes = b""
    _queries: dict[bytes, Place] = field(default_factory=dict)

    def reply(self, request: Request) -> bytes | None:
        """The whole answer; None where the accounts must be asked of its key first. Raises Refused."""
        if self.hosts is not None and request.headers.name not in self.hosts:
            raise Refused(421, "wrong_host", "this service is not known by that name", "ask it as localhost")
        where = asked(request.target, self._queries)
        if where.health:
            return self._health(request)
        bucket = None
        if self.keys is not None:
            bucket = self.keys.bucket(request.headers.authorization, self.steady())
            if bucket is None:
                return None
        if where.sku is None:
            return self._batch(request, bucket)
        if bucket is not None:
            bucket.take(1.0, self.steady())
        return self._single(request, where.sku, where.place)

    def problem(self, refused: Refused, request: Request | None = None) -> bytes:
        problem = refused.problem
        body, ends = _ENCODE(problem), refused.close or (request is not None and request.headers.close)
        return self._other(problem.status, PROBLEM, body, request, refused.headers, ends)

    def late(self) -> bool:
        """The ledger has not been read for too long."""
        return self.heard is None or self.steady() - self.heard > self.patience

    def _single(self, request: Request, sku: bytes, place: Place) -> bytes:
        if request.method not in (b"GET", b"HEAD"):
            raise Refused(405, "method", "a quote is asked with GET", headers=b"Allow: GET, HEAD\r\n")
        table, now = self._table(), self.wall()
        number = table.find(sku, place)
        if number < 0:
            raise Refused(404, "unknown_product", "no product with this SKU, channel and region", _elsewhere(table, sku))
        body = table.quote(number, sku, self.late(), int(now * 1e6))
        if body is None:
            raise Refused(404, "no_price", "no price of this product is known", "is it active, and was a run recorded?")
        tag = hashlib.blake2b(body, digest_size=8).hexdigest().encode()
        ends = _ENDS if request.headers.close else b""
        if request.headers.match and _matches(request.headers.match, tag):
            return _SAME % (self._now(now), tag, ends)
        return _QUOTE % (self._now(now), tag, ends, len(body), b"" if request.method == b"HEAD" else body)

    def _batch(self, request: Request, bucket: Bucket | None) -> bytes:
        if request.method != b"POST":
            raise Refused(405, "method", "a batch is asked with POST", "GET /api/v1/quotes/SKU asks for one", headers=b"Allow: POST\r\n")
        if request.headers.media != JSON:
            raise Refused(415, "media_type", "the body is not said to be JSON", "send Content-Type: application/json")
        items = batch(request.body)
        if bucket is not None:
            bucket.take(float(-(-len(items) // ITEMS_A_REQUEST)), self.steady())
        table, late, now = self._table(), self.late(), int(self.wall() * 1e6)
        return self._other(200, JSON, b'{"items":[%b]}' % b",".join(_quotes(table, items, late, now)), request)

    def _health(self, request: Request) -> bytes:
        if request.method not in (b"GET", b"HEAD"):
            raise Refused(405, "method", "health is asked with GET", headers=b"Allow: GET, HEAD\r\n")
        if self.table is None:
            return self._other(503, JSON, _ENCODE(Health("starting", 0, 0, None)), request)
        health = Health("stale" if self.late() else "ok", self.table.products, self.table.act, self.read_at or self.table.read_at)
        return self._other(200, JSON, _ENCODE(health), request)

    def _table(self) -> Table:
        if self.table is None:
            raise Refused(503, "starting", "no price could be read yet", "is there a ledger? try again soon", headers=b"Retry-After: 2\r\n")
        return self.table

    def _other(
        self, status: int, media: bytes, body: bytes, request: Request | None, headers: bytes = b"", ends: bool | None = None
    ) -> bytes:
        last = _ENDS if ends or (ends is None and request is not None and request.headers.close) else b""
        shown = b"" if request is not None and request.method == b"HEAD" else body
        phrase = HTTPStatus(status).phrase.encode()
        return _OTHER % (status, phrase, media, self._now(self.wall()), headers, last, len(body), shown)

    def _now(self, seconds: float) -> bytes:
        """The date of an answer, made once a second."""
        if int(seconds) != self._second:
            self._second, self._date = int(seconds), formatdate(int(seconds), usegmt=True).encode()
        return self._date


def batch(body: bytes) -> tuple[Item, ...]:
    """The items of a body. Raises Refused that names the place."""
    try:
        return _BATCH.decode(body).items
    except msgspec.ValidationError as error:
        hint = f'{{"items": [{{"sku": "A1", "channel": "web", "region": "DE"}}]}}, at most {MOST_ITEMS:,}'
        raise Refused(422, "bad_batch", str(error), hint) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, "bad_json", f"the body is no JSON: {error}") from None


def _quotes(table: Table, items: tuple[Item, ...], late: bool, now: int) -> list[bytes]:
    """A quote or a reason for each item."""
    shelves: dict[tuple[str, str], dict[bytes, int]] = {}
    products, quote, found = table.products, table.quote, []
    for item in items:
        sku, named = item.sku.encode(), (item.channel, item.region)
        shelf = shelves.get(named)
        if shelf is None:
            shelf = shelves[named] = table.places.get((named[0].encode(), named[1].encode()), {})
        number = shelf.get(sku, products)
        text = quote(number, sku, late, now) if number < products else None
        if text is None:
            reason = "no_price" if number < products else "unknown_product"
            text = _ENCODE(Missing(item.sku, item.channel, item.region, reason))
        found.append(text)
    return found


def _elsewhere(table: Table, sku: bytes) -> str:
    """Where else a product is known."""
    found = [b"/".join(place).decode() for place in table.places if table.find(sku, place) >= 0]
    return f"it is known in {', '.join(sorted(found)[:20])}" if found else f"without channel or region, `{DEFAULT}` is meant"


def _matches(match: bytes, tag: bytes) -> bool:
    """If-None-Match against the tag of the answer (RFC 9110, 13.1.2)."""
    given = [one.strip().removeprefix(b"W/").strip(b'"') for one in match.split(b",")]
    return tag in given or match.strip() == b"*"
