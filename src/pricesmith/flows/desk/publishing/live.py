"""Which prices of a run, and of those that people set beside it, stand in a shop now, as far as the ledger knows."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.reading.remembered import Remembered
from pricesmith.flows.publishing.history.beside import set_beside
from pricesmith.flows.publishing.sending.waves import sent

from .ended import ended


def _live(reading: Reading, run: Run, _at: dt.datetime) -> pl.DataFrame:
    return _stand(reading, pl.col("run") == run.name).select(KEY).unique(maintain_order=True)


def _unsent(reading: Reading, run: Run, _at: dt.datetime) -> pl.DataFrame:
    stand = _stand(reading, pl.col("run") == run.name)
    went = sent(stand, reading.rows("receipts"))
    return stand.select(KEY).unique(maintain_order=True).join(went, on=KEY, how="anti", maintain_order="left")


def _stand(reading: Reading, meant: pl.Expr) -> pl.DataFrame:
    """Rows of table INTENTS that brought a price which stands. meant: which of them are asked about."""
    own = reading.rows("intents").filter(meant & (pl.col("kind") == "publish"))
    here = ended(reading, own).filter(pl.col("end").is_null())
    return own.join(here, on="intent", how="semi", maintain_order="left")


def _live_by_hand(reading: Reading, run: Run, _at: dt.datetime) -> pl.DataFrame:
    stand = _stand(reading, pl.col("run").is_in(set_beside(reading.rows("runs"), run.name))).select(*KEY, "run")
    newest = stand.unique(KEY, keep="last", maintain_order=True)
    if newest.is_empty():
        return newest.select(*KEY, profit_change=pl.lit(None, pl.Float64))
    where = {"run": newest["run"].unique().to_list(), "reason": ["override"]}
    told = reading.book.read("decided", where, columns=[*KEY, "run", "profit_change"])
    return newest.join(told.drop("seq"), on=[*KEY, "run"], how="left", maintain_order="left").drop("run")


live = Remembered(_live)
"""(reading, run, at) -> KEY of the products whose price came from the run into one shop at least, and was followed by no other there."""
unsent = Remembered(_unsent)
"""(reading, run, at) -> KEY of those of `live` of which nothing was sent: the price stood there already."""
live_by_hand = Remembered(_live_by_hand)
"""(reading, run, at) -> KEY and `profit_change` of the products of which a price that a person set beside the run stands so."""
