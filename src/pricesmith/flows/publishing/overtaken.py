"""Changes of a run whose place a price of a newer run has taken: they are not sent any more, whenever somebody agrees with them."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.tables import DECISIONS

from .waves import ARRIVED, TRIED_AGAIN

KEY = list(DECISIONS.key)


def overtaken(ledger: Ledger, run: str, sent: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Keys of the changes that a newer run has overtaken at a target.

    sent     rows of table INTENTS of the target
    changes  keys and `price` of changes of the run

    A run that was made later has a price of its own there, on its way or arrived, as the last that was asked for; one that was taken back,
    or ended without arriving, overtakes nothing.
    """
    made = ledger.read("runs").select("run", made="seq")
    own = made.filter(pl.col("run") == run)["made"].item()
    last = sent.sort("version").group_by(KEY, maintain_order=True).last().select(*KEY, "intent", "run", "kind", asked="price")
    fates = ledger.read("receipts").group_by("intent", maintain_order=True).agg(pl.col("fate").last())
    found = last.join(made, on="run", how="left").join(fates, on="intent", how="left")
    stands = pl.col("fate").is_null() | pl.col("fate").is_in([*ARRIVED, *TRIED_AGAIN])
    newer = found.filter((pl.col("made") > own) & (pl.col("kind") == "publish") & stands)
    both = newer.join(changes.select(*KEY, "price"), on=KEY)
    return both.filter(pl.col("asked") != pl.col("price")).select(KEY)
