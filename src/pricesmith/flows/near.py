"""Products near a name that is none: those that hold its words, else those whose SKU looks like it. Light, as whoever stops needs it."""

from __future__ import annotations

import difflib
import re

import polars as pl

from pricesmith.contracts.errors import UnknownChoice

from .folded import folded, folded_column

PLACES = ("sku", "name")
BETWEEN = "·"
"""What stands between a SKU and its place where both are shown: no word to look for."""
NEAR, ALIKE, LISTED = 5, 2_000, 41
"""Names that are said in place of one that is not there, names among which they are looked for, and names that an error lists."""


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """Sorts names as people count: store 9 before store 12."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text) if part)


def searched(text: str, *columns: str) -> list[pl.Expr]:
    """Tests that rows pass: each word is a part of one of these columns, `sku` and `name` where none is named, whatever its accents."""
    every = folded_column(pl.concat_str([pl.col(name) for name in columns or PLACES], separator="\n", ignore_nulls=True))
    return [every.str.contains(word, literal=True) for word in folded(text).split() if word != BETWEEN]


def unknown_product(products: pl.DataFrame, asked: str, *, where: str = "", otherwise: str = "") -> UnknownChoice:
    """The error that there is no such product; it names at most NEAR that are near, and where none is says `otherwise`, or lists some.

    products  `sku`, and `name` where names are known
    """
    known = products if "name" in products.columns else products.with_columns(name=pl.lit(None, pl.String))
    named = known.select(PLACES).unique("sku", keep="first")
    near = _holding(named, asked) or _alike(named["sku"], asked)
    hint = f"did you mean {', '.join(near)}?" if near else otherwise
    return UnknownChoice("product", asked, named["sku"].sort().head(LISTED), where=where, hint=hint)


def _holding(products: pl.DataFrame, asked: str) -> list[str]:
    """`SKU (name)` of products that hold every word."""
    words = searched(asked)
    found = products.filter(*words).sort("sku").head(NEAR) if words else products.head(0)
    return [f"{sku} ({name})" if name else sku for sku, name in found.select("sku", "name").iter_rows()]


def _alike(skus: pl.Series, asked: str) -> list[str]:
    """SKUs that look like it, among those that begin like it where there are any."""
    ordered = skus.sort()
    begin = ordered.filter(ordered.str.to_lowercase().str.starts_with(asked[:2].lower()))
    return difflib.get_close_matches(asked, (ordered if begin.is_empty() else begin).head(ALIKE).to_list(), n=NEAR, cutoff=0.3)
