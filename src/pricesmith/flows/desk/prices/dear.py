"""Products that cost more than they are sold for: the cost is to be looked at before any rule is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import polars as pl

from pricesmith.contracts.tables import COSTS, PRODUCTS
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import KEY, Reading

FAR = 3.0
"""Times its price from which a cost is hardly meant: where the decimal mark slipped it is about 10 or 100 times too high."""
SHOWN = 3


class Dear(msgspec.Struct, frozen=True):
    """cost, price: minor units, landed and on sale;  times: one through the other;  table: that a right cost is to be sent for."""

    cost: float
    price: float
    times: float
    table: str


class Far(msgspec.Struct, frozen=True):
    """Products whose cost is at least FAR times their price, and the first of them: KEY and `name`."""

    count: int = 0
    times: float = FAR
    first: list[dict[str, str | None]] = []


def dear(reading: Reading, row: Mapping[str, Any]) -> Dear | None:
    """None where the cost of a product is not above its price. row: of the price table of a run"""
    cost, price = row["landed_cost"], row["current_price"]
    if not cost or not price or cost <= price:
        return None
    table = COSTS if wiring.of_table(wiring.files_of(reading.folder), COSTS.name) else PRODUCTS
    return Dear(cost, price, cost / price, table.name)


def far(decided: pl.DataFrame) -> Far:
    """decided: of a run"""
    found = decided.filter((pl.col("current_price") > 0) & (pl.col("landed_cost") >= FAR * pl.col("current_price")))
    order = (pl.col("landed_cost") / pl.col("current_price")).alias("times")
    named = pl.col("name") if "name" in found.columns else pl.lit(None, pl.String).alias("name")
    first = found.select(*KEY, named, order).sort("times", *KEY, descending=[True, False, False, False]).drop("times")
    return Far(found.height, FAR, first.head(SHOWN).to_dicts())
