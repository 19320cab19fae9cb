"""A price feed as a CSV file, for shops that import one: a column for the product key and one for the price, all others untouched."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pricesmith.contracts.encodings import ENCODINGS
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Platform, Shop, Surroundings

from ._feed_text import DECIMALS, DELIMITERS, PRICE, SKU, Dialect, Sheet, amount, dialect, refuse_commas, sheet, spelled
from ._file_prices import FilePrices, Format, Offer

AMOUNT = re.compile(r"\d+(\.\d+)?", re.ASCII)
"""A price with a decimal point and no thousands marks."""
CAPABILITY = Capability(unit="decimal", tax="channel", batch=100_000, across=True, atomic=False, proven="real")


def open_feed(policy: ShopPolicy, _secret: str, around: Surroundings) -> Shop:
    """The feed at `url`."""
    how = dialect(policy.options)
    form = Format(lambda data: read(data, how, policy.currency), lambda data, amounts: replace(data, amounts, how))
    return FilePrices(policy, around, CAPABILITY, form)


def read(data: bytes, how: Dialect, currency: str) -> Iterable[Offer]:
    """The offers of a file with a header; without a currency column all are in the shop's."""
    found = sheet(data, how)
    places = found.places
    refuse_commas((row[places["price"]] for row in found.rows[1:]), how.decimal)
    for row in found.rows[1:]:
        code = row[places["currency"]] if "currency" in places else currency
        yield Offer(row[places["sku"]], amount(row[places["price"]], how.decimal), code)


def replace(data: bytes, amounts: Mapping[str, str], how: Dialect) -> bytes:
    """The same rows with these prices."""
    found = sheet(data, how)
    sku, price = found.places["sku"], found.places["price"]
    for row in found.rows[1:]:
        if row[sku] in amounts:
            row[price] = spelled(amounts[row[sku]], how.decimal)
    return found.bytes()


def made(amounts: Mapping[str, str], options: Mapping[str, Any]) -> bytes:
    """A new feed. amounts: product key -> price with a decimal point;  options: of the section, which say how it is written."""
    how = dialect(options)
    rows = [[how.sku or SKU, how.price or PRICE], *([sku, spelled(price, how.decimal)] for sku, price in amounts.items())]
    encoding = "utf-16-le" if how.encoding == "utf-16" else how.encoding or "utf-8"
    return Sheet(rows, {}, how.delimiter or ",", encoding, encoding == "utf-16-le", "\r\n").bytes()


def respelled(data: bytes, before: Mapping[str, Any], after: Mapping[str, Any]) -> bytes:
    """The same cells with another separator and decimal mark; a price that is no amount stays as it stands.

    before, after  options of the section, as the file is written and as it is to be
    """
    how, wanted = dialect(before), dialect(after)
    found = sheet(data, how)
    price = found.places["price"]
    refuse_commas((row[price] for row in found.rows[1:]), how.decimal)
    for row in found.rows[1:]:
        plain = amount(row[price], how.decimal)
        row[price] = spelled(plain, wanted.decimal) if AMOUNT.fullmatch(plain.strip()) else row[price]
    return dataclasses.replace(found, delimiter=wanted.delimiter or found.delimiter).bytes()


EXAMPLE = """
[shop.web]
platform = "csv_feed"
url = "feeds/prices.csv"
channel = "web"
region = "DE"
options = { sku = "article", price = "price_gross", decimal = "comma" }
"""

SHOP = Platform(
    open=open_feed,
    capability=CAPABILITY,
    secret="",
    example=EXAMPLE,
    options={
        "sku": "column of the product key; `sku`, or as an export of Shopify or WooCommerce has it, where left out",
        "price": "column of the price in major units; `price`, or as such an export has it, where left out",
        "currency": "column of the currency; all in the shop's where left out",
        "delimiter": "what separates columns; found by the header where left out",
        "decimal": "decimal mark of the prices, `point` or `comma`; a point where left out",
        "encoding": f"one of {', '.join(f'`{one}`' for one in ENCODINGS)}; UTF-8, or UTF-16 with its mark, where left out",
    },
    choices={"delimiter": DELIMITERS, "decimal": tuple(DECIMALS), "encoding": ENCODINGS},
)
