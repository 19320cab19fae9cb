"""The page Prices: the table, and answers to many changes at once."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import msgspec

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.route import act, page
from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.prices import Prices, Wanted, prices
from pricesmith.flows.publishing.approval import answer

from .person import inside

MARK = "\x1f"
"""Between the parts of a product's key in a form."""


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes that are answered: the chosen products, or every change that a filter lets through.

    products  keys, parts joined by the unit separator;  every: `1` for all that `filter` (a query of the table) finds
    """

    run: str
    products: list[str] = []
    why: str = ""
    back: str = "/prices"


def show(ask: Ask) -> Prices:
    return prices(ask.reading, ask.given, ask.at)


def _answered(ask: Ask, said: str) -> Done:
    given: Answered = ask.given
    keys = [key_of(text) for text in given.products]
    if not keys:
        raise UsageError("no product is chosen", hint="choose some with the boxes on the left")
    place = ask.reading
    count = answer(place.book, given.run, said, by=ask.who.name, at=ask.at, policy=place.policy, why=given.why or None, keys=keys)
    return Done(f"said_{said}", inside(given.back), {"count": count})


def address_of(key: Key, run: str) -> str:
    """The page of a product in a run."""
    return f"/products/{quote(key.sku)}?" + urlencode({"channel": key.channel, "region": key.region, "run": run})


def key_of(text: str) -> Key:
    parts = text.split(MARK)
    if len(parts) != 3:
        raise UsageError(f"{text!r} is not the key of a product", hint="sku, channel and region")
    return Key(*parts)


def accept(ask: Ask) -> Done:
    return _answered(ask, "accept")


def reject(ask: Ask) -> Done:
    return _answered(ask, "reject")


def withdraw(ask: Ask) -> Done:
    return _answered(ask, "withdraw")


ROUTES = (
    page("prices", "/prices", show, Prices, asks=Wanted),
    act("prices.accept", "/prices/accept", "approve", accept, Answered),
    act("prices.reject", "/prices/reject", "approve", reject, Answered),
    act("prices.withdraw", "/prices/withdraw", "approve", withdraw, Answered),
)
