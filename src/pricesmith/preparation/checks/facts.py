"""What the checks look at: the tables, and the sales history up to the last row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.preparation.last_day import Lonely
from pricesmith.preparation.prepared import Warning_, warn
from pricesmith.preparation.validate import Checked


@dataclass(frozen=True, slots=True)
class Facts:
    """keys: item, sku, channel, region of what may be priced;  rows: sales history with column `sku`, see `history`;
    prices: current price by item and sku (major units), and whether it is
    stated;  outdated: `item`, `sku`, `stated` of prices of the product table that the last sales speak against;  last: last sales day;
    later: sales rows dated so far after it that they are taken for slips;  alone: rows up to it that stand long after all others;
    sales: says where sales rows stand, None where nothing does"""

    tables: dict[str, pl.DataFrame]
    keys: pl.DataFrame
    rows: pl.DataFrame
    prices: pl.DataFrame
    outdated: pl.DataFrame
    unknown: pl.DataFrame
    derived: bool
    last: dt.date
    policy: Policy
    later: pl.DataFrame
    alone: Lonely | None
    sales: Checked | None = None

    def places(self, rows: pl.DataFrame) -> list[str]:
        """Where sales rows stand in the files. rows: as `rows` or `later` above"""
        return (
            []
            if self.sales is None or rows.is_empty() or "price" not in rows.columns
            else self.sales.places(rows.select("sku", "date", "price"))
        )


def found(
    code: str, table: str, level: str, rows: pl.DataFrame, message: str, places: Sequence[str] = (), **more: object
) -> list[Warning_]:
    """One warning about `rows`, with its products; none where there are no rows. `message` may name {count}, {products} and `more`."""
    if not rows.height:
        return []
    products = rows["sku"].unique().sort().to_list()
    text = message.format(count=rows.height, products=len(products), **more)
    return [warn(code, table, level, f"{table}: {text}", rows.height, places=places, products=products)]
