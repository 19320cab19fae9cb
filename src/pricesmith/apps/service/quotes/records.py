"""What is asked and answered, as records: the shapes that docs/quotes.md shows."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from msgspec import Meta, Struct

MOST_ITEMS = 1000
DEFAULT = "default"
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Item(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One product of a batch; without a channel or region it is that of the data that name none."""

    sku: Name
    channel: Name = DEFAULT
    region: Name = DEFAULT


class Batch(Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked with POST."""

    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=MOST_ITEMS)]


class Decision(Struct, frozen=True):
    """The recorded run that a price comes from, and its key there: SKU/CHANNEL/REGION."""

    run: str
    key: str


class Quote(Struct, frozen=True):
    """A price in force.

    price        integer minor units of `currency`, above zero
    source       `applied`: seen in a shop; `current`: never seen in one, so it is the current price of the latest run
    cause        of `applied`: `publish`, `undo`, `found` (first reading of the shop) or `drift` (somebody else's change)
    shop         of `applied`: where it was seen
    decision     null where somebody else set the price
    as_of        since when it holds; of `current` the day of the run
    valid_until  when the data that it rests on get older than the policy allows; null where that is unknown
    stale        they are, or the ledger has not been read for too long: the price stands as it was last seen
    """

    sku: str
    channel: str
    region: str
    price: int
    currency: str
    source: str
    cause: str | None
    shop: str | None
    decision: Decision | None
    as_of: str
    valid_until: str | None
    stale: bool


class Missing(Struct, frozen=True):
    """An item of a batch that has no quote, and why: `unknown_product` or `no_price`."""

    sku: str
    channel: str
    region: str
    reason: str


class Problem(Struct, frozen=True):
    """An error (RFC 9457). `code` is stable; `detail` is the fact, `hint` what to do about it."""

    status: int
    code: str
    title: str
    detail: str
    hint: str
    type: str = "about:blank"


class Health(Struct, frozen=True):
    """How the service is.

    status   `ok`; `stale` while the ledger cannot be read; `starting` before anything could be read
    act      the last act of the ledger that the prices rest on
    read_at  when the ledger was last read
    """

    status: str
    products: int
    act: int
    read_at: dt.datetime | None


class Refused(Exception):  # noqa: N818 - what it says of a request
    """A request that is answered with a problem.

    close    nothing after it can be understood: the connection ends
    headers  further lines of the head, each with its end
    """

    def __init__(self, status: int, code: str, detail: str, hint: str = "", *, close: bool = False, headers: bytes = b"") -> None:
        self.problem = Problem(status, code, code.replace("_", " "), detail, hint)
        self.close, self.headers = close, headers
        super().__init__(detail)
