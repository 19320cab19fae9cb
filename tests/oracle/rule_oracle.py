"""Verdicts of rules recomputed from their definitions in exact arithmetic, row by row, with nothing of the package.

A rule is a plain mapping as in shop.toml, an item a plain mapping as a row of `items`, a price an integer of minor units.
Every float is read as the decimal that a person wrote.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]


def exact(value: float) -> Fraction:
    return Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)


def about(rule: Row, row: Row) -> bool:
    return all(row[column] is not None and fnmatch.fnmatchcase(row[column], pattern) for column, pattern in rule.get("where", {}).items())


def legal(rule: Row, row: Row, price: int, decimals: int, day: dt.date) -> bool:
    """Whether a changed price keeps to one rule."""
    return not about(rule, row) or _JUDGES[rule["kind"]](rule, row, price, decimals, day)


def _margin_floor(rule: Row, row: Row, price: int, decimals: int, day: dt.date) -> bool:
    if row["landed_cost"] is None or row["landed_cost"] < 0:
        return False
    share = 1 - exact(row["fee_rate"]) - exact(row["payment_rate"])
    kept = Fraction(price) / (1 + exact(row["tax_rate"])) * share
    landed = exact(row["landed_cost"])
    if "of_price" in rule:
        return share > 0 and kept - landed >= exact(rule["of_price"]) * kept
    return share > 0 and kept >= landed * (1 + exact(rule["min_margin"]))


def _max_change(rule: Row, row: Row, price: int, decimals: int, day: dt.date) -> bool:
    current = row["current_price"]
    return current is not None and abs(Fraction(price, current) - 1) <= exact(rule["step"])


def _min_change(rule: Row, row: Row, price: int, decimals: int, day: dt.date) -> bool:
    current = row["current_price"]
    return current is not None and (price == current or abs(Fraction(price, current) - 1) >= exact(rule["step"]))


def _price_endings(rule: Row, row: Row, price: int, decimals: int, day: dt.date) -> bool:
    digits = f"{price:0{decimals + 1}d}"
    written = digits[:-decimals] + "." + digits[-decimals:] if decimals else digits
    for value in rule["endings"]:
        tail = f"{value:.{decimals}f}"
        tail = tail.lstrip("0") if decimals and value < 1 else tail
        if ("0" * 12 + written).endswith(tail):
            return True
    return False


def _competitor_band(rule: Row, row: Row, price: int, decimals: int, day: dt.date) -> bool:
    reference = row["competitor_price" if rule.get("reference", "median") == "median" else f"competitor_{rule['reference']}"]
    return reference is None or exact(rule["low"]) * exact(reference) <= price <= exact(rule["high"]) * exact(reference)


def _price_bounds(rule: Row, row: Row, price: int, decimals: int, day: dt.date) -> bool:
    low = [row[name] for name in ("min_price", "map_price") if row[name] is not None]
    high = [row[name] for name in ("max_price", "rrp") if row[name] is not None]
    low += [exact(rule["min_price"]) * 10**decimals] if "min_price" in rule else []
    high += [exact(rule["max_price"]) * 10**decimals] if "max_price" in rule else []
    floored = (row["landed_cost"] or 0) > 0 or (row["min_price"] or 0) > 0
    return floored and all(price >= bound for bound in low) and all(price <= bound for bound in high)


def _freeze(rule: Row, row: Row, price: int, decimals: int, day: dt.date) -> bool:
    return not dt.date.fromisoformat(rule["from"]) <= day <= dt.date.fromisoformat(rule["to"])


def _exclude(rule: Row, row: Row, price: int, decimals: int, day: dt.date) -> bool:
    return False


_JUDGES = {
    "margin_floor": _margin_floor, "max_change": _max_change, "min_change": _min_change, "price_endings": _price_endings,
    "competitor_band": _competitor_band, "price_bounds": _price_bounds, "freeze": _freeze, "exclude": _exclude,
}  # fmt: skip
