"""When a run was last made. The same inputs give the same run, whose rows stand once; making it again is an act, and it is the newest."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.ledger import Ledger

AGAIN = "made_again"
"""The act in table AUDIT; its subject is the run."""


def made(runs: pl.DataFrame, acts: pl.DataFrame) -> pl.DataFrame:
    """Rows of table RUNS with `seq`, `at` and `by` of the last time that each was made, in that order, and `again`: that was not the first.

    acts  rows of table AUDIT, of any acts
    """
    again = acts.filter(pl.col("act") == AGAIN)
    if again.is_empty():
        return runs.with_columns(again=pl.lit(False))
    last = again.group_by("subject", maintain_order=True).agg(pl.col("seq", "at", "by").last().name.prefix("again_"))
    found = runs.join(last, left_on="run", right_on="subject", how="left", maintain_order="left")
    newest = [pl.coalesce(f"again_{name}", name).alias(name) for name in ("seq", "at", "by")]
    found = found.with_columns(*newest, again=pl.col("again_seq").is_not_null())
    return found.select(*runs.columns, "again").sort("seq", maintain_order=True)


def last_made(ledger: Ledger, run: str) -> dict[str, object]:
    """The row of `made` of a run that is there."""
    acts = ledger.read("audit", {"act": [AGAIN], "subject": [run]})
    return made(ledger.read("runs", {"run": [run]}), acts).row(0, named=True)
