"""A table to answer from, and clocks that stand still until they are told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from pricesmith.apps.service.quotes.access import Keys
from pricesmith.apps.service.quotes.answer import Answers
from pricesmith.apps.service.quotes.parse import Parser
from pricesmith.apps.service.quotes.records import Refused
from pricesmith.apps.service.quotes.table import Table, grow, table_of
from pricesmith.contracts.ledger import Act, Ledger
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.desk.quotes.in_force import NOTHING, InForce, advance
from pricesmith.flows.desk.quotes.quotes_kept import Kept
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.ledger_rows import AT, DAY, made

ACT = Act(AT, "anna", "did", "it")
FACTS = '{"cost_at":"2026-11-02T08:00:00Z","competitor_at":"2026-11-02T08:30:00Z"}'
ODD = 'ü "50%" \\ /x'


@dataclass(slots=True)
class Clock:
    """Seconds of a steady clock, and the same by the wall: it begins an hour after AT."""

    seconds: float = 0.0

    def steady(self) -> float:
        return self.seconds

    def wall(self) -> float:
        return AT.timestamp() + 3600.0 + self.seconds


def ledger() -> FakeLedger:
    """Seen in the shop: A001; current only: B; without a price: C; with other data: follows, old; changed by somebody: drift; and ODD."""
    book = FakeLedger()
    rows = [
        {"sku": "A001"}, {"sku": "B", "current_price": 250}, {"sku": "C", "current_price": None}, {"sku": ODD, "region": "D%E"},
        {"sku": "follows", "binding_rules": "competitor_band"}, {"sku": "old", "reason": "stale_data", "action": "hold", "price": None},
    ]  # fmt: skip
    book.append(ACT, {"runs": made("runs", facts=FACTS), "decided": made("decided", *rows)})
    seen = [{"sku": "A001"}, {"sku": "drift", "price": 77, "cause": "drift", "intent": None}, {"sku": "free", "price": 0, "cause": "found"}]
    book.append(ACT, {"intents": made("intents"), "applied": made("applied", *seen)})
    return book


def table(prices: InForce, before: Table | None = None, begun: dt.datetime = AT) -> Table:
    found, fresh = table_of(Kept(prices, begun, AT + DAY), GuardPolicy(), before)
    for _ in grow(found.places, fresh):
        pass
    return found


@cache
def standard() -> Table:
    """The table of `ledger`."""
    return table(advance(ledger(), NOTHING))


def answers(clock: Clock, keys: Keys | None = None, book: Ledger | None = None) -> Answers:
    hosts = frozenset({b"localhost"}) if keys is None else None
    made_of = standard() if book is None else table(advance(book, NOTHING))
    return Answers(keys, hosts, 30.0, clock.steady, clock.wall, made_of, heard=0.0)


def reply(one: Answers, data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to one request."""
    parser = Parser()
    parser.feed(data)
    request = parser.next()
    assert request is not None
    try:
        found = one.reply(request)
    except Refused as refused:
        found = one.problem(refused, request)
    assert found is not None
    return split(found)


def split(found: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = found.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body


def get(path: str, *headers: str, method: str = "GET", host: str = "localhost") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


def post(body: object, media: str = "application/json", path: str = "/api/v1/quotes", *headers: str) -> bytes:
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return get(path, f"Content-Type: {media}", f"Content-Length: {len(data)}", *headers, method="POST") + data


def json(body: bytes) -> Any:
    return msgspec.json.decode(body)
