"""Changes of a run whose place a price of a newer run has taken: they are not sent any more, whenever somebody agrees with them."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.history.lately import standing

KEY = list(DECISIONS.key)


def overtaken(runs: pl.DataFrame, intents: pl.DataFrame, receipts: pl.DataFrame, run: str, changes: pl.DataFrame) -> pl.DataFrame:
    """Keys of the changes that a newer run has overtaken.

    runs               rows of `making.made`
    intents, receipts  rows of these tables; of one target, or of all of them: one that has the newer price is enough
    changes            keys and `price` of changes of the run

    The last of what was asked for at a target, and is on its way or arrived, is another price of a run that was made later. What ended
    without arriving says nothing, be it a price or a way back.
    """
    made = runs.select("run", made="seq")
    own = made.filter(pl.col("run") == run)["made"].item()
    asked = standing(intents, receipts).join(made, on="run", how="left").sort("version").group_by("target", *KEY)
    last = asked.last().select(*KEY, "kind", "made", asked="price")
    newer = last.filter((pl.col("kind") == "publish") & (pl.col("made") > own))
    return newer.join(changes.select(*KEY, "price"), on=KEY).filter(pl.col("asked") != pl.col("price")).select(KEY).unique()


def outvoted(accepted: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Keys of the changes of a run in whose place people accepted another price of a run that was made later: that one holds.

    accepted  keys and `price` of what is accepted in later runs and was not sent yet, in the order in which they were made
    changes   keys and `price` of changes of the run
    """
    last = accepted.group_by(KEY, maintain_order=True).agg(newer=pl.col("price").last())
    return changes.select(*KEY, "price").join(last, on=KEY).filter(pl.col("newer") != pl.col("price")).select(KEY)
