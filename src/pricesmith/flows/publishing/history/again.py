"""Making a run again that is recorded already: an act, where there is something to be asked about anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from pricesmith.contracts.ledger import Act, Ledger

from .lately import lately, standing
from .making import AGAIN, made
from .next_price import PLACE


def make_again(ledger: Ledger, run: str, *, by: str, at: dt.datetime) -> bool:
    """Write down that a recorded run was made again, where it is not the newest, or prices of it were taken back or did not arrive.

    Returns whether that was so. Who only prices again what waits for an answer, or stands in the shop, takes no answer from anybody.
    """
    runs = made(ledger.read("runs"), ledger.read("audit", {"act": [AGAIN]}))
    row = runs.row(by_predicate=pl.col("run") == run, named=True)
    beside = pl.lit(True) if row["kind"] == "override" else pl.col("kind") == row["kind"]
    if runs.filter(beside & (pl.col("seq") > row["seq"])).is_empty() and not _over(ledger, row):
        return False
    ledger.append(Act(at, by, AGAIN, run), {})
    return True


def _over(ledger: Ledger, row: Mapping[str, object]) -> bool:
    """Whether a price of the run ended without standing in a shop, and no other run's price has its place."""
    intents, receipts = ledger.read("intents"), ledger.read("receipts")
    own = lately(intents, receipts, row).intents.filter(pl.col("kind") == "publish")
    own = own.sort("version").group_by(PLACE).last().select(*PLACE, "intent", "version")
    there = standing(intents.join(own, on=PLACE, how="semi"), receipts).sort("version").group_by(PLACE).last()
    there = there.select(*PLACE, "kind", newest="intent", newer="version")
    found = own.join(there, on=PLACE, how="left")
    stands = pl.col("newest").eq_missing(pl.col("intent"))
    elsewhere = (pl.col("kind") == "publish") & (pl.col("newer") > pl.col("version"))
    return not found.filter(~stands & ~elsewhere.fill_null(False)).is_empty()
