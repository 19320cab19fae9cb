"""Which prices of a run stand in a shop now, as far as the ledger knows."""

from __future__ import annotations

import datetime as dt

import polars as pl

from .ended import ended
from .reading import KEY, Reading, Run
from .remembered import Remembered


def _live(reading: Reading, run: Run, _at: dt.datetime) -> pl.DataFrame:
    own = reading.rows("intents").filter((pl.col("run") == run.name) & (pl.col("kind") == "publish"))
    here = ended(reading, own).filter(pl.col("end").is_null())
    return own.join(here, on="intent", how="semi", maintain_order="left").select(KEY).unique(maintain_order=True)


live = Remembered(_live)
"""(reading, run, at) -> KEY of the products whose price came from the run into one shop at least, and was followed by no other there."""
