"""Prices that ever came into a shop, whatever became of them and however often their run was made since."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.history.next_price import PLACE
from pricesmith.flows.publishing.sending.waves import ARRIVED, sent

from .ended import ended


class Ever(msgspec.Struct, frozen=True):
    """Prices of runs in shops.

    came    prices that were published and came;  undone: of these taken back;  stands: that are in a shop now, each place once
    own     of those that came: set by people, beside a run;  repeated: that came before already, from the same run
    same    of those that came: that stood there already when their turn came, so that nothing was sent
    """

    came: int
    undone: int
    stands: int
    own: int = 0
    repeated: int = 0
    same: int = 0


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
    ends = _with_ends(reading, rows)
    return {str(run): _counted(part) for (run,), part in ends.partition_by("run", as_dict=True).items()}


NONE = Ever(0, 0, 0)


def ever(reading: Reading, rows: pl.DataFrame) -> Ever:
    """rows: of `came`."""
    return _counted(_with_ends(reading, rows))


def _with_ends(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of `came` with `end` (null where the price stands), `of`: the kind of their run, and `sent`: true or null."""
    kinds = reading.rows("runs").select("run", of="kind")
    ends = ended(reading, rows).select("intent", "end")
    left = sent(rows, reading.rows("receipts")).select("intent", sent=pl.lit(True))
    table = rows.join(ends, on="intent", maintain_order="left").join(kinds, on="run", how="left", maintain_order="left")
    return table.join(left, on="intent", how="left", maintain_order="left")


def _counted(ends: pl.DataFrame) -> Ever:
    """ends: of `_with_ends`."""
    there = ends.filter(pl.col("end").is_null()).select(PLACE).n_unique()
    repeated = ends.height - ends.select("run", *PLACE).n_unique()
    undone, own, same = (
        ends.filter(test).height for test in (pl.col("end") == "undone", pl.col("of") == "override", pl.col("sent").is_null())
    )
    return Ever(ends.height, undone, there, own, repeated, same)
