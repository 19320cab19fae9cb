"""Changes of a run whose product somebody rejected in an earlier run: a new run proposes anew and knows nothing of it."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run

DAYS = 90
"""How long a rejection is named again."""
UNDECIDED = pl.col("state").is_in(["open", "ready", "unreached"]) & (pl.col("agreed") == 0)
"""Changes that wait and that nobody has accepted in their run."""


def turned_down(reading: Reading, run: Run) -> pl.DataFrame:
    """KEY of products whose last answer before the run was a rejection.

    Of runs that priced the shop, within DAYS before this one; answers on a whole run are none on a product.
    """
    made = reading.last_made(run.name)
    priced = reading.made().filter((pl.col("kind") == "price") & (pl.col("run") != run.name))["run"]
    said = reading.rows("verdicts").filter(
        (pl.col("seq") < made["seq"])
        & (pl.col("at") > made["at"] - dt.timedelta(days=DAYS))
        & (pl.col("sku") != "*")
        & pl.col("run").is_in(priced.implode())
    )
    return said.unique(KEY, keep="last", maintain_order=True).filter(pl.col("answer") == "reject").select(KEY)
