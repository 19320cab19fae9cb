"""Every act in the ledger, newest first; and whether the ledger is as it was written, as it was last verified."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import polars as pl

from pricesmith.flows.desk.reading.drawer import take
from pricesmith.flows.desk.reading.keeping import VERIFIED
from pricesmith.flows.desk.reading.ledger import Reading

from .meant import Meant, meant

PAGE, CHOICES = 100, 200
CHECKPOINTS = 50
PUBLISHER = "*publisher"
"""In place of a name: the process that sends, under whatever technical name it ran; see SENDS."""
SENDS = ("queued", "settled", "superseded", "shop_busy", "read_shop")
"""Acts of that process."""


_WHO = pl.when(pl.col("act").is_in(SENDS)).then(pl.lit(PUBLISHER)).otherwise("by")


class Filters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which acts. about: any part of what an act was done to, such as a run;  since, until: days, both included, UTC."""

    by: str = ""
    act: str = ""
    about: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


class Wanted(Filters, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which acts, and which page of them."""

    page: int = 1


class Done(msgspec.Struct, frozen=True):
    """One act. rows: rows of other tables that were written with it, by table; meant: products.

    by  name of who did it;  publisher: that is the technical name of the process that sends
    """

    seq: int
    at: dt.datetime
    by: str
    publisher: bool
    act: str
    subject: str
    rows: dict[str, int]
    meant: Meant = Meant()


class Verified(msgspec.Struct, frozen=True):
    """What the last verification found. acts, rows, checkpoints: how many it looked at; since: acts that were done after it.

    holds  its head is still in the chain where it stood
    """

    at: dt.datetime
    acts: int
    rows: int
    checkpoints: int
    head: str
    findings: list[dict[str, Any]]
    since: int
    holds: bool


class Checkpoint(msgspec.Struct, frozen=True):
    """A signed head of the chain. key: of the signer, in hexadecimal."""

    seq: int
    at: dt.datetime
    chain: str
    key: str


class Audit(msgspec.Struct, frozen=True):
    """One page of the acts. people, kinds: how often each stands there, PUBLISHER as one; of: all acts."""

    wanted: Wanted
    acts: list[Done]
    found: int
    of: int
    pages: int
    people: dict[str, int]
    kinds: dict[str, int]
    verified: Verified | None
    checkpoints: list[Checkpoint]
    signed: int


def audited(reading: Reading, wanted: Wanted) -> Audit:
    """The acts, newest first."""
    acts = reading.rows("audit")
    found = filtered(acts, wanted)
    pages = max(-(-found.height // PAGE), 1)
    shown = found.slice((min(max(wanted.page, 1), pages) - 1) * PAGE, PAGE)
    signed = reading.rows("checkpoints")
    heads = [Checkpoint(**row) for row in signed.select(Checkpoint.__struct_fields__).reverse().head(CHECKPOINTS).iter_rows(named=True)]
    people, kinds, told = _counts(acts.select(by=_WHO), "by"), _counts(acts, "act"), done(reading, shown)
    return Audit(wanted, told, found.height, acts.height, pages, people, kinds, verified(reading, acts), heads, signed.height)


def filtered(acts: pl.DataFrame, wanted: Filters) -> pl.DataFrame:
    """Rows of table AUDIT that are meant, the newest first."""
    return acts.filter(_tests(wanted)).reverse()


def done(reading: Reading, rows: pl.DataFrame) -> list[Done]:
    """Rows of table AUDIT for people."""
    about = meant(reading, rows["seq"].to_list())
    plain = ("seq", "at", "by", "act", "subject")
    return [
        Done(
            **{name: row[name] for name in plain},
            publisher=row["act"] in SENDS,
            rows=written(row["digest"]),
            meant=about.get(row["seq"], Meant()),
        )
        for row in rows.iter_rows(named=True)
    ]


def verified(reading: Reading, acts: pl.DataFrame) -> Verified | None:
    """None where nobody verified it from the desk."""
    kept = take(reading.folder, VERIFIED, "ledger")
    if kept is None:
        return None
    told = kept.document
    there = acts.filter(pl.col("seq") == told["acts"])["chain"]
    holds = told["acts"] == 0 or (there.len() == 1 and there[0] == told["head"])
    since = acts.height - told["acts"]
    return Verified(kept.at, told["acts"], told["rows"], told["checkpoints"], told["head"], told["findings"], since, holds)


def written(digest: str) -> dict[str, int]:
    """Table -> rows, of what an audit row says was written with it."""
    parts = (part.split(":") for part in digest.split())
    return {part[0]: int(part[1]) for part in parts if len(part) == 3}


def exported(reading: Reading) -> bytes:
    """Every checkpoint, a JSON document a line, as `pricesmith audit --checkpoints FILE` reads them."""
    rows = reading.rows("checkpoints").with_columns(pl.col("at").dt.epoch("us")).select("seq", "at", "chain", "key", "signature")
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows.iter_rows(named=True))


def _tests(wanted: Filters) -> list[pl.Expr]:
    tests = [test == value for test, value in ((_WHO, wanted.by), (pl.col("act"), wanted.act)) if value]
    if wanted.about:
        tests.append(pl.col("subject").str.contains(wanted.about.strip(), literal=True))
    if wanted.since:
        tests.append(pl.col("at") >= _start(wanted.since))
    if wanted.until:
        tests.append(pl.col("at") < _start(wanted.until) + dt.timedelta(days=1))
    return tests or [pl.lit(True)]


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _counts(acts: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(acts.group_by(column).len().sort("len", column, descending=[True, False]).head(CHOICES).iter_rows())
