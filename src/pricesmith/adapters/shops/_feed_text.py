"""A feed as text: in which encoding, with which separator and which decimal mark its cells stand. What is not said is found, never guessed.

Where two readings are possible nothing is read: a price that is written back must stand as the shop's own program writes it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pricesmith.contracts import exports
from pricesmith.contracts.encodings import ENCODINGS
from pricesmith.contracts.errors import ShopError

DELIMITERS = (",", ";", "\t", "|")
DECIMALS = {"point": ".", "comma": ","}
_MARK, _UTF16 = "\ufeff", (b"\xff\xfe", b"\xfe\xff")
_COMMA = re.compile(r"(?:\d{1,3}(?:[.\u00a0\u202f' ]\d{3})+|\d+)(?:,\d+)?", re.ASCII)
_SAYS_COMMA = re.compile(r"[\d.\u00a0\u202f' ]*\d,\d{1,2}", re.ASCII)
SHOWN = 100
"""Headers that an error names at most."""
SKU, PRICE = "sku", "price"
"""Columns of the product key and the price where nothing says otherwise."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a feed is written: names of its columns, and keys of ENCODINGS, DELIMITERS and DECIMALS; "" where that is found in the file.

    sku, price  "": SKU and PRICE, or what they are called in the export of products of a shop program that `exports` knows
    currency    column of the currency, "" where all prices are in the shop's
    """

    sku: str = ""
    price: str = ""
    currency: str = ""
    delimiter: str = ""
    decimal: str = "point"
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A feed in memory. rows: cells, header first; places: `sku`, `price` and perhaps `currency` -> number of the column.

    mark  it begins with a byte order mark;  end: of a line
    """

    rows: list[list[str]]
    places: Mapping[str, int]
    delimiter: str
    encoding: str
    mark: bool
    end: str

    def bytes(self) -> bytes:
        """The file again, as it was written."""
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, lineterminator=self.end).writerows(self.rows)
        text = (_MARK if self.mark else "") + out.getvalue()
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError:
            raise ValueError(f"a cell cannot be written in {self.encoding}") from None


def dialect(options: Mapping[str, Any]) -> Dialect:
    """What the section [shop.NAME] says of its feed. Raises ShopError for an encoding or a decimal mark that there is not."""
    told = {name: str(options[name]) for name in Dialect.__dataclass_fields__ if options.get(name) not in (None, "")}
    found = Dialect(**told)
    if found.decimal not in DECIMALS:
        raise ShopError(f"no decimal mark: {found.decimal!r}", where="$.shop.options.decimal", hint="write point or comma")
    if found.encoding and found.encoding not in ENCODINGS:
        where, hint = "$.shop.options.encoding", f"write one of {', '.join(ENCODINGS)}"
        raise ShopError(f"no encoding of feeds: {found.encoding!r}", where=where, hint=hint)
    return found


def sheet(data: bytes, how: Dialect) -> Sheet:
    """The cells of a feed. Raises ShopError that says what to write where it must be told, ValueError for what is no table."""
    encoding = how.encoding or ("utf-16" if data.startswith(_UTF16) else "utf-8")
    if encoding == "utf-16":
        encoding = "utf-16-be" if data.startswith(_UTF16[1]) else "utf-16-le"
    text = _decoded(data, encoding)
    plain = text.removeprefix(_MARK)
    delimiter = how.delimiter or _delimiter(plain, how)
    rows = _rows(plain, delimiter)
    return Sheet(rows, _places(rows[0], how), delimiter, encoding, plain != text, "\r\n" if "\r\n" in plain else "\n")


def amount(text: str, decimal: str) -> str:
    """A price as the feed has it -> with a decimal point and no thousands marks; as it stands where it is written otherwise."""
    bare = text.strip()
    if decimal == "point" or not _COMMA.fullmatch(bare):
        return text if decimal == "point" else f"?{text}"
    return re.sub(r"[.\u00a0\u202f' ]", "", bare).replace(",", ".")


def spelled(amount: str, decimal: str) -> str:
    """An amount with a decimal point -> as the feed writes it."""
    return amount.replace(".", DECIMALS[decimal])


def refuse_commas(amounts: Iterable[str], decimal: str) -> None:
    """Raises ShopError where prices are read with a decimal point and the file writes decimals with a comma alone."""
    told = [text.strip() for text in amounts]
    if decimal == "point" and not any(re.fullmatch(r"\d+\.\d+", one, re.ASCII) for one in told):
        first = next((one for one in told if _SAYS_COMMA.fullmatch(one)), None)
        if first is not None:
            raise ShopError(f"prices are written with a decimal comma, such as {first}", hint='say so in its options: decimal = "comma"')


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        hint = f'save it as UTF-8, or say in its options how it is written, such as encoding = "cp1252": one of {", ".join(ENCODINGS)}'
        raise ShopError(f"line {line} is not written in {encoding}", hint=hint) from None


def _delimiter(text: str, how: Dialect) -> str:
    """The separator under which the header has the columns; a comma where none does."""
    first = text.partition("\n")[0].rstrip("\r")
    headers = {mark: next(csv.reader([first], delimiter=mark), []) for mark in DELIMITERS}
    return next((mark for mark, header in headers.items() if set(_named(header, how).values()) <= set(header)), _most(first))


def _most(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
    except (csv.Error, TypeError) as error:
        raise ValueError(str(error)) from None
    ragged = [number for number, row in enumerate(rows, 1) if len(row) != len(rows[0])]
    if not rows or ragged:
        raise ValueError(f"row {ragged[0]} has another number of fields than the header" if ragged else "it is empty")
    return rows


def _named(header: list[str], how: Dialect) -> dict[str, str]:
    """`sku`, `price` and perhaps `currency` -> the column that is meant, which need not be there."""
    spelled = exports.spelled_by(header)
    export = exports.known("products", spelled)
    theirs = exports.columns(export, spelled, header, []) if export else {}
    usual = {"sku": SKU, "price": PRICE}
    found = {name: getattr(how, name) or (one if one in header else theirs.get(name, one)) for name, one in usual.items()}
    return found | ({"currency": how.currency} if how.currency else {})


def _places(header: list[str], how: Dialect) -> dict[str, int]:
    wanted = _named(header, how)
    found = ", ".join(header[:SHOWN]) + (", …" if len(header) > SHOWN else "")
    for column in wanted.values():
        if header.count(column) > 1:
            raise ShopError(f"the feed has the column {column!r} more than once; found: {found}", hint="leave one of them")
        if column not in header:
            sku, price = wanted["sku"], wanted["price"]
            what = f"the feed has no column {column!r}; found: {found}; needed: {sku!r} (the product key) and {price!r} (the price)"
            hint = "name its columns: --option sku=HEADER --option price=HEADER, or in shop.toml: options = { sku = ..., price = ... }"
            raise ShopError(what, hint=hint)
    return {name: header.index(column) for name, column in wanted.items()}
