"""What an act in the ledger is about: the products of answers, of own prices and of what was sent; and why publishing was stopped."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import polars as pl

from pricesmith.flows.desk.own_prices.own import overrides_of
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.rules.policy_file import CHANGED, NOTE, Note
from pricesmith.flows.publishing.answers.approval import EVERY

FIRST = 3
"""Products that are named."""


class Meant(msgspec.Struct, frozen=True):
    """count: products, 0 where the act is about none; first: SKUs of some; every: all changes; why: the reason that was given.

    before  version of the settings that a change of the rules put out of force
    """

    count: int = 0
    first: list[str] = []
    every: bool = False
    why: str = ""
    before: str = ""


def meant(reading: Reading, acts: Sequence[int]) -> dict[int, Meant]:
    """Of those of the acts (numbers of audit rows) that are about products or turn the kill switch."""
    intents = reading.rows("intents")
    tries = (
        reading.rows("receipts")
        .filter(pl.col("seq").is_in(acts))
        .select("seq", "intent")
        .join(intents.select("intent", "sku"), on="intent")
    )
    tables = [tries, *(reading.rows(name).filter(pl.col("seq").is_in(acts)) for name in ("intents", "verdicts", "exceptions"))]
    found: dict[int, Meant] = {}
    for table in tables:
        why = pl.col("why").first() if "why" in table.columns else pl.lit(None, pl.String)
        groups = table.group_by("seq", maintain_order=True).agg(
            count=pl.col("sku").n_unique(), first=pl.col("sku").unique(maintain_order=True).head(FIRST), why=why
        )
        for row in groups.iter_rows(named=True):
            every = EVERY in row["first"]
            found[row["seq"]] = Meant(0 if every else row["count"], [] if every else row["first"], every, row["why"] or "")
    return _turned(reading, acts) | found | _set(reading, acts) | _ruled(reading, acts)


def _turned(reading: Reading, acts: Sequence[int]) -> dict[int, Meant]:
    """Of turns of the kill switch: why."""
    turns = reading.rows("switches").filter(pl.col("seq").is_in(acts) & pl.col("why").is_not_null())
    return {row["seq"]: Meant(why=row["why"]) for row in turns.iter_rows(named=True)}


def _ruled(reading: Reading, acts: Sequence[int]) -> dict[int, Meant]:
    """Of changes of the rules: why, and what stood before."""
    if reading.rows("audit").filter(pl.col("seq").is_in(acts) & (pl.col("act") == CHANGED)).is_empty():
        return {}
    rows = reading.book.read("contents", {"kind": [NOTE]}).filter(pl.col("seq").is_in(acts)).select("seq", "bytes")
    notes = {seq: msgspec.json.decode(data, type=Note) for seq, data in rows.iter_rows()}
    return {seq: Meant(why=note.why, before=note.previous) for seq, note in notes.items()}


def _set(reading: Reading, acts: Sequence[int]) -> dict[int, Meant]:
    """Of runs in which people set prices: what was set in it, and not before."""
    runs, found = reading.rows("runs"), {}
    for row in runs.filter(pl.col("seq").is_in(acts) & (pl.col("kind") == "override")).iter_rows(named=True):
        parent = runs.filter(pl.col("run") == row["parent"])
        before = overrides_of(parent.row(0, named=True)) if parent.height else {}
        fresh = {key: one for key, one in overrides_of(row).items() if before.get(key) != one}
        whys = list(dict.fromkeys(one.why for one in fresh.values()))
        found[row["seq"]] = Meant(len(fresh), [key.sku for key in fresh][:FIRST], False, "; ".join(whys[:FIRST]))
    return found
