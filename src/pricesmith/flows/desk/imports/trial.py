"""A table that is about to be taken over, judged before it stands anywhere: what of it cannot be used, and whether it may stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import LargeTable, RawTable, Source
from pricesmith.contracts.tables import INPUT, PRODUCTS
from pricesmith.flows import wiring
from pricesmith.flows.desk.data.spoiled import LOOKED_AT
from pricesmith.preparation.prepare import unusable

UNPLACED = ("unknown_sku", "product_set_aside")
"""Reasons that rows are set aside for which another table of products may take back."""


class UnfitError(DataError):
    """Too many rows of a table cannot be used. rows: all of its rows;  aside: those, schema QUARANTINE;  stands: a table of before does."""

    def __init__(self, table: str, rows: int, aside: list[dict[str, Any]], stands: bool) -> None:
        self.table, self.rows, self.aside, self.stands = table, rows, aside, stands
        what = f"{len(aside)} of {rows} rows of {table} cannot be used, so it was not taken over"
        super().__init__(what, hint="read the file otherwise (decimals, days, percent), or correct it and send it again")


def set_aside(folder: Path, trial: Path, table: str, policy: Policy) -> list[dict[str, Any]]:
    """Rows of the table in the folder `trial` that cannot be used as they stand (place and first fault), in the order of the file.

    The same as the page Data will count, once there is a table of products that can be read. Raises UnfitError where none can be used,
    whatever products there are; and where they are too many and the table would take the place of one that can be used, or the shop does
    not need it: nothing could be priced then.
    """
    aside, rows = _unusable(wiring.source_of(trial), wiring.source_of(folder), table, policy)
    nothing = rows > 0 and aside.filter(~pl.col("reason").is_in(UNPLACED)).height == rows
    too_many = aside.height > policy.data.max_bad_share * rows
    if nothing or (too_many and (table not in LOOKED_AT or _good(folder, table, policy))):
        raise UnfitError(table, rows, aside.to_dicts(), _there(folder, table))
    return aside.to_dicts()


def _good(folder: Path, table: str, policy: Policy) -> bool:
    """Whether the table that stands there can be used; one too large to be looked at here counts as that."""
    source = wiring.source_of(folder)
    try:
        raw = source.read(INPUT[table])
        if raw is None or isinstance(raw, LargeTable):
            return raw is not None
        aside, rows = _unusable(source, source, table, policy)
    except DataError:
        return False
    return aside.height <= policy.data.max_bad_share * rows


def _there(folder: Path, table: str) -> bool:
    return bool(wiring.of_table(wiring.files_of(folder), table))


def _unusable(source: Source, beside: Source, table: str, policy: Policy) -> tuple[pl.DataFrame, int]:
    """Rows of a table that cannot be used, and how many it has. beside: where the products are, unless the table holds them."""
    raw = source.read(INPUT[table])
    if raw is None or isinstance(raw, LargeTable):
        raise DataError(f"there is no table {table} that can be looked at", hint="send its file again")
    found = unusable(INPUT[table], raw, raw if table == PRODUCTS.name else products(beside), policy.timezone)
    return found, raw.frame.height


def products(source: Source) -> RawTable | None:
    """None where there is none, or none that can be read."""
    try:
        return source.read(PRODUCTS)
    except DataError:
        return None
