"""Today's prices in the text of a product table: written there, and kept where the table is replaced by one without prices."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pricesmith.contracts.errors import UsageError

PRICES = ("price", "price_from")


class Taken(msgspec.Struct, frozen=True):
    """products: rows of the product table that have a price now;  moved: of them those that had another one, or none"""

    products: int
    moved: int


def columns(header: list[str]) -> list[str]:
    """The names of a product table. Raises UsageError where none is sku."""
    names = [name.strip() for name in header]
    if "sku" not in names:
        raise UsageError("data/products.csv has no column sku", hint="write one row a product, with a header")
    return names


def with_prices(text: str, asked: Mapping[str, tuple[str, str]]) -> tuple[str, Taken]:
    """A product table as text with these prices; a product that is not among them keeps what it says.

    asked  product key -> price, and the day from which it is asked ("" where not known)
    Raises UsageError where the table names no products.
    """
    rows = list(csv.reader(io.StringIO(text)))
    header = columns(rows[0] if rows else [])
    header = [*header, *(name for name in PRICES if name not in header)]
    key, column, since = (header.index(name) for name in ("sku", *PRICES))
    products, moved, out = 0, 0, [header]
    for row in rows[1:]:
        whole = [*row, *[""] * (len(header) - len(row))]
        price, day = asked.get(whole[key].strip(), ("", "")) if row else ("", "")
        if price:
            products, moved = products + 1, moved + (whole[column].strip() != price)
            whole[column], whole[since] = price, day
        out.append(whole if row else row)
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(out)
    return written.getvalue(), Taken(products, moved)


def prices_in(text: str) -> dict[str, tuple[str, str]]:
    """What the text of a product table says, as `with_prices` is given it; empty where it has no prices."""
    rows = csv.DictReader(io.StringIO(text))
    rows.fieldnames = [name.strip() for name in rows.fieldnames or []]
    cells = ({name: (value or "").strip() for name, value in row.items() if isinstance(value, str)} for row in rows)
    return {row["sku"]: (row["price"], row.get("price_from", "")) for row in cells if row.get("sku") and row.get("price")}


def carry(old: Path, new: Path) -> int:
    """Write the prices of the table `old` beside the same products of `new`, where `new` has no column of prices; returns how many.

    Both are CSV files in UTF-8. An export that knows no prices is sent again and again: without them the next run starts from older sales.
    """
    text, asked = new.read_text(encoding="utf-8"), prices_in(old.read_text(encoding="utf-8-sig", errors="replace"))
    names = [name.strip() for name in next(csv.reader(io.StringIO(text)), [])]
    if "price" in names or "sku" not in names:
        return 0
    out, taken = with_prices(text, asked)
    if taken.products:
        new.write_text(out, encoding="utf-8", newline="")
    return taken.products
