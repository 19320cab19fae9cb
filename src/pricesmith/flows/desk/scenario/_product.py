"""The product that somebody means: by its SKU, by its whole key, or by its name."""

from __future__ import annotations

import difflib

import polars as pl

from pricesmith.contracts.errors import UsageError

BETWEEN = " · "
"""Between the parts of a product's key where people read and write it."""


def product_of(items: pl.DataFrame, text: str) -> int:
    """The row in table ITEMS. Raises UsageError with the nearest products where none or several are meant."""
    parts = [part.strip() for part in text.split(BETWEEN.strip())]
    found = items.filter(pl.col("sku") == parts[0])
    if len(parts) == 3:
        found = found.filter((pl.col("channel") == parts[1]) & (pl.col("region") == parts[2]))
    if found.is_empty():
        found = items.filter(pl.col("name").str.to_lowercase() == text.strip().lower())
    if found.height == 1:
        return int(found["item"][0])
    if found.is_empty():
        near = ", ".join(difflib.get_close_matches(text, items["sku"].to_list()[:20_000], n=4, cutoff=0.5)) or "–"
        raise UsageError(f"no product is called {text!r}", hint=f"near it: {near}; the Prices page finds products")
    several = "; ".join(label_of(row) for row in found.head(4).to_dicts())
    raise UsageError(f"{text!r} is {found.height} products", hint=f"one of: {several}")


def label_of(row: dict[str, object]) -> str:
    """The key of a product as people read it."""
    return BETWEEN.join(str(row[part]) for part in ("sku", "channel", "region"))
