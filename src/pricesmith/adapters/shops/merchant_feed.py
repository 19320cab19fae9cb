"""A product feed as Google Merchant Center reads it: tab-separated text or RSS 2.0 with the namespace `g`. The price is `19.99 EUR`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import unescape

from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Platform, Shop, Surroundings

from ._file_prices import FilePrices, Format, Offer

CAPABILITY = Capability(unit="decimal", tax="channel", batch=100_000, across=True, atomic=False, asynchronous=False, proven="contract")
_ITEM = re.compile(r"<item>.*?</item>", re.DOTALL)
_ID = re.compile(r"<g:id>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]*?))\s*</g:id>", re.DOTALL)
_PRICE = re.compile(r"(<g:price>\s*)([^<]*?)(\s*</g:price>)")
_MARK = "\ufeff"


def open_feed(policy: ShopPolicy, _secret: str, around: Surroundings) -> Shop:
    """The feed at `url`; its ending tells the kind: .xml or text."""
    form = Format(read_xml, replace_xml) if policy.url.lower().endswith(".xml") else Format(read_text, replace_text)
    return FilePrices(policy, around, CAPABILITY, form)


def read_text(data: bytes) -> Iterable[Offer]:
    """Offers of tab-separated text with the columns `id` and `price`."""
    rows = _rows(data)
    sku, price = _places(rows[0])
    for row in rows[1:]:
        yield _offer(row[sku].strip(), row[price])


def replace_text(data: bytes, amounts: Mapping[str, str]) -> bytes:
    """The same text with these prices, in the currency that stands there."""
    rows = _rows(data)
    sku, price = _places(rows[0])
    for row in rows[1:]:
        if row[sku].strip() in amounts:
            row[price] = f"{amounts[row[sku].strip()]} {row[price].split()[-1]}"
    end = "\r\n" if b"\r\n" in data else "\n"
    text = end.join("\t".join(row) for row in rows) + end
    return ((_MARK if data.startswith(_MARK.encode()) else "") + text).encode()


def read_xml(data: bytes) -> Iterable[Offer]:
    """Offers of the items of an RSS feed. Nothing outside an item is looked at, and no entity of its own is resolved."""
    for item in _ITEM.findall(_decoded(data)):
        sku, price = _ID.findall(item), _PRICE.findall(item)
        if len(sku) != 1 or len(price) != 1:
            raise ValueError("an item has not one g:id and one g:price")
        yield _offer(_plain(sku[0]), price[0][1])


def replace_xml(data: bytes, amounts: Mapping[str, str]) -> bytes:
    """The same text with these prices, in the currency that stands there."""

    def priced(found: re.Match[str]) -> str:
        item = found[0]
        sku = _plain(_ID.findall(item)[0])
        if sku not in amounts:
            return item
        return _PRICE.sub(lambda price: f"{price[1]}{amounts[sku]} {price[2].split()[-1]}{price[3]}", item)

    return _ITEM.sub(priced, _decoded(data)).encode()


def _plain(found: tuple[str, str]) -> str:
    quoted, written = found
    return (quoted or unescape(written, {"&quot;": '"', "&apos;": "'"})).strip()


def _decoded(data: bytes) -> str:
    text = data.decode("utf-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("it holds a document type, which a feed has not")
    return text


def _offer(sku: str, price: str) -> Offer:
    amount, _, currency = price.strip().partition(" ")
    return Offer(sku, amount, currency.strip())


def _rows(data: bytes) -> list[list[str]]:
    rows = [line.split("\t") for line in data.decode("utf-8-sig").replace("\r\n", "\n").split("\n") if line]
    ragged = [number for number, row in enumerate(rows, 1) if len(row) != len(rows[0])]
    if not rows or ragged:
        raise ValueError(f"row {ragged[0]} has another number of fields than the header" if ragged else "it is empty")
    return rows


def _places(header: list[str]) -> tuple[int, int]:
    names = [name.strip().lower() for name in header]
    for wanted in ("id", "price"):
        if names.count(wanted) != 1:
            raise ValueError(f"there is not one column {wanted!r}; found: {', '.join(names)}")
    return names.index("id"), names.index("price")


EXAMPLE = """
[shop.google]
platform = "merchant_feed"
url = "feeds/google.xml"
channel = "web"
region = "DE"
"""

SHOP = Platform(open=open_feed, capability=CAPABILITY, secret="", example=EXAMPLE)
