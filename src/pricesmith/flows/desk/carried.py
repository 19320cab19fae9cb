"""Today's prices of a product table that is replaced by one without prices: they stay, or the next run would start from older sales."""

from __future__ import annotations

import csv
import io
from pathlib import Path

PRICES = ("price", "price_from")


def carry(old: Path, new: Path) -> int:
    """Write the prices of the table `old` beside the same products of `new`, where `new` has no column of prices; returns how many.

    Both are CSV files in UTF-8. A product that `old` does not know, or without a price there, has none.
    """
    rows, header = _rows(new)
    if PRICES[0] in header or "sku" not in header:
        return 0
    asked = _asked(old)
    here = [asked.get(row[header.index("sku")].strip(), ("", "")) if row else ("", "") for row in rows]
    count = sum(bool(price) for price, _ in here)
    if count:
        _write(new, header, rows, here)
    return count


def _write(path: Path, header: list[str], rows: list[list[str]], prices: list[tuple[str, str]]) -> None:
    kept = [place for place, name in enumerate(header) if name not in PRICES]
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow([*(header[place] for place in kept), *PRICES])
    lines.writerows(
        [*(row[place] if place < len(row) else "" for place in kept), *two] for row, two in zip(rows, prices, strict=True) if row
    )
    path.write_text(out.getvalue(), encoding="utf-8", newline="")


def _asked(path: Path) -> dict[str, tuple[str, str]]:
    """SKU -> its price and the day from which it is asked ("" where not said); empty where the table has no prices."""
    rows, header = _rows(path)
    if not {"sku", PRICES[0]} <= set(header):
        return {}
    sku, price, since = (header.index(name) if name in header else -1 for name in ("sku", *PRICES))
    long = [row for row in rows if len(row) > max(sku, price)]
    return {
        row[sku].strip(): (row[price].strip(), row[since].strip() if 0 <= since < len(row) else "") for row in long if row[price].strip()
    }


def _rows(path: Path) -> tuple[list[list[str]], list[str]]:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig", errors="replace"))))
    return rows[1:], [name.strip() for name in rows[0]] if rows else []
