"""Shops that are a file of the shop folder: the file itself, and with which separator and decimal mark it is written."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from pricesmith.contracts.errors import PricesmithError, UnknownChoice, UsageError
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading

FEED = "csv_feed"
"""The kind of shop that is a file, which can be made here."""
FILE = re.compile(r"[\w-][\w. -]{0,60}\.(csv|txt|tsv)", re.ASCII)


class Signs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What separates the columns of a file, and its decimal mark: `point` or `comma`."""

    delimiter: Literal[",", ";", "\t", "|"]
    decimal: Literal["point", "comma"]


def file_here(reading: Reading, one: ShopPolicy) -> bool:
    """Whether its address is a file inside the shop folder that is there and is a feed, nothing else of the folder."""
    if one.platform != FEED or "://" in one.url or not FILE.fullmatch(one.url.rpartition("/")[2]):
        return False
    path, home = (reading.folder / one.url).resolve(), reading.folder.resolve()
    return path.is_relative_to(home) and path.is_file()


def shop_here(reading: Reading, name: str) -> ShopPolicy:
    """A shop by its name. Raises UnknownChoice for one that there is not, UsageError where it is no file of the folder."""
    known = reading.policy.shops
    if name not in known:
        raise UnknownChoice("shop", name, known)
    if not file_here(reading, known[name]):
        raise UsageError("this shop has no feed in the shop folder", hint="take it from where its address says")
    return known[name]


def feed_of(reading: Reading, name: str) -> tuple[str, bytes]:
    """Name and bytes of the feed of a shop; raises as `shop_here`."""
    path = reading.folder / shop_here(reading, name).url
    return path.name, path.read_bytes()


def signs(reading: Reading, name: str) -> Signs | None:
    """How the feed of a shop is written; None where it is no file of the folder, or cannot be read as its settings say."""
    one = reading.policy.shops[name]
    if not file_here(reading, one):
        return None
    try:
        found = wiring.feed_file(reading.folder / one.url, one.options).delimiter()
    except (PricesmithError, OSError):
        return None
    return msgspec.convert({"delimiter": found, "decimal": one.options.get("decimal") or "point"}, Signs)
