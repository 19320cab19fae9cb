"""Every product that an entry of the data report is about: the page Data names the first few."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import polars as pl

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.tables import PRODUCTS
from pricesmith.flows.desk.reading.ledger import Reading

from .page import state
from .priced_before import priced_before
from .special_days import special_days
from .unsaid import rows_of

MORE: dict[str, Callable[[Reading], pl.DataFrame]] = {"price_brief": priced_before, "specials_found": special_days}
"""Code of an entry -> what its list says of its products beside their names: column `sku` and others."""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """code, table: of the entry."""

    code: str = ""
    table: str = ""


def noticed(reading: Reading, asked: Asked) -> pl.DataFrame:
    """`sku`, and `name` where the products table has names, of the last check; beside a price that may be a special that before it.

    Raises UnknownChoice for an entry that is not there.
    """
    checked = state(reading).checked
    entries = [one for one in checked.warnings if one.products] if checked else []
    found = [one for one in entries if (one.code, one.table) == (asked.code, asked.table)]
    if not found:
        raise UnknownChoice("notice", f"{asked.code} {asked.table}", [f"{one.code} {one.table}" for one in entries], where="check")
    skus = pl.DataFrame({"sku": list(dict.fromkeys(sku for one in found for sku in one.products))}, schema={"sku": pl.String})
    if asked.code in MORE:
        skus = skus.join(MORE[asked.code](reading), on="sku", how="left", maintain_order="left")
    products = rows_of(reading, PRODUCTS)
    if not {"sku", "name"} <= set(products.columns):
        return skus
    names = products.select(pl.col("sku", "name").cast(pl.String)).unique("sku", keep="first")
    return skus.join(names, on="sku", how="left", maintain_order="left")
