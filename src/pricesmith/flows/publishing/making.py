"""When a run was last made. The same inputs give the same run, whose rows stand once; making it again is an act, and it is the newest."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.ledger import Act, Ledger

AGAIN = "made_again"
"""The act in table AUDIT; its subject is the run."""
ENDED = ["held", "dead", "rejected", "expired"]
"""Fates of a price that did not come into the shop, though nothing newer took its place."""


def made(runs: pl.DataFrame, acts: pl.DataFrame) -> pl.DataFrame:
    """Rows of table RUNS with `seq`, `at` and `by` of the last time that each was made, in that order.

    acts  rows of table AUDIT, of any acts
    """
    again = acts.filter(pl.col("act") == AGAIN)
    if again.is_empty():
        return runs
    last = again.group_by("subject", maintain_order=True).agg(pl.col("seq", "at", "by").last().name.prefix("again_"))
    found = runs.join(last, left_on="run", right_on="subject", how="left", maintain_order="left")
    newest = [pl.coalesce(f"again_{name}", name).alias(name) for name in ("seq", "at", "by")]
    return found.with_columns(newest).select(runs.columns).sort("seq", maintain_order=True)


def last_made(ledger: Ledger, run: str) -> dict[str, object]:
    """The row of `made` of a run that is there."""
    acts = ledger.read("audit", {"act": [AGAIN], "subject": [run]})
    return made(ledger.read("runs", {"run": [run]}), acts).row(0, named=True)


def make_again(ledger: Ledger, run: str, *, by: str, at: dt.datetime) -> bool:
    """Write down that a recorded run was made again, where it is not the newest, or prices of it were taken back or did not arrive.

    Returns whether that was so. Who only prices again what waits for an answer, or stands in the shop, takes no answer from anybody.
    """
    runs = made(ledger.read("runs"), ledger.read("audit", {"act": [AGAIN]}))
    row = runs.row(by_predicate=pl.col("run") == run, named=True)
    newer = runs.filter((pl.col("kind") == row["kind"]) & (pl.col("seq") > row["seq"])).height
    if row["kind"] != "price" or not (newer or _over(ledger, run, row["seq"])):
        return False
    ledger.append(Act(at, by, AGAIN, run), {})
    return True


def _over(ledger: Ledger, run: str, since: int) -> bool:
    """Whether prices of the run were taken back, or ended without arriving, since it was last made."""
    ours = ledger.read("intents", {"run": [run]})
    back = ours.filter((pl.col("kind") == "undo") & (pl.col("seq") > since)).height
    published = ours.filter(pl.col("kind") == "publish").select("intent")
    ends = ledger.read("receipts").filter((pl.col("seq") > since) & pl.col("fate").is_in(ENDED))
    return bool(back or ends.join(published, on="intent", how="semi").height)
