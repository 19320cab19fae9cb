"""What of a run's past counts since it was last made, see `making`: prices that stood or were on their way then, and answers given since.

What was agreed to before counts for those prices alone; anything else is asked about anew, and nothing of it leaves by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.tables import DECISIONS

from .approval import answers
from .next_price import PLACE
from .waves import ARRIVED, TRIED_AGAIN

KEY = list(DECISIONS.key)


@dataclass(frozen=True, slots=True)
class Lately:
    """A run since it was last made.

    since    `seq` of when that was;  again: it was made before
    intents  rows of table INTENTS of the run that were asked for since then, or whose price stood in a shop or was on its way by then
    kept     keys of the latter
    """

    since: int
    again: bool
    intents: pl.DataFrame
    kept: pl.DataFrame

    def said(self, verdicts: pl.DataFrame, run: str, digest: str, at: dt.datetime, decisions: pl.DataFrame) -> pl.DataFrame:
        """The columns of `approval.answers`, which says what is given."""
        fresh = answers(verdicts.filter(pl.col("seq") > self.since), run, digest, at, decisions)
        if self.kept.is_empty():
            return fresh
        every = answers(verdicts, run, digest, at, decisions.join(self.kept, on=KEY, how="semi", maintain_order="left"))
        rest = fresh.join(self.kept, on=KEY, how="anti", maintain_order="left")
        return decisions.select(KEY).join(pl.concat([every, rest]), on=KEY, how="left", maintain_order="left")

    def people(self, decisions: pl.DataFrame, needs: pl.Series) -> pl.Series:
        """The same numbers of people, but of a run that was made again at least one for whatever is not `kept`: somebody must want it."""
        if not self.again:
            return needs
        table = decisions.select(KEY).with_columns(needs=needs)
        table = table.join(self.kept.with_columns(kept=True), on=KEY, how="left", maintain_order="left")
        free = pl.col("needs").is_null() | pl.col("kept").fill_null(False)
        return table.select(needs=pl.when(free).then("needs").otherwise(pl.max_horizontal("needs", 1)).cast(pl.Int64))["needs"]


def lately(intents: pl.DataFrame, receipts: pl.DataFrame, made: Mapping[str, object]) -> Lately:
    """The run with this row of `making.made`.

    intents, receipts  rows of these tables; of one target, or of all of them
    """
    since, again = made["seq"], bool(made["again"])
    assert isinstance(since, int)
    own = intents.filter(pl.col("run") == made["run"])
    old = own.filter(pl.col("seq") <= since)
    if not again or old.is_empty():
        return Lately(since, again, own, own.select(KEY).clear())
    then = intents.filter(pl.col("seq") <= since).join(old, on=PLACE, how="semi")
    last = standing(then, receipts.filter(pl.col("seq") <= since)).sort("version").group_by(PLACE).last()
    kept = old.join(last.filter(pl.col("kind") == "publish").select("intent"), on="intent", how="semi", maintain_order="left")
    found = own.join(old.join(kept, on="intent", how="anti"), on="intent", how="anti", maintain_order="left")
    return Lately(since, again, found, kept.select(KEY).unique(maintain_order=True))


def standing(intents: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """Intents that arrived or are on their way, with the last `fate`; what ended without arriving says nothing of what is in a shop."""
    fates = receipts.group_by("intent", maintain_order=True).agg(pl.col("fate").last())
    stands = pl.col("fate").is_null() | pl.col("fate").is_in([*ARRIVED, *TRIED_AGAIN])
    return intents.join(fates, on="intent", how="left", maintain_order="left").filter(stands)


def counting(intents: pl.DataFrame, receipts: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Of intents of any runs those that count for theirs.

    runs  rows of `making.made`
    """
    again = runs.filter("again")
    parts = [lately(intents, receipts, row).intents for row in again.iter_rows(named=True)]
    rest = intents.filter(~pl.col("run").is_in(again["run"].implode()))
    return pl.concat([rest, *parts]).sort("seq", maintain_order=True)
