"""Prices that ever came into a shop, whatever became of them and however often their run was made since."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.flows.publishing.next_price import PLACE
from pricesmith.flows.publishing.waves import ARRIVED

from .ended import ended
from .reading import Reading


class Ever(msgspec.Struct, frozen=True):
    """came: prices that were published and came;  undone: of these taken back;  stands: that are in a shop now, each place once."""

    came: int
    undone: int
    stands: int


def came(reading: Reading) -> pl.DataFrame:
    """Rows of table INTENTS of the prices that were published and came."""
    arrived = reading.rows("receipts").filter(pl.col("fate").is_in(ARRIVED))
    return reading.rows("intents").filter(pl.col("kind") == "publish").join(arrived, on="intent", how="semi", maintain_order="left")


def by_run(reading: Reading) -> dict[str, Ever]:
    """Run -> `ever` of its prices, of the runs of which one came. Worked out anew when a price was asked for, tried or seen."""
    state = " ".join(str(reading.rows(name).height) for name in ("intents", "receipts", "applied"))
    found: dict[str, Ever] = reading.shelf("ever", 1).get(state, lambda _state: _by_run(reading))
    return found


def _by_run(reading: Reading) -> dict[str, Ever]:
    rows = came(reading)
    ends = rows.join(ended(reading, rows).select("intent", "end"), on="intent", maintain_order="left")
    stands = pl.struct(PLACE).filter(pl.col("end").is_null()).n_unique().alias("stands")
    counts = ends.group_by("run").agg(pl.len().alias("came"), (pl.col("end") == "undone").sum().alias("undone"), stands)
    return {run: Ever(*row) for run, *row in counts.iter_rows()}


NONE = Ever(0, 0, 0)


def ever(reading: Reading, rows: pl.DataFrame) -> Ever:
    """rows: of `came`."""
    ends = ended(reading, rows)
    there = rows.join(ends.filter(pl.col("end").is_null()), on="intent", how="semi")
    return Ever(rows.height, int((ends["end"] == "undone").sum()), there.select(PLACE).n_unique())
