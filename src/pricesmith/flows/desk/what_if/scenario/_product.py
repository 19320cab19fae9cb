"""The product that somebody means: by its SKU, by its whole key, or by its name."""

from __future__ import annotations

import difflib

import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.shop import UNNAMED, placed

BETWEEN = " · "
"""Between the parts of a product's key where people read and write it."""
NEAR = 4
"""Products that are named where none is meant."""


def product_of(items: pl.DataFrame, text: str) -> int:
    """The row in table ITEMS. Raises UsageError with the nearest products where none or several are meant."""
    found = meaning(items, text)
    if found.height == 1:
        return int(found["item"][0])
    if found.is_empty():
        near = ", ".join(_near(items, text.strip())) or "–"
        raise UsageError(f"no product is called {text!r}", hint=f"near it: {near}; the Prices page finds products")
    several = "; ".join(_told(row) for row in found.head(NEAR).to_dicts())
    raise UsageError(f"{text!r} is {found.height} products", hint=f"one of: {several}")


def meaning(items: pl.DataFrame, text: str) -> pl.DataFrame:
    """The rows of table ITEMS that a text may mean: one where it says all that it takes."""
    parts = [part.strip() for part in text.split(BETWEEN.strip())]
    found = items.filter(pl.col("sku") == parts[0])
    if len(parts) == 2:
        channel, region = pl.col("channel"), pl.col("region")
        named = ((channel == parts[1]) & (region == UNNAMED)) | ((channel == UNNAMED) & (region == parts[1]))
        found = found.filter(named)
    if len(parts) == 3:
        found = found.filter((pl.col("channel") == parts[1]) & (pl.col("region") == parts[2]))
    if found.is_empty():
        found = items.filter(pl.col("name").str.to_lowercase() == text.strip().lower())
    return found


def _near(items: pl.DataFrame, text: str) -> list[str]:
    """At most NEAR products as people would write them: those whose name has the text in it, or whose SKU looks like it."""
    named = items.filter(pl.col("name").str.to_lowercase().str.contains(text.lower(), literal=True)).head(NEAR) if text else items.head(0)
    if named.height:
        return [_told(row) for row in named.to_dicts()]
    return difflib.get_close_matches(text, items["sku"].to_list()[:20_000], n=NEAR, cutoff=0.5)


def _told(row: dict[str, object]) -> str:
    """A product by what tells it from others of its name: its key, its brand."""
    place = str(row["sku"]) if row["channel"] == row["region"] == UNNAMED else label_of(row)
    known = ", ".join(str(row[part]) for part in ("name", "brand") if row.get(part))
    return f"{place} ({known})" if known else place


def label_of(row: dict[str, object]) -> str:
    """The key of a product as people read it: whole where the tables name neither its channel nor its region, as others may have them."""
    channel, region = str(row["channel"]), str(row["region"])
    return BETWEEN.join([str(row["sku"]), *(placed(channel, region) or (channel, region))])
