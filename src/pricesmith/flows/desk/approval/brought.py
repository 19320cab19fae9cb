"""Of single products: the run that brings the very price that another one proposes, so that nobody need answer it there."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run

from .standing import standing


class Brought(msgspec.Struct, frozen=True):
    """run: that brings the price;  since: when it was asked for there;  there: it stands in the shop."""

    run: str
    since: dt.datetime
    there: bool


def brought(reading: Reading, run: Run, keys: pl.DataFrame, at: dt.datetime) -> dict[Key, Brought]:
    """Of these products (columns KEY) those whose change is `carried`, see `standing`."""
    rows = standing(reading, run, at).drop_nulls("carrier").join(keys.select(KEY), on=KEY, how="semi", maintain_order="left")
    return {Key(*row[:3]): Brought(*row[3:]) for row in rows.select(*KEY, "carrier", "since", "there").iter_rows()}
