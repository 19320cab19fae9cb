"""Which price of a run leaves before which: what was asked for earlier keeps its wave, whatever is asked for after it."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.tables import DECISIONS
from pricesmith.guards.rank import ranks

from .waves import ENDED, leaving

KEY = list(DECISIONS.key)
ASKED = "asked"
"""Column: when a price was last asked for; those that were asked for at once are drawn together."""


def places(
    run: str, queued: pl.DataFrame, receipts: pl.DataFrame, rows: pl.DataFrame, products: pl.DataFrame, memory: dict[str, pl.DataFrame]
) -> pl.DataFrame:
    """Keys, `rank` (the place in the canary among what is sent of the run, so that a part of a run has waves of its own) and `ended`.

    What has left already has the first places; then comes what waits, what was asked for earlier before what was asked for later, and in
    the drawn order what was asked for at once. A wave never shrinks as more is asked for, so nothing falls behind the wave that it had.
    What ended without leaving takes up no place.

    queued    intents of the run that bring a price, rows of INTENTS;  receipts: rows of that table
    rows      intents of it, queued or about to be
    products  `runs.RunFacts.products` of the run
    memory    what was drawn before, by run
    """
    parts = (queued, rows.join(queued, on=KEY, how="anti"))
    asked = pl.concat([part.select(*KEY, pl.col("at").alias(ASKED)) for part in parts])
    keys = asked.group_by(KEY).agg(pl.col(ASKED).max()).sort(ASKED, *KEY)
    turns = _drawn(run, keys, products, memory).join(leaving(queued, receipts).select(*KEY, "turn"), on=KEY, how="left")
    placed = turns.with_columns(pl.col("turn").fill_null(2)).sort("turn", ASKED, "rank")
    count = placed.filter(pl.col("turn") < ENDED).height
    return placed.select(*KEY, rank=(pl.int_range(pl.len()) / max(count, 1)).clip(upper_bound=1.0), ended=pl.col("turn") == ENDED)


def _drawn(run: str, keys: pl.DataFrame, products: pl.DataFrame, memory: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The keys with `rank`: the stratified order of those that were asked for at once, drawn once."""
    found = memory.get(run)
    if found is None or not found.drop("rank").equals(keys):
        going = keys.join(products.select(*KEY, "category", "revenue", "bound"), on=KEY, how="left", maintain_order="left")
        parts = [part.with_columns(rank=pl.Series(ranks(part, run))) for part in going.partition_by(ASKED, maintain_order=True)]
        found = pl.concat(
            [keys.clear().with_columns(rank=pl.lit(None, pl.Float64)), *(part.select(*keys.columns, "rank") for part in parts)]
        )
        memory[run] = found
    return found
