"""A shop whose prices came weeks ago, with sales since: written into the ledger as publishing writes it, at a time of one's choice."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from pricesmith.contracts.ledger import APPLIED, RECEIPTS, Act
from pricesmith.contracts.shop import Key
from pricesmith.flows import batch
from pricesmith.flows.publishing.answers.answering import answer
from pricesmith.flows.publishing.office import Office, office, record_run
from pricesmith.flows.publishing.sending.plan import KEY, intents

AS_OF, AT = dt.date(2026, 6, 1), dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)


def priced(folder: Path) -> str:
    """A run as of AS_OF."""
    loaded = batch.load(folder)
    run: str = record_run(folder, batch.price(loaded, AS_OF), loaded.prepared.tables["competitor_prices"], "pricesmith").run
    return run


def asked(folder: Path, run: str, changes: pl.DataFrame, kind: str = "publish", target: str = "web") -> pl.DataFrame:
    """These prices are to go to the shop. Returns the rows of table INTENTS."""
    place: Office = office(folder)
    rows = intents(place.book, changes, run, target, place.policy, AT, kind)
    place.book.append(Act(AT, "w", "queued" if kind == "publish" else "queued_undo", f"{run} {target}"), {"intents": rows})
    return rows


def settled(folder: Path, rows: pl.DataFrame, fate: str = "applied", target: str = "web", attempt: int = 1, **more: pl.DataFrame) -> None:
    """What became of what was asked for; what stood there already was not sent. more: rows of other tables, of the same act."""
    last_word = {"worker": pl.lit("w"), "fate": pl.lit(fate), "code": pl.lit(""), "detail": pl.lit(None, pl.String)}
    sent = None if fate == "same" else "price"
    seen = rows.select("intent", attempt=pl.lit(attempt), at=pl.lit(AT), sent=sent, read="price", **last_word)
    receipts = seen.select(RECEIPTS.schema.names()).cast(RECEIPTS.schema)
    office(folder).book.append(Act(AT, "w", "settled", target), {"receipts": receipts, **more})


def arrive(folder: Path, run: str, target: str = "web", *, only_set: bool = False) -> pl.DataFrame:
    """All changes of the run but the last come into the shop at AT; the last is rejected. Returns the changes.

    only_set  nothing but the prices that people set comes
    """
    place: Office = office(folder)
    changes = place.book.read("decided", {"run": [run]}).filter(pl.col("action") == "change").sort(KEY)
    here = changes.filter(pl.col("reason") == "override") if only_set else changes.head(changes.height - 1)
    rows = asked(folder, run, here, target=target)
    now = rows.select(pl.lit(target).alias("target"), *KEY, "currency", "intent", at=pl.lit(AT), price="price", cause=pl.lit("publish"))
    before = rows.select(
        pl.lit(target).alias("target"), *KEY, "currency", intent=pl.lit(None, pl.String), at=pl.lit(AT - dt.timedelta(hours=1)),
        price="previous", cause=pl.lit("found"),
    )  # fmt: skip
    stood = pl.concat([table.select(APPLIED.schema.names()).cast(APPLIED.schema) for table in (before, now)])
    settled(folder, rows, target=target, applied=stood)
    if not only_set:
        _turn_down_last(place, run, changes)
    return here if only_set else changes


def agree(folder: Path, run: str) -> pl.DataFrame:
    """All changes of the run but the last are accepted, the last is rejected; nothing is published. Returns the changes."""
    place: Office = office(folder)
    changes = place.book.read("decided", {"run": [run]}).filter(pl.col("action") == "change").sort(KEY)
    first = [Key(*row) for row in changes.head(changes.height - 1).select(KEY).iter_rows()]
    answer(place.book, run, "accept", by="ben", at=AT, policy=place.policy, keys=first)
    _turn_down_last(place, run, changes)
    return changes


def _turn_down_last(place: Office, run: str, changes: pl.DataFrame) -> None:
    last = [Key(*row) for row in changes.tail(1).select(KEY).iter_rows()]
    answer(place.book, run, "reject", by="ben", at=AT, policy=place.policy, why="too dear", keys=last)


def go_back(folder: Path, run: str, target: str = "web") -> None:
    """What of the run came into the shop went back to what stood there before."""
    place: Office = office(folder)
    came = place.book.read("intents", {"run": [run], "kind": ["publish"]}).select(*KEY, price="previous", current_price="price")
    rows = asked(folder, run, came, "undo", target)
    later, undo = pl.lit(AT + dt.timedelta(hours=1)), pl.lit("undo")
    stood = rows.select(pl.lit(target).alias("target"), *KEY, "currency", "intent", at=later, price="price", cause=undo)
    settled(folder, rows, target=target, applied=stood.select(APPLIED.schema.names()).cast(APPLIED.schema))


def sell(folder: Path, changes: pl.DataFrame, elasticity: float = -1.5) -> None:
    """From the day after AT on, what came sells at its new price, and as much as this elasticity gives."""
    path = folder / "data" / "sales.csv"
    new = changes.head(changes.height - 1).select("sku", new=pl.col("price") / 100, ratio=pl.col("price") / pl.col("current_price"))
    sales = pl.read_csv(path, try_parse_dates=True).join(new, on="sku", how="left", maintain_order="left")
    after = (pl.col("date") > AT.date()) & pl.col("new").is_not_null()
    sales = sales.with_columns(
        price=pl.when(after).then("new").otherwise("price"),
        units=pl.when(after).then((pl.col("units") * pl.col("ratio") ** elasticity).round()).otherwise("units").cast(pl.Int64),
    )
    sales.drop("new", "ratio").write_csv(path)
