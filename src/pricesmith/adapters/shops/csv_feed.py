"""A price feed as a CSV file, for shops that import one: a column for the product key and one for the price, all others untouched."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Platform, Shop, Surroundings

from ._file_prices import FilePrices, Format, Offer

CAPABILITY = Capability(unit="decimal", tax="channel", batch=100_000, across=True, atomic=False, proven="real")
_MARK = "\ufeff"


def open_feed(policy: ShopPolicy, _secret: str, around: Surroundings) -> Shop:
    """The feed at `url`."""
    columns = {name: str(policy.options.get(name, default)) for name, default in (("sku", "sku"), ("price", "price"), ("currency", ""))}
    delimiter = str(policy.options.get("delimiter", ","))
    form = Format(
        lambda data: read(data, columns, delimiter, policy.currency),
        lambda data, amounts: replace(data, amounts, columns, delimiter),
    )
    return FilePrices(policy, around, CAPABILITY, form)


def read(data: bytes, columns: Mapping[str, str], delimiter: str, currency: str) -> Iterable[Offer]:
    """The offers of a file with a header; without a currency column all are in the shop's."""
    rows = _rows(data, delimiter)
    places = _places(rows, columns)
    for row in rows[1:]:
        code = row[places["currency"]] if "currency" in places else currency
        yield Offer(row[places["sku"]], row[places["price"]], code)


def replace(data: bytes, amounts: Mapping[str, str], columns: Mapping[str, str], delimiter: str) -> bytes:
    """The same rows with these prices."""
    rows = _rows(data, delimiter)
    places = _places(rows, columns)
    for row in rows[1:]:
        row[places["price"]] = amounts.get(row[places["sku"]], row[places["price"]])
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n" if b"\r\n" in data else "\n").writerows(rows)
    return ((_MARK if data.startswith(_MARK.encode()) else "") + out.getvalue()).encode()


def _rows(data: bytes, delimiter: str) -> list[list[str]]:
    text = data.decode("utf-8-sig")
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
    except (csv.Error, TypeError) as error:
        raise ValueError(str(error)) from None
    ragged = [number for number, row in enumerate(rows, 1) if len(row) != len(rows[0])]
    if not rows or ragged:
        raise ValueError(f"row {ragged[0]} has another number of fields than the header" if ragged else "it is empty")
    return rows


def _places(rows: list[list[str]], columns: Mapping[str, str]) -> dict[str, int]:
    wanted = {name: column for name, column in columns.items() if column}
    missing = [column for column in wanted.values() if rows[0].count(column) != 1]
    if missing:
        raise ValueError(f"there is not one column {missing[0]!r}; found: {', '.join(rows[0])}")
    return {name: rows[0].index(column) for name, column in wanted.items()}


EXAMPLE = """
[shop.web]
platform = "csv_feed"
url = "feeds/prices.csv"
channel = "web"
region = "DE"
options = { sku = "article", price = "price_gross", delimiter = ";" }
"""

SHOP = Platform(
    open=open_feed,
    capability=CAPABILITY,
    secret="",
    example=EXAMPLE,
    options={
        "sku": "column of the product key; `sku` where left out",
        "price": "column of the price in major units with a decimal point; `price` where left out",
        "currency": "column of the currency; all in the shop's where left out",
        "delimiter": "what separates columns; a comma where left out",
    },
)
