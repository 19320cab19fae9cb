"""The address of a request -> which quote is asked for."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from .records import DEFAULT, Refused
from .table import Place

BASE = b"/api/v1/quotes"
MOST_NAME, MOST_QUERIES = 200, 1000
_ORIGIN = re.compile(rb"^https?://[^/?]*", re.IGNORECASE)
_PERCENT = re.compile(rb"(?:[^%]|%[0-9A-Fa-f]{2})*")

_ADDRESSES = "GET /api/v1/quotes/SKU, POST /api/v1/quotes, GET /api/v1/quotes/health"


class Asked(Struct, frozen=True, gc=False):
    """sku: None for a batch. place: channel and region."""

    sku: bytes | None
    place: Place = (DEFAULT.encode(), DEFAULT.encode())
    health: bool = False


def asked(target: bytes, queries: dict[bytes, Place]) -> Asked:
    """Raises Refused where there is no such address.

    queries  parts after `?` that were understood before
    """
    path, mark, query = (target if target.startswith(b"/") else _ORIGIN.sub(b"", target)).partition(b"?")
    if path == BASE:
        if mark:
            raise Refused(400, "bad_query", "a batch has no query", "its items name channel and region")
        return Asked(None)
    start, _, name = path.rpartition(b"/")
    if start != BASE or not name:
        raise Refused(404, "no_address", "there is nothing at this address", _ADDRESSES)
    if name == b"health" and not mark:
        return Asked(None, health=True)
    place = queries.get(query)
    if place is None:
        place = _place(query)
        if len(queries) < MOST_QUERIES:
            queries[query] = place
    return Asked(_decoded(name) if b"%" in name else _short(name), place)


def _place(query: bytes) -> Place:
    found: dict[bytes, bytes] = {}
    for part in query.split(b"&") if query else ():
        name, _, value = part.partition(b"=")
        if name not in (b"channel", b"region"):
            raise Refused(400, "bad_query", f"unknown parameter {name.decode('ascii', 'replace')[:40]!r}", "valid: channel, region")
        if name in found:
            raise Refused(400, "bad_query", f"{name.decode()} comes twice")
        found[name] = _decoded(value.replace(b"+", b" "))
    default = DEFAULT.encode()
    return found.get(b"channel") or default, found.get(b"region") or default


def _decoded(text: bytes) -> bytes:
    """Percent-encoded UTF-8 -> UTF-8."""
    if _PERCENT.fullmatch(text) is None:
        raise Refused(400, "bad_address", "a % in the address is not followed by two hexadecimal digits", "write % as %25")
    plain = unquote_to_bytes(text)
    try:
        plain.decode()
    except UnicodeDecodeError:
        raise Refused(400, "bad_address", "the address is not UTF-8") from None
    return _short(plain)


def _short(name: bytes) -> bytes:
    if len(name) > 4 * MOST_NAME or len(name.decode()) > MOST_NAME:
        raise Refused(422, "too_long", f"a name has at most {MOST_NAME} characters")
    return name
