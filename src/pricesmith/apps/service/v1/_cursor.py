"""Opaque cursors: where a list went on, and of which list, so that rows written in between are neither skipped nor shown twice.

A cursor names the last row that was seen by what of it never changes; it is good only for the list and the filters that gave it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated, TypeVar

import msgspec

from pricesmith.apps.service.problem import Refused

Limit = Annotated[int, msgspec.Meta(ge=1, le=1000, description="rows of one answer")]
Cursor = Annotated[str, msgspec.Meta(max_length=2000, description="`next` of the answer before; none for the first rows")]
Last = TypeVar("Last")


def sealed(address: str, wanted: msgspec.Struct, last: object) -> str:
    """The cursor behind a row.

    address  of the list;  wanted  its filters;  last  what names the row
    """
    document = msgspec.json.encode([_list(address, wanted), last])
    return base64.urlsafe_b64encode(document).decode().rstrip("=")


def opened(cursor: str, address: str, wanted: msgspec.Struct, kind: type[Last]) -> Last:
    """What names the last row. Raises Refused (422) for anything but a cursor of this list with these filters."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        name, last = msgspec.json.decode(raw, type=tuple[str, kind])  # type: ignore[valid-type]
    except (binascii.Error, ValueError, msgspec.DecodeError):
        name, last = "", None
    if last is None or name != _list(address, wanted):
        raise Refused(422, "bad_cursor", "this cursor is not of this list with these filters", "begin again without a cursor")
    return last


def _list(address: str, wanted: msgspec.Struct) -> str:
    filters = {name: value for name, value in msgspec.to_builtins(wanted).items() if name not in ("cursor", "limit")}
    return hashlib.sha256(msgspec.json.encode([address, filters], order="deterministic")).hexdigest()[:16]
