"""When a run was last made. The same inputs give the same run, whose rows stand once; making it again is an act, and it is the newest."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.ledger import Ledger

AGAIN = "made_again"
"""The act in table AUDIT; its subject is the run."""


def made(runs: pl.DataFrame, acts: pl.DataFrame) -> pl.DataFrame:
    """Rows of table RUNS with `seq`, `at` and `by` of the last time that each was made, in that order, and three columns more.

    again    that was not the first time
    first    when it was made first
    unasked  `seq` after which answers count to changes that nobody asked to publish: of the making since which no other run came between

    acts  rows of table AUDIT, of any acts
    """
    again = acts.filter(pl.col("act") == AGAIN)
    if again.is_empty():
        return runs.with_columns(again=pl.lit(False), first=pl.col("at"), unasked=pl.col("seq").cast(pl.Int64))
    last = again.group_by("subject", maintain_order=True).agg(pl.col("seq", "at", "by").last().name.prefix("again_"))
    found = runs.with_columns(first=pl.col("at")).join(last, left_on="run", right_on="subject", how="left", maintain_order="left")
    newest = [pl.coalesce(f"again_{name}", name).alias(name) for name in ("seq", "at", "by")]
    found = found.with_columns(*newest, again=pl.col("again_seq").is_not_null())
    found = found.join(_unbroken(runs, again), on="run", how="left", maintain_order="left")
    return found.select(*runs.columns, "again", "first", "unasked").sort("seq", maintain_order=True)


def _unbroken(runs: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """`run` and `unasked`. Between makings of a run that prices the whole shop, those in which people set prices do not count."""
    columns = ["run", "kind", pl.col("seq").cast(pl.Int64)]
    acts = again.select("seq", run="subject").join(runs.select("run", "kind"), on="run")
    makings = pl.concat([runs.select(columns), acts.select(columns)]).sort("seq")
    alike = pl.col("run").rle_id()
    streak = pl.when(pl.col("kind") == "override").then(alike).otherwise(alike.over("kind"))
    begun = makings.group_by("run", streak=streak).agg(pl.col("seq").first())
    return begun.group_by("run").agg(unasked=pl.col("seq").max())


def last_made(ledger: Ledger, run: str) -> dict[str, object]:
    """The row of `made` of a run that is there."""
    acts = ledger.read("audit", {"act": [AGAIN]})
    return made(ledger.read("runs"), acts).row(by_predicate=pl.col("run") == run, named=True)
