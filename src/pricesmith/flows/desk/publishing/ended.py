"""What became of a price that came into a shop: whether it still stands there, and what took its place."""

from __future__ import annotations

import polars as pl

from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.history.next_price import PLACE, next_price
from pricesmith.flows.publishing.sending.waves import ARRIVED

ENDS = {"undo": "undone", "publish": "replaced", "drift": "changed", "found": "changed"}
"""Cause of the price that took its place -> fate: taken back, replaced by another run's, changed in the shop by somebody else."""


def with_ends(reading: Reading, table: pl.DataFrame) -> pl.DataFrame:
    """Rows of `receipts.tried` with the columns of `ended`; `fate` is what ended the price where it stands no more."""
    found = table.join(ended(reading, table), on="intent", how="left", maintain_order="left")
    return found.with_columns(fate=pl.coalesce("end", "fate"), stands=pl.col("stands").fill_null(False))


def ended(reading: Reading, intents: pl.DataFrame) -> pl.DataFrame:
    """Those of the intents whose price came: `end` (of ENDS; null where it stands), `end_at`, `end_by`, `end_run`, `end_price`, `stands`.

    intents  `intent`, `price`, PLACE and `seq` of rows of table INTENTS: what was seen before they were asked for says nothing of them
    stands   its price is the last one of its product that the ledger knows of, so that it can be taken back
    end_by   who asked for the price that took its place, null where that is not known;  end_price: minor units
    A price that was seen again later has not ended before that.
    """
    applied = reading.rows("applied").filter(pl.col("seq") >= pl.lit(intents["seq"].min(), pl.Int64))
    ours = _came(reading, intents, applied)
    here = applied.with_row_index("row").select("row", "price", "intent", *PLACE).join(ours, on=PLACE, how="semi", maintain_order="left")
    again = here.group_by(*PLACE, "price").agg(again=pl.col("row").last().cast(pl.Int64))
    ours = ours.join(again, on=[*PLACE, "price"], how="left", maintain_order="left")
    ours = ours.with_columns(start=pl.max_horizontal("start", pl.col("again") + 1))
    newest = here.group_by(PLACE).agg(newest=pl.col("intent").last())
    ours = ours.with_columns(next_price(ours, applied)).join(newest, on=PLACE, how="left", maintain_order="left")
    stands = (pl.col("newest") == pl.col("intent")).fill_null(False)
    others = applied.select(pl.all().gather(ours["next"]))
    return pl.concat([ours.select("intent", stands=stands), _ends(reading, others)], how="horizontal")


def _came(reading: Reading, intents: pl.DataFrame, applied: pl.DataFrame) -> pl.DataFrame:
    """Those whose price came: `intent`, `price`, PLACE, and `start`: the first row of `applied` that was written after that."""
    arrived = reading.rows("receipts").filter(pl.col("fate").is_in(ARRIVED)).join(intents, on="intent", how="semi")
    came = arrived.group_by("intent").agg(came=pl.col("seq").last())
    ours = intents.select("intent", "price", *PLACE).join(came, on="intent", maintain_order="left")
    start = applied["seq"].search_sorted(ours["came"], side="right")
    return ours.drop("came").with_columns(start=pl.Series(start, dtype=pl.Int64))


def _ends(reading: Reading, seen: pl.DataFrame) -> pl.DataFrame:
    """Prices seen in a shop as the ends of those before, in their order; nothing but nulls where there is none."""
    asked = reading.rows("audit").select("seq", "by")
    origin = reading.rows("intents").select("intent", "run", "kind", "seq").join(seen, on="intent", how="semi")
    origin = origin.join(asked, on="seq", how="left")
    table = seen.select("price", "at", "cause", "intent").join(origin, on="intent", how="left", maintain_order="left")
    end = pl.when(pl.col("cause").is_not_null()).then(pl.col("cause").replace_strict(ENDS, default="changed"))
    person = pl.when(pl.col("kind") == "undo").then("by")
    return table.select(end=end, end_at="at", end_by=person, end_run="run", end_price="price")
