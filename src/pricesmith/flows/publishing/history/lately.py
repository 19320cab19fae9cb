"""What of a run's past counts since it was last made, see `making`: prices that stood or were on their way then, and answers.

What was agreed to before counts for those prices, and for changes that nobody asked to publish where no other run was made between.
Anything else is asked about anew, and nothing of it leaves by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.approval import answers
from pricesmith.flows.publishing.sending.waves import LEAVES, with_fate

from .next_price import PLACE

KEY = list(DECISIONS.key)
REMOVED = "shop_removed"
"""Code of a price whose shop was removed before it left: it counts as never asked for, and may be published elsewhere."""


@dataclass(frozen=True, slots=True)
class Lately:
    """A run since it was last made.

    since    `seq` of when that was;  again: it was made before
    intents  rows of table INTENTS of the run that were asked for since then, or whose price stood in a shop or was on its way by then
    kept     keys of the latter
    asked    keys of what was asked for by then, in any target
    unasked  `seq` after which answers to anything else count
    """

    since: int
    again: bool
    intents: pl.DataFrame
    kept: pl.DataFrame
    asked: pl.DataFrame
    unasked: int

    def counted(self, verdicts: pl.DataFrame, decisions: pl.DataFrame) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
        """The decisions in parts, each with those of the verdicts on the run that count for it."""
        rest = decisions.join(self.kept, on=KEY, how="anti", maintain_order="left")
        parts = [
            (decisions.join(self.kept, on=KEY, how="semi", maintain_order="left"), 0),
            (rest.join(self.asked, on=KEY, how="semi", maintain_order="left"), self.since),
            (rest.join(self.asked, on=KEY, how="anti", maintain_order="left"), self.unasked),
        ]
        return [(part, verdicts.filter(pl.col("seq") > seq)) for part, seq in parts if not part.is_empty()]

    def said(self, verdicts: pl.DataFrame, run: str, digest: str, at: dt.datetime, decisions: pl.DataFrame) -> pl.DataFrame:
        """The columns of `approval.answers`, which says what is given."""
        parts = [answers(given, run, digest, at, part) for part, given in self.counted(verdicts, decisions)]
        if not parts:
            return answers(verdicts, run, digest, at, decisions)
        return decisions.select(KEY).join(pl.concat(parts), on=KEY, how="left", maintain_order="left")

    def people(self, decisions: pl.DataFrame, needs: pl.Series) -> pl.Series:
        """The same numbers of people, but of a run that was made again at least one for whatever is not `kept`: somebody must want it."""
        if not self.again:
            return needs
        table = decisions.select(KEY).with_columns(needs=needs)
        table = table.join(self.kept.with_columns(kept=True), on=KEY, how="left", maintain_order="left")
        free = pl.col("needs").is_null() | pl.col("kept").fill_null(False)
        return table.select(needs=pl.when(free).then("needs").otherwise(pl.max_horizontal("needs", 1)).cast(pl.Int64))["needs"]


def lately(intents: pl.DataFrame, receipts: pl.DataFrame, made: Mapping[str, object], everywhere: pl.DataFrame | None = None) -> Lately:
    """The run with this row of `making.made`.

    intents, receipts  rows of these tables; of one target, or of all of them
    everywhere         rows of table INTENTS of all targets, where `intents` are of one
    """
    gone = receipts.filter(pl.col("code") == REMOVED).select("intent")
    if gone.height:
        intents = intents.join(gone, on="intent", how="anti", maintain_order="left")
        everywhere = None if everywhere is None else everywhere.join(gone, on="intent", how="anti", maintain_order="left")
    since, again, unasked = made["seq"], bool(made["again"]), made["unasked"]
    assert isinstance(since, int)
    assert isinstance(unasked, int)
    before = (pl.col("run") == made["run"]) & (pl.col("seq") <= since)
    own, asked = intents.filter(pl.col("run") == made["run"]), (intents if everywhere is None else everywhere).filter(before)
    old, asked = own.filter(pl.col("seq") <= since), asked.select(KEY).unique(maintain_order=True)
    if not again or old.is_empty():
        return Lately(since, again, own, own.select(KEY).clear(), asked, unasked)
    then = intents.filter(pl.col("seq") <= since).join(old, on=PLACE, how="semi")
    last = standing(then, receipts.filter(pl.col("seq") <= since)).sort("version").group_by(PLACE).last()
    kept = old.join(last.filter(pl.col("kind") == "publish").select("intent"), on="intent", how="semi", maintain_order="left")
    found = own.join(old.join(kept, on="intent", how="anti"), on="intent", how="anti", maintain_order="left")
    return Lately(since, again, found, kept.select(KEY).unique(maintain_order=True), asked, unasked)


def standing(intents: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """Intents that arrived or are on their way, with the last `fate`; what ended without arriving says nothing of what is in a shop."""
    return with_fate(intents, receipts).filter(LEAVES)


def counting(intents: pl.DataFrame, receipts: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Of intents of any runs those that count for theirs.

    runs  rows of `making.made`
    """
    again = runs.filter("again")
    parts = [lately(intents, receipts, row).intents for row in again.iter_rows(named=True)]
    rest = intents.filter(~pl.col("run").is_in(again["run"].implode()))
    return pl.concat([rest, *parts]).sort("seq", maintain_order=True)
