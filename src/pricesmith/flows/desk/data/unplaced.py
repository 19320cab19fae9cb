"""Costs of channels and regions in which nothing is sold: a name that sales write otherwise, most likely."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.contracts.tables import COSTS
from pricesmith.flows.desk.guide.endings import current_prices
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.near import natural

from .unsaid import rows_of

SHOWN = 8
"""Names that are told at most."""


class Unplaced(msgspec.Struct, frozen=True):
    """rows: of the table of costs;  named: what they name that nobody sells in;  sold: what sales name in that column"""

    rows: int
    named: list[str]
    sold: list[str]


def unplaced(reading: Reading) -> Unplaced | None:
    """None where every row of the table of costs holds somewhere, or current prices are not known."""
    prices, costs = current_prices(reading), rows_of(reading, COSTS)
    for column in ("channel", "region"):
        if prices.is_empty() or column not in costs.columns:
            continue
        said = costs.select(pl.col(column).cast(pl.String).str.strip_chars().fill_null(""))[column]
        sold = sorted(set(prices[column]), key=natural)
        strange = said.filter((said != "") & ~said.is_in(sold))
        if len(strange):
            return Unplaced(len(strange), sorted(set(strange), key=natural)[:SHOWN], sold[:SHOWN])
    return None
