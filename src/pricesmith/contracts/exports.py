"""Exports of shop programs: what their headers mean there, and which rows only continue the one above."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Export:
    """A file as a shop program writes it; headers are spelled as `plain` spells them.

    marks    headers that tell it from other files
    columns  our column -> the headers that it may be, the first that holds something
    joins    the header whose value the rows of one thing share: only the first of them holds all of it; "" where every row is whole
    cancelled  the header that holds something in the first row of a thing that never came about, "" where there is none
    """

    program: str
    table: str
    marks: frozenset[str]
    columns: Mapping[str, tuple[str, ...]]
    joins: str = ""
    cancelled: str = ""


_VARIANTS = {"name": ("title",), "brand": ("vendor",), "category": ("type", "productcategory"), "unit_cost": ("costperitem",)}
EXPORTS = (
    Export(
        "Shopify", "orders", frozenset({"lineitemquantity", "lineitemprice"}),
        {
            "order_id": ("name",), "at": ("createdat",), "sku": ("lineitemsku",), "units": ("lineitemquantity",),
            "price": ("lineitemprice",),
        },
        "name", "cancelledat",
    ),
    Export("Shopify", "products", frozenset({"handle", "title", "variantsku"}),
           {"sku": ("variantsku",), "family": ("handle",), "price": ("variantprice",), **_VARIANTS}, "handle"),
    Export("Shopify", "products", frozenset({"urlhandle", "title", "sku"}),
           {"sku": ("sku",), "family": ("urlhandle",), "price": ("price",), **_VARIANTS}, "urlhandle"),
    Export(
        "WooCommerce", "products", frozenset({"sku", "visibilityincatalog"}),
        {
            "sku": ("sku",), "name": ("name",), "category": ("categories",), "family": ("parent",), "brand": ("brands",),
            "price": ("regularprice",),
        },
    ),
)  # fmt: skip
"""Shopify: Orders > Export and Products > Export (its older and its newer headers). WooCommerce: Products > Export."""


def words(header: str) -> list[str]:
    """Its words without case, accents, marks, and what stands in brackets."""
    folded = unicodedata.normalize("NFKD", re.sub(r"[(（\[].*?[)）\]]", "", header).casefold())
    return re.findall(r"[^\W_]+", "".join(letter for letter in folded if not unicodedata.combining(letter)))


def plain(header: str) -> str:
    """A header without case, accents, spaces, marks, and what stands in brackets."""
    return "".join(words(header))


def spelled_by(headers: Sequence[str]) -> dict[str, str]:
    """Plain header -> header, the first where several are alike."""
    return {plain(header): header for header in reversed(headers)}


def known(table: str, spelled: Mapping[str, str]) -> Export | None:
    """The export that a file for a table is; None where it is none of these. spelled: plain header -> header of the file"""
    return next((one for one in EXPORTS if one.table == table and one.marks <= spelled.keys()), None)


def told(spelled: Mapping[str, str]) -> Export | None:
    """The export that a file is, for whatever table; None where it is none of these."""
    return next((one for one in EXPORTS if one.marks <= spelled.keys()), None)


def columns(export: Export, spelled: Mapping[str, str], headers: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Our column -> its header in an export. rows: the first ones, each as long as the headers or shorter"""
    found: dict[str, str] = {}
    for column, names in export.columns.items():
        there = [spelled[name] for name in names if name in spelled]
        if there:
            found[column] = next((header for header in there if _holds(headers.index(header), rows)), there[0])
    return found


def _holds(place: int, rows: Sequence[Sequence[str]]) -> bool:
    return any(place < len(row) and row[place].strip() for row in rows)
