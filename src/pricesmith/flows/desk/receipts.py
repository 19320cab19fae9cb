"""What became of each price of a run that was to leave: one row a product and shop, with the last receipt."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec
import polars as pl

from .reading import KEY, Reading

PAGE = 100
WAITING = "waiting"
"""Fate of a price that was not tried yet, or is tried again."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which of the prices. search: any part of SKU or name."""

    fate: str = ""
    target: str = ""
    kind: Literal["", "publish", "undo"] = ""
    search: str = ""
    page: int = 1


class Receipt(msgspec.Struct, frozen=True):
    """One price that was to leave, minor units. before: in the shop as decided on; read: seen in the shop after; guard: where it was held."""

    sku: str
    channel: str
    region: str
    name: str | None
    target: str
    kind: str
    before: int | None
    price: int
    read: int | None
    fate: str
    guard: str
    code: str
    attempt: int
    at: dt.datetime | None
    detail: str | None


class Receipts(msgspec.Struct, frozen=True):
    """One page of them. fates, targets: how many there are of each, filters aside; back: of those found, can be taken back."""

    run: str
    currency: str
    wanted: Wanted
    rows: list[Receipt]
    found: int
    of: int
    pages: int
    fates: dict[str, int]
    targets: dict[str, int]


def receipts(reading: Reading, run: str, wanted: Wanted) -> Receipts:
    """Raises UnknownChoice for a run that is not there."""
    laid, table = reading.run(run), of_run(reading, run)
    names = laid.decided.select(*KEY, name=pl.col("name") if "name" in laid.decided.columns else pl.lit(None, pl.String))
    table = table.join(names, on=KEY, how="left", maintain_order="left")
    found = table.filter(_tests(wanted)).sort("target", *KEY, "version")
    pages = max(-(-found.height // PAGE), 1)
    rows = found.slice((min(max(wanted.page, 1), pages) - 1) * PAGE, PAGE).select(Receipt.__struct_fields__)
    counts = [dict(table.group_by(name).len().sort("len", name, descending=[True, False]).iter_rows()) for name in ("fate", "target")]
    shown = [Receipt(**row) for row in rows.iter_rows(named=True)]
    return Receipts(run, laid.currency, wanted, shown, found.height, table.height, pages, counts[0], counts[1])


def of_run(reading: Reading, run: str) -> pl.DataFrame:
    """Intents of a run with `fate` (WAITING before the last word), `guard`, `code`, `attempt`, `at`, `read`, `detail`, `before`."""
    own = reading.rows("intents").filter(pl.col("run") == run)
    tries = reading.rows("receipts").join(own.select("intent"), on="intent", how="semi")
    last = tries.group_by("intent", maintain_order=True).last().select("intent", "fate", "code", "attempt", "at", "read", "detail")
    table = (
        own.drop("at")
        .join(last, on="intent", how="left", maintain_order="left")
        .with_columns(
            fate=pl.col("fate").replace({"unknown": WAITING, "pending": WAITING}).fill_null(WAITING),
            guard=pl.col("code").str.extract(r"^(G\d+):").fill_null(""),
            code=pl.col("code").str.replace(r"^G\d+:", "").fill_null(""),
            attempt=pl.col("attempt").fill_null(0),
        )
    )
    return table.rename({"previous": "before"})


def _tests(wanted: Wanted) -> list[pl.Expr]:
    tests = [pl.col(name) == value for name in ("fate", "target", "kind") if (value := getattr(wanted, name))]
    for word in wanted.search.lower().split():
        tests.append(
            pl.any_horizontal(pl.col(name).fill_null("").str.to_lowercase().str.contains(word, literal=True) for name in ("sku", "name"))
        )
    return tests or [pl.lit(True)]
