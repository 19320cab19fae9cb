"""What became of a price that came into a shop: whether it still stands there, and what took its place."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import polars as pl

from .reading import KEY, Reading

ARRIVED = ("applied", "same")
"""Fates of a price that came."""
ENDS = {"undo": "undone", "publish": "replaced", "drift": "changed", "found": "changed"}
"""Cause of the price that took its place -> fate: taken back, replaced by another run's, changed in the shop by somebody else."""
PLACE = ["target", *KEY]
_ENDED: WeakKeyDictionary[Reading, tuple[tuple[int, int], pl.DataFrame]] = WeakKeyDictionary()


def ended(reading: Reading) -> pl.DataFrame:
    """Every intent whose price came: `end` (of ENDS; null where it stands), `end_at`, `end_by`, `end_run`, `end_price`, and `stands`.

    stands  its price is the last one of its product that the ledger knows of, so that it can be taken back
    end_by  who asked for the price that took its place, null where that is not known;  end_price: minor units
    """
    size = (reading.rows("receipts").height, reading.rows("applied").height)
    known = _ENDED.get(reading)
    if known is None or known[0] != size:
        known = _ENDED[reading] = (size, _ended(reading))
    return known[1]


def with_ends(reading: Reading, table: pl.DataFrame) -> pl.DataFrame:
    """Rows of `receipts.tried` with the columns of `ended`; `fate` is what ended the price where it stands no more."""
    found = table.join(ended(reading), on="intent", how="left", maintain_order="left")
    return found.with_columns(fate=pl.coalesce("end", "fate"), stands=pl.col("stands").fill_null(False))


def _ended(reading: Reading) -> pl.DataFrame:
    intents, applied = reading.rows("intents"), reading.rows("applied").with_row_index("order")
    last = applied.group_by(PLACE, maintain_order=True).last().select(*PLACE, newest="intent")
    came = reading.rows("receipts").filter(pl.col("fate").is_in(ARRIVED)).group_by("intent").agg(came=pl.col("seq").last())
    ours = intents.select("intent", "price", *PLACE).join(came, on="intent")
    later = ours.join(applied.select("order", "seq", *PLACE, other="price"), on=PLACE).filter(pl.col("seq") > pl.col("came"))
    same = pl.when(pl.col("other") == pl.col("price")).then(pl.col("order").cast(pl.Int64)).max().over("intent").fill_null(-1)
    after = later.filter(pl.col("order") > same).group_by("intent").agg(order=pl.col("order").min())
    ends = after.join(_ends(reading, applied), on="order").drop("order")
    found = ours.join(last, on=PLACE, how="left").join(ends, on="intent", how="left")
    stands = (pl.col("newest") == pl.col("intent")).fill_null(False)
    return found.select("intent", "end", "end_at", "end_by", "end_run", "end_price", stands=stands)


def _ends(reading: Reading, applied: pl.DataFrame) -> pl.DataFrame:
    """Every price seen in a shop as the end of the one before."""
    asked = reading.rows("audit").select("seq", "by")
    origin = reading.rows("intents").select("intent", "run", "kind", "seq").join(asked, on="seq", how="left")
    table = applied.drop("seq").join(origin, on="intent", how="left")
    person = pl.when(pl.col("kind") == "undo").then("by")
    return table.select(
        "order", end=pl.col("cause").replace_strict(ENDS, default="changed"), end_at="at", end_by=person, end_run="run", end_price="price"
    )
